import { stat } from 'node:fs/promises';
import { PostgresConnection } from './postgres';
import { trimKnown } from './queue';
import { SqliteConnection } from './sqlite';
import type { Store } from './store';

const AT_ONCE = 4000;
const TABLES = ['queue_rows', 'queues', 'queue_leases', 'queue_readers', 'queue_parked', 'blobs', 'artifacts'];

/** What compacting a store took away. */
export interface CompactReport {
  /** Bytes on the disk, SQLite's journal with them; of PostgreSQL those of the tables of queues. */
  readonly before: number;
  readonly after: number;
  /** Rows that were kept only to know their id again, and whose time was over. */
  readonly forgotten: number;
  /** Files of bytes that nobody needed. */
  readonly files: number;
  readonly file_bytes: number;
}

/**
 * Gives space back to the disk: forgets ids whose time is over, collects bytes that nobody needs, and writes the file (PostgreSQL: the
 * tables of queues) anew. Who writes meanwhile waits for that, about a second for each 100 MB that are left.
 * @throws SluiceError STORE_BUSY where somebody holds the store for longer than it waits
 */
export async function compactStore(store: Store, url?: string): Promise<CompactReport> {
  const before = await sizeOf(store);
  let forgotten = 0;
  for (const { id } of await store.read<{ id: number }>('SELECT id FROM queues')) {
    for (let n = AT_ONCE; n === AT_ONCE;) {
      n = await store.write((tx) => trimKnown(tx, id, store.clock.now(), AT_ONCE));
      forgotten += n;
    }
  }
  const { files, bytes } = await store.artifacts.gc();
  // On a connection of its own: the committer's is inside a transaction whenever it works.
  if (store.path !== undefined) {
    const connection = await SqliteConnection.open(store.path);
    try {
      await connection.run('VACUUM');
      await connection.all('PRAGMA wal_checkpoint(TRUNCATE)');
    } finally {
      await connection.close();
    }
  } else if (url !== undefined) {
    const connection = await PostgresConnection.open(url);
    try {
      for (const table of TABLES) await connection.run(`VACUUM FULL ${table}`);
    } finally {
      await connection.close();
    }
  }
  return { before, after: await sizeOf(store), forgotten, files, file_bytes: bytes };
}

async function sizeOf(store: Store): Promise<number> {
  if (store.path === undefined) {
    const sum = TABLES.map((table) => `pg_total_relation_size('${table}')`).join(' + ');
    const [row] = await store.read<{ size: number }>(`SELECT ${sum} AS size`);
    return Number(row?.size ?? 0);
  }
  const sizes = await Promise.all(
    ['', '-wal'].map((end) =>
      stat(`${store.path}${end}`).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
