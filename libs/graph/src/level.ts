import { ANY_TYPE, portTypeFits, profileFits, type NodeEntry, type PortEntry } from '@sluice/sdk/catalogue';
import { conform } from './conform';
import { fromReference, isReference } from './dialects/reference';
import { edgeId, readEdges, readEnd, type EdgeOptions, type WrittenEnd } from './edges';
import { Fields, isRecord, plain } from './fields';
import { describe, fill, Filled, type Values } from './fill';
import { nearest } from './nearest';
import { readParams, type Params } from './params';
import type { Endpoint, Layer, PlanNode, PlanPort } from './plan';
import { DEFAULT_JOIN, NO_POLICIES, POLICY_KEYS, readPolicies } from './policies';
import { Ports } from './ports';
import { meant, Source, type Path } from './source';
import type { World } from './world';

/** The node type that is there to be joined at: it has a join also where none is written. */
const JOIN = 'core/join';

/** Where something of a plan was written. */
export interface Origin {
  readonly source: Source;
  readonly path: Path;
}
export interface FlatNode {
  readonly node: PlanNode;
  readonly origin: Origin;
  /** Policies that are written, also where they say the default. */
  readonly policies: readonly string[];
  /** A source that takes from a store and removes there what was acked. */
  readonly durable: boolean;
  /** `durability: state` keeps all that it remembers. */
  readonly stateful: boolean;
}
export interface FlatEdge {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly options: EdgeOptions;
  readonly origin: Origin;
}

/** One graph file, read and checked, its sub-graphs already inside of it. */
export interface Level {
  readonly name: string;
  readonly description: string | undefined;
  readonly params: Params;
  readonly nodes: readonly FlatNode[];
  readonly edges: readonly FlatEdge[];
  readonly inputs: readonly PlanPort[];
  readonly outputs: readonly PlanPort[];
  /** Nodes that a fault hides something about: nothing is concluded from an edge that they lack. */
  readonly blurred: ReadonlySet<string>;
  readonly layers: ReadonlyMap<string, Layer>;
  readonly secrets: ReadonlySet<string>;
}

const GRAPH_KEYS = ['version', 'name', 'description', 'params', 'nodes', 'edges', 'inputs', 'outputs'];
const NODE_KEYS: readonly string[] = ['type', 'config', ...POLICY_KEYS];
const ID = /^[A-Za-z][A-Za-z0-9_-]*$/;

/** Reads one graph file. `set` undefined: the file is looked at for its ports and parameters only. Undefined where it cannot be gone on with. */
export function readLevel(
  value: unknown,
  source: Source,
  set: ReadonlyMap<string, Filled> | undefined,
  world: World,
  stack: readonly string[],
): Level | undefined {
  const graph = ours(value, source, world);
  return isGraph(graph, source) ? new Reader(graph, source, set, world, stack).read() : undefined;
}

/** The graph as one of ours, where it is of a dialect that is known; else as it is. */
function ours(value: unknown, source: Source, world: World): unknown {
  if (!isRecord(value) || legacyKey(value) !== undefined || !isReference(value)) return value;
  const { env } = world.values;
  const made = fromReference(
    value,
    { env, type: (name) => world.type(name), typeNames: () => world.typeNames() },
    source.sayAt.bind(source),
  );
  source.places = made.places;
  return made.value;
}

export const legacyKey = (graph: Readonly<Record<string, unknown>>): string | undefined =>
  graph['version'] === 1 || graph['version'] === '1' ? 'version' : Object.hasOwn(graph, 'job') ? 'job' : undefined;

