import { SluiceError } from '@sluice/sdk';
import type { Transaction, Value } from './connection';
import { DEAD, itemOf, LIVE, numbersIn, ROW, SPAN, type QueueRow } from './queue-rows';
import { committed, rowsByKey, type Reader } from './rows';
import type { Store } from './store';

/** Rows that one unit of work changes: other writers wait for no more. */
const AT_ONCE = 500;

/** A queue as a person asks for it. Ages are in ms. */
export interface QueueSummary {
  readonly name: string;
  /** Rows that wait or are under way. */
  readonly rows: number;
  readonly bytes: number;
  /** Rows of these that failed and wait for their next try. */
  readonly retrying: number;
  /** Dead letters, which nobody takes any more. */
  readonly dead: number;
  /** Keys that wait behind a dead letter until somebody sees to it. */
  readonly parked: number;
  /** Age of the oldest row that waits, null where none does. */
  readonly oldest_ms: number | null;
  /** How long until the next try of one that failed, null where none did. */
  readonly next_try_ms: number | null;
  /** Readers of all processes whose lease lasts. */
  readonly readers: number;
}

/** `waiting` may be under way: rows carry no lease. `retrying` waits for its next try, `parked` behind a dead letter of its key. */
export type RowState = 'waiting' | 'retrying' | 'parked' | 'dead';

/** Which rows of a queue are meant. */
export interface RowFilter {
  /** Numbers of rows, as `peekRows` gives them. */
  readonly rows?: readonly number[];
  readonly key?: string;
  readonly state?: RowState;
}

/** A row of a queue, and why it is still there. Times are ms since the epoch. */
export interface PeekedRow {
  /** Its number in its queue, from 1. */
  readonly row: number;
  readonly state: RowState;
  /** What it waits for, in words. */
  readonly why: string;
  readonly key: string;
  /** Idempotency key, '' where it has none. */
  readonly id: string;
  readonly priority: number;
  readonly attempts: number;
  readonly at: number;
  readonly age_ms: number;
  /** When it is tried next, null where nothing holds it. */
  readonly due: number | null;
  /** Of its last try. */
  readonly error: string | null;
  readonly bytes: number;
  readonly kind: string;
  readonly source_id: string;
  readonly meta: object;
  readonly payload: unknown;
  /** Its bytes are not those that were written; it has no payload then. */
  readonly damaged: boolean;
}

interface QueueHead {
  readonly id: number;
  readonly name: string;
  readonly live: number;
  readonly live_bytes: number;
}

type Found = QueueRow & { readonly state: number; readonly error: string | null };

/** All queues of a store, by name. */
export async function listQueues(store: Store): Promise<QueueSummary[]> {
  const now = store.clock.now();
  const all = await store.read<QueueHead>('SELECT id, name, live, live_bytes FROM queues ORDER BY name');
  const by = async (sql: string, params: readonly Value[] = []): Promise<Map<number, { n: number; first: number }>> => {
    const rows = await store.read<{ queue: number; n: number; first: number }>(sql, params);
    return new Map(rows.map(({ queue, n, first }) => [queue, { n: Number(n), first: Number(first) }]));
  };
  const retrying = await by(
    `SELECT queue, count(*) AS n, min(due) AS first FROM queue_rows WHERE state = ${LIVE} AND due > 0 AND due > ?1 GROUP BY queue`,
    [now],
  );
  const dead = await by(`SELECT queue, count(*) AS n, 0 AS first FROM queue_rows WHERE state = ${DEAD} GROUP BY queue`);
  const parked = await by('SELECT queue, count(*) AS n, 0 AS first FROM queue_parked GROUP BY queue');
  const readers = await by('SELECT queue, count(*) AS n, 0 AS first FROM queue_readers WHERE until > ?1 GROUP BY queue', [now]);
  const summaries: QueueSummary[] = [];
  for (const { id, name, live, live_bytes } of all) {
    const [oldest] = await store.read<{ at: number }>(
      `SELECT at FROM queue_rows WHERE seq >= ?1 AND seq < ?2 AND state = ${LIVE} ORDER BY seq LIMIT 1`,
      rangeOf(id),
    );
    const next = retrying.get(id);
    summaries.push({
      name,
      rows: Number(live),
      bytes: Number(live_bytes),
      retrying: next?.n ?? 0,
      dead: dead.get(id)?.n ?? 0,
      parked: parked.get(id)?.n ?? 0,
      oldest_ms: oldest === undefined ? null : Math.max(0, now - Number(oldest.at)),
      next_try_ms: next === undefined ? null : Math.max(0, next.first - now),
      readers: readers.get(id)?.n ?? 0,
    });
  }
  return summaries;
}

/**
 * The first rows of a queue that fit, in its order, with what each waits for; nothing is taken.
 * @param after the number of the row behind which to begin
 * @throws SluiceError QUEUE_UNKNOWN
 */
