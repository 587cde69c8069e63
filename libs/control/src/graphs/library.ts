import { checkGraph, type CheckResult, type Diagnostic } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { confined } from '../confine';
import type { Workspace } from '../workspace';

/** A graph of the folder. */
export interface GraphFile {
  readonly name: string;
  /** Path as the working folder sees it. */
  readonly file: string;
  readonly text: string;
  /** SHA-256 of the text: what a save is based on. */
  readonly sha256: string;
  /** Places of the nodes, from the file beside it; null where there is none. */
  readonly layout: unknown;
  readonly modified_at: string;
}

export interface GraphSummary {
  readonly name: string;
  readonly file: string;
  readonly description: string | null;
  readonly sha256: string;
  readonly modified_at: string;
  readonly nodes: number;
  readonly edges: number;
  readonly errors: number;
  readonly warnings: number;
}

export interface SaveRequest {
  readonly text: string;
  /** SHA-256 of the text that was edited; null where there must be none yet. Left out, whatever is there is replaced. */
  readonly base?: string | null;
  readonly layout?: unknown;
}

const NAME = /^[A-Za-z0-9][\w-]*(\/[A-Za-z0-9][\w-]*)*$/;
/** What lies beside graphs and is none. */
const NO_GRAPH = /\.(test|layout)\.ya?ml$/;
const NO_FOLDER = /^(presets|node_modules|dist|out|samples|\..*)$/;

/** The graphs of a folder: read, checked, saved. Text is kept as it was written, so comments and order are. */
export class GraphLibrary {
  readonly #summaries = new Map<string, GraphSummary>();

  constructor(private readonly workspace: Workspace) {}

