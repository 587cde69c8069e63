import { stat } from 'node:fs/promises';
import { SluiceError } from '@sluice/sdk';
import type { Value } from './connection';
import { DEAD, DONE, intact, LIVE, numbersIn, recount, slotOf, SLOTS, SPAN, type QueueRow } from './queue-rows';
import { committed, insertRows, type Reader } from './rows';
import { migrations } from './migrations';
import { openStore, type Store } from './store';
import { readable, readFileAsIs } from './verify';

/** What a repair did. */
export interface RepairReport {
  /** Queues whose own row was lost and that have one again, by the names that they got: those that they had are not known. */
  readonly found: readonly string[];
  /** Rows whose bytes are not those that were written: dead letters now. */
  readonly damaged: number;
  /** Rows that were put into their slot. */
  readonly moved: number;
  /** Keys that nothing was in front of any more. */
  readonly unparked: number;
}

/** Sets right in place what is kept beside the rows, and makes dead letters of rows that are damaged. Others may work on the store. */
export async function repairQueues(store: Store): Promise<RepairReport> {
  const report = { found: await foundQueues(store), damaged: 0, moved: 0, unparked: 0 };
  for (const { id, next } of await store.read<{ id: number; next: number }>('SELECT id, next FROM queues')) {
    let from = id * SPAN;
    for (let more = true; more;) {
      more = await store.write(async (tx) => {
        const rows = await tx.all<QueueRow & { queue: number; state: number }>(
          `SELECT seq, queue, slot, key, priority, state, attempts, at, due, bytes, crc, id, packet FROM queue_rows
           WHERE seq > ?1 AND seq < ?2 AND (state IS NULL OR state <> ${DONE}) ORDER BY seq LIMIT 500`,
          [from, (id + 1) * SPAN],
        );
        // A damaged page may give a row a state that there is not.
        const bad = rows.filter((row) => (row.state === LIVE ? !intact(row) : row.state !== DEAD));
        if (bad.length > 0) {
          await tx.run(`UPDATE queue_rows SET state = ${DEAD}, due = ?2, error = ?3 WHERE seq IN ${numbersIn(tx.dialect, 1)}`, [
            JSON.stringify(bad.map(({ seq }) => seq)),
            store.clock.now(),
            'Its bytes are not those that were written.',
          ]);
        }
        const moved = rows.filter((row) => row.slot !== slotOf(row.key, row.seq) || row.queue !== id);
        for (const { key, seq } of moved)
          await tx.run('UPDATE queue_rows SET slot = ?2, queue = ?3 WHERE seq = ?1', [seq, slotOf(key, seq), id]);
        report.damaged += bad.length;
        report.moved += moved.length;
        from = rows.at(-1)?.seq ?? from;
        return rows.length === 500;
      });
    }
    await store.write(async (tx) => {
      const [last] = await tx.all<{ seq: number | null }>('SELECT max(seq) AS seq FROM queue_rows WHERE seq >= ?1 AND seq < ?2', [
        id * SPAN,
        (id + 1) * SPAN,
      ]);
      const behind = Math.max(Number(next), Number(last?.seq ?? 0) + 1);
      await tx.run('UPDATE queues SET revision = revision + 1, next = CASE WHEN next < ?2 THEN ?2 ELSE next END WHERE id = ?1', [
        id,
        behind,
      ]);
      await tx.run(`DELETE FROM queue_leases WHERE queue = ?1 AND (slot < 0 OR slot >= ${SLOTS})`, [id]);
      const slots = Array.from({ length: SLOTS }, (_, slot) => `(?1, ${slot}, 0)`).join(', ');
      await tx.run(`INSERT INTO queue_leases (queue, slot, epoch) VALUES ${slots} ON CONFLICT DO NOTHING`, [id]);
      report.unparked += await tx.run(
        `DELETE FROM queue_parked WHERE queue = ?1
         AND NOT EXISTS (SELECT 1 FROM queue_rows r WHERE r.queue = ?1 AND r.state = ${DEAD} AND r.key = queue_parked.key)`,
        [id],
      );
      await recount(tx, id);
    });
  }
  return report;
}

