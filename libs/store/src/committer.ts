import { SluiceError } from '@sluice/sdk';
import type { Connection, Transaction, Value } from './connection';
import { storeClosed, storeFault, troubled } from './fault';

/**
 * One unit of work: reads and writes that are committed together, or not at all. It may be run twice (its group failed, it is tried alone),
 * so it changes nothing but through its transaction.
 */
export type Unit<T> = (tx: Transaction) => Promise<T>;

/** Who waits for what comes of an item. */
export interface Told<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** Units that are in one transaction at most; what more there is waits for the next one. */
const GROUP = 256;

interface Job {
  /** Runs it. What it returns is called after the commit. */
  run(tx: Transaction): Promise<() => void>;
  /** The parts that are tried one by one after it failed in a group. */
  parts(): readonly Job[];
  fail(error: unknown): void;
}

/** Knows whether a unit has changed anything: one that fails before it did leaves its group whole. */
class Watched implements Transaction {
  changed = false;
  readonly dialect;

  constructor(private readonly connection: Connection) {
    this.dialect = connection.dialect;
  }

  async run(sql: string, params?: readonly Value[]): Promise<number> {
    const changed = await this.watch(this.connection.run(sql, params));
    if (changed > 0) this.changed = true;
    return changed;
  }

  async all<R extends object>(sql: string, params?: readonly Value[]): Promise<R[]> {
    const rows = await this.watch(this.connection.all<R>(sql, params));
    if (!/^\s*(select|with)\b/i.test(sql)) this.changed = true;
    return rows;
  }

  async get<R extends object>(sql: string, params?: readonly Value[]): Promise<R | undefined> {
    return (await this.all<R>(sql, params))[0];
  }

  /** After a failed statement PostgreSQL takes no more in this transaction. */
  private async watch<T>(result: Promise<T>): Promise<T> {
    try {
      return await result;
    } catch (error) {
      this.changed = true;
      throw storeFault(error);
    }
  }
}

/**
 * Takes all writes of a store, as units of work, and owns its only writing connection. Units that wait together are committed together: one
 * sync of the disk for all of them. A promise resolves only after COMMIT. Where a unit fails, its group is rolled back and its units are
 * tried one by one, so that only the faulty one is refused.
 */
export class Committer {
  private waiting: Job[] = [];
  private working: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly connection: Connection) {}

  /**
   * @returns what the unit returned, after its commit
   * @throws SluiceError STORE_FULL, STORE_BUSY, STORE_DAMAGED, STORE_LOST, STORE_FAILED, STORE_CLOSED, or what the unit threw
   */
  write<T>(unit: Unit<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const job: Job = {
        run: async (tx) => {
          const value = await unit(tx);
          return () => resolve(value);
        },
        parts: () => [job],
        fail: reject,
      };
      this.take(job);
    });
  }

  /**
   * A writer of many small equal things: what is given to it while it waits becomes one call of `unit`, which returns one result per item.
   * Who gave an item is told after the commit; there is no promise of each, because there are many.
   * @param max items per call
   */
  gather<I, T>(max: number, unit: (tx: Transaction, items: readonly I[]) => Promise<readonly T[]>): (item: I, told: Told<T>) => void {
    let open: Gathered<I, T> | undefined;
    return (item, told) => {
      if (this.closed) return told.reject(storeClosed());
      if (open === undefined || open.begun || open.size >= max) {
        open = new Gathered(unit);
        this.take(open);
      }
      open.add(item, told);
    };
  }

  /** Takes no more, commits what waits, then closes the connection. */
  async close(): Promise<void> {
    this.closed = true;
    await this.working;
    await this.connection.close();
  }

  private take(job: Job): void {
    if (this.closed) return job.fail(storeClosed());
    this.waiting.push(job);
    // A turn later: what is given in this one is in the first group.
    this.working ??= Promise.resolve().then(() => this.work());
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0, GROUP);
      if (await this.commit(group)) continue;
      for (const part of group.flatMap((job) => job.parts())) await this.commit([part]);
    }
    this.working = undefined;
  }

  /** @returns whether it was rolled back and its units may be tried alone */
  private async commit(group: readonly Job[]): Promise<boolean> {
    const { connection } = this;
    try {
      await connection.begin();
    } catch (error) {
      // Where nobody can begin, each alone would fail the same way.
      for (const job of group) job.fail(storeFault(error));
      return true;
    }
    const done: (() => void)[] = [];
    const refused = new Map<Job, unknown>();
    let committing = false;
    try {
      for (const job of group) {
        const tx = new Watched(connection);
        try {
          done.push(await job.run(tx));
        } catch (error) {
          if (tx.changed) throw error;
          refused.set(job, error);
        }
      }
      committing = true;
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      const known = committing ? storeFault(error) : error;
      if (!ofAll(known) && group.flatMap((job) => job.parts()).length > 1) return false;
      for (const job of group) job.fail(known);
      return true;
    }
    for (const [job, error] of refused) job.fail(error);
    for (const tell of done) tell();
    return true;
  }
}

/** Whether each unit alone would fail the same way, or nobody knows that it failed: to try them one by one would only change their order. */
function ofAll(error: unknown): boolean {
  return SluiceError.is(error) && (troubled(error) || error.effectState === 'unknown');
}

class Gathered<I, T> implements Job {
  begun = false;
  private readonly items: I[] = [];
  private readonly told: Told<T>[] = [];

  constructor(private readonly unit: (tx: Transaction, items: readonly I[]) => Promise<readonly T[]>) {}

  get size(): number {
    return this.items.length;
  }

  add(item: I, told: Told<T>): void {
    this.items.push(item);
    this.told.push(told);
  }

  async run(tx: Transaction): Promise<() => void> {
    this.begun = true;
    const results = await this.unit(tx, this.items);
    return () => this.told.forEach((told, at) => told.resolve(results[at]!));
  }

  parts(): readonly Job[] {
    if (this.size === 1) return [this];
    return this.items.map((item, at) => {
      const part = new Gathered(this.unit);
      part.begun = true;
      part.add(item, this.told[at]!);
      return part;
    });
  }

  fail(error: unknown): void {
    // Also where it never ran: what is given from now on is of another one.
    this.begun = true;
    for (const told of this.told) told.reject(error);
  }
}
