import { existsSync, statSync } from 'node:fs';
import { SluiceError } from '@sluice/sdk';
import type { Database, Statement } from 'sqlite3';
import { Statements, type Connection, type Value } from './connection';

/** How long a statement waits for another process that writes, ms. */
export const BUSY_MS = 10_000;
const PREPARED = 256;

type Sqlite = typeof import('sqlite3');

/** @throws SluiceError STORE_DRIVER where the package is not installed */
export function sqliteDriver(): Sqlite {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only who opens such a store needs it
    return require('sqlite3') as Sqlite;
  } catch (cause) {
    throw new SluiceError('STORE_DRIVER', 'The package sqlite3 is not installed, or not built for this machine.', {
      cause,
      hint: 'Run `npm install sqlite3@6.0.1`, or name a PostgreSQL URL for the store.',
    });
  }
}

/** Rows of a packet of 1 KB fill such a page to nine tenths; one of SQLite's usual 4096 only to three quarters. */
const PAGE_BYTES = 8192;

/** Makes the file of a store that is new. The size of its pages can be chosen only then. */
export async function makeFile(path: string): Promise<void> {
  if (existsSync(path) && statSync(path).size > 0) return;
  const { Database } = sqliteDriver();
  const db = await new Promise<Database>((resolve, reject) => {
    const opened = new Database(path, (error) => (error === null ? resolve(opened) : reject(error)));
  });
  db.configure('busyTimeout', BUSY_MS);
  // Whatever is wrong is said by who opens it next; where another process makes it now, all is well.
  await new Promise<void>((resolve) => {
    db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL`, () => db.close(() => resolve()));
  });
}

/** The only writing connection to a SQLite file. With `full` each commit is on the disk when it returns. */
export class SqliteConnection implements Connection {
  readonly dialect = 'sqlite';
  private readonly prepared = new Statements<Statement>(PREPARED, (statement) => statement.finalize());

  private constructor(private readonly db: Database) {}

  static async open(path: string, sync: 'full' | 'normal' = 'full'): Promise<SqliteConnection> {
    const { Database } = sqliteDriver();
    const db = await new Promise<Database>((resolve, reject) => {
      const opened = new Database(path, (error) => (error === null ? resolve(opened) : reject(error)));
    });
    db.configure('busyTimeout', BUSY_MS);
    const made = new SqliteConnection(db);
    await made.pragma('journal_mode = WAL');
    await made.pragma(`synchronous = ${sync.toUpperCase()}`);
    await made.pragma('foreign_keys = ON');
    return made;
  }

  run(sql: string, params: readonly Value[] = []): Promise<number> {
    return new Promise((resolve, reject) => {
      const done = function (this: { changes: number }, error: Error | null): void {
        if (error === null) resolve(this.changes);
        else reject(error);
      };
      this.statement(sql, reject).run(params, done);
    });
  }

  all<R extends object>(sql: string, params: readonly Value[] = []): Promise<R[]> {
    return new Promise((resolve, reject) => {
      this.statement(sql, reject).all(params, (error: Error | null, rows: R[]) => (error === null ? resolve(rows) : reject(error)));
    });
  }

  async get<R extends object>(sql: string, params?: readonly Value[]): Promise<R | undefined> {
    // To the last row: a statement that is left in the middle keeps its snapshot open.
    return (await this.all<R>(sql, params))[0];
  }

  async begin(): Promise<void> {
    await this.run('BEGIN IMMEDIATE');
  }

  async commit(): Promise<void> {
    await this.run('COMMIT');
  }

  async rollback(): Promise<void> {
    // A full disk has rolled it back already.
    await this.run('ROLLBACK').catch(() => undefined);
  }

  async close(): Promise<void> {
    // SQLite refuses to close while a statement is open.
    const finalize = (statement: Statement) => new Promise<void>((resolve) => statement.finalize(() => resolve()));
    await Promise.all(this.prepared.clear().map(finalize));
    await new Promise<void>((resolve, reject) => this.db.close((error) => (error === null ? resolve() : reject(error))));
  }

  /** One that does not compile fails here and, less clearly, where it is run. */
  private statement(sql: string, reject: (error: Error) => void): Statement {
    return this.prepared.get(sql, () =>
      this.db.prepare(sql, (error: Error | null) => {
        if (error === null) return;
        this.prepared.delete(sql);
        reject(error);
      }),
    );
  }

  private pragma(text: string): Promise<void> {
    return new Promise((resolve, reject) => this.db.exec(`PRAGMA ${text}`, (error) => (error === null ? resolve() : reject(error))));
  }
}
