import { flag, list, ok, shape, text } from '@sluice/control/schemas';
import {
  deliver,
  nodeFiles,
  onDisk,
  plainName,
  pluginFiles,
  readKinds,
  ScaffoldError,
  tarballs,
  type Kind,
  type Wanted,
  type Written,
} from '@sluice/nx';
import { SluiceError } from '@sluice/sdk/catalogue';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { EXIT, usage, type Exit } from '../exit';
import { shown } from '../graph-file';
import { writeOut } from '../out-file';
import { readSets } from '../params';
import { instantiate, presetOf } from '../presets';
import type { Terminal } from '../terminal';
import { askGraph } from '../wizard';
import { schemaText } from './schema';
import { type Outputs } from '../outputs';

const made = ok({ dry_run: flag, files: list(shape({ path: text, state: text })), next: list(text), 'graph?': text });

export const OUTPUTS: Outputs = { 'new graph': made, 'new plugin': made, 'new node': made };

/** What editors check the graphs of this folder by; it is no part of the project, and is made again whenever it is asked for. */
const SCHEMA = '.sluice/graph.schema.json';

interface NewGraph {
  readonly preset?: string;
  readonly set: readonly string[];
  readonly directory: string;
  readonly print?: true;
  readonly dryRun?: true;
}

/** `sluice new graph`: from a preset; asks for what is not said where a person sits at the terminal. */
export async function newGraph(terminal: Terminal, name: string | undefined, options: NewGraph): Promise<Exit> {
  const sets: Record<string, unknown> = { ...readSets(options.set) };
  const person = process.stdin.isTTY && process.stderr.isTTY && !terminal.json && options.print !== true;
  const asked =
    person && (name === undefined || options.preset === undefined) ? await askGraph(terminal, name, options.preset, sets) : undefined;
  if (asked === 'left') return EXIT.interrupted;
  const chosen = asked?.name ?? name;
  if (chosen === undefined)
    throw usage('A graph needs a name.', 'sluice new graph <name> --preset <preset>; `sluice presets list` shows presets.');
  scaffold(() => plainName('graph', chosen));
  const preset = presetOf(asked?.preset ?? options.preset ?? 'inproc-demo');
  const { text: graph, samples } = instantiate(terminal, preset, chosen, asked?.set ?? sets, options.directory);
  const schema = relative(resolve(options.directory), resolve(SCHEMA)).replaceAll('\\', '/');
  const text = `# yaml-language-server: $schema=${schema}\n${graph}`;
  if (options.print === true) {
    if (terminal.json) terminal.object({ ok: true, dry_run: true, files: [], next: [], graph: text });
    else process.stdout.write(text);
    return EXIT.ok;
  }
  const path = `${options.directory.replace(/\/+$/, '')}/${chosen}.yaml`;
  const written = [...write([{ path, text }], '.', options.dryRun)];
  if (options.dryRun !== true) writeOut(SCHEMA, schemaText('graph'));
  for (const [place, from] of Object.entries(samples)) {
    const to = join(options.directory, place);
    if (existsSync(to)) continue;
    if (options.dryRun !== true) {
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(from, to);
    }
    written.push({ path: to, state: 'created' });
  }
  const missing = preset.assets.length === 0 ? [] : [`sluice assets verify ${preset.assets.join(' ')}`];
  return told(terminal, written, options.dryRun, '.', [...missing, `sluice run ${path}`]);
}

interface NewPlugin {
  readonly kinds?: string;
  readonly directory?: string;
  readonly packageName?: string;
  readonly packed?: string;
  readonly dryRun?: true;
}

/** `sluice new plugin`: a package of its own. */
export async function newPlugin(terminal: Terminal, name: string, options: NewPlugin): Promise<Exit> {
  const root = resolve(options.directory ?? name);
  const written = write(
    () =>
      pluginFiles({
        name,
        directory: '.',
        ...(options.kinds === undefined ? {} : { kinds: readKinds(options.kinds) }),
        outside: {
          ...(options.packageName === undefined ? {} : { packageName: options.packageName }),
          packed: tarballs(options.packed, root),
        },
      }),
    root,
    options.dryRun,
  );
  return told(terminal, written, options.dryRun, root, [
    ...(root === process.cwd() ? [] : [`cd ${shown(root)}`]),
    'npm install',
    'npm run build',
    'npm test',
    `npx sluice run graphs/${name}.yaml`,
  ]);
}

/** `sluice new node`: in the plugin that lies here, or in `--directory`. */
export async function newNode(terminal: Terminal, name: string, options: { kind: Kind; directory: string; dryRun?: true }): Promise<Exit> {
  const root = resolve(options.directory);
  if (!existsSync(join(root, 'src', 'index.ts')))
    throw usage(`${shown(root)} is no plugin: it has no src/index.ts.`, 'Go to the folder of the plugin, or name it with --directory.');
  const written = write(() => nodeFiles({ name, kind: options.kind, directory: '.' }), root, options.dryRun);
  return told(terminal, written, options.dryRun, root, ['npm run build', 'npm test']);
}

function write(wanted: readonly Wanted[] | (() => readonly Wanted[]), root: string, dryRun: true | undefined): readonly Written[] {
  return scaffold(() => deliver(onDisk(root), typeof wanted === 'function' ? wanted() : wanted, dryRun));
}

/** @throws SluiceError SCAFFOLD_REFUSED for what a generator refuses */
function scaffold<V>(make: () => V): V {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ScaffoldError)) throw error;
    throw new SluiceError('SCAFFOLD_REFUSED', error.message, { hint: error.hint, cause: error });
  }
}

function told(terminal: Terminal, written: readonly Written[], dryRun: true | undefined, root: string, next: readonly string[]): Exit {
  const files = written.map(({ path, state }) => ({ path: shown(resolve(root, path)), state }));
  if (terminal.json) {
    terminal.object({ ok: true, dry_run: dryRun === true, files, next });
    return EXIT.ok;
  }
  for (const row of terminal.table(files.map(({ path, state }) => [state, path]))) terminal.out(row);
  if (dryRun === true) terminal.note('Nothing was written (--dry-run).');
  else terminal.note(['Next:', ...next.map((line) => `  ${line}`)].join('\n'));
  return EXIT.ok;
}
