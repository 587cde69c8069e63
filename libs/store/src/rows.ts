import type { Transaction, Value } from './connection';
import type { Store } from './store';

/** Reads: a transaction, or what is committed. */
export type Reader = Pick<Transaction, 'all'>;

/** What is committed, to read. */
export function committed(store: Store): Reader {
  return { all: (sql, params) => store.read(sql, params) };
}

/** Rows of a statement: few sizes, so that few statements are prepared. */
const SIZES = [256, 64, 16, 4, 1];

/** Lists of those sizes that together are all. */
function* chunks<T>(all: readonly T[]): Generator<readonly T[]> {
  let at = 0;
  for (const size of SIZES) for (; all.length - at >= size; at += size) yield all.slice(at, at + size);
}

/**
 * Inserts rows, many by one statement.
 * @param suffix of the statement, such as ON CONFLICT ... RETURNING
 * @returns what the statement returns
 */
export async function insertRows<R extends object>(
  tx: Transaction,
  table: string,
  columns: readonly string[],
  rows: readonly object[],
  suffix = '',
): Promise<R[]> {
  const returned: R[] = [];
  const one = `(${columns.map(() => '?').join(', ')})`;
  for (const chunk of chunks(rows)) {
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${chunk.map(() => one).join(', ')} ${suffix}`;
    const params = chunk.flatMap((row) => columns.map((column) => (row as Readonly<Record<string, Value>>)[column] ?? null));
    if (suffix.includes('RETURNING')) returned.push(...(await tx.all<R>(sql, params)));
    else await tx.run(sql, params);
  }
  return returned;
}

/** @param sql ends where `IN (...)` follows @param params of `sql` */
export async function rowsByKey<R extends object>(
  reader: Reader,
  sql: string,
  params: readonly Value[],
  keys: readonly Value[],
): Promise<R[]> {
  const rows: R[] = [];
  for (const chunk of chunks(keys))
    rows.push(...(await reader.all<R>(`${sql} IN (${chunk.map(() => '?').join(', ')})`, [...params, ...chunk])));
  return rows;
}
