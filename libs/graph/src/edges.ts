import { Fields, isRecord } from './fields';
import { fill, type Values } from './fill';
import type { Endpoint, Lane, Layer, PlanEdge, WhenFull } from './plan';
import type { Path, Source } from './source';

export const WHEN_FULL = ['block', 'drop_newest', 'drop_oldest', 'latest', 'fair', 'error'] as const satisfies readonly WhenFull[];
export const LANES = ['control', 'data', 'telemetry'] as const satisfies readonly Lane[];
export const EDGE_MODES = ['trigger', 'context', 'attach'] as const;
export const ON_DEAD = ['skip', 'park_key'] as const;
/** Options that only a durable edge has. */
const OF_DURABLE = ['max_rows', 'retain', 'max_attempts', 'on_dead'] as const;
const EDGE_KEYS = ['when_full', 'capacity', 'max_bytes', 'max_age', 'key', 'lane', 'mode', 'durable', ...OF_DURABLE] as const;
export const CAPACITY = 64;
const CONTROL_CAPACITY = 256;

/** All of an edge but where it goes. */
export type EdgeOptions = Omit<PlanEdge, 'id' | 'from' | 'to'>;
export const DEFAULT_EDGE: EdgeOptions = Object.freeze({ when_full: 'block', capacity: CAPACITY, lane: 'data', mode: 'trigger' });

/** One end of an edge as written; the port may be left out. */
export interface WrittenEnd {
  readonly node: string;
  readonly port?: string;
}
export interface WrittenEdge {
  readonly path: Path;
  readonly text: string;
  readonly from: WrittenEnd;
  readonly to: WrittenEnd;
  readonly options: EdgeOptions;
}

const END = String.raw`([^\s.>]+)(?:\.([^\s.>]+))?`;
const EDGE = new RegExp(String.raw`^\s*${END}\s*->\s*${END}\s*$`);
const ONE_END = new RegExp(`^${END}$`);

/** `a.port`, or undefined where it is none. */
export function readEnd(text: string): WrittenEnd | undefined {
  const [, node, port] = ONE_END.exec(text) ?? [];
  return node === undefined ? undefined : end(node, port);
}

/** `a.port -> b.port`, or undefined where it is no edge. */
export function readArrow(text: string): { readonly from: WrittenEnd; readonly to: WrittenEnd } | undefined {
  const [, fromNode, fromPort, toNode, toPort] = EDGE.exec(text) ?? [];
  return fromNode === undefined || toNode === undefined ? undefined : { from: end(fromNode, fromPort), to: end(toNode, toPort) };
}

const end = (node: string, port: string | undefined): WrittenEnd => (port === undefined ? { node } : { node, port });

/** The edges of a graph as they are written, with their options resolved. */
export function readEdges(value: unknown, values: Values, source: Source, note: (path: Path, layer: Layer) => void): WrittenEdge[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    source.say('GRAPH_WRONG_TYPE', ['edges'], '`edges` must be a list.', { hint: 'Write one edge a line: `- a.port -> b.port`.' });
    return [];
  }
  return value.flatMap((item: unknown, i) => readEdge(item, ['edges', i], values, source, note) ?? []);
}

function readEdge(
  item: unknown,
  path: Path,
  values: Values,
  source: Source,
  note: (path: Path, layer: Layer) => void,
): WrittenEdge | undefined {
  const keys = isRecord(item) ? Object.keys(item) : [];
  const text = typeof item === 'string' ? item : keys.length === 1 ? keys[0] : undefined;
  const arrow = readArrow(text ?? '');
  if (text === undefined || arrow === undefined) {
    const chain = text !== undefined && text.split('->').length > 2;
    const misplaced = keys.length > 1 && keys[0]?.includes('->') === true;
    const hint = chain
      ? 'One edge joins two nodes: write a line for each.'
      : misplaced
        ? `Options belong under the edge: \`- ${keys[0]}: { when_full: latest }\`.`
        : undefined;
    source.say('EDGE_SYNTAX', path, text === undefined ? 'This is no edge.' : `\`${text}\` is no edge.`, { hint });
    return undefined;
  }
  const options = isRecord(item) ? readOptions(item[text], [...path, text], values, source, note) : DEFAULT_EDGE;
  return { path, text, ...arrow, options };
}

function readOptions(given: unknown, path: Path, values: Values, source: Source, note: (path: Path, layer: Layer) => void): EdgeOptions {
  if (given === null || given === undefined) return DEFAULT_EDGE;
  if (!isRecord(given)) {
    source.say('EDGE_INVALID_OPTION', path, 'The options of an edge must be a mapping.', { hint: 'Write `{ when_full: latest }`.' });
    return DEFAULT_EDGE;
  }
  const filled = fill(given, values, path, { source });
  const fields = new Fields(isRecord(filled) ? filled : {}, {
    source,
    path,
    invalid: 'EDGE_INVALID_OPTION',
    unknown: 'EDGE_UNKNOWN_KEY',
    note,
  }).only(EDGE_KEYS);
  const when_full = fields.choice('when_full', WHEN_FULL) ?? DEFAULT_EDGE.when_full;
  const lane = fields.choice('lane', LANES) ?? DEFAULT_EDGE.lane;
  const mode = fields.choice('mode', EDGE_MODES) ?? DEFAULT_EDGE.mode;
  const key = fields.text('key');
  const capacity = fields.count('capacity');
  const single = when_full === 'latest' && !fields.has('key');
  if (single && fields.has('capacity'))
    fields.fault(
      'EDGE_LATEST_CAPACITY',
      'capacity',
      '`capacity` has no meaning with `when_full: latest`: the edge holds the newest packet.',
      undefined,
      true,
    );
  if (when_full === 'fair' && !fields.has('key'))
    source.say('EDGE_KEY_MISSING', path, '`when_full: fair` needs a `key` to share by.', { atKey: true });
  const max_bytes = fields.size('max_bytes');
  const max_age = fields.duration('max_age');
  const durable = fields.flag('durable');
  const max_rows = fields.count('max_rows');
  const retain = fields.duration('retain');
  const max_attempts = fields.count('max_attempts');
  const on_dead = fields.choice('on_dead', ON_DEAD);
  if (durable === true) {
    if (when_full === 'latest' || when_full === 'fair')
      fields.fault('EDGE_DURABLE_WHEN_FULL', 'when_full', `A durable edge keeps every packet in its order and cannot be \`${when_full}\`.`);
  } else {
    for (const option of OF_DURABLE)
      if (fields.has(option)) fields.fault('EDGE_NEEDS_DURABLE', option, `\`${option}\` is an option of durable edges.`, undefined, true);
  }
  return {
    when_full,
    capacity: single ? 1 : (capacity ?? (lane === 'control' ? CONTROL_CAPACITY : CAPACITY)),
    ...(max_bytes === undefined ? {} : { max_bytes }),
    ...(max_age === undefined ? {} : { max_age_ms: max_age }),
    ...(key === undefined ? {} : { key }),
    lane,
    mode,
    ...(durable === true
      ? {
          durable: {
            ...(max_rows === undefined ? {} : { max_rows }),
            ...(retain === undefined ? {} : { retain_ms: retain }),
            ...(max_attempts === undefined ? {} : { max_attempts }),
            ...(on_dead === undefined ? {} : { on_dead }),
          },
        }
      : {}),
  };
}

export function edgeId(from: Endpoint, to: Endpoint): string {
  return `${from.node}.${from.port}->${to.node}.${to.port}`;
}
