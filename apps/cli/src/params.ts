import { SluiceError } from '@sluice/sdk/catalogue';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { usage } from './exit';

/** Reads `--set k=v` options; the values stay text, the graph's declaration says what they are. */
export function readSets(sets: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    sets.map((text) => {
      const at = text.indexOf('=');
      if (at <= 0) throw usage(`--set ${text} is not written as name=value.`, 'Write --set name=value, once for each parameter.');
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** A named graph with parameters, `presets/<name>.yaml` beside the graphs. */
export interface Preset {
  readonly graph: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * Reads `presets/<name>.yaml` (`graph`, `params`) in the folder of graphs.
 * @throws SluiceError PRESET_NOT_FOUND, PRESET_INVALID
 */
export function readPreset(name: string, folder: string): Preset {
  const presets = join(folder, 'presets');
  const file = join(presets, `${name}.yaml`);
  if (!/^[\w-]+$/.test(name) || !existsSync(file)) {
    const known = existsSync(presets) ? readdirSync(presets).flatMap((each) => (each.endsWith('.yaml') ? [each.slice(0, -5)] : [])) : [];
    throw new SluiceError('PRESET_NOT_FOUND', `There is no preset ${name}.`, {
      hint:
        known.length === 0 ? `Presets are files ${join(presets, '<name>.yaml')}; there are none yet.` : `There are ${known.join(', ')}.`,
    });
  }
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only a preset needs the parser here
  const { parse } = require('yaml') as typeof import('yaml');
  let value: { graph?: unknown; params?: unknown } | null;
  try {
    value = parse(readFileSync(file, 'utf8')) as typeof value;
  } catch (error) {
    throw new SluiceError('PRESET_INVALID', `${file} is not valid YAML: ${(error as Error).message}`, {
      hint: 'Correct it at that place.',
      cause: error,
    });
  }
  if (typeof value?.graph !== 'string' || (value.params !== undefined && (typeof value.params !== 'object' || value.params === null))) {
    throw new SluiceError('PRESET_INVALID', `${file} does not say \`graph: <file>\` and \`params: { ... }\`.`, {
      hint: 'Name the graph beside the folder of presets, and its parameters.',
    });
  }
  return { graph: join(dirname(presets), value.graph), params: { ...(value.params as object | undefined) } };
}
