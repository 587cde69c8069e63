import type { Database } from 'sqlite3';
import { storeFault } from './fault';
import { DEAD, DONE, intact, LIVE, slotOf, SLOTS, SPAN, type QueueRow } from './queue-rows';
import type { Reader } from './rows';
import type { Snapshot } from './snapshot';
import { sqliteDriver } from './sqlite';

/** Rows that are read with one statement. */
const READ = 1000;
/** Reads that may fail before the rest of a range is given up: about as many pages as a file may lose and still be worth it. */
const FAILURES = 5000;
/** Lines of the database's own check. */
const LINES = 20;

/**
 * What is wrong. `file`: the database says that it is damaged. `unreadable`: rows that it cannot give. `bytes`: not those that were written.
 * `slot`, `leases`, `counts`, `parked`, `stray`: what is kept beside the rows does not fit them.
 */
export type QueueFaultClass = 'file' | 'unreadable' | 'bytes' | 'slot' | 'leases' | 'counts' | 'parked' | 'stray';

/** One thing that is wrong with a queue. */
export interface QueueFault {
  readonly class: QueueFaultClass;
  /** '' where it is of no queue. */
  readonly queue: string;
  /** Number of the row in its queue, null where it is of none. */
  readonly row: number | null;
  readonly message: string;
}

/** What came of checking the queues of a store. */
export interface QueueVerifyReport {
  readonly ok: boolean;
  /** Rows that were read and are whole. */
  readonly rows: number;
  readonly faults: readonly QueueFault[];
}

type Checked = QueueRow & { readonly queue: number; readonly state: number };
interface QueueHead {
  readonly id: number;
  readonly name: string;
  readonly next: number;
  readonly live: number;
  readonly live_bytes: number;
}

/**
 * Compares all rows of all queues with what was written of them, and what is kept beside them with the rows.
 * @param dialect asks SQLite for its own check, too
 */
export async function verifyQueues(reader: Reader, dialect: 'sqlite' | 'postgres'): Promise<QueueVerifyReport> {
  const faults: QueueFault[] = [];
  const fault = (kind: QueueFaultClass, message: string, queue = '', row: number | null = null): void => {
    faults.push({ class: kind, queue, row, message });
  };
  let whole = 0;
  if (dialect === 'sqlite') {
    const found = await attempt(() => reader.all<{ integrity_check: string }>(`PRAGMA integrity_check(${LINES})`));
    if ('error' in found) fault('file', found.error);
    else
      for (const { integrity_check: line } of found.value)
        if (line !== 'ok') fault('file', line.replace(/^\*\*\* in database main \*\*\*\s*/, '').replaceAll('\n', '; '));
  }
  const heads = await attempt(() => reader.all<QueueHead>('SELECT id, name, next, live, live_bytes FROM queues ORDER BY id'));
  if ('error' in heads) {
    fault('unreadable', `The list of queues cannot be read: ${heads.error}`);
    return { ok: false, rows: 0, faults };
  }
  for (const queue of heads.value) {
    const { id, name, next, live, live_bytes } = queue;
    let rows = 0;
    let bytes = 0;
    const dead = new Set<string>();
    const from = id * SPAN;
    for await (const part of readable<Checked>(reader, SELECT, [from, from + SPAN], ({ seq }) => seq)) {
      if ('error' in part) {
        const last = Math.min(part.to, Number(next)) - from - 1;
        const span = last > part.from - from ? `Rows ${part.from - from} to ${last}` : `Row ${part.from - from}`;
        fault('unreadable', `${span} cannot be read: ${part.error}`, name, part.from - from);
        continue;
      }
      for (const row of part.rows) {
        const number = row.seq - from;
        let good = true;
        const wrong = (kind: QueueFaultClass, message: string): void => {
          good = false;
          fault(kind, message, name, number);
        };
        if (row.state !== DONE && !intact(row)) wrong('bytes', 'Its packet, key or id is not what was written.');
        if (row.state < LIVE || row.state > DONE) wrong('bytes', `Its state is ${row.state}, which is none.`);
        if (row.seq >= next) wrong('stray', 'It is behind the end of its queue.');
        if (row.queue !== id) wrong('stray', `It says that it is of queue number ${row.queue}.`);
        if (row.slot !== slotOf(row.key, row.seq))
          wrong('slot', `It is in slot ${row.slot}, its key belongs to ${slotOf(row.key, row.seq)}.`);
        if (row.state === LIVE) {
          rows++;
          bytes += row.bytes;
        }
        if (row.state === DEAD) dead.add(row.key);
        if (good) whole++;
      }
    }
    if (Number(live) !== rows || Number(live_bytes) !== bytes)
      fault('counts', `It says ${live} rows with ${live_bytes} bytes, and has ${rows} with ${bytes}.`, name);
    const leases = await attempt(() => reader.all<{ slot: number }>('SELECT slot FROM queue_leases WHERE queue = ?1 ORDER BY slot', [id]));
    if ('error' in leases) fault('leases', `Its leases cannot be read: ${leases.error}`, name);
    else if (leases.value.length !== SLOTS || leases.value.some(({ slot }, i) => slot !== i))
      fault(
        'leases',
        `It has ${leases.value.length} slots to lease in place of ${SLOTS}: rows of those that are missing wait for ever.`,
        name,
      );
    const parked = await attempt(() => reader.all<{ key: string }>('SELECT key FROM queue_parked WHERE queue = ?1', [id]));
    if ('error' in parked) fault('parked', `Its parked keys cannot be read: ${parked.error}`, name);
    else
      for (const { key } of parked.value)
        if (!dead.has(key)) fault('parked', `Key ${key} is parked, and no dead letter of it is there.`, name);
  }
  const ids = heads.value.map(({ id }) => `(seq >= ${id * SPAN} AND seq < ${(id + 1) * SPAN})`);
  const strays = await attempt(() =>
    reader.all<{ seq: number }>(`SELECT seq FROM queue_rows ${ids.length === 0 ? '' : `WHERE NOT (${ids.join(' OR ')})`} LIMIT ${LINES}`),
  );
  // Where they cannot be read is said above.
  if ('value' in strays) for (const { seq } of strays.value) fault('stray', `Row number ${seq} is of no queue.`);
  return { ok: faults.length === 0, rows: whole, faults };
}

