import { parseDuration } from '@sluice/sdk/catalogue';
import type { Fields } from './fields';
import type { BudgetPolicy, CircuitPolicy, JoinPolicy, NodePolicies, RatePolicy, RetryPolicy } from './plan';

export const POLICY_KEYS = [
  'retry',
  'timeout',
  'circuit',
  'rate',
  'budget',
  'idempotency',
  'fallback',
  'on_error',
  'concurrency',
  'ordered',
  'placement',
  'join',
  'scope',
  'durability',
] as const;

export const ON_ERROR = ['route', 'stop'] as const;
export const PLACEMENTS = ['inline', 'worker', 'process'] as const;
export const DURABILITIES = ['none', 'state', 'full'] as const;
export const JOIN_ON = ['all', 'any', 'first', 'quorum'] as const;
export const JOIN_LATE = ['evict', 'fire', 'error'] as const;

/** What `join: all` stands for. */
export const DEFAULT_JOIN: JoinPolicy = Object.freeze({ on: 'all', late: 'evict', max_held: 1024 });

/** What a node without policies has. */
export const NO_POLICIES: NodePolicies = Object.freeze({
  on_error: 'route',
  concurrency: 1,
  ordered: true,
  placement: 'inline',
  durability: 'none',
});

/** The policies of a node, every default filled in; `fallback` is read apart, for it is any value. */
export function readPolicies(fields: Fields): NodePolicies {
  if (!POLICY_KEYS.some((key) => fields.has(key))) return NO_POLICIES;
  const retry = readRetry(fields);
  const timeout = fields.duration('timeout');
  const circuit = readCircuit(fields);
  const rate = readRate(fields);
  const budget = readBudget(fields);
  const idempotency = fields.text('idempotency');
  const join = readJoin(fields);
  const scope = fields.text('scope');
  return {
    ...(retry === undefined ? {} : { retry }),
    ...(timeout === undefined ? {} : { timeout_ms: timeout }),
    ...(circuit === undefined ? {} : { circuit }),
    ...(rate === undefined ? {} : { rate }),
    ...(budget === undefined ? {} : { budget }),
    ...(idempotency === undefined ? {} : { idempotency }),
    on_error: fields.choice('on_error', ON_ERROR) ?? NO_POLICIES.on_error,
    concurrency: fields.count('concurrency') ?? NO_POLICIES.concurrency,
    ordered: fields.flag('ordered') ?? NO_POLICIES.ordered,
    placement: fields.choice('placement', PLACEMENTS) ?? NO_POLICIES.placement,
    ...(join === undefined ? {} : { join }),
    ...(scope === undefined ? {} : { scope }),
    durability: fields.choice('durability', DURABILITIES) ?? NO_POLICIES.durability,
  };
}

/** `retry: 5`, or `{ max_attempts, backoff, max_backoff }`. */
function readRetry(fields: Fields): RetryPolicy | undefined {
  const map = fields.inner('retry')?.only(['max_attempts', 'backoff', 'max_backoff']);
  const attempts = map === undefined ? fields.count('retry') : (map.count('max_attempts') ?? 3);
  if (attempts === undefined) return undefined;
  const backoff = map?.duration('backoff') ?? 100;
  return { max_attempts: attempts, backoff_ms: backoff, max_backoff_ms: Math.max(backoff, map?.duration('max_backoff') ?? 30_000) };
}

/** `circuit: 5`, or `{ failures, reset }`. */
function readCircuit(fields: Fields): CircuitPolicy | undefined {
  const map = fields.inner('circuit')?.only(['failures', 'reset']);
  const failures = map === undefined ? fields.count('circuit') : (map.count('failures') ?? 5);
  return failures === undefined ? undefined : { failures, reset_ms: map?.duration('reset') ?? 30_000 };
}

/** `rate: 10/1s`, or `{ count, per }`. */
function readRate(fields: Fields): RatePolicy | undefined {
  const map = fields.inner('rate')?.only(['count', 'per']);
  if (map !== undefined) {
    const count = map.count('count');
    if (count === undefined && !map.has('count'))
      return fields.fault('NODE_INVALID_POLICY', 'rate', '`rate` needs `count`.', 'Write `rate: 10/1s`.');
    return count === undefined ? undefined : { count, per_ms: map.duration('per') ?? 1000 };
  }
  const value = fields.raw('rate');
  if (value === undefined) return undefined;
  const [, count, per = ''] = typeof value === 'string' ? (/^(\d+)\s*\/\s*(\S+)$/.exec(value) ?? []) : [];
  const ms = parseDuration(/^\d/.test(per) ? per : `1${per}`);
  if (count !== undefined && Number(count) > 0 && ms !== undefined && ms > 0) return { count: Number(count), per_ms: ms };
  return fields.fault(
    'NODE_INVALID_POLICY',
    'rate',
    '`rate` must say how many in how long.',
    'Write `rate: 10/1s`, or `rate: { count: 10, per: 1s }`.',
  );
}

/** `budget: { calls, packets, packets_per_call, time }`. */
function readBudget(fields: Fields): BudgetPolicy | undefined {
  const map = fields.inner('budget')?.only(['calls', 'packets', 'packets_per_call', 'time']);
  if (map === undefined) {
    if (fields.has('budget'))
      fields.fault('NODE_INVALID_POLICY', 'budget', '`budget` must say what is limited.', 'Write `budget: { calls: 100, time: 10m }`.');
    return undefined;
  }
  const [calls, packets, each, time] = [map.count('calls'), map.count('packets'), map.count('packets_per_call'), map.duration('time')];
  return {
    ...(calls === undefined ? {} : { calls }),
    ...(packets === undefined ? {} : { packets }),
    ...(each === undefined ? {} : { packets_per_call: each }),
    ...(time === undefined ? {} : { time_ms: time }),
  };
}

/** `join: all`, or `{ on, n, by, timeout, late, max_held }`. */
function readJoin(fields: Fields): JoinPolicy | undefined {
  const map = fields.inner('join')?.only(['on', 'n', 'by', 'timeout', 'late', 'max_held']);
  const on = map === undefined ? fields.choice('join', JOIN_ON) : map.has('on') ? map.choice('on', JOIN_ON) : DEFAULT_JOIN.on;
  const n = map?.count('n');
  if (on === undefined) return undefined;
  if (on === 'quorum' && n === undefined && map?.has('n') !== true)
    fields.fault('NODE_INVALID_POLICY', 'join', 'A quorum needs `n`.', 'Write `join: { on: quorum, n: 2 }`.');
  if (on !== 'quorum' && n !== undefined)
    map?.fault('NODE_INVALID_POLICY', 'n', `\`n\` has no meaning with \`on: ${on}\`.`, 'Use it with `on: quorum`.');
  const by = map?.text('by');
  const timeout = map?.duration('timeout');
  return {
    on,
    ...(n === undefined ? {} : { n }),
    ...(by === undefined ? {} : { by }),
    ...(timeout === undefined ? {} : { timeout_ms: timeout }),
    late: map?.choice('late', JOIN_LATE) ?? DEFAULT_JOIN.late,
    max_held: map?.count('max_held') ?? DEFAULT_JOIN.max_held,
  };
}
