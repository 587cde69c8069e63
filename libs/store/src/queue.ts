import {
  SluiceError,
  type DurableQueue,
  type PutOutcome,
  type QueueFigures,
  type QueueItem,
  type QueueOptions,
  type QueueReader as Reader,
  type QueueReaderOptions,
} from '@sluice/sdk';
import type { Told } from './committer';
import type { Transaction } from './connection';
import { storeFault, troubled } from './fault';
import { QueueReader } from './queue-reader';
import { discount, insertRows, LIVE, recount, rowOf, SLOTS, SPAN, written, type Live, type QueueRow, type Written } from './queue-rows';
import { writeSettled, type Settled } from './queue-settle';
import type { Store } from './store';

/** Rows and bytes that are written with one commit at most: the event loop and other writers wait for no more. */
const BATCH = 256;
const BATCH_BYTES = 1 << 20;
/** Rows that are put or settled with one commit at most. */
const WRITES = 1024;
/** How often a full queue is looked at where nobody here takes from it, ms. */
const LOOK_MS = 100;
/** Rows that are kept only for their id and are deleted together. */
const TRIM = 1000;

const DEFAULTS = {
  maxRows: 100_000,
  maxBytes: Infinity,
  maxAge: Infinity,
  whenFull: 'block',
  maxAttempts: 10,
  backoff: 1000,
  maxBackoff: 60_000,
  onDead: 'skip',
  dedup: 600_000,
  onTrouble: () => undefined,
} as const satisfies Required<QueueOptions>;

export type Settings = Required<QueueOptions>;

interface Insertion {
  readonly outcome: PutOutcome;
  /** Older rows that it took the place of. */
  readonly evicted: number;
  /** As it is in the store, where it is new. */
  readonly row: QueueRow | undefined;
}

interface Counted extends Live {
  readonly next: number;
}

/** One that waits to be written, or is being written. */
class Put implements Told<Insertion> {
  result: Insertion | undefined;
  error: unknown;
  over: (() => void) | undefined;

  constructor(
    readonly row: Written,
    readonly accept: (outcome: PutOutcome) => void,
    readonly refuse: (error: unknown) => void,
  ) {}

  resolve(result: Insertion): void {
    this.result = result;
    this.over?.();
  }

  reject(error: unknown): void {
    this.error = error;
    this.over?.();
  }
}

/** What one process has done to a queue. */
class Counts {
  stored = 0;
  acked = 0;
  dead = 0;
  /** Rows and bytes as they were last seen. */
  rows = 0;
  bytes = 0;
  readonly dropped: Record<string, number> = {};

  /** As a unit of work found it. Were that rolled back, the next one finds what is right. */
  holds(found: Live | undefined): void {
    if (found === undefined) return;
    this.rows = found.live;
    this.bytes = found.live_bytes;
  }

  drop(reason: string, n = 1): void {
    if (n > 0) this.dropped[reason] = (this.dropped[reason] ?? 0) + n;
  }
}

/** One named queue of a store. */
export class StoredQueue implements DurableQueue {
  private readonly waiting: Put[] = [];
  private readonly readers = new Set<QueueReader>();
  private pumping: Promise<void> | undefined;
  private closed = false;
  private readonly give: (one: Written | Settled, told: Told<Insertion | boolean>) => void;
  private wakeRoom: (() => void) | undefined;
  readonly counts = new Counts();
  private puts = 0;

  private constructor(
    readonly name: string,
    readonly id: number,
    readonly store: Store,
    readonly settings: Settings,
  ) {
    this.give = store.committer.gather(WRITES, (tx, all) => this.write(tx, all));
  }

  static async open(store: Store, name: string, options: QueueOptions = {}): Promise<StoredQueue> {
    const id = await store.write((tx) => idOf(tx, name));
    const queue = new StoredQueue(name, id, store, { ...DEFAULTS, ...options });
    await queue.look();
    return queue;
  }

