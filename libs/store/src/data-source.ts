import { DataSource, type DataSourceOptions, type Logger } from 'typeorm';
import { entities } from './entities';
import { migrations } from './migrations';
import { numbersFor, postgresDriver } from './postgres';
import { unopened, type Place } from './reading';
import { BUSY_MS, sqliteDriver } from './sqlite';

const TRIES = 5;

const silent = (): void => undefined;
/** What fails is tried again or thrown: none of it is for the terminal, where a command may be writing JSON. */
const SILENT: Logger = {
  log: silent,
  logMigration: silent,
  logQuery: silent,
  logQueryError: silent,
  logQuerySlow: silent,
  logSchemaBuild: silent,
};

/**
 * Makes the tables of a store, or those that it has not yet.
 * @throws SluiceError STORE_DRIVER, STORE_OPEN
 */
export async function migrate(at: Place): Promise<void> {
  for (let tries = 1; ; tries++) {
    const source = new DataSource(optionsOf(at));
    try {
      await source.initialize();
      await source.runMigrations({ transaction: 'all' });
      return;
    } catch (error) {
      // Another process may have migrated it at the same moment: then the next look finds it done.
      if (tries === TRIES) throw unopened(at, error);
    } finally {
      if (source.isInitialized) await source.destroy();
    }
    await new Promise((resolve) => setTimeout(resolve, 100 * tries));
  }
}

function optionsOf(at: Place): DataSourceOptions {
  const shared = { logger: SILENT, entities: [...entities], migrations: [...migrations], migrationsTableName: 'sluice_migrations' };
  if ('path' in at) {
    return { ...shared, type: 'sqlite', database: at.path, driver: untraced(sqliteDriver()), enableWAL: true, busyTimeout: BUSY_MS };
  }
  const pg = postgresDriver();
  return { ...shared, type: 'postgres', url: at.url, driver: pg, extra: { max: 1, types: numbersFor(pg) }, installExtensions: false };
}

/** TypeORM asks the driver for stack traces: each statement of the process would then make one, for half of the time that it takes. */
function untraced(driver: object): object {
  return Object.create(driver, { verbose: { value: () => driver } }) as object;
}
