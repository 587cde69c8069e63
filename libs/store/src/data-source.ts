import { SluiceError } from '@sluice/sdk';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { entities } from './entities';
import { migrations } from './migrations';
import { numbersFor, postgresDriver } from './postgres';
import { BUSY_MS, makeFile, sqliteDriver } from './sqlite';

const TRIES = 5;

/**
 * Opens the connection that migrates, and then only reads.
 * @throws SluiceError STORE_DRIVER, STORE_OPEN, STORE_NEWER
 */
export async function openDataSource(at: { path: string } | { url: string }): Promise<DataSource> {
  const source = new DataSource(optionsOf(at));
  try {
    if ('path' in at) await makeFile(at.path);
    await source.initialize();
  } catch (cause) {
    throw unopened(at, cause);
  }
  try {
    await migrate(source, at);
    // From here on it only reads: what it wrote would be in nobody's group.
    if ('path' in at) await source.query('PRAGMA query_only = ON');
  } catch (error) {
    await source.destroy();
    throw error;
  }
  return source;
}

function optionsOf(at: { path: string } | { url: string }): DataSourceOptions {
  const shared = { entities: [...entities], migrations: [...migrations], migrationsTableName: 'sluice_migrations' };
  if ('path' in at) {
    return { ...shared, type: 'sqlite', database: at.path, driver: untraced(sqliteDriver()), enableWAL: true, busyTimeout: BUSY_MS };
  }
  const pg = postgresDriver();
  const extra = { max: 4, types: numbersFor(pg) };
  return { ...shared, type: 'postgres', url: at.url, driver: pg, extra, installExtensions: false };
}

/** TypeORM asks the driver for stack traces: each statement of the process would then make one, for half of the time that it takes. */
function untraced(driver: object): object {
  return Object.create(driver, { verbose: { value: () => driver } }) as object;
}

/** @throws SluiceError STORE_NEWER where a newer version of this package has migrated it */
async function migrate(source: DataSource, at: object): Promise<void> {
  const known = new Set(migrations.map(({ name }) => name));
  for (let tries = 1; ; tries++) {
    const runner = source.createQueryRunner();
    try {
      if (await runner.hasTable('sluice_migrations')) {
        const done: { name: string }[] = await runner.query('SELECT name FROM sluice_migrations ORDER BY id');
        const newer = done.find(({ name }) => !known.has(name));
        if (newer !== undefined) {
          throw new SluiceError('STORE_NEWER', `The store was written by a newer version of Sluice (it has ${newer.name}).`, {
            hint: 'Update @sluice/store, or name another file or database for the store.',
          });
        }
      }
      await source.runMigrations({ transaction: 'all' });
      return;
    } catch (error) {
      // Another process may have migrated it at the same moment: then the next look finds it done.
      if (SluiceError.is(error) || tries === TRIES) throw SluiceError.is(error) ? error : unopened(at, error);
    } finally {
      await runner.release();
    }
    await new Promise((resolve) => setTimeout(resolve, 100 * tries));
  }
}

function unopened(at: object, cause: unknown): SluiceError {
  const name = 'path' in at ? String(at.path) : 'the database of the URL';
  return new SluiceError('STORE_OPEN', `The store cannot be opened at ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
    hint: 'path' in at ? 'Look whether the file is a store and may be written.' : 'Look whether the server runs and lets this user in.',
  });
}