  get figures(): QueueFigures {
    const { rows, bytes, stored, acked, dead, dropped } = this.counts;
    return { rows, bytes, stored, acked, dead, dropped: { ...dropped } };
  }

  put(item: QueueItem): Promise<PutOutcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push(new Put(written(item), resolve, reject));
      this.pumping ??= Promise.resolve().then(() => this.pump());
    });
  }

  read(options: QueueReaderOptions = {}): Reader {
    const reader = new QueueReader(this, options);
    this.readers.add(reader);
    return reader;
  }

  /** Writes what became of a row, in one commit with what is put meanwhile. It is told whether its reader still had its slots. */
  settle(settled: Settled, told: Told<boolean>): void {
    this.give(settled, told);
  }

  /** A reader has closed. */
  left(reader: QueueReader): void {
    this.readers.delete(reader);
  }

  /** Room may have come. */
  freed(): void {
    this.wakeRoom?.();
  }

  /** Ends its readers; what waits for room is refused. */
  async close(): Promise<void> {
    this.closed = true;
    this.wakeRoom?.();
    await Promise.all([...this.readers].map((reader) => reader.close()));
    await this.pumping;
  }

  private async look(): Promise<void> {
    const [row] = await this.store.read<{ live: number; live_bytes: number }>('SELECT live, live_bytes FROM queues WHERE id = ?1', [
      this.id,
    ]);
    this.counts.rows = Number(row?.live ?? 0);
    this.counts.bytes = Number(row?.live_bytes ?? 0);
  }

  private async pump(): Promise<void> {
    const { waiting } = this;
    while (waiting.length > 0) {
      let bytes = 0;
      let n = 0;
      while (n < waiting.length && n < BATCH && bytes < BATCH_BYTES) bytes += waiting[n++]!.row.bytes;
      const batch = waiting.splice(0, n);
      await this.sent(batch);
      let back = 0;
      const stored: QueueRow[] = [];
      for (const put of batch) {
        if (put.result === undefined) {
          const error = storeFault(put.error);
          // Were it refused, what is sent after it would overtake it.
          const later = troubled(error) && error.retryable && !this.closed;
          if (later && back === 0) this.settings.onTrouble(error);
          if (later) waiting.splice(back++, 0, put);
          else put.refuse(error);
          continue;
        }
        const { outcome, evicted, row } = put.result;
        if (row !== undefined) stored.push(row);
        this.counts.drop('full', evicted + (outcome === 'dropped' ? 1 : 0));
        if (outcome === 'stored') this.counts.stored++;
        if (outcome !== 'full' || this.settings.whenFull !== 'block') put.accept(outcome);
        else if (this.closed) put.refuse(closedFull(this.name));
        else waiting.splice(back++, 0, put);
      }
      if (stored.length > 0) for (const reader of this.readers) reader.offer(stored);
      if (back > 0) await this.room();
    }
    this.pumping = undefined;
  }

  /** Until each of them is written, or could not be. */
  private sent(batch: readonly Put[]): Promise<void> {
    return new Promise((resolve) => {
      let left = batch.length;
      const over = (): void => {
        if (--left === 0) resolve();
      };
      for (const put of batch) {
        put.result = undefined;
        put.over = over;
        this.give(put.row, put);
      }
    });
  }

  /** Until somebody has taken something, here or in another process. */
  private room(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.store.clock.after(LOOK_MS, () => this.wakeRoom?.());
      this.wakeRoom = () => {
        cancel();
        this.wakeRoom = undefined;
        resolve();
      };
    });
  }

  /** What was settled makes room for what is put: it comes first, and the queue is counted once. */
  private async write(tx: Transaction, all: readonly (Written | Settled)[]): Promise<readonly (Insertion | boolean)[]> {
    const { id, settings } = this;
    const now = this.store.clock.now();
    const settled: Settled[] = [];
    const rows: Written[] = [];
    for (const one of all) {
      if ('held' in one) settled.push(one);
      else rows.push(one);
    }
    const gone = await writeSettled(tx, id, settings.onDead === 'park_key', settled, now);
    if (gone.missing) this.counts.holds(await recount(tx, id));
    const left = gone.missing ? NOTHING : gone;
    const insertions = rows.length > 0 ? await this.insert(tx, rows, left, now) : [];
    if (rows.length === 0) this.counts.holds(await discount(tx, id, left.rows, left.bytes));
    let next = 0;
    return all.map((one) => ('held' in one ? !gone.strange.has(one.held.epoch) : insertions[next++]!));
  }

  /** @param gone rows that left meanwhile, and are still counted */
  private async insert(
    tx: Transaction,
    rows: readonly Written[],
    gone: { readonly rows: number; readonly bytes: number },
    now: number,
  ): Promise<readonly Insertion[]> {
    const { id, settings } = this;
    const whole = rows.reduce((sum, row) => sum + row.bytes, 0);
    // Mostly there is room for all: their numbers are taken and they are counted with one statement.
    const roomy = await tx.get<Counted>(
      `UPDATE queues SET next = next + ?2, live = live + ?2 - ?6, live_bytes = live_bytes + ?3 - ?7
       WHERE id = ?1 AND live + ?2 - ?6 <= ?4 AND live_bytes + ?3 - ?7 <= ?5 RETURNING next, live, live_bytes`,
      [id, rows.length, whole, limitOf(settings.maxRows), limitOf(settings.maxBytes), gone.rows, gone.bytes],
    );
    if (roomy !== undefined) {
      const next = roomy.next - rows.length;
      const fresh = await insertRows(tx, id, next, rows, now, now + settings.dedup);
      const known = rows.filter((_, i) => !fresh[i]);
      const left = await discount(
        tx,
        id,
        known.length,
        known.reduce((sum, row) => sum + row.bytes, 0),
      );
      this.counts.holds(left ?? roomy);
      await this.trim(tx, now, rows.length);
      return rows.map((row, i) => ({
        outcome: fresh[i] ? 'stored' : 'known',
        evicted: 0,
        row: fresh[i] ? rowOf(row, next + i, now) : undefined,
      }));
    }
    await discount(tx, id, gone.rows, gone.bytes);
    const found = (await tx.get<Counted>('SELECT next, live, live_bytes FROM queues WHERE id = ?1', [id]))!;
    let { live, live_bytes: bytes } = found;
    const { next } = found;
    let evictions = 0;
    if (settings.whenFull === 'drop_oldest') {
      const evicted = await this.evict(tx, rows, live, bytes);
      live -= evicted.rows;
      bytes -= evicted.bytes;
      evictions = evicted.rows;
    }
    let fits = 0;
    let more = 0;
    while (fits < rows.length) {
      const size = rows[fits]!.bytes;
      // One alone always fits: a row that is larger than the limit would wait for ever.
      if (live + fits >= settings.maxRows || (bytes + more + size > settings.maxBytes && live + fits > 0)) break;
      more += size;
      fits++;
    }
    const taken = fits === rows.length ? rows : rows.slice(0, fits);
    const fresh = await insertRows(tx, id, next, taken, now, now + settings.dedup);
    let stored = 0;
    let storedBytes = 0;
    taken.forEach((row, i) => {
      if (!fresh[i]) return;
      stored++;
      storedBytes += row.bytes;
    });
    if (taken.length > 0) {
      await tx.run('UPDATE queues SET next = next + ?2, live = live + ?3, live_bytes = live_bytes + ?4 WHERE id = ?1', [
        id,
        taken.length,
        stored,
        storedBytes,
      ]);
    }
    this.counts.holds({ live: live + stored, live_bytes: bytes + storedBytes });
    await this.trim(tx, now, taken.length);
    const refused = settings.whenFull === 'drop_newest' ? 'dropped' : 'full';
    return rows.map((row, i) => ({
      outcome: i >= fits ? refused : fresh[i] ? 'stored' : 'known',
      evicted: i === 0 ? evictions : 0,
      row: fresh[i] ? rowOf(row, next + i, now) : undefined,
    }));
  }

  /** Makes room for new rows by the oldest ones. */
  private async evict(tx: Transaction, rows: readonly Written[], live: number, bytes: number): Promise<{ rows: number; bytes: number }> {
    const { id, settings } = this;
    const gone = { rows: 0, bytes: 0 };
    let over = Math.max(0, live + rows.length - settings.maxRows);
    let overBytes = Math.max(0, bytes + rows.reduce((sum, row) => sum + row.bytes, 0) - settings.maxBytes);
    if (over === 0 && overBytes === 0) return gone;
    const oldest = await tx.all<{ seq: number; bytes: number }>(
      `SELECT seq, bytes FROM queue_rows WHERE seq >= ?1 AND seq < ?2 AND state = ${LIVE} ORDER BY seq LIMIT ?3`,
      [id * SPAN, (id + 1) * SPAN, Math.max(over, BATCH)],
    );
    for (const row of oldest) {
      if (over <= 0 && overBytes <= 0) break;
      await tx.run('DELETE FROM queue_rows WHERE seq = ?1', [row.seq]);
      over--;
      overBytes -= row.bytes;
      gone.rows++;
      gone.bytes += row.bytes;
    }
    await discount(tx, id, gone.rows, gone.bytes);
    return gone;
  }

  /** Now and then, what was kept for its id long enough goes: at least as fast as it comes. */
  private async trim(tx: Transaction, now: number, came: number): Promise<void> {
    if ((this.puts += came) < TRIM) return;
    this.puts = 0;
    await trimKnown(tx, this.id, now, TRIM * 4);
  }
}

