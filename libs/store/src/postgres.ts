import { createHash } from 'node:crypto';
import { SluiceError } from '@sluice/sdk';
import type { Client, Pool, QueryResultRow } from 'pg';
import type { Connection, Value } from './connection';

/** Whoever writes to a store of ours holds this lock until it commits: the writes of all processes have one order. */
const WRITER = 0x736c7563;
const INT8 = 20;
const READERS = 4;

type Postgres = typeof import('pg');

/** @throws SluiceError STORE_DRIVER where the package is not installed */
export function postgresDriver(): Postgres {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only who opens such a store needs it
    return require('pg') as Postgres;
  } catch (cause) {
    throw new SluiceError('STORE_DRIVER', 'The package pg is not installed.', { cause, hint: 'Run `npm install pg`.' });
  }
}

/** Counters and times are below 2^53: numbers, as SQLite gives them. */
export function numbersFor({ types }: Postgres) {
  return {
    getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown =>
      oid === INT8 ? Number : types.getTypeParser(oid as never, format as never),
  };
}

/** Reads on a few connections; one that is lost is replaced by the next query. */
export class PostgresReading {
  private closing: Promise<void> | undefined;

  private constructor(private readonly pool: Pool) {
    // It is taken out of the pool.
    pool.on('error', () => undefined);
  }

  static open(url: string): PostgresReading {
    const pg = postgresDriver();
    return new PostgresReading(new pg.Pool({ connectionString: url, max: READERS, types: numbersFor(pg) }));
  }

  async all<R extends object>(sql: string, params: readonly Value[] = []): Promise<R[]> {
    return (await this.pool.query<QueryResultRow, unknown[]>(numbered(sql), valuesOf(params))).rows as R[];
  }

  close(): Promise<void> {
    return (this.closing ??= this.pool.end());
  }
}

/** The only writing connection of this process to a PostgreSQL database. It is opened again after it was lost. */
export class PostgresConnection implements Connection {
  readonly dialect = 'postgres';
  private readonly texts = new Map<string, { name: string; text: string }>();

  private constructor(
    private readonly url: string,
    private client: Client | undefined,
  ) {}

  static async open(url: string): Promise<PostgresConnection> {
    const made = new PostgresConnection(url, undefined);
    await made.connected();
    return made;
  }

  async run(sql: string, params?: readonly Value[]): Promise<number> {
    return (await this.query(sql, params)).rowCount ?? 0;
  }

  async all<R extends object>(sql: string, params?: readonly Value[]): Promise<R[]> {
    return (await this.query(sql, params)).rows as R[];
  }

  async get<R extends object>(sql: string, params?: readonly Value[]): Promise<R | undefined> {
    return (await this.all<R>(sql, params))[0];
  }

  async begin(): Promise<void> {
    const client = await this.connected();
    const lock = `SELECT pg_advisory_xact_lock(${WRITER}, hashtext(current_schema()))`;
    await this.answer(client, client.query(`BEGIN; SET LOCAL synchronous_commit = on; ${lock}`));
  }

  async commit(): Promise<void> {
    const client = this.open();
    try {
      await this.answer(client, client.query('COMMIT'));
    } catch (error) {
      if (!SluiceError.is(error)) throw error;
      // The server has not answered: nobody knows whether it is committed.
      throw new SluiceError('STORE_LOST', 'The connection to PostgreSQL was lost in the middle of a commit.', {
        effectState: 'unknown',
        cause: error.cause,
        hint: 'Look whether it is there before it is done again.',
      });
    }
  }

  async rollback(): Promise<void> {
    await this.client?.query('ROLLBACK').catch(() => undefined);
  }

  async close(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.end();
  }

  private open(): Client {
    if (this.client !== undefined) return this.client;
    throw lost();
  }

  /** What the server says, or STORE_LOST where it says nothing any more; the next transaction is on a new connection then. */
  private async answer<T>(client: Client, result: Promise<T>): Promise<T> {
    try {
      return await result;
    } catch (error) {
      if (answered(error)) throw error;
      if (this.client === client) this.client = undefined;
      void client.end().catch(() => undefined);
      throw lost(error);
    }
  }

  private async connected(): Promise<Client> {
    if (this.client !== undefined) return this.client;
    const pg = postgresDriver();
    const client = new pg.Client({ connectionString: this.url, types: numbersFor(pg) });
    const gone = (): void => {
      if (this.client === client) this.client = undefined;
    };
    client.on('error', gone);
    client.on('end', gone);
    await client.connect();
    return (this.client = client);
  }

  private query(sql: string, params: readonly Value[] = []) {
    let known = this.texts.get(sql);
    if (known === undefined) {
      known = { name: createHash('sha1').update(sql).digest('hex'), text: numbered(sql) };
      this.texts.set(sql, known);
    }
    const client = this.open();
    return this.answer(client, client.query<QueryResultRow, unknown[]>({ ...known, values: valuesOf(params) }));
  }
}

/** Whether an error is the server's word on a statement, not the end of the connection. */
function answered(error: unknown): boolean {
  const { severity, code } = error as { severity?: unknown; code?: unknown };
  return severity !== undefined && !/^(08|57P)/.test(String(code));
}

function lost(cause?: unknown): SluiceError {
  return new SluiceError('STORE_LOST', 'The connection to PostgreSQL was lost.', {
    retryable: true,
    cause,
    hint: 'It is opened again with the next write; look at the log of the server where it stays so.',
  });
}

function valuesOf(params: readonly Value[]): unknown[] {
  return params.map((value) => (typeof value === 'boolean' ? Number(value) : value));
}

/** `?1` and `?` are written `$1` here. */
function numbered(sql: string): string {
  let next = 0;
  return sql.replace(/\?(\d*)/g, (_, n: string) => `$${n === '' ? ++next : n}`);
}
