import { choice, flag, list, number, ref, shape, text, whole } from '@sluice/control/schemas';
import { formatDiagnostic, type Diagnostic } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk/catalogue';
import type { FileResult, TestFailure, TestOptions, TestResult } from '@sluice/testing';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, watch, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { assetPath } from '../assets';
import { EXIT, usage, type Exit } from '../exit';
import { shown } from '../graph-file';
import { catalogues, loadPlugins } from '../plugins';
import { onSignals } from '../signals';
import type { Terminal } from '../terminal';
import { lazy } from '../lazy';
import { type Outputs } from '../outputs';

const part = shape({ covered: whole, total: whole, missing: list(text) });
const place = { file: text, line: whole, column: whole };

export const OUTPUTS: Outputs = {
  test: shape({
    ok: flag,
    passed: whole,
    failed: whole,
    skipped: whole,
    files: list(
      shape({
        file: text,
        graph: text,
        diagnostics: list(ref('Diagnostic')),
        tests: list(
          shape({
            ...place,
            name: text,
            status: choice('passed', 'failed', 'skipped'),
            'reason?': text,
            failures: list(shape({ ...place, message: text, diff: list(text), 'hint?': text })),
            took_ms: number,
            virtual_ms: number,
            updated: list(text),
          }),
        ),
        'coverage?': shape({ graph: text, nodes: part, ports: part, edges: part, mocked: list(text) }),
      }),
    ),
  }),
};

interface Options {
  readonly name?: string;
  readonly update?: true;
  readonly watch?: true;
  readonly coverage?: true;
  readonly minCoverage?: number;
  readonly junit?: string;
  readonly verbose?: true;
}

const TEST = /\.test\.ya?ml$/;
/** Folders that hold no tests of ours. */
const SKIPPED = /^(\.|node_modules$|dist$|out$)/;

/** `sluice test`: tests of graphs, in virtual time. */
export async function test(terminal: Terminal, targets: readonly string[], options: Options): Promise<Exit> {
  if (options.watch === true && terminal.json) throw usage('--watch and --json do not go together.', 'Leave one of them out.');
  const files = (): readonly string[] => [...new Set((targets.length === 0 ? ['./...'] : targets).flatMap(testsOf))].sort();
  if (files().length === 0)
    throw new SluiceError('TEST_NOT_FOUND', `There are no tests in ${targets.join(' ') || 'this folder'}.`, {
      hint: 'Tests of graphs/x.yaml are in graphs/x.test.yaml.',
    });
  const first = await runAll(terminal, files(), options);
  if (options.watch !== true) return first.exit;
  return keepWatching(terminal, files, first.results, options);
}

async function runAll(
  terminal: Terminal,
  files: readonly string[],
  options: Options,
): Promise<{ readonly exit: Exit; readonly results: readonly FileResult[] }> {
  const began = performance.now();
  const results: FileResult[] = [];
  for (const file of files) {
    const { result, printed } = await oneFile(file, options);
    results.push(result);
    if (!terminal.json) report(terminal, result, printed, options);
  }
  const took = performance.now() - began;
  const exit = exitOf(results, options);
  if (options.junit !== undefined) writeJunit(options.junit, results);
  if (terminal.json) terminal.object(asJson(exit, results));
  else summarise(terminal, results, took, options);
  return { exit, results };
}

/** The tests of one file. What its graph prints is kept from stdout, which is the command's own. */
async function oneFile(file: string, options: Options): Promise<{ readonly result: FileResult; readonly printed: string }> {
  const { testFile } = lazy('@sluice/testing');
  const wanted: TestOptions = {
    ...(options.update === undefined ? {} : { update: true }),
    ...(options.name === undefined ? {} : { name: options.name }),
  };
  const { write } = process.stdout;
  let printed = '';
  process.stdout.write = ((text: string | Uint8Array, ...more: unknown[]) => {
    printed += typeof text === 'string' ? text : Buffer.from(text).toString();
    const done = more.find((one) => typeof one === 'function') as (() => void) | undefined;
    if (done !== undefined) process.nextTick(done);
    return true;
  }) as typeof write;
  try {
    const result = await testFile(shown(resolve(file)), { catalogues: catalogues(), plugins: loadPlugins, asset: assetPath }, wanted);
    return { result, printed };
  } finally {
    process.stdout.write = write;
  }
}