/** Deletes rows that were acked and whose ids need not be known any more; the oldest first. */
export async function trimKnown(tx: Transaction, queue: number, now: number, max: number): Promise<number> {
  const oldest = await tx.all<{ seq: number; state: number; keep: number }>(
    'SELECT seq, state, keep FROM queue_rows WHERE seq >= ?1 AND seq < ?2 AND state = 2 ORDER BY seq LIMIT ?3',
    [queue * SPAN, (queue + 1) * SPAN, max],
  );
  let last = -1;
  for (const { seq, keep } of oldest) {
    if (keep > now) break;
    last = seq;
  }
  if (last < 0) return 0;
  return tx.run('DELETE FROM queue_rows WHERE seq >= ?1 AND seq <= ?2 AND state = 2', [queue * SPAN, last]);
}

async function idOf(tx: Transaction, name: string): Promise<number> {
  const found = await tx.get<{ id: number }>('SELECT id FROM queues WHERE name = ?1', [name]);
  if (found !== undefined) return found.id;
  const last = await tx.get<{ id: number | null }>('SELECT max(id) AS id FROM queues');
  // Rows whose queue was lost wait to be salvaged, under numbers that nobody else may have.
  const row = await tx.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM queue_rows');
  const id = Math.max(last?.id ?? 0, Math.floor(Number(row?.seq ?? 0) / SPAN)) + 1;
  await tx.run('INSERT INTO queues (id, name, next, live, live_bytes, epoch, revision) VALUES (?1, ?2, ?3, 0, 0, 0, 0)', [
    id,
    name,
    id * SPAN + 1,
  ]);
  const slots = Array.from({ length: SLOTS }, (_, slot) => `(?1, ${slot}, 0)`).join(', ');
  await tx.run(`INSERT INTO queue_leases (queue, slot, epoch) VALUES ${slots}`, [id]);
  return id;
}

const NOTHING = { rows: 0, bytes: 0 };

/** What a database can compare with. */
function limitOf(max: number): number {
  return Math.min(max, Number.MAX_SAFE_INTEGER);
}

function closedFull(name: string): SluiceError {
  return new SluiceError('STORE_CLOSED', `Queue ${name} was closed while a packet waited for room.`, { retryable: true });
}
