import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DurableStore, QueueOptions } from '@sluice/sdk';
import { StoredArtifacts } from './artifacts';
import { Blobs } from './blobs';
import { Committer, type Unit } from './committer';
import type { Connection, Dialect, Value } from './connection';
import { PostgresConnection } from './postgres';
import { openReading, type Reading } from './reading';
import { SqliteConnection } from './sqlite';
import { storeFault } from './fault';
import { Journal } from './journal';
import { StoredQueue } from './queue';
import { StoredRuns } from './run-record';
import { StoredTimers } from './timers';

/** What of a clock the store needs; the runtime's clocks are such. */
export interface StoreClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `fn` after `ms`; returns what cancels it. */
  after(ms: number, fn: () => void): () => void;
}

/** Where a store is, and how surely it writes. */
export interface StoreOptions {
  /** File of a SQLite store; its folder is made. Blobs are in a folder beside it. */
  readonly path?: string;
  /**
   * SQLite: `full` (default) means that what was committed survives a power failure; with `normal` it survives the end of the
   * process, and the last commits may be lost with the power.
   */
  readonly sync?: 'full' | 'normal';
  /** PostgreSQL: `postgres://user@host/database`. */
  readonly url?: string;
  /** Folder of blobs; default `blobs` beside the file, and needed with `url` where references are used. */
  readonly blobs?: string;
  readonly clock?: StoreClock;
}

const wallClock: StoreClock = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};

/** An open store, with its queues and blobs: one committer that writes, one connection (PostgreSQL: a few) that reads. */
export class Store implements DurableStore {
  private readonly queues = new Map<string, Promise<StoredQueue>>();
  readonly blobs: Blobs;
  readonly artifacts: StoredArtifacts;
  readonly timers: StoredTimers;
  readonly journal: Journal;
  readonly runs: StoredRuns;
  /** Whole milliseconds: a time is a whole number in every column. */
  readonly clock: StoreClock;

  constructor(
    readonly dialect: Dialect,
    clock: StoreClock,
    private readonly reading: Reading,
    readonly committer: Committer,
    /** Folder of blobs, undefined where none was named. */
    folder: string | undefined,
    /** File of a SQLite store. */
    readonly path: string | undefined,
  ) {
    this.clock = { now: () => Math.floor(clock.now()), after: (ms, fn) => clock.after(ms, fn) };
    this.blobs = new Blobs(this, folder);
    this.artifacts = new StoredArtifacts(this);
    this.timers = new StoredTimers(this);
    this.journal = new Journal(this);
    this.runs = new StoredRuns(this);
  }

  /** The queue of a name: one object in this process. Who puts and who takes say different options; what is said last holds. */
  async queue(name: string, options: QueueOptions = {}): Promise<StoredQueue> {
    let queue = this.queues.get(name);
    if (queue === undefined) {
      queue = StoredQueue.open(this, name, options);
      this.queues.set(name, queue);
      queue.catch(() => this.queues.delete(name));
    }
    const opened = await queue;
    Object.assign(opened.settings, options);
    return opened;
  }

  /** Commits a unit of work; see `Committer.write`. */
  write<T>(unit: Unit<T>): Promise<T> {
    return this.committer.write(unit);
  }

  /** Reads what is committed. Parameters as in a unit of work. */
  async read<R extends object>(sql: string, params: readonly Value[] = []): Promise<R[]> {
    try {
      return await this.reading.all<R>(sql, params);
    } catch (error) {
      throw storeFault(error);
    }
  }

  /** Commits what was given to it, then closes its connections. */
  async close(): Promise<void> {
    const queues = await Promise.allSettled(this.queues.values());
    await Promise.all(queues.map((queue) => (queue.status === 'fulfilled' ? queue.value.close() : undefined)));
    await this.committer.close();
    await this.reading.close();
  }
}

/**
 * Opens a store, makes or migrates its tables.
 * @throws SluiceError STORE_DRIVER, STORE_OPEN, STORE_NEWER
 */
export async function openStore({ path, url, blobs, sync, clock = wallClock }: StoreOptions): Promise<Store> {
  if (url !== undefined) {
    const reading = await openReading({ url });
    return withConnection(
      reading,
      () => PostgresConnection.open(url),
      (connection) => new Store('postgres', clock, reading, new Committer(connection), blobs, undefined),
    );
  }
  const file = path ?? join('.sluice', 'store.db');
  await mkdir(dirname(file), { recursive: true });
  const reading = await openReading({ path: file });
  const folder = blobs ?? join(dirname(file), 'blobs');
  return withConnection(
    reading,
    () => SqliteConnection.open(file, sync),
    (connection) => new Store('sqlite', clock, reading, new Committer(connection), folder, file),
  );
}

async function withConnection(reading: Reading, open: () => Promise<Connection>, made: (connection: Connection) => Store): Promise<Store> {
  try {
    return made(await open());
  } catch (error) {
    await reading.close();
    throw storeFault(error);
  }
}
