import type { NodeEntry } from '@sluice/sdk/catalogue';
import type { Code } from '../codes';
import { isRecord } from '../fields';
import { Filled } from '../fill';
import { nearest } from '../nearest';
import { meant, type Detail, type Path } from '../source';
import { Places } from './places';
import { placeholders } from './placeholders';
import { IMPORT_PATHS, referenceType, type ReferenceType, type Target } from './reference-types';

/** What a converter asks of the world. */
export interface DialectWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A node type, by our name. */
  type(name: string): NodeEntry | undefined;
  typeNames(): Iterable<string>;
}

/** A finding at a path of the file as it is written. */
export type Say = (code: Code, path: Path, message: string, detail?: Detail) => void;

/** A graph of another dialect as one of ours. */
export interface Converted {
  readonly value: Readonly<Record<string, unknown>>;
  readonly places: Places;
  /** What was put in that the file does not have, by node: why. */
  readonly added: ReadonlyMap<string, string>;
}

const GRAPH_KEYS = ['version', 'name', 'description', 'nodes', 'edges', 'config'];
const NODE_KEYS = ['id', 'node_id', 'kind', 'plugin', 'config'];
const EDGE_KEYS = ['from', 'src', 'to', 'dst', 'from_port', 'src_port', 'to_port', 'dst_port'];
const RUNNER_KEYS = ['inbox_max', 'inbox_overflow', 'overflow_weight_key', 'overflow_weights', 'overflow_default_weight'];
const OVERFLOW: Readonly<Record<string, string>> = {
  drop_new: 'drop_newest',
  drop_oldest: 'drop_oldest',
  error: 'error',
  weighted_drop: 'fair',
};
const CAMERA_EDGE = { when_full: 'drop_oldest', capacity: 8 };
const KINDS: Readonly<Record<string, readonly NodeEntry['kind'][]>> = {
  source: ['source'],
  node: ['transform', 'operator', 'sink'],
  sink: ['sink'],
  delay: ['operator', 'transform'],
  initial: ['operator', 'transform'],
};
const BREAKERS: Readonly<Record<string, string>> = { delay: 'core/delay', initial: 'core/initial-value' };
/** Stands for a type that could not be told, which was said. */
const said = (written: string): Filled => new Filled(written, 'file', false, false);
const IDENTIFIER = /^[A-Za-z_]\w*$/;
const IMPORT_PATH = /^[\w.]+:\w+$/;
const NODE_TYPE = /^[a-z][\w-]*\/[\w-]+$/;

/** Whether this is a graph of the reference platform: nodes as a list. */
export function isReference(value: Readonly<Record<string, unknown>>): boolean {
  const { nodes, edges } = value;
  if (Array.isArray(nodes))
    return (
      nodes.length === 0 || nodes.some((node) => isRecord(node) && ['plugin', 'id', 'node_id'].some((key) => Object.hasOwn(node, key)))
    );
  return (
    nodes === undefined &&
    Array.isArray(edges) &&
    edges.some((edge) => isRecord(edge) && (Object.hasOwn(edge, 'from') || Object.hasOwn(edge, 'src')))
  );
}

/** Reads a graph v2 of the reference platform. Everything that cannot be taken over is said. */
export function fromReference(graph: Readonly<Record<string, unknown>>, world: DialectWorld, say: Say): Converted {
  return new Converter(graph, world, say).convert();
}

interface Inbox {
  readonly options: Readonly<Record<string, unknown>>;
  readonly path: Path;
}

interface Read {
  readonly id: string;
  readonly reference: ReferenceType | undefined;
  readonly entry: NodeEntry | undefined;
  readonly inbox: Inbox | undefined;
}

/** An edge as it is written: its nodes, and its ends as they are said here. */
interface Edge {
  readonly from: string;
  readonly to: string;
  readonly a: string;
  readonly b: string;
  readonly path: Path;
}

class Converter {
  private readonly places = new Places();
  private readonly nodes = new Map<string, Read>();
  private readonly added = new Map<string, string>();

  constructor(
    private readonly graph: Readonly<Record<string, unknown>>,
    private readonly world: DialectWorld,
    private readonly say: Say,
  ) {}