export async function peekRows(
  store: Store,
  name: string,
  { after = 0, limit = 20, ...filter }: RowFilter & { readonly after?: number; readonly limit?: number } = {},
): Promise<PeekedRow[]> {
  const reader = committed(store);
  const queue = await known(reader, name);
  const now = store.clock.now();
  const parked = await parkedKeys(reader, queue.id);
  const found: Found[] = [];
  for await (const rows of matching(reader, store.dialect, queue.id, filter, now, after)) {
    found.push(...rows);
    if (found.length >= limit) break;
  }
  found.length = Math.min(found.length, limit);
  const [readers] = await reader.all<{ n: number }>('SELECT count(*) AS n FROM queue_readers WHERE queue = ?1 AND until > ?2', [
    queue.id,
    now,
  ]);
  const heads = await firstOfKeys(reader, queue.id, found);
  return found.map((row): PeekedRow => {
    const item = itemOf(row);
    const state = stateOf(row, parked, now);
    return {
      row: row.seq - queue.id * SPAN,
      state,
      why: why(row, state, { now, since: parked.get(row.key), head: heads.get(row.key), read: Number(readers?.n) > 0, queue: queue.id }),
      key: row.key,
      id: row.id ?? '',
      priority: row.priority,
      attempts: row.attempts,
      at: row.at,
      age_ms: Math.max(0, now - row.at),
      due: state === 'retrying' ? row.due : null,
      error: row.error,
      bytes: row.bytes,
      kind: item?.kind ?? '',
      source_id: item?.sourceId ?? '',
      meta: item?.meta ?? {},
      payload: item?.payload,
      damaged: item === undefined,
    };
  });
}

/**
 * Lets rows be tried now: dead letters become rows again at their old place, with all their tries, and no try is waited for. Readers of
 * all processes see it within a moment.
 * @param filter default: all dead letters
 * @returns how many rows
 * @throws SluiceError QUEUE_UNKNOWN
 */
export function retryRows(store: Store, name: string, filter: RowFilter = { state: 'dead' }): Promise<number> {
  return change(
    store,
    name,
    filter,
    async (tx, numbers) => {
      const list = numbersIn(tx.dialect, 1);
      await tx.run(`UPDATE queue_rows SET attempts = 0 WHERE seq IN ${list} AND state = ${DEAD}`, [numbers]);
      await tx.run(`UPDATE queue_rows SET state = ${LIVE}, due = 0 WHERE seq IN ${list}`, [numbers]);
    },
    (state) => (state === DEAD ? 1 : 0),
  );
}

/**
 * Deletes rows. One that is under way is not called back, but is not handed over again.
 * @returns how many rows
 * @throws SluiceError QUEUE_UNKNOWN
 */
export function dropRows(store: Store, name: string, filter: RowFilter): Promise<number> {
  return change(
    store,
    name,
    filter,
    async (tx, numbers) => void (await tx.run(`DELETE FROM queue_rows WHERE seq IN ${numbersIn(tx.dialect, 1)}`, [numbers])),
    (state) => (state === LIVE ? -1 : 0),
  );
}

/** Changes what fits, some rows at a time; keys whose dead letters are gone are not parked any more. */
async function change(
  store: Store,
  name: string,
  filter: RowFilter,
  act: (tx: Transaction, numbers: string) => Promise<void>,
  /** By how much a row of this state changes the count of live rows. */
  counts: (state: number) => number,
): Promise<number> {
  const { id } = await known(committed(store), name);
  let changed = 0;
  let after = 0;
  for (;;) {
    const last = await store.write(async (tx) => {
      for await (const rows of matching(tx, tx.dialect, id, filter, store.clock.now(), after)) {
        if (rows.length === 0) continue;
        await act(tx, JSON.stringify(rows.map(({ seq }) => seq)));
        await unpark(tx, id, rows);
        const live = rows.reduce((sum, { state }) => sum + counts(state), 0);
        const bytes = rows.reduce((sum, { state, bytes: size }) => sum + counts(state) * size, 0);
        // Readers look at the revision, and forget what they have read and not handed over.
        await tx.run('UPDATE queues SET revision = revision + 1, live = live + ?2, live_bytes = live_bytes + ?3 WHERE id = ?1', [
          id,
          live,
          bytes,
        ]);
        return { n: rows.length, row: rows.at(-1)!.seq - id * SPAN };
      }
      return undefined;
    });
    if (last === undefined) return changed;
    changed += last.n;
    after = last.row;
  }
}

async function unpark(tx: Transaction, queue: number, rows: readonly Found[]): Promise<void> {
  const keys = new Set(rows.filter(({ state, key }) => state === DEAD && key !== '').map(({ key }) => key));
  for (const key of keys) {
    await tx.run(
      `DELETE FROM queue_parked WHERE queue = ?1 AND key = ?2
       AND NOT EXISTS (SELECT 1 FROM queue_rows r WHERE r.queue = ?1 AND r.state = ${DEAD} AND r.key = ?2)`,
      [queue, key],
    );
  }
}