function isGraph(value: unknown, source: Source): value is Readonly<Record<string, unknown>> {
  if (!isRecord(value)) {
    source.say(
      'GRAPH_NOT_A_MAPPING',
      [],
      value === null || value === undefined ? 'The file is empty.' : 'The file is not a mapping of keys to values.',
    );
    return false;
  }
  const version = value['version'];
  const legacy = legacyKey(value);
  if (legacy !== undefined) {
    source.say(
      'GRAPH_LEGACY',
      [legacy],
      legacy === 'job' ? 'A graph with `job:` is of another dialect.' : 'This is a graph of version 1.',
      { atKey: true },
    );
    return false;
  }
  if (version === undefined) source.say('GRAPH_VERSION_MISSING', [], 'The graph does not say its version.');
  else if (version !== 2) {
    source.say(
      'GRAPH_VERSION_UNSUPPORTED',
      ['version'],
      `Version ${typeof version === 'number' ? version : describe(version)} is not supported.`,
      {
        hint: version === '2' ? 'Write `version: 2`, without quotes.' : undefined,
      },
    );
  }
  return true;
}

class Reader {
  private readonly nodes: FlatNode[] = [];
  private readonly edges: FlatEdge[] = [];
  private readonly layers = new Map<string, Layer>();
  private readonly secrets = new Set<string>();
  private readonly ports: Ports;
  private values: Values;

  constructor(
    private readonly graph: Readonly<Record<string, unknown>>,
    private readonly source: Source,
    private readonly set: ReadonlyMap<string, Filled> | undefined,
    private readonly world: World,
    private readonly stack: readonly string[],
  ) {
    this.values = { ...world.values, params: new Map() };
    this.ports = new Ports(source, world);
  }

  read(): Level {
    const { graph, source } = this;
    for (const key of Object.keys(graph)) {
      if (!GRAPH_KEYS.includes(key))
        source.say('GRAPH_UNKNOWN_KEY', [key], `\`${key}\` is no key of a graph.`, { atKey: true, hint: meant(nearest(key, GRAPH_KEYS)) });
    }
    const params = readParams(graph['params'], this.set, this.values, source);
    this.values = { ...this.values, params: params.filled };
    for (const { name, layer } of Object.values(params.resolved)) if (layer !== undefined) this.layers.set(`params.${name}`, layer);
    this.readNodes(graph['nodes']);
    const inputs = this.readBorder('inputs', 'to');
    const outputs = this.readBorder('outputs', 'from');
    this.readEdges(graph['edges']);
    this.ports.lint();
    return {
      name: this.text('name') ?? nameOf(source.file),
      description: this.text('description'),
      params,
      nodes: this.nodes,
      edges: this.edges,
      inputs,
      outputs,
      blurred: this.ports.blurred,
      layers: this.layers,
      secrets: this.secrets,
    };
  }

  private text(key: string): string | undefined {
    const value = this.graph[key];
    if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
    this.source.say('GRAPH_WRONG_TYPE', [key], `\`${key}\` must be text.`);
    return undefined;
  }

  private readNodes(value: unknown): void {
    const { source } = this;
    if (value === undefined || value === null || (isRecord(value) && Object.keys(value).length === 0)) {
      source.say('GRAPH_NODES_MISSING', value === undefined ? [] : ['nodes'], 'The graph has no nodes.', { atKey: true });
    } else if (!isRecord(value)) {
      source.say('GRAPH_WRONG_TYPE', ['nodes'], '`nodes` must be a mapping of ids to nodes.', {
        hint: 'Write `<id>: { type: <pack>/<name> }`, one node a key.',
      });
    } else {
      for (const [id, node] of Object.entries(value)) this.readNode(id, node);
    }
  }

