import type { Transaction } from './connection';
import { OWNER, surelyGone } from './owner';
import { LIVE, SLOTS, SPAN } from './queue-rows';

/** How long a reader that is not heard of keeps its slots, ms; it is heard of three times as often. */
export const LEASE_MS = 10_000;

/** What a reader has of a queue: no other reader has one of its slots, and what it does with rows counts only as long as its epoch is there. */
export interface Lease {
  readonly epoch: number;
  readonly slots: readonly number[];
  /** The last row that it was handed, or may have been. */
  readonly mark: number;
}

interface ReaderRow {
  readonly epoch: number;
  readonly owner: string;
  readonly until: number;
  readonly mark: number;
}

/** As a condition of a statement: that the reader of epoch `?2` still has the slots of queue `?1`. */
export const HOLDS = 'EXISTS (SELECT 1 FROM queue_readers WHERE queue = ?1 AND epoch = ?2)';

/** Takes free slots, and those of readers that are gone. */
export async function takeLease(tx: Transaction, queue: number, prefetch: number, now: number): Promise<Lease> {
  const others = (await expel(tx, queue, now)).length;
  const { epoch } = (await tx.get<{ epoch: number }>('UPDATE queues SET epoch = epoch + 1 WHERE id = ?1 RETURNING epoch', [queue]))!;
  const slots = await occupy(tx, queue, epoch, Math.ceil(SLOTS / (others + 1)));
  // What is handed over at once counts as handed over, before anybody could write it down.
  const first = await tx.all<{ seq: number }>(
    `SELECT seq FROM queue_rows WHERE seq >= ?1 AND seq < ?2 AND state = ${LIVE} ORDER BY seq LIMIT ?3`,
    [queue * SPAN, (queue + 1) * SPAN, prefetch],
  );
  const mark = first.at(-1)?.seq ?? 0;
  await tx.run('INSERT INTO queue_readers (queue, epoch, owner, until, mark) VALUES (?1, ?2, ?3, ?4, ?5)', [
    queue,
    epoch,
    OWNER,
    now + LEASE_MS,
    mark,
  ]);
  return { epoch, slots, mark };
}

/**
 * Says that its reader lives, gives up `free` slots, and takes what others have left.
 * @returns how many slots it should have, and those that are new; undefined where it has lost them all
 */
export async function renewLease(
  tx: Transaction,
  queue: number,
  { epoch, slots, mark }: Lease,
  free: readonly number[],
  now: number,
): Promise<{ share: number; more: readonly number[] } | undefined> {
  const alive = await tx.run('UPDATE queue_readers SET until = ?3, mark = ?4 WHERE queue = ?1 AND epoch = ?2', [
    queue,
    epoch,
    now + LEASE_MS,
    mark,
  ]);
  if (alive === 0) return undefined;
  const living = (await expel(tx, queue, now, epoch)).length;
  for (const slot of free) await tx.run('UPDATE queue_leases SET epoch = 0 WHERE queue = ?1 AND slot = ?2', [queue, slot]);
  const share = Math.ceil(SLOTS / living);
  return { share, more: await occupy(tx, queue, epoch, share - (slots.length - free.length)) };
}

export async function markLease(tx: Transaction, queue: number, epoch: number, mark: number): Promise<void> {
  await tx.run('UPDATE queue_readers SET mark = ?3 WHERE queue = ?1 AND epoch = ?2', [queue, epoch, mark]);
}

export async function endLease(tx: Transaction, queue: number, epoch: number): Promise<void> {
  await tx.run('DELETE FROM queue_readers WHERE queue = ?1 AND epoch = ?2', [queue, epoch]);
  await tx.run('UPDATE queue_leases SET epoch = 0 WHERE queue = ?1 AND epoch = ?2', [queue, epoch]);
}

/** Ends the leases of readers that are gone. @returns the readers that live */
async function expel(tx: Transaction, queue: number, now: number, self = 0): Promise<readonly ReaderRow[]> {
  const readers = await tx.all<ReaderRow>('SELECT epoch, owner, until, mark FROM queue_readers WHERE queue = ?1', [queue]);
  const living: ReaderRow[] = [];
  for (const reader of readers) {
    const { epoch, mark, until, owner } = reader;
    if (epoch === self || !(lapsed(until, now) || surelyGone(owner))) {
      living.push(reader);
      continue;
    }
    // Nobody knows how far it came with the rows that it was handed: they count as tried.
    await tx.run(
      `UPDATE queue_rows SET attempts = attempts + 1 WHERE seq >= ?1 AND seq <= ?2 AND state = ${LIVE} AND due <= ?3
       AND slot IN (SELECT slot FROM queue_leases WHERE queue = ?4 AND epoch = ?5)`,
      [queue * SPAN, mark, now, queue, epoch],
    );
    await endLease(tx, queue, epoch);
  }
  return living;
}

async function occupy(tx: Transaction, queue: number, epoch: number, share: number): Promise<number[]> {
  const rows = await tx.all<{ slot: number }>(
    `UPDATE queue_leases SET epoch = ?2 WHERE queue = ?1 AND slot IN
     (SELECT slot FROM queue_leases WHERE queue = ?1 AND epoch = 0 ORDER BY slot LIMIT ?3) RETURNING slot`,
    [queue, epoch, Math.max(0, share)],
  );
  return rows.map(({ slot }) => slot);
}

/** A clock that was set back must not keep a lease alive for ever. */
function lapsed(until: number, now: number): boolean {
  return until <= now || until > now + 2 * LEASE_MS;
}
