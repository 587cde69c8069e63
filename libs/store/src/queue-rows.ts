import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { toJsonText, type QueueItem } from '@sluice/sdk';
import type { Dialect, Transaction } from './connection';

export const SLOTS = 64;
/** Numbers of rows of one queue: its id times this, and up. Rows of one queue lie together, in the order in which they came. */
export const SPAN = 2 ** 40;

/** Where a row is: waiting or under way, a dead letter, or acked and kept to know its id again. */
export const LIVE = 0;
export const DEAD = 1;
export const DONE = 2;

export interface QueueRow {
  readonly seq: number;
  readonly slot: number;
  readonly key: string;
  readonly priority: number;
  readonly attempts: number;
  readonly at: number;
  readonly due: number;
  readonly bytes: number;
  readonly crc: number;
  readonly id: string | null;
  readonly packet: string;
}

export const ROW = 'seq, slot, key, priority, attempts, at, due, bytes, crc, id, packet';

/** Keys go to slots by their hash; rows without a key by the number that they come with. */
export function slotOf(key: string, seq: number): number {
  return key === '' ? seq % SLOTS : createHash('sha1').update(key).digest()[0]! % SLOTS;
}

/** An item as it is written. */
export interface Written {
  readonly item: QueueItem;
  readonly text: string;
  readonly bytes: number;
  readonly crc: number;
}

/** @throws SluiceError PACKET_NOT_PORTABLE where it would not be the same when it is read again */
export function written(item: QueueItem): Written {
  const { payload, kind, meta, sourceId, time } = item;
  const text = toJsonText({ kind, source_id: sourceId, time, meta, payload });
  return { item, text, bytes: Buffer.byteLength(text), crc: sumOf(text, item.key, item.id, item.priority) };
}

/** Of all that must not change; that of a row with neither key, id nor priority is that of its text. */
function sumOf(text: string, key: string, id: string, priority: number): number {
  return crc32(text, key === '' && id === '' && priority === 0 ? 0 : crc32(`${key}\0${id}\0${priority}`));
}

/** Whether a row that was not acked yet is what was written. */
export function intact({
  packet,
  crc,
  key,
  id,
  priority,
  bytes,
}: Pick<QueueRow, 'packet' | 'crc' | 'key' | 'id' | 'priority' | 'bytes'>): boolean {
  return sumOf(packet, key, id ?? '', priority) === crc && Buffer.byteLength(packet) === bytes;
}

/** The row that an item is written as. */
export function rowOf({ item, text, bytes, crc }: Written, seq: number, at: number): QueueRow {
  const { key, priority, id } = item;
  const slot = slotOf(key, seq);
  return { seq, slot, key, priority, attempts: 0, at, due: 0, bytes, crc, id: id === '' ? null : id, packet: text };
}

/** What was written, or undefined where it is not what was written. */
export function itemOf(row: Pick<QueueRow, 'packet' | 'crc' | 'key' | 'id' | 'priority' | 'bytes'>): QueueItem | undefined {
  return intact(row) ? parsed(row) : undefined;
}

/** What a row says that is known to be whole. */
export function parsed({ packet, key, id, priority }: Pick<QueueRow, 'packet' | 'key' | 'id' | 'priority'>): QueueItem {
  const {
    kind,
    source_id: sourceId,
    time,
    meta,
    payload,
  } = JSON.parse(packet) as {
    kind: string;
    source_id: string;
    time: number;
    meta: QueueItem['meta'];
    payload: unknown;
  };
  return { payload, kind, meta, sourceId, time, key, id: id ?? '', priority };
}

/** The numbers of a JSON array in parameter `?n`, as a sub-query. */
export function numbersIn(dialect: Dialect, n: number): string {
  return dialect === 'sqlite'
    ? `(SELECT value FROM json_each(?${n}))`
    : `(SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(?${n} AS json)))`;
}

/** What a queue holds. */
export interface Live {
  readonly live: number;
  readonly live_bytes: number;
}

/** Takes rows out of the queue's counts. @returns what is left, where that was looked at */
export async function discount(tx: Transaction, queue: number, rows: number, bytes: number): Promise<Live | undefined> {
  if (rows === 0) return undefined;
  return tx.get<Live>('UPDATE queues SET live = live - ?2, live_bytes = live_bytes - ?3 WHERE id = ?1 RETURNING live, live_bytes', [
    queue,
    rows,
    bytes,
  ]);
}

/** Counts the rows of a queue anew: others than its readers have changed them. */
export async function recount(tx: Transaction, queue: number): Promise<Live | undefined> {
  const rows = `FROM queue_rows WHERE seq >= ?2 AND seq < ?3 AND state = ${LIVE}`;
  return tx.get<Live>(
    `UPDATE queues SET live = (SELECT count(*) ${rows}), live_bytes = (SELECT COALESCE(sum(bytes), 0) ${rows})
     WHERE id = ?1 RETURNING live, live_bytes`,
    [queue, queue * SPAN, (queue + 1) * SPAN],
  );
}

/** Rows of one statement at most. Each number of rows has a statement of its own: two small ones cost more than one. */
const ROWS = 64;
const COLUMNS = 'seq, queue, slot, key, priority, state, attempts, at, due, keep, bytes, crc, id, packet';
const INSERTS = new Map<number, string>();

function insertOf(n: number): string {
  const row = (i: number) => {
    const at = 5 + i * 6;
    return `(CAST(?2 AS bigint) + ${i}, ?1, ?${at}, ?${at + 1}, ?${at + 2}, ${LIVE}, 0, ?3, 0, ?4, octet_length(?${at + 5}), ?${at + 3}, NULLIF(?${at + 4}, ''), ?${at + 5})`;
  };
  const rows = Array.from({ length: n }, (_, i) => row(i)).join(', ');
  return `INSERT INTO queue_rows (${COLUMNS}) VALUES ${rows} ON CONFLICT (queue, id) WHERE id IS NOT NULL DO NOTHING`;
}

function insertFor(n: number): string {
  let sql = INSERTS.get(n);
  if (sql === undefined) INSERTS.set(n, (sql = insertOf(n)));
  return sql;
}

/**
 * Writes rows, many with one statement.
 * @param first number of the first
 * @returns which of them were new
 */
export async function insertRows(
  tx: Transaction,
  queue: number,
  first: number,
  items: readonly Written[],
  at: number,
  keep: number,
): Promise<readonly boolean[]> {
  const fresh: boolean[] = [];
  for (let from = 0; from < items.length;) {
    const n = Math.min(ROWS, items.length - from);
    const params: (string | number)[] = [queue, first + from, at, keep];
    for (let i = from; i < from + n; i++) {
      const { item, text, crc } = items[i]!;
      // As text: the driver looks at a number three times before it takes it.
      params.push(`${slotOf(item.key, first + i)}`, item.key, `${item.priority}`, `${crc}`, item.id, text);
    }
    const changed = await tx.run(insertFor(n), params);
    if (changed === n) for (let i = 0; i < n; i++) fresh.push(true);
    else {
      const range = [first + from, first + from + n];
      const stored = await tx.all<{ seq: number }>('SELECT seq FROM queue_rows WHERE seq >= ?1 AND seq < ?2', range);
      const there = new Set(stored.map(({ seq }) => Number(seq)));
      for (let i = from; i < from + n; i++) fresh.push(there.has(first + i));
    }
    from += n;
  }
  return fresh;
}
