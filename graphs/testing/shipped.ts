import { createEngine, type Engine, type Plan, type Run, type RunFigures } from '@sluice/runtime';
import { assetRoot, AssetStore, loadLock } from '@sluice/store/assets';
import type { DurableStore, Plugin } from '@sluice/sdk';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const GRAPHS = join(__dirname, '..');
const ROOT = join(GRAPHS, '..');

/** Path of an asset of the lock file; undefined where it is not staged on this machine. */
export function assetPath(name: string): string | undefined {
  return new AssetStore({ lock: loadLock(join(ROOT, 'assets.lock.yaml')), root: assetRoot(process.env, ROOT) }).path(name);
}

/** What each package of the folder `plugins` exports. */
export function shippedPlugins(): readonly Plugin[] {
  return readdirSync(join(ROOT, 'plugins'))
    .map((name) => join(ROOT, 'plugins', name, 'package.json'))
    .filter((file) => existsSync(file))
    .flatMap((file) => {
      const { name } = JSON.parse(readFileSync(file, 'utf8')) as { name: string };
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- those that are there: a new one is no change here
      return Object.values(require(name) as object).filter((one): one is Plugin =>
        Array.isArray((one as Partial<Plugin> | undefined)?.nodes),
      );
    });
}

/** An engine with all that a shipped graph may name. What is durable needs a store. */
export function shippedEngine(store?: () => Promise<DurableStore>): Engine {
  return createEngine({ plugins: shippedPlugins(), assets: assetPath, env: {}, ...(store === undefined ? {} : { store }) });
}

/** The graph (a file of this folder, or text as if it were one) to its end, in a working folder of its own, which `look` may read before it goes. */
export async function runShipped<V>(
  graph: string | { readonly text: string },
  params: Readonly<Record<string, unknown>>,
  /** @param ended `opened`: how often the store was asked for */
  look: (ended: { figures: RunFigures; status: string; reasons: readonly string[]; folder: string; opened: number }) => V,
): Promise<V> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-graph-'));
  const before = process.cwd();
  process.chdir(folder);
  // Jest's own stdout never says that a line was written, and what graphs print is no test output.
  const written = ((_text: unknown, done: () => void) => (done(), true)) as typeof process.stdout.write;
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation(written);
  let opened = 0;
  const engine = shippedEngine(() => {
    opened++;
    return Promise.reject(new Error('Graphs of this kind keep nothing, and ask for no store.'));
  });
  try {
    const plan: Plan = await engine.load(typeof graph === 'string' ? join(GRAPHS, graph) : { ...graph, file: join(GRAPHS, 'test.yaml') }, {
      params,
    });
    const run: Run = engine.start(plan, { inputs: {}, id: 'r' });
    const { status, reasons } = await run.done;
    return look({ figures: run.figures(), status, reasons, folder, opened });
  } finally {
    await engine.close();
    stdout.mockRestore();
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Edges whose books do not balance, or that still hold something at the end. */
export function unbalanced({ edges }: RunFigures): string[] {
  return edges
    .filter((edge) => edge.in_flight > 0 || edge.in !== edge.out + Object.values(edge.dropped).reduce((sum, n) => sum + n, 0))
    .map((edge) => JSON.stringify(edge));
}

export function countersOf({ nodes }: RunFigures, id: string): Readonly<Record<string, number>> {
  return nodes.find((node) => node.id === id)!.counters;
}

/** Processes that ffmpeg runs as and `parent` has started; only Linux can tell. */
export function decodersOf(parent: number): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && decoder(pid)?.parent === parent);
}

/** Whether such a process is still there; one that is dead and was not waited for is not. */
export function decodes(pid: string): boolean {
  const found = decoder(pid);
  return found !== undefined && found.state !== 'Z';
}

function decoder(pid: string): { state: string; parent: number } | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat.includes('(ffmpeg)') ? { state, parent: Number(parent) } : undefined;
}
