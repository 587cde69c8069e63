import { choice, extended, flag, hash, list, ok, open, shape, text, whole } from '@sluice/control/schemas';
import type { AssetProgress, AssetStatus, StageOptions } from '@sluice/store/assets';
import { assets } from '../assets';
import { EXIT, type Exit } from '../exit';
import { shown } from '../graph-file';
import type { Terminal } from '../terminal';
import { type Outputs } from '../outputs';

const asset = extended('Asset', { origin: open, sha256: hash, 'recipe?': text, place: text });

export const OUTPUTS: Outputs = {
  'assets list': shape({ ok: flag, assets: list(asset) }),
  'assets verify': shape({ ok: flag, assets: list(asset) }),
  'assets stage': ok({ assets: list(shape({ name: text, action: choice('kept', 'staged', 'would_stage'), place: text, size: whole })) }),
};

const KB = 1024;

/** `sluice assets list`. */
export async function listAssets(terminal: Terminal): Promise<Exit> {
  print(terminal, assets().list());
  return EXIT.ok;
}

/** `sluice assets verify`: exit 4 where something is not as the lock file says. */
export async function verifyAssets(terminal: Terminal, names: readonly string[]): Promise<Exit> {
  const chosen = await assets().verify(names.length === 0 ? undefined : names);
  print(terminal, chosen);
  const wrong = chosen.filter(({ state }) => state === 'missing' || state === 'damaged');
  if (wrong.length === 0) return EXIT.ok;
  terminal.note(`  hint: \`sluice assets stage\` fetches ${wrong.map(({ name }) => name).join(', ')}.`);
  return EXIT.preflight;
}

function print(terminal: Terminal, list: readonly AssetStatus[]): void {
  if (terminal.json) terminal.object({ ok: list.every(({ state }) => state === 'staged' || state === 'shipped'), assets: list });
  else
    for (const row of terminal.table(list.map((one) => [one.name, one.category, size(one.size), one.licence, one.state])))
      terminal.out(row);
}

/** `sluice assets stage`. */
export async function stageAssets(
  terminal: Terminal,
  names: readonly string[],
  options: { offline?: true; dryRun?: true; restage?: true | string },
): Promise<Exit> {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const staging: StageOptions = {
    offline: options.offline ?? false,
    dryRun: options.dryRun ?? false,
    restage: options.restage ?? false,
    onProgress: (progress) => show(terminal, progress),
    signal: abort.signal,
  };
  try {
    const results = await assets().stage(names.length === 0 ? undefined : names, staging);
    terminal.progressEnd();
    if (terminal.json) terminal.object({ ok: true, assets: results });
    else
      for (const row of terminal.table(results.map((one) => [one.name, one.action.replaceAll('_', ' '), size(one.size), shown(one.place)])))
        terminal.out(row);
    return EXIT.ok;
  } catch (error) {
    terminal.progressEnd();
    throw error;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

function show(terminal: Terminal, { name, phase, bytes, size: total }: AssetProgress): void {
  terminal.progress(phase === 'receive' ? `${name}  ${Math.round((100 * bytes) / total)} % of ${size(total)}` : `${name}  ${phase}`);
}

function size(bytes: number): string {
  if (bytes < KB) return `${bytes} B`;
  return bytes < KB ** 2 ? `${(bytes / KB).toFixed(0)} KB` : `${(bytes / KB ** 2).toFixed(1)} MB`;
}