  private readNode(id: string, value: unknown): void {
    const { source } = this;
    const path: Path = ['nodes', id];
    this.ports.add({ id, entry: undefined, policies: NO_POLICIES, sub: undefined });
    if (!ID.test(id)) source.say('NODE_INVALID_ID', path, `\`${id}\` is no id for a node.`, { atKey: true, node: id });
    if (!isRecord(value)) {
      source.say('GRAPH_WRONG_TYPE', path, `The node \`${id}\` must be a mapping.`, {
        node: id,
        atKey: true,
        hint: 'Write `type:` and, below it, `config:`.',
      });
      return;
    }
    const note = (at: Path, layer: Layer): void => void this.layers.set(at.join('.'), layer);
    const filled: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value))
      filled[key] = key === 'type' ? item : fill(item, this.values, [...path, key], { source, node: id });
    const fields = new Fields(filled, { source, path, node: id, invalid: 'NODE_INVALID_POLICY', unknown: 'NODE_UNKNOWN_KEY', note });
    fields.only(NODE_KEYS);
    const type = filled['type'];
    if (type instanceof Filled) {
      // A dialect names something here that is none of our types: that was said.
      readPolicies(fields);
      return;
    }
    if (typeof type !== 'string') {
      source.say('NODE_TYPE_MISSING', type === undefined ? path : [...path, 'type'], `The node \`${id}\` does not say its type.`, {
        node: id,
        atKey: true,
      });
      readPolicies(fields);
      return;
    }
    if (type.startsWith('graph/')) return this.readSubGraph(id, type.slice('graph/'.length), filled);
    const entry = this.world.type(type);
    let policies = readPolicies(fields);
    if (type === JOIN && !fields.has('join')) policies = { ...policies, join: DEFAULT_JOIN };
    if (filled['fallback'] !== undefined) {
      const fallback = plain(filled['fallback'], [...path, 'fallback'], (at, { layer, secret }) => {
        note(at, layer);
        if (secret) this.secrets.add(['nodes', id, 'policies', ...at.slice(2)].join('.'));
      });
      policies = { ...policies, fallback };
    }
    if (entry === undefined) {
      const close = nearest(type, this.world.typeNames());
      const hint = meant(close) ?? this.world.pluginHint();
      source.say('NODE_UNKNOWN_TYPE', [...path, 'type'], `No plugin has the node type \`${type}\`.`, { node: id, hint });
      return;
    }
    const config = this.config(id, entry, filled['config'] ?? {}, note);
    this.nodes.push({
      node: {
        id,
        type,
        kind: entry.kind,
        ...(entry.mode === undefined ? {} : { mode: entry.mode }),
        ...(entry.delivery === undefined ? {} : { delivery: entry.delivery }),
        config,
        policies,
        in: entry.in,
        out: entry.out,
      },
      origin: { source, path },
      policies: POLICY_KEYS.filter((key) => fields.has(key)),
      durable: entry.durable === true,
      stateful: entry.stateful === true,
    });
    this.ports.add({ id, entry, policies, sub: undefined });
  }

  private config(
    id: string,
    entry: NodeEntry,
    given: unknown,
    note: (path: Path, layer: Layer) => void,
  ): Readonly<Record<string, unknown>> {
    const secret = (at: Path): void => void this.secrets.add(at.join('.'));
    const say = this.source.say.bind(this.source);
    const made = conform({ type: 'object', ...entry.config }, given, ['nodes', id, 'config'], {
      say,
      node: id,
      owner: entry.type,
      note,
      secret,
    });
    return isRecord(made) ? made : {};
  }

  private readSubGraph(id: string, name: string, filled: Readonly<Record<string, unknown>>): void {
    const { source, world } = this;
    const path: Path = ['nodes', id];
    for (const key of POLICY_KEYS) {
      if (filled[key] !== undefined)
        source.say('NODE_SUBGRAPH_POLICY', [...path, key], `\`${key}\` cannot be set on a sub-graph.`, { node: id, atKey: true });
    }
    const file = world.graph(name);
    if (file === undefined) {
      source.say('GRAPH_SUBGRAPH_UNKNOWN', [...path, 'type'], `There is no graph \`${name}\`.`, { node: id });
      return;
    }
    if (!file.readable) return;
    if (this.stack.includes(file.source.file)) {
      source.say(
        'GRAPH_SUBGRAPH_RECURSION',
        [...path, 'type'],
        `The graph contains itself: ${[...this.stack, file.source.file].join(' -> ')}.`,
        { node: id },
      );
      return;
    }
    const stack = [...this.stack, file.source.file];
    const look = file.shape(() => readLevel(file.value, new Source(file.source.file, file.source.text), undefined, world, stack));
    if (look === undefined) {
      // Its own faults are said at its own places, once.
      readLevel(file.value, file.source, undefined, world, stack);
      return;
    }
    const ports = (list: readonly PlanPort[]): NodeEntry['in'] =>
      Object.fromEntries(list.map((port) => [port.name, { type: port.type, profile: port.profile, doc: '' }]));
    const entry: NodeEntry = {
      type: `graph/${name}`,
      kind: look.inputs.length === 0 ? 'source' : look.outputs.length === 0 ? 'sink' : 'transform',
      summary: '',
      in: ports(look.inputs),
      out: ports(look.outputs),
      config: look.params.schema,
      examples: [],
    };
    const before = source.findings.length;
    const layers = new Map<string, Layer>();
    const secrets = new Set(this.secrets);
    const config = this.config(id, entry, filled['config'] ?? {}, (at, layer) => void layers.set(at.join('.'), layer));
    const hidden = (key: string): boolean =>
      [...this.secrets].some((at) => !secrets.has(at) && `${at}.`.startsWith(`nodes.${id}.config.${key}.`));
    const set = new Map(
      Object.entries(config)
        .filter(([key]) => layers.get(`nodes.${id}.config.${key}`) !== 'default')
        .map(([key, value]) => [key, new Filled(value, layers.get(`nodes.${id}.config.${key}`) ?? 'file', hidden(key), true)]),
    );
    // The values live in the nodes inside; here nothing of them stays.
    for (const at of [...this.secrets]) if (!secrets.has(at)) this.secrets.delete(at);
    const faulty = source.findings.length > before;
    const sub = readLevel(file.value, file.source, faulty ? undefined : set, world, stack) ?? look;
    const prefix = (inner: string): string => `${id}/${inner}`;
    for (const inner of sub.nodes) this.nodes.push({ ...inner, node: { ...inner.node, id: prefix(inner.node.id) } });
    for (const edge of sub.edges)
      this.edges.push({ ...edge, from: { ...edge.from, node: prefix(edge.from.node) }, to: { ...edge.to, node: prefix(edge.to.node) } });
    for (const inner of sub.blurred) this.ports.blurred.add(prefix(inner));
    const rename = (at: string): string => at.replace(/^nodes\./, `nodes.${id}/`);
    for (const [at, layer] of sub.layers) if (at.startsWith('nodes.')) this.layers.set(rename(at), layer);
    for (const at of sub.secrets) this.secrets.add(rename(at));
    this.ports.add({ id, entry, policies: NO_POLICIES, sub });
  }

  /** `inputs` (name -> { type, to }) or `outputs` (name -> { type, from }). */
  private readBorder(key: 'inputs' | 'outputs', end: 'to' | 'from'): PlanPort[] {
    const { source } = this;
    const given = this.graph[key];
    if (given === undefined || given === null) return [];
    if (!isRecord(given)) {
      source.say('GRAPH_WRONG_TYPE', [key], `\`${key}\` must be a mapping of names to ports.`, {
        hint: `Write \`<name>: { type: <pack>/<name>@1, ${end}: <node>.<port> }\`.`,
      });
      return [];
    }
    return Object.entries(given).flatMap(([name, value]) => this.readBorderPort([key, name], name, value, end) ?? []);
  }

  private readBorderPort(path: Path, name: string, value: unknown, end: 'to' | 'from'): PlanPort | undefined {
    const { source } = this;
    const written = typeof value === 'string' || Array.isArray(value) ? { [end]: value as unknown } : value;
    const shape = `Write \`${name}: { type: <pack>/<name>@1, ${end}: <node>.<port> }\`.`;
    if (!isRecord(written)) {
      source.say('GRAPH_WRONG_TYPE', path, `\`${name}\` must be a mapping.`, { hint: shape });
      return undefined;
    }
    for (const key of Object.keys(written)) {
      if (key !== 'type' && key !== end)
        source.say('GRAPH_UNKNOWN_KEY', [...path, key], `\`${key}\` is not known here.`, {
          atKey: true,
          hint: meant(nearest(key, ['type', end])) ?? shape,
        });
    }
    const type = written['type'];
    if (type !== undefined && typeof type !== 'string')
      source.say('GRAPH_WRONG_TYPE', [...path, 'type'], '`type` must be the name of a port type.', { hint: shape });
    const ends = Array.isArray(written[end]) ? (written[end] as unknown[]) : [written[end]];
    const at: Endpoint[] = [];
    let port: PortEntry | undefined;
    for (const [i, item] of ends.entries()) {
      const where: Path = written === value ? (Array.isArray(written[end]) ? [...path, end, i] : [...path, end]) : path;
      const parsed = typeof item === 'string' ? readEnd(item.trim()) : undefined;
      if (parsed === undefined) {
        source.say(
          'GRAPH_WRONG_TYPE',
          item === undefined ? path : where,
          `\`${name}\` must say where it ${end === 'to' ? 'goes to' : 'comes from'}.`,
          { hint: shape },
        );
        continue;
      }
      const found = this.ports.find(parsed, end === 'to' ? 'in' : 'out', where, String(item), typeof type === 'string' ? type : undefined);
      if (found === undefined) continue;
      if (typeof type === 'string' && !portTypeFits(type, found.port.type)) {
        source.say(
          'PORT_TYPE_MISMATCH',
          [...path, 'type'],
          `\`${name}\` has the type ${type}, but ${found.node}.${found.name} is ${found.port.type}.`,
          { hint: `Write \`type: ${found.port.type}\`.` },
        );
      }
      // Of several, the most demanding names the profile.
      if (port === undefined || (profileFits(found.port.profile, port.profile) && end === 'to')) port = found.port;
      this.ports.use(found.node, found.name, end === 'to' ? 'in' : 'out');
      at.push(...found.at);
    }
    if (port === undefined) return undefined;
    const named = typeof type === 'string' ? type : port.type;
    // What comes out of an `any` port is what the graph says that it is; what goes into one may be anything.
    const profile = end === 'from' && port.type === ANY_TYPE && named !== ANY_TYPE ? this.world.profileOf(named) : port.profile;
    return { name, type: named, profile, at };
  }

  private readEdges(value: unknown): void {
    const { source } = this;
    const seen = new Set<string>();
    const note = (at: Path, layer: Layer): void => void this.layers.set(at.join('.'), layer);
    for (const { path, text, from, to, options } of readEdges(value, this.values, source, note)) {
      const a = this.ports.find(from, 'out', path, textOf(from), this.ports.typeOf(to, 'in'));
      const b = this.ports.find(to, 'in', path, textOf(to), a?.port.type);
      if (a === undefined || b === undefined) {
        // Whatever the other end lacks because of this edge is not its fault.
        if (a !== undefined) this.ports.use(a.node, a.name, 'out');
        else this.ports.blur(from, 'out');
        if (b !== undefined) this.ports.use(b.node, b.name, 'in');
        if (b !== undefined) this.ports.blurNode(b.node);
        else this.ports.blur(to, 'in');
        continue;
      }
      this.ports.use(a.node, a.name, 'out');
      this.ports.use(b.node, b.name, 'in', options.mode === 'trigger');
      const id = edgeId({ node: a.node, port: a.name }, { node: b.node, port: b.name });
      if (seen.has(id))
        source.say('EDGE_DUPLICATE', path, `The edge ${a.node}.${a.name} -> ${b.node}.${b.name} is there twice.`, { node: b.node });
      else this.ports.join(a, b, options, path, text);
      if (seen.has(id)) continue;
      seen.add(id);
      for (const start of a.at) for (const end of b.at) this.edges.push({ from: start, to: end, options, origin: { source, path } });
    }
  }
}

const textOf = ({ node, port }: WrittenEnd): string => (port === undefined ? node : `${node}.${port}`);

function nameOf(file: string): string {
  return (file.split(/[\\/]/).pop() ?? file).replace(/\.ya?ml$/, '') || 'graph';
}
