import { SluiceError } from '@sluice/sdk';
import type { Value } from './connection';
import { migrations } from './migrations';
import { PostgresReading } from './postgres';
import { makeFile, SqliteConnection } from './sqlite';

/** Where a store is. */
export type Place = { readonly path: string } | { readonly url: string };

/** Reads what is committed, and nothing else. */
export interface Reading {
  all<R extends object>(sql: string, params?: readonly Value[]): Promise<R[]>;
  close(): Promise<void>;
}

/**
 * Opens what reads a store; one that is new or older is migrated first. Only then TypeORM is loaded: it takes longer than all else that a
 * process does when it goes on where another one was killed.
 * @throws SluiceError STORE_DRIVER, STORE_OPEN, STORE_NEWER
 */
export async function openReading(at: Place): Promise<Reading> {
  try {
    if ('path' in at) await makeFile(at.path);
    const reading = 'path' in at ? await SqliteConnection.open(at.path) : PostgresReading.open(at.url);
    try {
      if (!(await migrated(reading, 'path' in at))) {
        // eslint-disable-next-line @typescript-eslint/no-require-imports -- only who has something to migrate loads it
        const { migrate } = require('./data-source') as typeof import('./data-source');
        await migrate(at);
      }
      // What it wrote would be in nobody's group.
      if ('path' in at) await reading.all('PRAGMA query_only = ON');
      return reading;
    } catch (error) {
      await reading.close();
      throw error;
    }
  } catch (error) {
    throw SluiceError.is(error) ? error : unopened(at, error);
  }
}

/** @throws SluiceError STORE_NEWER where a newer version of this package has migrated it */
async function migrated(reading: Reading, sqlite: boolean): Promise<boolean> {
  const table = sqlite
    ? "SELECT 1 AS it FROM sqlite_master WHERE type = 'table' AND name = 'sluice_migrations'"
    : "SELECT 1 AS it FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'sluice_migrations'";
  if ((await reading.all(table)).length === 0) return false;
  const done = await reading.all<{ name: string }>('SELECT name FROM sluice_migrations ORDER BY id');
  const known = new Set(migrations.map(({ name }) => name));
  const newer = done.find(({ name }) => !known.has(name));
  if (newer !== undefined) {
    throw new SluiceError('STORE_NEWER', `The store was written by a newer version of Sluice (it has ${newer.name}).`, {
      hint: 'Update @sluice/store, or name another file or database for the store.',
    });
  }
  return done.length === known.size;
}

export function unopened(at: Place, cause: unknown): SluiceError {
  const name = 'path' in at ? at.path : 'the database of the URL';
  return new SluiceError('STORE_OPEN', `The store cannot be opened at ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
    hint:
      'path' in at
        ? 'Look whether the file is a store and may be written; `sluice queue verify` says what of it is damaged.'
        : 'Look whether the server runs and lets this user in.',
  });
}
