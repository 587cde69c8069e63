import {
  SluiceError,
  type Outcome,
  type QueueDelivery,
  type QueueItem,
  type QueueReader as Reader,
  type QueueReaderOptions,
} from '@sluice/sdk';
import type { Told } from './committer';
import { storeFault } from './fault';
import type { StoredQueue } from './queue';
import { endLease, LEASE_MS, markLease, renewLease, takeLease } from './queue-lease';
import { itemOf, LIVE, parsed, ROW, SPAN, type Live, type QueueRow } from './queue-rows';
import type { Settled } from './queue-settle';
import { Window, WINDOW, type Held } from './queue-window';

/** How often rows of other processes are looked for, ms. */
const POLL_MS = 100;
/** Rows that are read, and made objects of, at one time: the event loop is not held for more. */
const READ = 256;
const READ_BYTES = 1 << 20;
const AGAIN_MS = 200;
/** Tries whose time comes within this are read again together, ms. */
const LATER_MS = 5;

/**
 * Reads a queue in the order of its rows and hands them over, of one key one after the other. It reads only slots that it holds a lease of;
 * whoever takes them over gives them a new epoch, and what this reader settles from then on is refused.
 *
 * In memory is a window of rows. What may not be handed over yet (its key waits for its next try, or is parked) is left in the store and
 * read again from there when its time has come.
 */
export class QueueReader implements Reader {
  private readonly prefetch: number;
  private epoch = 0;
  private slots = new Set<number>();
  /** Slots that others should have: nothing more of them is handed over. */
  private readonly leaving = new Set<number>();
  private cursor: number;
  private readonly end: number;
  private revision = -1;
  private readonly window = new Window();
  /** Keys (or rows without one) that wait for their next try: from which row, until when. */
  private readonly later = new Map<string, { from: number; due: number }>();
  private parked = new Set<string>();
  /** The last row that was handed over, and the last of which that is written down. */
  private mark = 0;
  private marked = 0;
  private underWay = 0;
  private waiting: { resolve(result: IteratorResult<QueueDelivery>): void; reject(error: unknown): void } | undefined;
  /** Why nothing can be read any more. */
  private fault: SluiceError | undefined;
  private reading: Promise<void> | undefined;
  /** Rows that were settled while rows were read: they may be among those. */
  private gone: number[] = [];
  /** The last read found no more. */
  private dry = false;
  private again = false;
  /** The window is full; it is filled again when half of it is done. */
  private stuffed = false;
  private finishing = false;
  /** Hands over no more. */
  private stopping = false;
  private closed = false;
  private closing: Promise<void> | undefined;
  private writing = 0;
  private renewedAt = 0;
  private readonly timers = new Map<string, () => void>();
  private readonly began: Promise<void>;
  private idle: (() => void) | undefined;
  /** What the store cannot do now, by its error code. */
  private readonly troubles = new Map<'lease' | 'read' | 'settle', string>();

  constructor(
    private readonly queue: StoredQueue,
    private readonly options: QueueReaderOptions,
  ) {
    this.prefetch = options.prefetch ?? 64;
    this.cursor = queue.id * SPAN;
    this.end = (queue.id + 1) * SPAN;
    this.began = this.lease();
  }

  finish(): void {
    this.finishing = true;
    this.serve();
    this.fill();
  }

