import type { Value } from './connection';
import { PostgresConnection } from './postgres';
import type { Reader } from './rows';

/** Reads one moment of a store: what others commit meanwhile is not seen. */
export type Snapshot = Reader & { close(): Promise<void> };

/** One moment of a store in PostgreSQL; of one in a file `readFileAsIs` gives it. */
export async function snapshotOf(url: string): Promise<Snapshot> {
  const connection = await PostgresConnection.open(url);
  await connection.run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  return {
    // A statement that fails would else end the moment for all that follow.
    async all<R extends object>(sql: string, params?: readonly Value[]): Promise<R[]> {
      await connection.run('SAVEPOINT one');
      try {
        return await connection.all<R>(sql, params);
      } catch (error) {
        await connection.run('ROLLBACK TO SAVEPOINT one');
        throw error;
      } finally {
        await connection.run('RELEASE SAVEPOINT one');
      }
    },
    close: () => connection.close(),
  };
}