/** Rows lie by the number of their queue: where that has no row of its own, they would wait for ever. */
async function foundQueues(store: Store): Promise<readonly string[]> {
  return store.write(async (tx) => {
    const lost = await tx.all<{ id: number }>(
      `SELECT DISTINCT seq / ${SPAN} AS id FROM queue_rows WHERE seq >= ${SPAN} AND seq / ${SPAN} NOT IN (SELECT id FROM queues) ORDER BY 1`,
    );
    for (const { id } of lost) {
      // Readers of before may still think that they own it.
      const old = await tx.get<{ epoch: number | null }>('SELECT max(epoch) AS epoch FROM queue_readers WHERE queue = ?1', [Number(id)]);
      await tx.run('INSERT INTO queues (id, name, next, live, live_bytes, epoch, revision) VALUES (?1, ?2, ?3, 0, 0, ?4, 0)', [
        Number(id),
        `lost-${id}`,
        Number(id) * SPAN + 1,
        Number(old?.epoch ?? 0) + 1,
      ]);
    }
    return lost.map(({ id }) => `lost-${id}`);
  });
}

/** What a repair did that saved rows of a damaged file. */
export interface SalvageReport extends RepairReport {
  /** Rows of all tables that were copied. */
  readonly rows: number;
  /** Ranges of rows that could not be read, by table. */
  readonly lost: readonly Lost[];
}

interface Lost {
  readonly table: string;
  readonly from: number;
  readonly to: number;
  readonly error: string;
}

/**
 * Copies what can be read of a damaged SQLite file into a new store, and repairs that. The damaged file is only read.
 * @throws SluiceError STORE_EXISTS, STORE_NEWER, STORE_DAMAGED where nothing can be read of it
 */
export async function salvage(path: string, out: string): Promise<SalvageReport> {
  if ((await stat(out).catch(() => undefined)) !== undefined) {
    throw new SluiceError('STORE_EXISTS', `There is a file ${out} already.`, { hint: 'Name another with --out; nothing is written over.' });
  }
  const old = await readFileAsIs(path);
  try {
    const names = await tablesOf(old);
    if (names.includes('sluice_migrations')) await refuseNewer(old);
    const store = await openStore({ path: out });
    try {
      const lost: Lost[] = [];
      let rows = 0;
      const known = await tablesOf(committed(store));
      for (const table of names.filter((name) => known.includes(name) && name !== 'sluice_migrations'))
        rows += await copy(old, store, table, lost);
      return { rows, lost, ...(await repairQueues(store)) };
    } finally {
      await store.close();
    }
  } finally {
    await old.close();
  }
}

/** What a newer version keeps in tables that are not known here would be left out. @throws SluiceError STORE_NEWER */
async function refuseNewer(reader: Reader): Promise<void> {
  const known = new Set(migrations.map(({ name }) => name));
  // A list that cannot be read keeps nobody from saving the rest.
  const done = await reader.all<{ name: string }>('SELECT name FROM sluice_migrations').catch(() => []);
  const newer = done.find(({ name }) => typeof name === 'string' && /^\w+\d{13}$/.test(name) && !known.has(name));
  if (newer === undefined) return;
  throw new SluiceError('STORE_NEWER', `The store was written by a newer version of Sluice (it has ${newer.name}).`, {
    hint: 'Repair it with that version: this one would leave out what it does not know.',
  });
}

async function tablesOf(reader: Reader): Promise<string[]> {
  try {
    const rows = await reader.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    return rows.map(({ name }) => name);
  } catch (cause) {
    throw new SluiceError('STORE_DAMAGED', `Nothing can be read of the file: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      hint: 'Its first page is lost, or it is no store: take a copy of it from a backup.',
    });
  }
}

async function copy(old: Reader, store: Store, table: string, lost: Lost[]): Promise<number> {
  // Rows that a new store has from the start.
  await store.write((tx) => tx.run(`DELETE FROM ${table}`));
  let copied = 0;
  const select = `SELECT rowid AS salvaged, * FROM ${table} WHERE rowid`;
  for await (const part of readable<Salvaged>(old, select, [0, Number.MAX_SAFE_INTEGER], ({ salvaged }) => salvaged)) {
    if ('error' in part) lost.push({ table, ...part });
    else copied += await put(store, table, part.rows);
  }
  return copied;
}

type Salvaged = Readonly<Record<string, Value>> & { readonly salvaged: number };

/** Inserts what the table takes: a damaged row may have values that it does not. */
async function put(store: Store, table: string, rows: readonly Salvaged[]): Promise<number> {
  const columns = Object.keys(rows[0]!).filter((name) => name !== 'salvaged');
  try {
    return await store.write(
      async (tx) => (await insertRows(tx, table, columns, rows, 'ON CONFLICT DO NOTHING RETURNING 1 AS one')).length,
    );
  } catch {
    if (rows.length === 1) return 0;
    const half = Math.ceil(rows.length / 2);
    return (await put(store, table, rows.slice(0, half))) + (await put(store, table, rows.slice(half)));
  }
}