/** Files of tests that a target stands for: a test, a graph, a folder, `folder/...`. */
function testsOf(target: string): readonly string[] {
  const path = target.replace(/(^|[/\\])\.\.\.$/, '') || '.';
  if (!existsSync(path))
    throw new SluiceError('TEST_NOT_FOUND', `There is no ${target}.`, {
      hint: 'Name a test, a graph, or a folder; ./... is all below this one.',
    });
  if (statSync(path).isDirectory()) return below(path);
  if (TEST.test(path)) return [path];
  const beside = path.replace(/\.ya?ml$/, '.test.yaml');
  if (beside !== path && existsSync(beside)) return [beside];
  throw new SluiceError('TEST_NOT_FOUND', `${shown(path)} has no tests.`, { hint: `They would be in ${shown(beside)}.` });
}

/** A folder with a configuration of its own is another project: its tests run there. */
function below(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !SKIPPED.test(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return existsSync(join(path, 'sluice.config.yaml')) ? [] : below(path);
      return TEST.test(entry.name) ? [path] : [];
    });
}

function exitOf(results: readonly FileResult[], { minCoverage }: Options): Exit {
  if (results.some(({ diagnostics }) => diagnostics.length > 0)) return EXIT.invalid;
  if (results.some(({ tests }) => tests.some(({ status }) => status === 'failed'))) return EXIT.failed;
  return minCoverage !== undefined && results.some((result) => percent(result) < minCoverage) ? EXIT.failed : EXIT.ok;
}

const parts = ({ coverage }: FileResult) => (coverage === undefined ? [] : [coverage.nodes, coverage.ports, coverage.edges]);

/** How much of nodes, ports and edges was gone through. */
function percent(result: FileResult): number {
  const [covered, total] = parts(result).reduce(([a, b], part) => [a + part.covered, b + part.total], [0, 0]);
  return total === 0 ? 100 : (100 * covered) / total;
}

function asJson(exit: Exit, results: readonly FileResult[]): object {
  const count = (status: TestResult['status']): number => tally(results, status);
  return {
    ok: exit === EXIT.ok,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    files: results.map(({ files: _, ...result }) => result),
  };
}

function tally(results: readonly FileResult[], status: TestResult['status']): number {
  return results.reduce((sum, { tests }) => sum + tests.filter((one) => one.status === status).length, 0);
}

const MARKS = { passed: ['green', 'ok'], failed: ['red', 'FAIL'], skipped: ['yellow', 'skip'] } as const;

function report(terminal: Terminal, result: FileResult, printed: string, options: Options): void {
  terminal.note(result.file);
  const texts = new Map<string, string>();
  const textOf = (file: string): string => {
    if (!texts.has(file)) texts.set(file, existsSync(file) ? readFileSync(file, 'utf8') : '');
    return texts.get(file)!;
  };
  for (const diagnostic of result.diagnostics) terminal.note(`\n${formatDiagnostic(diagnostic, textOf(diagnostic.file))}`);
  if (result.diagnostics.length > 0) terminal.note('');
  for (const one of result.tests) {
    const [colour, mark] = MARKS[one.status];
    const why = one.reason === undefined ? '' : ` (${one.reason})`;
    terminal.note(`  ${terminal.paint(colour, mark.padEnd(4))}  ${one.name}${why}`);
    for (const failure of one.failures) {
      terminal.note(`\n${formatDiagnostic(asDiagnostic(failure), textOf(failure.file))}`);
      for (const line of failure.diff)
        terminal.note(`    ${terminal.paint(line.startsWith('-') ? 'green' : line.startsWith('+') ? 'red' : 'dim', line)}`);
    }
    if (one.failures.length > 0) terminal.note('');
    for (const file of one.updated) terminal.note(`        wrote ${shown(resolve(file))}`);
  }
  const failed = result.tests.some(({ status }) => status === 'failed');
  if (printed !== '' && (failed || options.verbose === true))
    terminal.note(`  what the graphs printed:\n${printed.trimEnd().replace(/^/gm, '    ')}`);
  if (options.coverage === true || (options.minCoverage !== undefined && percent(result) < options.minCoverage)) covered(terminal, result);
}

