import type { Catalogue } from '@sluice/sdk/catalogue';
import { DEFAULT_EDGE, edgeId } from './edges';
import type { Diagnostic } from './diagnostic';
import { Filled } from './fill';
import { lintFlow } from './flow';
import { freeze } from './freeze';
import { hashPlan } from './hash';
import { readLevel, type Level } from './level';
import type { ResolvedParam } from './params';
import type { Endpoint, Plan, PlanEdge, PlanPort } from './plan';
import { Source } from './source';
import { locate } from './text/locate';
import { read } from './text/read';
import { World } from './world';

/** Text of a graph, and the file that findings name. */
export interface CheckInput {
  readonly text: string;
  readonly file: string;
}

/** What a check knows of the world: node types, values of parameters, environment, secrets, assets, other graphs. */
export interface CheckOptions {
  /** All node types that are known. */
  readonly catalogues: readonly Catalogue[];
  /** Values of parameters that win over all else: texts (from `--set`) or typed. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly secret?: (name: string) => string | undefined;
  /** Path of a staged or shipped asset. */
  readonly asset?: (name: string) => string | undefined;
  /** The graph behind `type: graph/<name>`. */
  readonly graph?: (name: string) => CheckInput | undefined;
}

/** What a check found; the plan, where nothing is an error. */
export interface CheckResult {
  /** By file, line, column, code. */
  readonly diagnostics: readonly Diagnostic[];
  /** Undefined where there is an error. */
  readonly plan: Plan | undefined;
  /** The graph's parameters with their values. */
  readonly params: Readonly<Record<string, ResolvedParam>>;
}

/** Checks a graph's text: every finding at once, and the plan where none is an error. Never throws. */
export function checkGraph(input: CheckInput, options: CheckOptions): CheckResult {
  const source = new Source(input.file, input.text);
  const { value, readable, faults } = read(source);
  return check(value, readable, faults, source, options);
}

/** The same for a graph that was built in code: its findings have no lines. */
export function planOf(spec: object, options: CheckOptions & { readonly file?: string }): CheckResult {
  return check(spec, true, [], new Source(options.file ?? ''), options);
}

function check(value: unknown, readable: boolean, faults: readonly Diagnostic[], source: Source, options: CheckOptions): CheckResult {
  const world = new World(options.catalogues, options.graph, options);
  // What was set on the command line is text and is read as the declared type, as an environment variable is.
  const set = new Map(Object.entries(options.params ?? {}).map(([name, given]) => [name, new Filled(given, 'flag', false, true)]));
  const level = readable ? readLevel(value, source, set, world, [source.file]) : undefined;
  if (level !== undefined) lintFlow(level);
  const sources = [source, ...world.sources];
  const diagnostics = [...faults, ...world.faults, ...sources.flatMap(locate)];
  const files = sources.map(({ file }) => file);
  diagnostics.sort(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) ||
      a.line - b.line ||
      a.column - b.column ||
      compare(a.code, b.code) ||
      compare(a.message, b.message),
  );
  const sound = level !== undefined && diagnostics.every(({ severity }) => severity !== 'error');
  return { diagnostics, plan: sound ? makePlan(level, source.file) : undefined, params: level?.params.resolved ?? {} };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function makePlan(level: Level, file: string): Plan {
  const border = (port: PlanPort, edge: (own: Endpoint) => [Endpoint, Endpoint]): PlanEdge[] =>
    port.at.map((end) => {
      const [from, to] = edge(end);
      return { id: edgeId(from, to), from, to, ...DEFAULT_EDGE };
    });
  const nodes = level.nodes.map(({ node }) => node);
  const edges = [
    ...level.inputs.flatMap((port) => border(port, (end) => [{ node: '$inputs', port: port.name }, end])),
    ...level.edges.map(({ from, to, options }): PlanEdge => ({ id: edgeId(from, to), from, to, ...options })),
    ...level.outputs.flatMap((port) => border(port, (end) => [end, { node: '$outputs', port: port.name }])),
  ];
  const { inputs, outputs } = level;
  const secrets = [...level.secrets].sort();
  return freeze({
    version: 1,
    name: level.name,
    ...(level.description === undefined ? {} : { description: level.description }),
    hash: hashPlan({ nodes, edges, inputs, outputs, secrets }),
    ...(file === '' ? {} : { file }),
    nodes,
    edges,
    inputs,
    outputs,
    layers: Object.fromEntries(level.layers),
    secrets,
  });
}
