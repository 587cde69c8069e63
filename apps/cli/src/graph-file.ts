import { checkGraph, formatDiagnostic, type CheckResult, type Diagnostic } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk/catalogue';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { assetPath } from './assets';
import { catalogues } from './plugins';
import { keepSecret, secretOf } from './secrets';
import type { Terminal } from './terminal';

/** A graph file with what the checker says of it. */
export interface Checked extends CheckResult {
  readonly file: string;
  readonly text: string;
}

/** What lies beside graphs and is none. */
const NO_GRAPH = /\.(test|layout)\.ya?ml$|(^|\/)(presets|node_modules|dist|out|samples|assets\.lock\.ya?ml)(\/|$)/;

/** A path as a person wrote it, short. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short.replaceAll('\\', '/');
}

/**
 * Text of a graph file.
 * @throws SluiceError GRAPH_NOT_FOUND, GRAPH_IS_FOLDER, GRAPH_UNREADABLE
 */
export function readGraph(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ENOENT':
      case 'ENOTDIR': {
        const near = beside(path);
        throw new SluiceError('GRAPH_NOT_FOUND', `There is no graph ${shown(path)}.`, {
          hint: near.length === 0 ? 'Give the path of a graph file (YAML).' : `Graphs there: ${near.join(', ')}.`,
        });
      }
      case 'EISDIR':
        throw new SluiceError('GRAPH_IS_FOLDER', `${shown(path)} is a folder.`, {
          hint: `Name one graph in it${listOf(graphsIn(path))}; \`sluice validate\` takes a folder.`,
        });
      default:
        throw new SluiceError('GRAPH_UNREADABLE', `${shown(path)} cannot be read: ${(error as Error).message}.`, {
          hint: 'Check who may read the file.',
          cause: error,
        });
    }
  }
}

function listOf(files: readonly string[]): string {
  return files.length === 0 ? '' : `, such as ${shown(files[0]!)}`;
}

function beside(path: string): readonly string[] {
  for (const folder of [dirname(path), resolve('graphs')]) {
    const found = graphsIn(folder, false);
    if (found.length > 0) return found.slice(0, 5).map(shown);
  }
  return [];
}

/** Graph files below a folder, sorted. */
export function graphsIn(folder: string, deep = true): readonly string[] {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter(({ name }) => !name.startsWith('.') && !NO_GRAPH.test(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return deep ? graphsIn(path) : [];
      return /\.ya?ml$/.test(entry.name) ? [path] : [];
    })
    .sort();
}

/** The files that a path, folder or pattern (`*`, `**`, `?`) stands for. A file that is named is taken, also where it does not exist. */
export function expand(target: string): readonly string[] {
  if (/[*?]/.test(target)) {
    const pattern = target.replaceAll('\\', '/');
    const root = pattern.slice(0, pattern.search(/[*?]/)).replace(/[^/]*$/, '');
    const matches = new RegExp(
      `^${[...pattern.matchAll(/\*\*\/|\*|\?|[^*?]+/g)].map(([part]) => GLOB[part] ?? part.replace(/[.+^${}()|[\]\\]/g, '\\$&')).join('')}$`,
    );
    return graphsIn(root === '' ? '.' : root).filter(
      (file) => matches.test(file.replaceAll('\\', '/').replace(/^\.\//, '')) || matches.test(file.replaceAll('\\', '/')),
    );
  }
  try {
    if (statSync(target).isDirectory()) return graphsIn(target);
  } catch {
    // Reading it says what is wrong.
  }
  return [target];
}

const GLOB: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '*': '[^/]*', '?': '[^/]' };

/** Reads and checks one graph file. */
export function checkFile(path: string, params: Readonly<Record<string, unknown>> = {}): Checked {
  const text = readGraph(path);
  const file = shown(resolve(path));
  const result = checkGraph(
    { text, file },
    {
      catalogues: catalogues(),
      params,
      env: process.env,
      secret: secretOf,
      asset: assetPath,
      graph: (name) => {
        const other = join(dirname(path), `${basename(name)}.yaml`);
        try {
          return { text: readFileSync(other, 'utf8'), file: shown(resolve(other)) };
        } catch {
          return undefined;
        }
      },
    },
  );
  for (const { name, secret } of Object.values(result.params)) if (secret) keepSecret(params[name]);
  return { ...result, file, text };
}

/** Prints findings with their source lines. */
export function printDiagnostics(terminal: Terminal, diagnostics: readonly Diagnostic[], texts: ReadonlyMap<string, string>): void {
  for (const diagnostic of diagnostics)
    terminal.note(`${formatDiagnostic(diagnostic, texts.get(diagnostic.file) ?? '', terminal.diagnosticStyle())}\n`);
}

/**
 * The plan of a graph file. Warnings are shown.
 * @throws SluiceError GRAPH_INVALID with the diagnostics in `details`; they are shown, too
 */
export function planFile(
  path: string,
  params: Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Checked & { readonly plan: NonNullable<CheckResult['plan']> } {
  const checked = checkFile(path, params);
  printDiagnostics(terminal, checked.diagnostics, new Map([[checked.file, checked.text]]));
  const { plan } = checked;
  if (plan !== undefined) return { ...checked, plan };
  const errors = checked.diagnostics.filter(({ severity }) => severity === 'error').length;
  throw new SluiceError('GRAPH_INVALID', `${checked.file} has ${errors} ${errors === 1 ? 'error' : 'errors'} and was not started.`, {
    hint: 'Correct what is named above; `sluice validate` checks again.',
    details: checked.diagnostics,
  });
}