/** What fits, in order, batch by batch. */
async function* matching(
  reader: Reader,
  dialect: Transaction['dialect'],
  queue: number,
  { rows, key, state }: RowFilter,
  now: number,
  after: number,
): AsyncGenerator<readonly Found[]> {
  const [start, end] = rangeOf(queue);
  const parked = await parkedKeys(reader, queue);
  const params: Value[] = [start + after, end, AT_ONCE];
  const param = (value: Value): string => `?${params.push(value)}`;
  const where = ['seq > ?1', 'seq < ?2', `state ${state === 'dead' ? `= ${DEAD}` : state === undefined ? `<= ${DEAD}` : `= ${LIVE}`}`];
  if (state === 'dead') where.push(`queue = ${param(queue)}`);
  if (state === 'retrying') where.push('due > 0');
  if (key !== undefined) where.push(`key = ${param(key)}`);
  if (rows !== undefined) {
    param(JSON.stringify(rows.map((row) => (row >= SPAN ? row : start + row))));
    where.push(`seq IN ${numbersIn(dialect, params.length)}`);
  }
  const sql = `SELECT ${ROW}, state, error FROM queue_rows WHERE ${where.join(' AND ')} ORDER BY seq LIMIT ?3`;
  for (;;) {
    const found = await reader.all<Found>(sql, params);
    yield state === undefined ? found : found.filter((row) => stateOf(row, parked, now) === state);
    if (found.length < AT_ONCE) return;
    params[0] = found.at(-1)!.seq;
  }
}

function stateOf({ state, key, due }: Found, parked: ReadonlyMap<string, number>, now: number): RowState {
  if (state === DEAD) return 'dead';
  if (parked.has(key)) return 'parked';
  return due > now ? 'retrying' : 'waiting';
}

interface Around {
  readonly now: number;
  /** Since when its key is parked. */
  readonly since: number | undefined;
  /** First row of its key that is live. */
  readonly head: number | undefined;
  /** Whether somebody reads the queue. */
  readonly read: boolean;
  readonly queue: number;
}

function why({ seq, key, due, attempts }: Found, state: RowState, { now, since, head, read, queue }: Around): string {
  if (state === 'dead') return `It failed ${attempts} ${attempts === 1 ? 'time' : 'times'}, the last time ${span(now - due)} ago.`;
  if (state === 'parked') return `A dead letter of its key is in front of it, for ${span(now - (since ?? now))}.`;
  if (state === 'retrying') return `Try ${attempts + 1} is in ${span(due - now)}.`;
  if (key !== '' && head !== undefined && head < seq) return `Row ${head - queue * SPAN} of its key is in front of it.`;
  return read ? 'It is under way, or next in line.' : 'Nobody reads the queue.';
}

/** A time as a person says it: 3 s, 12 min, 5 h, 2 d. */
export function span(ms: number): string {
  const s = Math.max(0, ms) / 1000;
  if (s < 10) return `${Math.round(s * 10) / 10} s`;
  if (s < 120) return `${Math.round(s)} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  return s < 172_800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} d`;
}

async function firstOfKeys(reader: Reader, queue: number, rows: readonly Found[]): Promise<ReadonlyMap<string, number>> {
  const keys = [...new Set(rows.filter(({ key, state }) => key !== '' && state === LIVE).map(({ key }) => key))];
  const sql = `SELECT key, min(seq) AS first FROM queue_rows WHERE seq >= ? AND seq <= ? AND state = ${LIVE} AND key`;
  const range = [rangeOf(queue)[0], rows.at(-1)?.seq ?? 0];
  const heads = await rowsByKey<{ key: string; first: number }>(
    { all: (text, params) => reader.all(`${text} GROUP BY key`, params) },
    sql,
    range,
    keys,
  );
  return new Map(heads.map(({ key, first }) => [key, Number(first)]));
}

async function parkedKeys(reader: Reader, queue: number): Promise<ReadonlyMap<string, number>> {
  const rows = await reader.all<{ key: string; since: number }>('SELECT key, since FROM queue_parked WHERE queue = ?1', [queue]);
  return new Map(rows.map(({ key, since }) => [key, Number(since)]));
}

/** @throws SluiceError QUEUE_UNKNOWN */
async function known(reader: Reader, name: string): Promise<QueueHead> {
  const [queue] = await reader.all<QueueHead>('SELECT id, name, live, live_bytes FROM queues WHERE name = ?1', [name]);
  if (queue !== undefined) return queue;
  const names = (await reader.all<{ name: string }>('SELECT name FROM queues ORDER BY name LIMIT 6')).map((other) => other.name);
  throw new SluiceError('QUEUE_UNKNOWN', `The store has no queue ${name}.`, {
    hint: names.length === 0 ? 'It has none at all.' : `It has ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' and more' : ''}.`,
  });
}

function rangeOf(queue: number): [number, number] {
  return [queue * SPAN, (queue + 1) * SPAN];
}