  convert(): Converted {
    const { graph } = this;
    this.only(graph, GRAPH_KEYS, [], 'GRAPH_UNKNOWN_KEY');
    if (isRecord(graph['config']) ? Object.keys(graph['config']).length > 0 : (graph['config'] ?? undefined) !== undefined)
      this.ignored(['config'], 'The `config` of a graph is read by nothing.', 'Remove it, or give its values to the nodes.');
    const nodes = this.readNodes(Array.isArray(graph['nodes']) ? (graph['nodes'] as unknown[]) : []);
    const edges = this.readEdges(graph['edges'], nodes);
    const { name, description } = graph;
    return {
      value: {
        // A file without a version is read as 2.
        version: graph['version'] ?? 2,
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
        nodes,
        ...(edges === undefined ? {} : { edges }),
      },
      places: this.places,
      added: this.added,
    };
  }

  private readNodes(list: readonly unknown[]): Record<string, unknown> {
    const made: Record<string, unknown> = {};
    list.forEach((item, i) => {
      const path: Path = ['nodes', i];
      if (!isRecord(item))
        return this.say('GRAPH_WRONG_TYPE', path, 'A node must be a mapping.', { hint: 'Write `- { id, kind, plugin, config }`.' });
      const id = this.alias(item, ['id', 'node_id'], path);
      if (typeof id !== 'string' || id.trim() === '')
        return this.say('NODE_ID_MISSING', id === undefined ? path : [...path, 'id'], 'This node has no id.');
      if (Object.hasOwn(made, id))
        return this.say(
          'NODE_DUPLICATE_ID',
          [...path, Object.hasOwn(item, 'id') ? 'id' : 'node_id'],
          `The graph has two nodes with the id \`${id}\`.`,
          { node: id },
        );
      made[id] = this.readNode(id, item, path);
      this.places.set(['nodes', id], path);
    });
    return made;
  }

  private readNode(id: string, item: Readonly<Record<string, unknown>>, path: Path): Readonly<Record<string, unknown>> {
    this.only(item, NODE_KEYS, path, 'NODE_UNKNOWN_KEY', id);
    const kind = item['kind'] ?? 'node';
    const type = this.typeOf(id, item, path, kind);
    this.places.set(['nodes', id, 'type'], [...path, 'plugin']);
    const known = typeof type === 'object' && !(type instanceof Filled) ? type : undefined;
    const reference = known?.forward !== undefined && forwards(item['config']) ? passingOn(known, known.forward) : known;
    const name = typeof type === 'string' ? type : reference?.type;
    const plain = name ?? (type instanceof Filled ? type : undefined);
    const entry = name === undefined ? undefined : this.world.type(name);
    if (typeof kind !== 'string' || !Object.hasOwn(KINDS, kind)) {
      const hint = meant(typeof kind === 'string' ? nearest(kind, Object.keys(KINDS)) : undefined);
      this.say('NODE_KIND', [...path, 'kind'], `\`kind\` must be one of ${Object.keys(KINDS).join(', ')}.`, { node: id, hint });
    } else if (entry !== undefined && !KINDS[kind]!.includes(entry.kind) && !(kind === 'sink' && entry.kind !== 'source')) {
      const hint = `Write \`kind: ${entry.kind === 'source' || entry.kind === 'sink' ? entry.kind : 'node'}\`.`;
      this.say('NODE_KIND', [...path, 'kind'], `\`${id}\` is of the kind ${kind}, but ${name} is a ${entry.kind}.`, { node: id, hint });
    }
    const { config, policies, inbox } = this.readConfig(id, item['config'], [...path, 'config'], reference);
    this.nodes.set(id, { id, reference, entry, inbox });
    return { ...(plain === undefined ? {} : { type: plain }), ...(Object.keys(config).length === 0 ? {} : { config }), ...policies };
  }

