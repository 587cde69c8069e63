import { seeded } from '../src/clock';
import type { Way } from './nodes';

export interface RandomOptions {
  /** Only what fusion must not change: blocking edges, nothing over time, no cycle, no failing edge policies. */
  readonly plain?: boolean;
}

export interface Spec {
  readonly version: 2;
  readonly name: string;
  readonly nodes: Record<string, Record<string, unknown>>;
  readonly edges: unknown[];
}

const WAYS: readonly Way[] = ['sync', 'bare', 'none', 'async', 'later', 'gen', 'agen', 'obs', 'timed', 'mixed', 'fail', 'afail'];
const PLAIN: readonly Way[] = ['sync', 'bare', 'none', 'sync', 'bare', 'later', 'gen', 'agen', 'async', 'fail', 'obs'];
const SEVERAL: ReadonlySet<Way> = new Set(['gen', 'agen', 'obs', 'timed']);

/** A graph by chance: sources, nodes of every way, joins, windows, forks, meets, failures and often a cycle. */
export function randomGraph(seed: number, { plain = false }: RandomOptions = {}): Spec {
  const random = seeded(seed * 2_654_435_761 + 1);
  for (let i = 0; i < 8; i++) random();
  const below = (n: number): number => Math.floor(random() * n);
  const chance = (p: number): boolean => random() < p;
  const pick = <V>(list: readonly V[]): V => list[below(list.length)]!;
  const nodes: Record<string, Record<string, unknown>> = {};
  const edges: unknown[] = [];
  /** Output ports that can be read, and nodes that can be fed once more. */
  const open: string[] = [];
  const feedable: string[] = [];
  let several = 0;

  const edge = (from: string, to: string): void => {
    const text = `${from} -> ${to}`;
    if (plain || chance(0.5)) return void edges.push(text);
    const when_full = pick(['block', 'block', 'block', 'drop_newest', 'drop_oldest', 'latest', 'fair', 'error']);
    const keyed = when_full === 'fair' || (when_full === 'latest' && chance(0.5));
    edges.push({
      [text]: {
        when_full,
        ...(when_full === 'latest' && !keyed ? {} : { capacity: 1 + below(8) }),
        ...(keyed ? { key: pick(['source_id', 'kind', 'payload']) } : {}),
        ...(chance(0.1) ? { max_age: `${1 + below(20)}ms` } : {}),
        ...(chance(0.1) ? { max_bytes: `${8 * (1 + below(6))}B` } : {}),
        ...(chance(0.15) ? { lane: pick(['control', 'telemetry']) } : {}),
      },
    });
  };

  const sources = 1 + below(2);
  for (let i = 0; i < sources; i++) {
    const gap = plain || chance(0.5) ? -1 : below(4);
    nodes[`s${i}`] = {
      type: 't/source',
      // Some long enough for segments to become straight code.
      config: { count: chance(0.06) ? 300 + below(300) : below(20), gap, ...(!plain && chance(0.05) ? { fail_at: below(10) } : {}) },
      ...(!plain && chance(0.3) ? { retry: { max_attempts: 2, backoff: '5ms' } } : {}),
    };
    open.push(`s${i}.out`);
  }
  const count = 1 + below(8);
  for (let i = 0; i < count; i++) {
    const id = `n${i}`;
    const kind = random();
    if (kind < 0.62) {
      let way = pick(plain ? PLAIN : WAYS);
      if (SEVERAL.has(way) && ++several > 2) way = 'sync';
      const policies: Record<string, unknown> = {};
      if (!plain) {
        if (chance(0.25)) Object.assign(policies, { concurrency: 1 + below(4), ordered: chance(0.7) });
        if (chance(0.15)) policies['retry'] = { max_attempts: 1 + below(3), backoff: '3ms' };
        if (chance(0.1)) policies['timeout'] = `${1 + below(4)}ms`;
        if (chance(0.1)) policies['rate'] = `${1 + below(3)}/5ms`;
        if (chance(0.1)) policies['circuit'] = { failures: 2, reset: '10ms' };
        if (chance(0.08)) policies['fallback'] = -1;
        if (chance(0.03)) policies['on_error'] = 'stop';
      }
      nodes[id] = {
        type: 't/work',
        config: { way, ms: below(4), times: below(4), nth: 1 + below(4), retryable: chance(0.7) },
        ...policies,
      };
      edge(pick(open), `${id}.in`);
      if (chance(0.25)) edge(pick(open), `${id}.in`);
      open.push(`${id}.out`);
      if ((way === 'fail' || way === 'afail') && chance(0.5)) open.push(`${id}.error`);
      feedable.push(`${id}.in`);
    } else if (kind < 0.72) {
      nodes[id] = { type: 't/switch' };
      edge(pick(open), `${id}.in`);
      open.push(`${id}.even`, `${id}.odd`);
      feedable.push(`${id}.in`);
    } else if (kind < 0.86) {
      const on = pick(['all', 'all', 'any', 'first', 'quorum']);
      nodes[id] = {
        type: 't/meet',
        join: {
          on,
          ...(on === 'quorum' ? { n: 1 + below(2) } : {}),
          ...(chance(0.3) ? { by: pick(['payload', 'kind']) } : {}),
          ...(!plain && chance(0.3) ? { timeout: `${1 + below(10)}ms` } : {}),
          late: pick(['evict', 'fire', 'error']),
          ...(chance(0.4) ? { max_held: 1 + below(4) } : {}),
        },
      };
      edge(pick(open), `${id}.a`);
      edge(pick(open), `${id}.b`);
      open.push(`${id}.out`);
    } else {
      nodes[id] = chance(0.6) ? { type: 't/window', config: { count: 1 + below(4) } } : { type: 't/boundary' };
      edge(pick(open), `${id}.in`);
      open.push(`${id}.out`);
      feedable.push(`${id}.in`);
    }
  }
  const sinks = 1 + below(2);
  for (let i = 0; i < sinks; i++) {
    const batch = chance(0.2);
    nodes[`k${i}`] = batch
      ? { type: 't/batch' }
      : { type: 't/sink', config: { ms: chance(0.6) ? -1 : below(4), nth: chance(0.15) ? 1 + below(4) : 0 } };
    edge(open[open.length - 1 - below(Math.min(3, open.length))]!, `k${i}.in`);
  }
  if (!plain && feedable.length > 0 && chance(0.5)) {
    nodes['back'] = {
      type: 'core/delay',
      config: { ms: below(6), max_hops: 1 + below(3) },
      ...(chance(0.5) ? { concurrency: 1 + below(3) } : {}),
    };
    const inner = open.filter((port) => port.startsWith('n'));
    edge(pick(inner.length > 0 ? inner : open), 'back.in');
    edge('back.out', pick(feedable));
  }
  // What an operator begins anew belongs to no source packet of another branch: lint wants to know by what, then.
  if (Object.values(nodes).some(({ type }) => type === 't/boundary')) {
    for (const node of Object.values(nodes)) if (node['join'] !== undefined) node['join'] = { by: 'kind', ...node['join'] };
  }
  // An output of an edge is named once: two edges with the same ends are one.
  const unique = new Map(edges.map((one) => [typeof one === 'string' ? one : Object.keys(one as object)[0]!, one]));
  // In which order a file names its nodes says nothing.
  const order = Object.keys(nodes).map((id) => ({ id, at: chance(0.5) ? random() : 0 }));
  const shuffled = Object.fromEntries(order.sort((a, b) => a.at - b.at).map(({ id }) => [id, nodes[id]!]));
  return { version: 2, name: `random-${seed}`, nodes: shuffled, edges: [...unique.values()] };
}
