import {
  checkGraph,
  ERROR_PORT,
  portFault,
  portMeant,
  readGraph,
  type CheckOptions,
  type Diagnostic,
  type GraphEdge,
  type GraphModel,
} from '@sluice/graph';
import { api, ask } from '../api';

type Catalogue = CheckOptions['catalogues'][number];
export type NodeEntry = Catalogue['nodes'][number];
export type Ports = NodeEntry['in'];

/** What the editor knows of the world: node types, the schema of graphs, other graphs. */
export interface World {
  readonly entries: readonly NodeEntry[];
  readonly catalogues: readonly Catalogue[];
  readonly schema: Readonly<Record<string, unknown>>;
  /** Graphs that can be nodes of others, without their ports: those are known once one is used. */
  readonly subs: readonly NodeEntry[];
  /** Texts of the graphs that `graph/<name>` may mean. */
  readonly graphs: ReadonlyMap<string, { readonly text: string; readonly file: string }>;
  type(name: string): NodeEntry | undefined;
}

export async function loadWorld(): Promise<World> {
  const [{ nodes }, { schema }, { graphs }] = await Promise.all([
    ask(api.GET('/api/v1/nodes')),
    ask(api.GET('/api/v1/schema')),
    ask(api.GET('/api/v1/graphs')),
  ]);
  const byPlugin = new Map<string, NodeEntry[]>();
  for (const { plugin, ...entry } of nodes) byPlugin.set(plugin, [...(byPlugin.get(plugin) ?? []), entry as NodeEntry]);
  const catalogues = [...byPlugin].map(([plugin, entries]) => ({ version: 1, plugin, nodes: entries }) as unknown as Catalogue);
  const subs = graphs.map(({ name, description }) => subEntry(name, description ?? ''));
  return worldOf(catalogues, schema, new Map(), subs);
}

/** A world of these node types and graphs. */
export function worldOf(
  catalogues: readonly Catalogue[],
  schema: World['schema'],
  graphs: World['graphs'],
  subs: World['subs'] = [],
): World {
  const entries = catalogues.flatMap(({ nodes }) => nodes);
  const types = new Map(entries.map((entry) => [entry.type, entry]));
  const read = new Map<string, NodeEntry | undefined>();
  const world: World = {
    entries,
    subs,
    catalogues,
    schema,
    graphs,
    type(name) {
      if (!name.startsWith('graph/')) return types.get(name);
      const sub = name.slice('graph/'.length);
      if (!read.has(sub)) read.set(sub, readSub(sub, world));
      return read.get(sub);
    },
  };
  return world;
}

/** A graph as a node: its ports are the inputs and outputs of its plan, its config is its parameters. */
function readSub(name: string, world: World): NodeEntry | undefined {
  const input = world.graphs.get(name);
  const plan = input === undefined ? undefined : check(input.text, input.file, world).plan;
  if (input === undefined || plan === undefined) return undefined;
  const portsOf = (ports: typeof plan.inputs): Ports =>
    Object.fromEntries(ports.map(({ name: port, type, profile }) => [port, { type, profile, doc: '' }]));
  return {
    ...subEntry(name, plan.description ?? ''),
    in: portsOf(plan.inputs),
    out: portsOf(plan.outputs),
    config: { type: 'object', properties: paramFields(readGraph(input.text)?.params ?? {}) },
  };
}

const subEntry = (name: string, summary: string): NodeEntry => ({
  type: `graph/${name}`,
  kind: 'transform',
  summary,
  in: {},
  out: {},
  config: { type: 'object', properties: {} },
  examples: [],
});

/** Declarations of parameters as JSON Schema: what a form needs of it; the check knows the rest. */
function paramFields(params: GraphModel['params']): Record<string, object> {
  const fields = Object.entries(params).map(([name, param]) => {
    const { type, secret: _, ...rest } = (param ?? {}) as { type?: string; secret?: boolean };
    return [name, { ...rest, type: type === undefined || ['duration', 'size'].includes(type) ? 'string' : type }];
  });
  return Object.fromEntries(fields) as Record<string, object>;
}

/** The world with the graphs that a graph uses; the same where none is missing. */
export async function withSubGraphs(world: World, model: GraphModel | undefined): Promise<World> {
  const names = new Set(model?.nodes.flatMap(({ type }) => (type.startsWith('graph/') ? [type.slice('graph/'.length)] : [])));
  const missing = [...names].filter((name) => !world.graphs.has(name));
  if (missing.length === 0) return world;
  const found = await Promise.all(
    missing.map(async (name) => {
      const { data } = await api.GET('/api/v1/graphs/{name}', { params: { path: { name } } });
      return data === undefined ? undefined : ([name, { text: data.graph.text, file: data.graph.file }] as const);
    }),
  );
  const fresh = found.filter((one) => one !== undefined);
  return fresh.length === 0 ? world : worldOf(world.catalogues, world.schema, new Map([...world.graphs, ...fresh]), world.subs);
}

/** What only the server can know. */
const OF_THE_SERVER = new Set(['CONFIG_ENV_UNSET', 'CONFIG_SECRET_MISSING', 'ASSET_MISSING']);

/** The check of the command line, here: at once, at every letter. The server's answer, which knows environment and assets, comes after it. */
export function check(text: string, file: string, world: World): ReturnType<typeof checkGraph> {
  const result = checkGraph(
    { text, file },
    { catalogues: world.catalogues, asset: (name) => `asset:${name}`, secret: () => '***', graph: (name) => world.graphs.get(name) },
  );
  return { ...result, diagnostics: result.diagnostics.filter(({ code }) => !OF_THE_SERVER.has(code)) };
}

/** The port of one side of a node, the `error` port included. */
export function portOf(world: World, model: GraphModel, node: string, name: string, side: 'in' | 'out'): Ports[string] | undefined {
  const entry = world.type(model.nodes.find(({ id }) => id === node)?.type ?? '');
  return entry?.[side][name] ?? (side === 'out' && name === 'error' ? ERROR_PORT : undefined);
}

export interface PortAt {
  readonly node: string;
  readonly port: string;
}

/** Why an edge cannot be, in the words of the check; undefined where it can. */
export function misfit(
  world: World,
  model: GraphModel,
  from: PortAt,
  to: PortAt,
  words: { readonly self: string; readonly twice: string },
) {
  if (from.node === to.node) return words.self;
  const a = portOf(world, model, from.node, from.port, 'out');
  const b = portOf(world, model, to.node, to.port, 'in');
  if (a === undefined || b === undefined) return undefined;
  const joined = model.edges.some((edge) => {
    const ends = endsOf(world, model, edge);
    return edge.from.node === from.node && ends.from === from.port && edge.to.node === to.node && ends.to === to.port;
  });
  if (joined) return words.twice;
  return portFault(a, b, [`${from.node}.${from.port}`, `${to.node}.${to.port}`])?.message;
}

/** The ports that an edge means where it names none. */
export function endsOf(
  world: World,
  model: GraphModel,
  { from, to }: Pick<GraphEdge, 'from' | 'to'>,
): { from: string | undefined; to: string | undefined } {
  const entryOf = (id: string) => world.type(model.nodes.find((node) => node.id === id)?.type ?? '');
  const out = entryOf(from.node)?.out ?? {};
  const into = entryOf(to.node)?.in ?? {};
  const typeOf = (ports: Ports, port: string | undefined): string | undefined => ports[portMeant(ports, port) ?? '']?.type;
  return { from: portMeant(out, from.port, typeOf(into, to.port)), to: portMeant(into, to.port, typeOf(out, from.port)) };
}

export type { Diagnostic };