  list(): readonly GraphSummary[] {
    const { graphs } = this.workspace;
    if (!existsSync(graphs)) return [];
    return filesIn(graphs).map((file) =>
      this.#summary(
        relative(graphs, file)
          .replaceAll(sep, '/')
          .replace(/\.ya?ml$/, ''),
      ),
    );
  }

  /** @throws SluiceError GRAPH_NAME_INVALID, GRAPH_NOT_FOUND, PATH_REFUSED */
  get(name: string): GraphFile {
    const path = this.path(name);
    if (!existsSync(path)) {
      throw new SluiceError('GRAPH_NOT_FOUND', `There is no graph ${name}.`, { hint: 'GET /api/v1/graphs lists them.' });
    }
    const text = readFileSync(path, 'utf8');
    return {
      name,
      file: shown(path),
      text,
      sha256: sha256(text),
      layout: this.#layout(path),
      modified_at: statSync(path).mtime.toISOString(),
    };
  }

  has(name: string): boolean {
    return existsSync(this.path(name));
  }

  /** Name of the graph that a file is; undefined where it is not in the folder. */
  nameOf(file: string): string | undefined {
    const inside = relative(resolve(this.workspace.graphs), resolve(file));
    return inside.startsWith('..') || !existsSync(file) ? undefined : inside.replaceAll(sep, '/').replace(/\.ya?ml$/, '');
  }

  /** Every finding on a text, and its plan. `name` says where it lies: other graphs and relative paths are looked for beside it. */
  check(text: string, name = 'graph', params: Readonly<Record<string, unknown>> = {}): CheckResult {
    return this.#checkAt(this.path(name), text, params);
  }

  /** The same for a file that was not named by who asks. */
  checkFile(path: string, params: Readonly<Record<string, unknown>>): CheckResult {
    return this.#checkAt(path, readFileSync(path, 'utf8'), params);
  }

  #checkAt(path: string, text: string, params: Readonly<Record<string, unknown>>): CheckResult {
    const { env = {}, secret, asset } = this.workspace;
    return checkGraph(
      { text, file: shown(path) },
      {
        catalogues: this.workspace.catalogues(),
        params,
        env,
        ...(secret === undefined ? {} : { secret }),
        ...(asset === undefined ? {} : { asset }),
        graph: (other) => {
          const near = join(dirname(path), `${basename(other)}.yaml`);
          return existsSync(near) ? { text: readFileSync(near, 'utf8'), file: shown(near) } : undefined;
        },
      },
    );
  }

  /** @throws SluiceError GRAPH_INVALID with the diagnostics in `details` */
  plan(text: string, name?: string, params?: Readonly<Record<string, unknown>>): CheckResult & { plan: NonNullable<CheckResult['plan']> } {
    const result = this.check(text, name, params);
    const { plan, diagnostics } = result;
    if (plan !== undefined) return { ...result, plan };
    throw invalid(diagnostics);
  }

  /**
   * Writes text and layout, each in one step: a crash leaves the old or the new.
   * @throws SluiceError GRAPH_CHANGED where somebody else saved meanwhile
   */
  save(name: string, { text, base, layout }: SaveRequest): GraphFile {
    const path = this.path(name);
    const there = existsSync(path) ? sha256(readFileSync(path, 'utf8')) : null;
    if (base !== undefined && base !== there) {
      throw new SluiceError('GRAPH_CHANGED', `${name} was changed since it was read.`, {
        hint: 'Read it again, put your change on top, then save.',
        details: { sha256: there },
      });
    }
    mkdirSync(dirname(path), { recursive: true });
    replace(path, text);
    if (layout !== undefined) replace(layoutOf(path), `${JSON.stringify(layout, null, 2)}\n`);
    return this.get(name);
  }

  saveLayout(name: string, layout: unknown): void {
    this.get(name);
    replace(layoutOf(this.path(name)), `${JSON.stringify(layout, null, 2)}\n`);
  }

  /**
   * The file of a name, which is in the folder of graphs, whatever the name and whatever links lie there.
   * @throws SluiceError GRAPH_NAME_INVALID, PATH_REFUSED
   */
  path(name: string): string {
    if (!NAME.test(name) || name.length > 200) {
      throw new SluiceError('GRAPH_NAME_INVALID', `${JSON.stringify(name.slice(0, 200))} is no name of a graph.`, {
        hint: 'Letters, digits, - and _; / between folders.',
      });
    }
    return confined(this.workspace.graphs, `${name}.yaml`);
  }

  #layout(path: string): unknown {
    const file = layoutOf(path);
    if (!existsSync(file)) return null;
    try {
      return JSON.parse(readFileSync(realpathSync(file), 'utf8'));
    } catch {
      // A layout that cannot be read is as good as none: the graph is drawn by itself.
      return null;
    }
  }

  #summary(name: string): GraphSummary {
    const path = this.path(name);
    const text = readFileSync(path, 'utf8');
    const hash = sha256(text);
    const known = this.#summaries.get(name);
    if (known?.sha256 === hash) return known;
    const { plan, diagnostics } = this.check(text, name);
    const made: GraphSummary = {
      name,
      file: shown(path),
      description: plan?.description ?? null,
      sha256: hash,
      modified_at: statSync(path).mtime.toISOString(),
      nodes: plan?.nodes.length ?? 0,
      edges: plan?.edges.length ?? 0,
      errors: diagnostics.filter(({ severity }) => severity === 'error').length,
      warnings: diagnostics.filter(({ severity }) => severity === 'warning').length,
    };
    this.#summaries.set(name, made);
    return made;
  }
}

export function invalid(diagnostics: readonly Diagnostic[]): SluiceError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return new SluiceError('GRAPH_INVALID', `The graph has ${errors} ${errors === 1 ? 'error' : 'errors'}.`, {
    hint: 'details holds each with its place and what to do.',
    details: diagnostics,
  });
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Writes a file in one step. */
export function replace(path: string, text: string): void {
  const next = `${path}.${process.pid}.new`;
  writeFileSync(next, text);
  renameSync(next, path);
}

function layoutOf(path: string): string {
  return path.replace(/\.yaml$/, '.layout.json');
}

/** A path as the working folder sees it. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short.replaceAll(sep, '/');
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return NO_FOLDER.test(entry.name) ? [] : filesIn(path);
      return entry.isFile() && entry.name.endsWith('.yaml') && !NO_GRAPH.test(entry.name) && NAME.test(entry.name.slice(0, -5))
        ? [path]
        : [];
    })
    .sort();
}