const SELECT = 'SELECT seq, queue, slot, key, priority, state, attempts, at, due, bytes, crc, id, packet FROM queue_rows WHERE seq';

async function attempt<T>(read: () => Promise<T>): Promise<{ value: T } | { error: string }> {
  try {
    return { value: await read() };
  } catch (error) {
    return { error: explain(error) };
  }
}

function explain(error: unknown): string {
  const { message } = storeFault(error);
  return message.replace(/^.*?SQLITE_[A-Z]+: /, '');
}

/**
 * What can be read of a range of numbers: where a statement fails, its halves are tried, down to the single row.
 * @param select ends where the condition of the number follows
 * @param numberOf a row's number
 */
export async function* readable<R extends object>(
  reader: Reader,
  select: string,
  [first, end]: readonly [number, number],
  numberOf: (row: R) => number,
): AsyncGenerator<{ rows: R[] } | { from: number; to: number; error: string }> {
  const number = /(\w+)$/.exec(select)![1]!;
  let failed: { from: number; to: number; error: string } | undefined;
  let failures = 0;
  const ranges: (readonly [number, number])[] = [[first, end]];
  while (ranges.length > 0) {
    const [from, to] = ranges.pop()!;
    if (from >= to) continue;
    // A single row is read without a look at the next one, which may be on a page that is lost.
    const limit = Math.min(READ, to - from);
    const part = await attempt(() => reader.all<R>(`${select} >= ?1 AND ${number} < ?2 ORDER BY ${number} LIMIT ?3`, [from, to, limit]));
    if ('value' in part) {
      if (part.value.length === limit) ranges.push([numberOf(part.value.at(-1)!) + 1, to]);
      if (part.value.length === 0) continue;
      if (failed !== undefined) yield failed;
      failed = undefined;
      yield { rows: part.value };
    } else if (to - from > 1 && ++failures < FAILURES) {
      const middle = from + Math.floor((to - from) / 2);
      ranges.push([middle, to], [from, middle]);
    } else if (failed !== undefined) failed.to = to;
    else failed = { from, to, error: part.error };
  }
  if (failed !== undefined) yield failed;
}

/** Reads one moment of a SQLite file as it is, whatever state it is in: nothing is migrated or written. */
export async function readFileAsIs(path: string): Promise<Snapshot> {
  const { Database, OPEN_READONLY } = sqliteDriver();
  const db = await new Promise<Database>((resolve, reject) => {
    const opened = new Database(path, OPEN_READONLY, (error) => (error === null ? resolve(opened) : reject(storeFault(error))));
  });
  db.configure('busyTimeout', 10_000);
  // The moment begins with what is read first.
  await new Promise<void>((resolve, reject) => db.exec('BEGIN', (error) => (error === null ? resolve() : reject(storeFault(error)))));
  return {
    all: <R extends object>(sql: string, params: readonly unknown[] = []) =>
      new Promise<R[]>((resolve, reject) => db.all<R>(sql, params, (error, rows) => (error === null ? resolve(rows) : reject(error)))),
    close: () => new Promise<void>((resolve) => db.close(() => resolve())),
  };
}