  /** What the plugin names: our type, or what the reference's class became; `said` where it is neither, undefined where it is not there. */
  private typeOf(
    id: string,
    item: Readonly<Record<string, unknown>>,
    path: Path,
    kind: unknown,
  ): string | ReferenceType | Filled | undefined {
    const at: Path = [...path, 'plugin'];
    const given = item['plugin'];
    const written = typeof given === 'string' ? this.fromEnv(given, at, id) : given;
    if (written instanceof Filled) return written;
    if (typeof written !== 'string' || written.trim() === '') return undefined;
    const known = referenceType(written);
    if (known === 'excepted') {
      this.say('NODE_UNKNOWN_TYPE', at, `\`${written}\` needs a screen or ROS and has no counterpart.`, {
        node: id,
        hint: 'Take this node out; `vision/annotate` draws boxes, and `sluice serve` shows its pictures.',
      });
      return said(written);
    }
    if (known !== undefined) return known;
    if (NODE_TYPE.test(written)) return written;
    if (typeof kind === 'string' && Object.hasOwn(BREAKERS, kind)) return BREAKERS[kind];
    if (!IMPORT_PATH.test(written)) {
      this.say('NODE_IMPORT_PATH', at, `\`${written}\` is neither an import path \`module:Class\` nor a node type \`pack/name\`.`, {
        node: id,
      });
      return said(written);
    }
    const close = nearest(written, [...IMPORT_PATHS, ...this.world.typeNames()]);
    this.say('NODE_UNKNOWN_TYPE', at, `Nothing is known for the import path \`${written}\`.`, {
      node: id,
      hint: meant(close) ?? 'Write the node and name its type: `plugin: pack/name`; `sluice nodes list` shows what there is.',
    });
    return said(written);
  }

  /** A plugin may come from the environment; a node type here may not, so it is looked up now. */
  private fromEnv(text: string, path: Path, node: string): string | Filled {
    const ours = placeholders(text) as string;
    const [, name, preset] = /^\$\{env\.(\w+)(?::(.*))?\}$/s.exec(ours) ?? [];
    if (name === undefined) return text;
    const value = this.world.env[name] ?? preset;
    if (value !== undefined) return value;
    this.say('CONFIG_ENV_UNSET', path, `The environment variable ${name} is not set; it names the type of \`${node}\`.`, {
      node,
      hint: `Set ${name} to an import path or a node type.`,
    });
    return said(text);
  }

  private readConfig(
    id: string,
    given: unknown,
    path: Path,
    reference: ReferenceType | undefined,
  ): { config: Record<string, unknown>; policies: Record<string, unknown>; inbox: Inbox | undefined } {
    const config: Record<string, unknown> = { ...reference?.preset };
    const policies: Record<string, unknown> = { ...reference?.policies };
    if (given !== undefined && given !== null && !isRecord(given)) {
      this.say('CONFIG_WRONG_TYPE', path, 'The config of a node must be a mapping.', { node: id });
      return { config, policies, inbox: undefined };
    }
    this.places.set(['nodes', id, 'config'], path);
    let inbox: Inbox | undefined;
    for (const [key, value] of Object.entries(given ?? {})) {
      const at: Path = [...path, key];
      if (key === '__runtime__') inbox = this.readInbox(id, value, at);
      else if (key === 'transport') this.readTransport(id, value, at);
      else if (reference?.idle !== undefined && Object.hasOwn(reference.idle, key) && !this.declares(reference, key)) {
        if (reference.idle[key] !== undefined && value !== reference.idle[key])
          this.ignored(
            at,
            `\`${key}\` has no counterpart in ${reference.type}; it works as \`${key}: ${JSON.stringify(reference.idle[key])}\`.`,
            undefined,
            id,
          );
      } else this.put(id, key, placeholders(value), at, this.target(reference, key), config, policies);
    }
    return { config, policies, inbox };
  }

  private target(reference: ReferenceType | undefined, key: string): Target | undefined {
    const target = reference?.keys?.[key];
    return this.declares(reference, key) && shapeOf(target, key).key !== key ? undefined : target;
  }

  /** A key that our node type has itself is taken as it is. */
  private declares(reference: ReferenceType | undefined, key: string): boolean {
    const schema = reference === undefined ? undefined : this.world.type(reference.type)?.config;
    return Object.hasOwn((schema?.['properties'] ?? {}) as object, key);
  }

