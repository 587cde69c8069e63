import { list, ok, ref } from '@sluice/control/schemas';
import { EXIT, type Exit } from '../exit';
import { lazy } from '../lazy';
import { assetPath } from '../assets';
import type { PresetParam } from '@sluice/control';
import { presetOf, presets } from '../presets';
import type { Terminal } from '../terminal';
import { type Outputs } from '../outputs';

export const OUTPUTS: Outputs = { 'presets list': ok({ presets: list(ref('Preset')) }), 'presets show': ok({ preset: ref('Preset') }) };

/** `sluice presets list`. */
export async function listPresets(terminal: Terminal): Promise<Exit> {
  const all = presets((error) => terminal.warn(error));
  if (terminal.json) terminal.object({ ok: true, presets: all.map((one) => lazy('@sluice/control').presetInfo(one, assetPath)) });
  else for (const row of terminal.table(all.map(({ name, description }) => [name, description]))) terminal.out(row);
  return EXIT.ok;
}

/** `sluice presets show`. */
export async function showPreset(terminal: Terminal, name: string): Promise<Exit> {
  const preset = presetOf(name);
  if (terminal.json) {
    terminal.object({ ok: true, preset: lazy('@sluice/control').presetInfo(preset, assetPath) });
    return EXIT.ok;
  }
  terminal.out(terminal.paint('bold', preset.name, process.stdout));
  for (const row of terminal.table([[preset.description]])) terminal.out(row);
  if (preset.params.length > 0) {
    terminal.out('\nparams');
    for (const row of terminal.table(preset.params.map((param) => [`  ${param.name}`, param.type, explained(param)]))) terminal.out(row);
  }
  if (preset.assets.length > 0) {
    terminal.out('\nassets');
    const rows = preset.assets.map((asset) => [
      `  ${asset}`,
      assetPath(asset) === undefined ? `missing: sluice assets stage ${asset}` : 'there',
    ]);
    for (const row of terminal.table(rows)) terminal.out(row);
  }
  terminal.out(`\nserve it     sluice serve --preset ${preset.name}`);
  terminal.out(
    `make it own  sluice new graph <name> --preset ${preset.name}${preset.params[0] === undefined ? '' : ` --set ${preset.params[0].name}=...`}`,
  );
  return EXIT.ok;
}

/** What may be written, and what holds otherwise. */
export function explained({ description = '', enum: choices, minimum, maximum, default: preset }: PresetParam): string {
  const bounds = [minimum === undefined ? '' : `from ${minimum}`, maximum === undefined ? '' : `to ${maximum}`]
    .filter((one) => one !== '')
    .join(' ');
  return [
    description,
    choices === undefined ? '' : `One of ${choices.join(', ')}.`,
    bounds === '' ? '' : `${bounds[0]!.toUpperCase()}${bounds.slice(1)}.`,
    preset === undefined ? 'Required.' : `Default ${JSON.stringify(preset)}.`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}
