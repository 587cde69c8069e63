import type { Transaction } from './connection';
import { HOLDS } from './queue-lease';
import { DEAD, DONE, LIVE, numbersIn } from './queue-rows';
import type { Held } from './queue-window';

/** What became of a row that was handed over. */
export type Settled =
  | { readonly held: Held; readonly to: 'done' | 'dropped' }
  | { readonly held: Held; readonly to: 'again'; readonly due: number; readonly error: string }
  | { readonly held: Held; readonly to: 'dead'; readonly error: string };

/** What left the queue. */
export interface Gone {
  /** The readers that had no slots any more: what they settled was not written. */
  readonly strange: ReadonlySet<number>;
  readonly rows: number;
  readonly bytes: number;
  /** A person, or a newer row of a full queue, had taken rows away that were under way: what the queue holds is to be counted anew. */
  readonly missing: boolean;
}

/** Writes what became of rows; of each reader by its epoch. The queue's counts are left to the caller. */
export async function writeSettled(tx: Transaction, queue: number, parks: boolean, all: readonly Settled[], now: number): Promise<Gone> {
  const strange = new Set<number>();
  const gone = { rows: 0, bytes: 0, missing: 0 };
  for (const epoch of new Set(all.map(({ held }) => held.epoch))) {
    const own = all.filter(({ held }) => held.epoch === epoch);
    const left = own.filter(({ to }) => to !== 'again');
    const missing = left.length - (await remove(tx, queue, epoch, own)) - left.filter(({ to }) => to === 'dead').length;
    // What is removed was found under a lease that holds; all else is looked at.
    if ((missing > 0 || own.some(tried)) && (await tx.get(`SELECT 1 AS held WHERE ${HOLDS}`, [queue, epoch])) === undefined) {
      strange.add(epoch);
      continue;
    }
    gone.missing += missing;
    gone.rows += left.length;
    for (const { held } of left) gone.bytes += held.row.bytes;
    for (const settled of own) if (tried(settled)) gone.missing += await writeTry(tx, queue, parks, settled, now);
  }
  return { strange, rows: gone.rows, bytes: gone.bytes, missing: gone.missing > 0 };
}

type Tried = Extract<Settled, { readonly error: string }>;

function tried(settled: Settled): settled is Tried {
  return settled.to === 'again' || settled.to === 'dead';
}

/** Deletes rows that are done; those with an id stay without their packet, to know it again. @returns how many there were */
async function remove(tx: Transaction, queue: number, epoch: number, all: readonly Settled[]): Promise<number> {
  const deleted: number[] = [];
  const kept: number[] = [];
  for (const { to, held } of all) {
    if (to === 'dropped' || (to === 'done' && held.row.id === null)) deleted.push(held.row.seq);
    else if (to === 'done') kept.push(held.row.seq);
  }
  const change = (sql: string, rows: readonly number[]): Promise<number> => {
    // One alone is named as it is: a list costs as much again as the row.
    const [one] = rows;
    const which = rows.length === 1 ? '= ?3' : `IN ${numbersIn(tx.dialect, 3)}`;
    return tx.run(`${sql} WHERE seq ${which} AND state = ${LIVE} AND ${HOLDS}`, [
      queue,
      epoch,
      rows.length === 1 ? one! : JSON.stringify(rows),
    ]);
  };
  let found = 0;
  if (deleted.length > 0) found += await change('DELETE FROM queue_rows', deleted);
  if (kept.length > 0) found += await change(`UPDATE queue_rows SET state = ${DONE}, packet = '', bytes = 0`, kept);
  return found;
}

/** @returns 1 where a dead letter was not there any more */
async function writeTry(tx: Transaction, queue: number, parks: boolean, settled: Tried, now: number): Promise<number> {
  const { held, to, error } = settled;
  const { seq, attempts, key } = held.row;
  if (to === 'again') {
    const sql = `UPDATE queue_rows SET attempts = ?2, due = ?3, error = ?4 WHERE seq = ?1 AND state = ${LIVE}`;
    await tx.run(sql, [seq, attempts + 1, settled.due, error]);
    return 0;
  }
  const died = await tx.run(
    `UPDATE queue_rows SET state = ${DEAD}, attempts = ?2, due = ?3, error = ?4 WHERE seq = ?1 AND state = ${LIVE}`,
    [seq, attempts + 1, now, error],
  );
  if (died > 0 && parks && key !== '') {
    await tx.run('INSERT INTO queue_parked (queue, key, since) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING', [queue, key, now]);
  }
  return 1 - died;
}