  private put(
    id: string,
    key: string,
    value: unknown,
    at: Path,
    target: Target | undefined,
    config: Record<string, unknown>,
    policies: Record<string, unknown>,
  ): void {
    const { key: name, policy, unit, inside, values = {}, texts = {} } = shapeOf(target, key);
    const here: Path = ['nodes', id, 'config', name ?? key];
    const translated = Object.hasOwn(values, String(value)) ? values[String(value)] : value;
    if (translated === undefined) return;
    const written =
      typeof translated === 'string'
        ? Object.entries(texts).reduce((text, [from, to]) => text.replaceAll(from, to), translated)
        : translated;
    const made = inside === undefined ? inUnit(written, unit) : this.inside(written, inside, here, at);
    if (policy === undefined) {
      config[name ?? key] = made;
      this.places.set(here, at);
      return;
    }
    const [first = '', second] = policy.split('.');
    if (second === undefined) policies[first] = made;
    else policies[first] = { ...(policies[first] as object | undefined), [second]: made };
    this.places.set(['nodes', id, ...policy.split('.')], at);
    if (second !== undefined) this.places.set(['nodes', id, first], at);
  }

  /** The keys of a mapping, or of each in a list, by their names here. */
  private inside(value: unknown, keys: Readonly<Record<string, Target>>, here: Path, at: Path): unknown {
    if (Array.isArray(value)) return value.map((item: unknown, i) => this.inside(item, keys, [...here, i], [...at, i]));
    if (!isRecord(value)) return value;
    const taken = Object.values(keys).map((target) => (typeof target === 'object' ? target.before : undefined));
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, item]) => {
        if (taken.includes(key)) return [];
        const { key: name = key, unit, before } = shapeOf(Object.hasOwn(keys, key) ? keys[key] : undefined, key);
        this.places.set([...here, name], [...at, key]);
        const rest = before === undefined ? undefined : value[before];
        return [[name, typeof item === 'string' && typeof rest === 'string' ? item.replace(/\/$/, '') + rest : inUnit(item, unit)]];
      }),
    );
  }

  private readTransport(id: string, value: unknown, at: Path): void {
    if (value === 'inproc') return;
    const shown = typeof value === 'string' && value !== '' ? `\`${value}\`` : 'nothing';
    this.say('NODE_TRANSPORT', at, `The transport of \`${id}\` is ${shown}; there is only \`inproc\`.`, { node: id });
  }

  private readInbox(id: string, given: unknown, path: Path): Inbox | undefined {
    if (!isRecord(given)) {
      this.say('EDGE_INVALID_OPTION', path, '`__runtime__` must be a mapping.', {
        node: id,
        hint: 'Write `{ inbox_max: 32, inbox_overflow: drop_oldest }`.',
      });
      return undefined;
    }
    this.only(given, RUNNER_KEYS, path, 'EDGE_UNKNOWN_KEY', id);
    const max = given['inbox_max'];
    if (max === undefined) return undefined;
    if (typeof max !== 'number' || !Number.isSafeInteger(max) || max < 1) {
      this.say('EDGE_INVALID_OPTION', [...path, 'inbox_max'], '`inbox_max` must be a whole number of at least 1.', {
        node: id,
        hint: 'Leave it out for the default capacity of edges.',
      });
      return undefined;
    }
    const overflow = given['inbox_overflow'] ?? 'drop_new';
    if (typeof overflow !== 'string' || !Object.hasOwn(OVERFLOW, overflow)) {
      this.say(
        'EDGE_INVALID_OPTION',
        [...path, 'inbox_overflow'],
        `\`inbox_overflow\` must be one of ${Object.keys(OVERFLOW).join(', ')}.`,
        {
          node: id,
          hint: meant(typeof overflow === 'string' ? nearest(overflow, Object.keys(OVERFLOW)) : undefined),
        },
      );
      return undefined;
    }
    const key = given['overflow_weight_key'];
    for (const name of ['overflow_weights', 'overflow_default_weight'])
      if (given[name] !== undefined)
        this.ignored([...path, name], `\`${name}\` has no counterpart: keys share an edge evenly.`, undefined, id);
    return {
      options: {
        when_full: OVERFLOW[overflow],
        capacity: max,
        ...(overflow === 'weighted_drop' ? { key: typeof key === 'string' ? key : 'source_id' } : {}),
      },
      path,
    };
  }

  private readEdges(given: unknown, nodes: Record<string, unknown>): unknown {
    if (given === undefined || given === null || !Array.isArray(given)) return given ?? undefined;
    const read = (given as unknown[]).flatMap((item, i): (string | Edge)[] => {
      const edge = typeof item === 'string' ? item : this.readEdge(item, ['edges', i]);
      return edge === undefined ? [] : [typeof edge === 'string' ? edge : { ...edge, path: ['edges', i] }];
    });
    const made: unknown[] = [];
    const put = (edge: string | Edge, path: Path): void => {
      const here: Path = ['edges', made.length];
      this.places.set(here, path);
      if (typeof edge === 'string') return void made.push(edge);
      const text = `${edge.a} -> ${edge.b}`;
      const inbox = this.nodes.get(edge.to)?.inbox;
      // A camera cannot wait, as it was made to there.
      if (inbox === undefined && this.nodes.get(edge.from)?.entry?.mode === 'push') made.push({ [text]: CAMERA_EDGE });
      else if (inbox === undefined) made.push(text);
      else {
        made.push({ [text]: inbox.options });
        this.places.set([...here, text], path);
        this.places.set([...here, text, 'capacity'], [...inbox.path, 'inbox_max']);
        this.places.set([...here, text, 'when_full'], [...inbox.path, 'inbox_overflow']);
      }
    };
    const turns = this.turns(read.filter((edge) => typeof edge !== 'string'));
    read.forEach((edge, i) => {
      const merge = typeof edge === 'string' ? undefined : turns.get(edge);
      if (typeof edge === 'string' || merge === undefined) return put(edge, typeof edge === 'string' ? ['edges', i] : edge.path);
      put(`${edge.a} -> ${merge.id}`, edge.path);
      if (edge !== merge.last) return;
      nodes[merge.id] = { type: 'core/merge', config: { order: 'round_robin' } };
      this.places.set(['nodes', merge.id], edge.path);
      put({ ...edge, from: merge.id, a: merge.id }, edge.path);
    });
    return made;
  }

  /** Sources were asked in turn there, one packet of each: where several meet, a merge that keeps the turns stands before their node. */
  private turns(edges: readonly Edge[]): ReadonlyMap<Edge, { readonly id: string; readonly last: Edge }> {
    const meeting = new Map<string, Edge[]>();
    for (const edge of edges) {
      const [from, to] = [this.nodes.get(edge.from)?.entry, this.nodes.get(edge.to)?.entry];
      if (from?.kind === 'source' && from.mode !== 'push' && to !== undefined && to.type !== 'core/merge')
        meeting.set(edge.b, [...(meeting.get(edge.b) ?? []), edge]);
    }
    const found = new Map<Edge, { id: string; last: Edge }>();
    for (const together of meeting.values()) {
      if (together.length < 2) continue;
      let id = 'turns';
      for (let n = 2; this.nodes.has(id) || this.added.has(id); n++) id = `turns_${n}`;
      const names = together.map(({ from }) => from);
      const { to } = together[0]!;
      this.added.set(id, `One packet of each in turn, as the sources ${names.join(', ')} of \`${to}\` were asked before.`);
      for (const edge of together) found.set(edge, { id, last: together[together.length - 1]! });
    }
    return found;
  }

  private readEdge(item: unknown, path: Path): Omit<Edge, 'path'> | undefined {
    if (!isRecord(item)) {
      this.say('EDGE_SYNTAX', path, 'This is no edge.', { hint: 'Write `- { from: a, to: b }`.' });
      return undefined;
    }
    this.only(item, EDGE_KEYS, path, 'EDGE_UNKNOWN_KEY');
    const from = this.alias(item, ['from', 'src'], path);
    const to = this.alias(item, ['to', 'dst'], path);
    for (const [name, value] of [
      ['from', from],
      ['to', to],
    ] as const) {
      if (typeof value === 'string' && value.trim() !== '') continue;
      this.say('EDGE_SYNTAX', path, `This edge does not say where it ${name === 'from' ? 'comes from' : 'goes to'}.`, {
        hint: 'Write `- { from: a, to: b }`.',
      });
      return undefined;
    }
    const a = this.end(String(from), this.portOf(item, ['from_port', 'src_port'], path), 'out', path);
    const b = this.end(String(to), this.portOf(item, ['to_port', 'dst_port'], path), 'in', path);
    return { a, b, from: String(from), to: String(to) };
  }

  private portOf(item: Readonly<Record<string, unknown>>, names: readonly [string, string], path: Path): string | undefined {
    const port = this.alias(item, names, path);
    if (port === undefined || (typeof port === 'string' && IDENTIFIER.test(port))) return port;
    const key = names.find((name) => Object.hasOwn(item, name))!;
    this.say(
      'PORT_INVALID_NAME',
      [...path, key],
      typeof port === 'string' && port !== '' ? `\`${port}\` is no name of a port.` : `\`${key}\` is empty.`,
    );
    return undefined;
  }

  /** `node` or `node.port`. A port that the type does not have meant nothing there and is left out here. */
  private end(id: string, port: string | undefined, side: 'in' | 'out', path: Path): string {
    const node = this.nodes.get(id);
    const usual = node?.reference?.[side];
    if (port === undefined) return usual === undefined ? id : `${id}.${usual}`;
    if (node?.entry === undefined || Object.hasOwn(node.entry[side], port)) return `${id}.${port}`;
    this.ignored(
      [...path],
      `\`${id}\` has no ${side === 'in' ? 'input' : 'output'} \`${port}\`; the edge goes without it.`,
      undefined,
      id,
      port,
    );
    return usual === undefined ? id : `${id}.${usual}`;
  }

  /** The value under one of two names; both at once is a fault. */
  private alias(item: Readonly<Record<string, unknown>>, [name, other]: readonly [string, string], path: Path): unknown {
    if (item[name] !== undefined && item[other] !== undefined)
      this.say('GRAPH_ALIAS_TWICE', [...path, other], `\`${name}\` and \`${other}\` are the same key.`, { atKey: true });
    return item[name] ?? item[other];
  }

  private only(item: Readonly<Record<string, unknown>>, keys: readonly string[], path: Path, code: Code, node?: string): void {
    for (const key of Object.keys(item)) {
      if (keys.includes(key)) continue;
      this.say(code, [...path, key], `\`${key}\` is not known here.`, {
        atKey: true,
        hint: meant(nearest(key, keys)) ?? `Known are ${keys.join(', ')}.`,
        ...(node === undefined ? {} : { node }),
      });
    }
  }

  private ignored(path: Path, message: string, hint?: string, node?: string, token?: string): void {
    this.say('GRAPH_DIALECT_IGNORED', path, message, {
      atKey: token === undefined,
      hint,
      ...(node === undefined ? {} : { node }),
      ...(token === undefined ? {} : { token }),
    });
  }
}

function forwards(config: unknown): boolean {
  return isRecord(config) && config['forward'] === true;
}

function passingOn(known: ReferenceType, type: string): ReferenceType {
  return { ...known, type, idle: { ...known.idle, forward: undefined } };
}

const shapeOf = (target: Target | undefined, key: string): Exclude<Target, string> =>
  typeof target === 'object' ? target : { key: target ?? key };

const inUnit = (value: unknown, unit: 's' | 'ms' | undefined): unknown => (unit === undefined ? value : duration(value, unit));

/** A number as a duration of ours; what is no number is left, and is found by the schema. */
function duration(value: unknown, unit: 's' | 'ms'): unknown {
  if (typeof value === 'number') {
    const ms = unit === 's' ? Math.round(value * 1000) : value;
    return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
  }
  // `${env.TIMEOUT:3}` becomes `${env.TIMEOUT:3}s`: the placeholder gives the number.
  return typeof value === 'string' && /^(\$\{[^}]*\}|\d+(\.\d+)?)$/.test(value) ? `${value}${unit}` : value;
}