  [Symbol.asyncIterator](): AsyncIterator<QueueDelivery> {
    return {
      next: () =>
        new Promise((resolve, reject) => {
          this.waiting = { resolve, reject };
          this.serve();
        }),
      // What is under way keeps its slots until it is settled.
      return: () => {
        this.stopping = true;
        this.serve();
        this.left();
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }

  /** Whoever closes it again, such as the store, waits for the same end: the lease is given back before that. */
  close(): Promise<void> {
    return (this.closing ??= this.shut());
  }

  private async shut(): Promise<void> {
    this.closed = true;
    for (const cancel of this.timers.values()) cancel();
    this.serve();
    await this.began;
    await this.reading;
    if (this.writing > 0) await new Promise<void>((resolve) => (this.idle = resolve));
    const { id, store } = this.queue;
    try {
      await store.write((tx) => endLease(tx, id, this.epoch));
      // The store can do again whatever it could not, and nobody will look any more.
      for (const what of [...this.troubles.keys()]) this.fine(what);
    } catch {
      // The lease ends by itself.
    }
    this.queue.left(this);
  }

  // Its lease.

  private async lease(): Promise<void> {
    if (this.closed) return;
    const { id, store } = this.queue;
    try {
      const taken = await store.write((tx) => takeLease(tx, id, this.prefetch, store.clock.now()));
      this.forget();
      this.epoch = taken.epoch;
      this.slots = new Set(taken.slots);
      this.mark = this.marked = taken.mark;
      this.renewedAt = store.clock.now();
      await this.reload();
    } catch (error) {
      this.trouble('lease', error);
      return this.timer('lease', AGAIN_MS, () => void this.lease());
    }
    this.fine('lease');
    this.timer('renew', Math.floor(LEASE_MS / 3), () => void this.renew());
    this.timer('poll', POLL_MS, () => void this.poll());
    this.fill();
  }

  /** Says that it lives, takes what is free, and gives up what others should have. */
  private async renew(): Promise<void> {
    if (this.closed) return;
    const { id, store } = this.queue;
    const busy = new Set(this.window.all.map(({ row }) => row.slot));
    const free = [...this.leaving].filter((slot) => !busy.has(slot));
    const { epoch, mark } = this;
    try {
      const now = store.clock.now();
      const kept = await store.write((tx) => renewLease(tx, id, { epoch, mark, slots: [...this.slots] }, free, now));
      if (kept === undefined) return await this.lost();
      this.renewedAt = now;
      this.marked = mark;
      for (const slot of free) {
        this.slots.delete(slot);
        this.leaving.delete(slot);
      }
      for (const slot of kept.more) this.slots.add(slot);
      if (kept.more.length > 0) this.reread(id * SPAN);
      this.giveUp(kept.share);
      this.fine('lease');
    } catch (error) {
      // Until it can be written again the lease runs on, and ends where it does.
      this.trouble('lease', error);
    }
    this.timer('renew', LEASE_MS / 3, () => void this.renew());
    this.serve();
  }

  private giveUp(share: number): void {
    const surplus = [...this.slots].filter((slot) => !this.leaving.has(slot)).slice(share);
    for (const slot of surplus) this.leaving.add(slot);
    if (surplus.length > 0) for (const held of this.window.all) if (!held.given && this.leaving.has(held.row.slot)) this.window.drop(held);
  }

  /** Somebody else has the slots: what is under way is theirs to hand over again. */
  private async lost(): Promise<void> {
    this.forget();
    this.epoch = 0;
    await this.lease();
  }

  private forget(): void {
    this.window.clear();
    this.later.clear();
    this.leaving.clear();
    this.slots.clear();
    this.underWay = 0;
    this.cursor = this.queue.id * SPAN;
    this.dry = false;
  }

  // Reading.

  /** Looks for what other processes did, and writes down how far rows were handed over. */
  private async poll(): Promise<void> {
    if (this.closed) return;
    const { id, store } = this.queue;
    const { epoch, mark } = this;
    try {
      const [row] = await store.read<{ next: number; revision: number }>('SELECT next, revision FROM queues WHERE id = ?1', [id]);
      if (row !== undefined && Number(row.revision) !== this.revision) {
        await this.reload();
        this.afresh();
      } else if (row !== undefined && Number(row.next) > this.cursor + 1) this.fill();
      if (mark > this.marked) {
        await store.write((tx) => markLease(tx, id, epoch, mark));
        this.marked = mark;
      }
      this.fine('read');
    } catch (error) {
      // The next look may find it.
      this.trouble('read', error);
    }
    this.timer('poll', POLL_MS, () => void this.poll());
  }

  private async reload(): Promise<void> {
    const { id, store } = this.queue;
    // In the committer's order: what was read beside it could be older than what a writer here has counted since.
    this.revision = await store.write(async (tx) => {
      const row = await tx.get<Live & { revision: number }>('SELECT revision, live, live_bytes FROM queues WHERE id = ?1', [id]);
      this.queue.counts.holds(row);
      return row?.revision ?? 0;
    });
    const parked = await store.read<{ key: string }>('SELECT key FROM queue_parked WHERE queue = ?1', [id]);
    this.parked = new Set(parked.map(({ key }) => key));
  }

  /** Somebody has changed rows: what was read and not handed over is read again, and no try is waited for. */
  private afresh(): void {
    for (const held of this.window.all) if (!held.given) this.window.drop(held);
    for (const [name, { from }] of this.later) if (!this.window.has(from)) this.later.delete(name);
    this.reread(this.queue.id * SPAN);
  }

  private reread(from: number): void {
    this.cursor = Math.min(this.cursor, from - 1);
    this.fill();
  }

  private fill(): void {
    if (this.closed || this.epoch === 0) return;
    this.dry = false;
    this.again = true;
    this.stuffed = false;
    this.reading ??= this.readOn().finally(() => {
      this.reading = undefined;
      for (const seq of this.gone) this.window.discard(seq);
      this.gone = [];
      this.stuffed = this.window.full;
      if (this.again && !this.window.full && !this.closed) this.fill();
      else this.serve();
    });
  }

  /** New rows of this process, which are on the disk: they need not be read where all that came before them has been. */
  offer(rows: readonly QueueRow[]): void {
    const [first] = rows as [QueueRow];
    const last = rows.at(-1)!.seq;
    const next = first.seq === this.cursor + 1 && last - first.seq === rows.length - 1;
    if (!next || !this.dry || this.reading !== undefined || this.window.full) return this.fill();
    for (const row of rows) this.hold(row, parsed(row));
    this.cursor = last;
    this.serve();
  }

  private async readOn(): Promise<void> {
    const { store, counts } = this.queue;
    while (this.again && !this.window.full && !this.closed) {
      this.again = false;
      const { epoch, cursor } = this;
      const average = counts.rows === 0 ? 1024 : counts.bytes / counts.rows;
      const limit = Math.max(1, Math.min(READ, WINDOW - this.window.size, Math.ceil(READ_BYTES / Math.max(1, average))));
      let rows: QueueRow[];
      let urgent: QueueRow[];
      try {
        rows = await store.read<QueueRow>(
          `SELECT ${ROW} FROM queue_rows WHERE seq > ?1 AND seq < ?2 AND state = ${LIVE} ORDER BY seq LIMIT ?3`,
          [cursor, this.end, limit],
        );
        // What is not in reach is read by its priority.
        urgent = rows.length === limit ? await this.urgent(cursor) : [];
      } catch (error) {
        this.trouble('read', error);
        return this.timer('read', AGAIN_MS, () => this.fill());
      }
      this.fine('read');
      if (this.epoch !== epoch) return;
      // Something before these rows came back in the meantime: they are read again behind it.
      if (this.cursor !== cursor) {
        this.again = true;
        continue;
      }
      for (const row of urgent) this.hold(row, itemOf(row));
      for (const row of rows) this.hold(row, itemOf(row));
      this.cursor = rows.at(-1)?.seq ?? cursor;
      this.dry = !this.again && rows.length < limit;
      if (!this.dry) this.again = true;
      this.serve();
    }
  }

  /** Rows beyond the window that may overtake: of a key of which nothing is before them. */
  private async urgent(cursor: number): Promise<QueueRow[]> {
    return this.queue.store.read<QueueRow>(
      `SELECT ${ROW} FROM queue_rows r WHERE queue = ?1 AND priority > 0 AND state = ${LIVE} AND seq > ?2
       AND (key = '' OR NOT EXISTS (SELECT 1 FROM queue_rows b WHERE b.seq >= ?3 AND b.seq < r.seq AND b.state = ${LIVE} AND b.key = r.key))
       ORDER BY priority DESC, seq LIMIT 16`,
      [this.queue.id, cursor, this.queue.id * SPAN],
    );
  }

  /**
   * Takes a row into the window, unless its key has to wait.
   * @param item undefined where the row is not what was written
   */
  private hold(row: QueueRow, item: QueueItem | undefined): void {
    const { key, slot, seq } = row;
    if (this.window.has(seq) || !this.slots.has(slot) || this.leaving.has(slot)) return;
    if (key !== '' && this.parked.has(key)) return;
    if (this.later.size > 0 && this.later.has(nameOf(row))) return;
    const { settings, store, counts } = this.queue;
    const now = store.clock.now();
    // A clock that was set back must not let it wait longer than it ever may.
    if (row.due > now && row.due <= now + settings.maxBackoff) return this.wait(nameOf(row), seq, row.due);
    const held: Held = { row, epoch: this.epoch, item: item ?? NO_ITEM, given: false };
    const first = this.window.add(held);
    if (item === undefined) return this.settle({ held, to: 'dead', error: 'Its bytes are not those that were written.' });
    if (now - row.at > settings.maxAge) {
      counts.drop('age');
      return this.settle({ held, to: 'dropped' });
    }
    if (row.attempts >= settings.maxAttempts) {
      return this.settle({ held, to: 'dead', error: `The process died ${row.attempts} times while it was under way.` });
    }
    if (first) this.window.line(held);
  }

  private wait(name: string, from: number, due: number): void {
    this.later.set(name, { from, due });
    this.timerForLater();
  }

  private timerForLater(): void {
    let next = Infinity;
    for (const { due } of this.later.values()) next = Math.min(next, due);
    if (next === Infinity) return;
    this.timer('later', Math.max(LATER_MS, next - this.queue.store.clock.now()), () => {
      const now = this.queue.store.clock.now();
      let from = Infinity;
      for (const [name, { from: seq, due }] of this.later) {
        // One whose last try is not written down yet is not to be read again either.
        if (due > now || this.window.has(seq)) continue;
        this.later.delete(name);
        from = Math.min(from, seq);
      }
      this.timerForLater();
      if (from !== Infinity) this.reread(from);
    });
  }

  // Handing over.

  private serve(): void {
    const { waiting } = this;
    if (waiting === undefined) return;
    if (this.closed || this.stopping || this.over) {
      this.waiting = undefined;
      return waiting.resolve({ value: undefined, done: true });
    }
    if (this.fault !== undefined) {
      this.waiting = undefined;
      return waiting.reject(this.fault);
    }
    if (this.underWay >= this.prefetch || this.queue.store.clock.now() - this.renewedAt > LEASE_MS) return;
    const held = this.window.next();
    if (held === undefined) return;
    this.waiting = undefined;
    held.given = true;
    this.underWay++;
    if (held.row.seq > this.mark) this.mark = held.row.seq;
    waiting.resolve({ value: this.delivery(held), done: false });
  }

  /** One that was stopped closes when nothing of it is under way. */
  private left(): void {
    if (this.stopping && this.underWay === 0) void this.close();
  }

  private get over(): boolean {
    return this.finishing && this.dry && this.window.size === 0 && this.later.size === 0 && this.writing === 0;
  }

  private delivery(held: Held): QueueDelivery {
    const { seq, attempts } = held.row;
    const { payload, kind, meta, sourceId, time, key, id, priority } = held.item;
    let told = false;
    const settle = (outcome: Outcome, error?: unknown): void => {
      if (told) return;
      told = true;
      // Its slots are somebody else's by now: they hand it over again.
      if (held.epoch !== this.epoch) return;
      this.underWay--;
      this.settled(held, outcome, error);
      this.serve();
      this.left();
    };
    return { payload, kind, meta, sourceId, time, key, id, priority, seq, attempts, settle };
  }

  private settled(held: Held, outcome: Outcome, error: unknown): void {
    const { row } = held;
    const { settings, store } = this.queue;
    if (outcome === 'acked') return this.settle({ held, to: 'done' });
    // Nobody has tried it: it came too late.
    if (this.closed || (this.stopping && error === undefined)) return this.window.drop(held);
    if (outcome === 'cancelled') {
      this.window.dropKey(row.key);
      this.window.drop(held);
      return this.reread(row.seq);
    }
    const attempts = row.attempts + 1;
    const message = error instanceof Error ? error.message : error === undefined ? 'It was refused.' : String(error);
    const last = attempts >= settings.maxAttempts || (SluiceError.is(error) && !error.retryable);
    if (last) return this.settle({ held, to: 'dead', error: message });
    const due = store.clock.now() + Math.round(Math.min(settings.maxBackoff, settings.backoff * 2 ** (attempts - 1)));
    this.settle({ held, to: 'again', due, error: message });
  }

  /** What became of a row; the next of its key may go on before that is written. */
  private settle(settled: Settled): void {
    const { held, to } = settled;
    const { row } = held;
    held.given = true;
    this.window.unline(held);
    if (to === 'again') {
      this.window.dropKey(row.key);
      this.later.set(nameOf(row), { from: row.seq, due: settled.due });
    } else if (to === 'dead' && this.queue.settings.onDead === 'park_key' && row.key !== '') {
      this.parked.add(row.key);
      this.window.dropKey(row.key);
    }
    this.writing++;
    this.write(settled);
  }

  // Writing.

  private write(settled: Settled): void {
    const told: Told<boolean> = {
      resolve: (mine) => {
        this.fine('settle');
        if (mine) this.written(settled);
        else if (settled.held.epoch === this.epoch) void this.lost();
        this.wrote();
      },
      reject: (error) => {
        if (this.closed || SluiceError.is(error, 'STORE_CLOSED')) return this.wrote();
        this.trouble('settle', error);
        this.queue.store.clock.after(AGAIN_MS, () => this.write(settled));
      },
    };
    this.queue.settle(settled, told);
  }

  private wrote(): void {
    if (--this.writing === 0) this.idle?.();
    this.serve();
  }

  private written({ held, to }: Settled): void {
    const { counts } = this.queue;
    const { row } = held;
    if (to === 'done') counts.acked++;
    if (to === 'dead') counts.dead++;
    if (to !== 'again') this.queue.freed();
    if (held.epoch !== this.epoch) return;
    // A read that is under way may still have it among its rows.
    if (this.reading === undefined) this.window.discard(row.seq);
    else this.gone.push(row.seq);
    if (to === 'again') this.timerForLater();
    if (this.stuffed && this.window.halfEmpty) this.fill();
  }

  /** The store cannot do what it should: it is tried again, and somebody should know why nothing comes. */
  private trouble(what: 'lease' | 'read' | 'settle', cause: unknown): void {
    const error = storeFault(cause);
    if (this.closed || error.code === 'STORE_CLOSED' || this.troubles.get(what) === error.code) return;
    this.troubles.set(what, error.code);
    this.options.onTrouble?.(error);
    // To try it again would not help.
    if (error.code !== 'STORE_DAMAGED') return;
    this.fault = error;
    this.serve();
  }

  private fine(what: 'lease' | 'read' | 'settle'): void {
    if (this.troubles.delete(what) && this.troubles.size === 0) this.options.onTrouble?.(undefined);
  }

  private timer(name: string, ms: number, fn: () => void): void {
    this.timers.get(name)?.();
    if (this.closed) return;
    this.timers.set(
      name,
      this.queue.store.clock.after(ms, () => {
        this.timers.delete(name);
        fn();
      }),
    );
  }
}

const NO_ITEM: QueueItem = { payload: undefined, kind: '', meta: {}, sourceId: '', time: 0, key: '', id: '', priority: 0 };

/** What waits together: a key, or a row that has none. */
function nameOf({ key, seq }: QueueRow): string {
  return key === '' ? `#${seq}` : `=${key}`;
}