/** A failure in the form of all findings: place, lines and caret. */
function asDiagnostic({ file, line, column, message, hint }: TestFailure): Diagnostic {
  const base = { code: 'TEST_FAILED', severity: 'error', message, file, line, column, path: '' } as const;
  return { ...base, docs: 'docs/reference/errors/TEST_FAILED.md', ...(hint === undefined ? {} : { hint }) };
}

function covered(terminal: Terminal, result: FileResult): void {
  const { coverage } = result;
  if (coverage === undefined) return;
  const rows = (['nodes', 'ports', 'edges'] as const).map((what) => {
    const { covered: n, total, missing } = coverage[what];
    return [`  ${what}`, `${n} of ${total}`, missing.length === 0 ? '' : `not: ${missing.join(', ')}`];
  });
  const mocked = coverage.mocked.length === 0 ? [] : [['  mocked', `${coverage.mocked.length}`, coverage.mocked.join(', ')]];
  terminal.note(`  coverage of ${coverage.graph}: ${Math.floor(percent(result))} %`);
  for (const line of terminal.table([...rows, ...mocked])) terminal.note(line);
}

function summarise(terminal: Terminal, results: readonly FileResult[], took: number, { minCoverage }: Options): void {
  const [passed, failed, skipped] = [tally(results, 'passed'), tally(results, 'failed'), tally(results, 'skipped')];
  const invalid = results.filter(({ diagnostics }) => diagnostics.length > 0).length;
  const low = minCoverage === undefined ? [] : results.filter((result) => percent(result) < minCoverage);
  const counts = [
    `${passed} passed`,
    `${failed} failed`,
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
    ...(invalid === 0 ? [] : [`${invalid} ${invalid === 1 ? 'file' : 'files'} invalid`]),
    ...(low.length === 0 ? [] : [`${low.length} below ${minCoverage} % coverage`]),
  ];
  const ok = failed + invalid + low.length === 0;
  terminal.out(`${terminal.paint(ok ? 'green' : 'red', counts.join(', '), process.stdout)} in ${(took / 1_000).toFixed(1)} s`);
}

function writeJunit(file: string, results: readonly FileResult[]): void {
  const { junit } = lazy('@sluice/testing');
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, junit(results));
  } catch (error) {
    throw new SluiceError('OUT_NOT_WRITABLE', `${file} cannot be written: ${(error as Error).message}.`, {
      hint: 'Choose another file with --junit.',
      cause: error,
    });
  }
}

/** Runs again what a change concerns, until it is interrupted. */
async function keepWatching(
  terminal: Terminal,
  files: () => readonly string[],
  first: readonly FileResult[],
  options: Options,
): Promise<Exit> {
  let last = first;
  const changed = new Set<string>();
  let wake: () => void = () => undefined;
  let over = false;
  const stop = (): void => {
    over = true;
    wake();
  };
  const forget = onSignals(stop, () => process.exit(EXIT.interrupted));
  try {
    while (!over) {
      const folders = new Set(last.flatMap((result) => result.files.map((file) => dirname(file))));
      const watchers = [...folders].filter(existsSync).map((folder) =>
        watch(folder, (_, name) => {
          if (name === null || !/\.(ya?ml|jsonl)$/.test(name)) return;
          changed.add(join(folder, name));
          wake();
        }),
      );
      terminal.note(`Waiting for changes in ${folders.size} ${folders.size === 1 ? 'folder' : 'folders'}; Ctrl-C ends.`);
      if (changed.size === 0 && !over) await new Promise<void>((resume) => (wake = resume));
      // Editors write a file in several steps.
      if (!over) await new Promise((resume) => setTimeout(resume, 50));
      for (const watcher of watchers) watcher.close();
      if (over) break;
      const concerned = files().filter((file) => {
        const known = last.find((result) => resolve(result.file) === resolve(file));
        return known === undefined || known.files.some((one) => changed.has(one));
      });
      changed.clear();
      if (concerned.length === 0) continue;
      const again = await runAll(terminal, concerned, options);
      last = [...last.filter(({ file }) => !again.results.some((result) => result.file === file)), ...again.results];
    }
  } finally {
    forget();
  }
  return EXIT.interrupted;
}
