import { SluiceError, type Outcome, type QueueDelivery, type QueueItem, type QueueReader as Reader } from '@sluice/sdk';
import type { Transaction } from './connection';
import { OWNER, surelyGone } from './owner';
import type { StoredQueue } from './queue';
import { DEAD, discount, DONE, itemOf, LIVE, numbersIn, recount, ROW, SLOTS, SPAN, type Live, type QueueRow } from './queue-rows';

/** How long a reader that is not heard of keeps its slots, ms; it is heard of three times as often. */
export const LEASE_MS = 10_000;
/** How often rows of other processes are looked for, ms. */
const POLL_MS = 100;
/** Rows in memory, under way or waiting for the one before them. */
const WINDOW = 1024;
const WINDOW_BYTES = 16 << 20;
const READ = 256;
/** Settled rows that are written with one statement. */
const ACKS = 512;
const AGAIN_MS = 200;
/** Tries whose time comes within this are read again together, ms. */
const LATER_MS = 5;

interface Held {
  readonly row: QueueRow;
  readonly epoch: number;
  item: QueueItem;
  /** Handed over, or settled without that. */
  given: boolean;
}

type Settled =
  | { readonly held: Held; readonly to: 'done' | 'dropped' }
  | { readonly held: Held; readonly to: 'again'; readonly due: number; readonly error: string }
  | { readonly held: Held; readonly to: 'dead'; readonly error: string };

/**
 * Reads a queue in the order of its rows and hands them over, of one key one after the other. It reads only slots that it holds a lease of;
 * whoever takes them over gives them a new epoch, and what this reader settles from then on is refused.
 *
 * In memory is a window of rows. What may not be handed over yet (its key waits for its next try, or is parked) is left in the store and
 * read again from there when its time has come.
 */
export class QueueReader implements Reader {
  private epoch = 0;
  private slots = new Set<number>();
  /** Slots that others should have: nothing more of them is handed over. */
  private leaving = new Set<number>();
  private cursor: number;
  private readonly end: number;
  private revision = -1;
  /** All rows in memory, those too whose ack is being written. */
  private readonly known = new Map<number, Held>();
  private knownBytes = 0;
  /** Rows of a key, the first of them ready or handed over. */
  private readonly keys = new Map<string, Held[]>();
  private readonly ready = new Map<number, Held[]>();
  /** Keys (or rows without one) that wait for their next try: from which row, until when. */
  private readonly later = new Map<string, { from: number; due: number }>();
  private parked = new Set<string>();
  private mark = 0;
  private underWay = 0;
  private waiting: ((result: IteratorResult<QueueDelivery>) => void) | undefined;
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
  private readonly settleAll: (settled: Settled) => Promise<boolean>;
  private readonly began: Promise<void>;
  private idle: (() => void) | undefined;

  constructor(
    private readonly queue: StoredQueue,
    private readonly prefetch: number,
  ) {
    this.cursor = queue.id * SPAN;
    this.end = (queue.id + 1) * SPAN;
    this.settleAll = queue.store.committer.gather(ACKS, (tx, settled) => this.write(tx, settled));
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
        new Promise((resolve) => {
          this.waiting = resolve;
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
    const mine = [id, this.epoch];
    await store
      .write(async (tx) => {
        await tx.run('UPDATE queue_leases SET epoch = 0 WHERE queue = ?1 AND epoch = ?2', mine);
        await tx.run('DELETE FROM queue_readers WHERE queue = ?1 AND epoch = ?2', mine);
      })
      // Then the lease ends by itself.
      .catch(() => undefined);
    this.queue.left(this);
  }

  // Leases.

  /** Takes free slots, and those of readers that are gone. */
  private async lease(): Promise<void> {
    if (this.closed) return;
    const { store } = this.queue;
    try {
      const taken = await store.write((tx) => this.take(tx));
      this.forget();
      this.epoch = taken.epoch;
      this.slots = new Set(taken.slots);
      this.mark = taken.mark;
      this.renewedAt = store.clock.now();
      await this.reload();
    } catch {
      return this.timer('lease', AGAIN_MS, () => void this.lease());
    }
    this.timer('renew', Math.floor(LEASE_MS / 3), () => void this.renew());
    this.timer('poll', POLL_MS, () => void this.poll());
    this.fill();
  }

  private async take(tx: Transaction): Promise<{ epoch: number; slots: number[]; mark: number }> {
    const { id, store } = this.queue;
    const now = store.clock.now();
    const readers = await tx.all<{ epoch: number; owner: string; until: number; mark: number }>(
      'SELECT epoch, owner, until, mark FROM queue_readers WHERE queue = ?1',
      [id],
    );
    let others = 0;
    for (const reader of readers) {
      if (lapsed(reader.until, now) || surelyGone(reader.owner)) await this.evict(tx, reader, now);
      else others++;
    }
    const { epoch } = (await tx.get<{ epoch: number }>('UPDATE queues SET epoch = epoch + 1 WHERE id = ?1 RETURNING epoch', [id]))!;
    const slots = await this.occupy(tx, epoch, Math.ceil(SLOTS / (others + 1)));
    // What is handed over at once counts as handed over, before anybody could write it down.
    const first = await tx.all<{ seq: number }>(
      `SELECT seq FROM queue_rows WHERE seq >= ?1 AND seq < ?2 AND state = ${LIVE} ORDER BY seq LIMIT ?3`,
      [id * SPAN, this.end, this.prefetch],
    );
    const mark = first.at(-1)?.seq ?? 0;
    await tx.run('INSERT INTO queue_readers (queue, epoch, owner, until, mark) VALUES (?1, ?2, ?3, ?4, ?5)', [
      id,
      epoch,
      OWNER,
      now + LEASE_MS,
      mark,
    ]);
    return { epoch, slots, mark };
  }

  /** Of a reader that is gone nobody knows how far it came with the rows that it was handed: they count as tried. */
  private async evict(tx: Transaction, { epoch, mark }: { epoch: number; mark: number }, now: number): Promise<void> {
    const { id } = this.queue;
    await tx.run(
      `UPDATE queue_rows SET attempts = attempts + 1 WHERE seq >= ?1 AND seq <= ?2 AND state = ${LIVE} AND due <= ?3
       AND slot IN (SELECT slot FROM queue_leases WHERE queue = ?4 AND epoch = ?5)`,
      [id * SPAN, mark, now, id, epoch],
    );
    await tx.run('DELETE FROM queue_readers WHERE queue = ?1 AND epoch = ?2', [id, epoch]);
    await tx.run('UPDATE queue_leases SET epoch = 0 WHERE queue = ?1 AND epoch = ?2', [id, epoch]);
  }

  private async occupy(tx: Transaction, epoch: number, share: number): Promise<number[]> {
    const { id } = this.queue;
    const rows = await tx.all<{ slot: number }>(
      `UPDATE queue_leases SET epoch = ?2 WHERE queue = ?1 AND slot IN
       (SELECT slot FROM queue_leases WHERE queue = ?1 AND epoch = 0 ORDER BY slot LIMIT ?3) RETURNING slot`,
      [id, epoch, Math.max(0, share)],
    );
    return rows.map(({ slot }) => slot);
  }

  /** Says that it lives, takes what is free, and gives up what others should have. */
  private async renew(): Promise<void> {
    if (this.closed) return;
    const { id, store } = this.queue;
    const busy = new Set([...this.known.values()].map(({ row }) => row.slot));
    const free = [...this.leaving].filter((slot) => !busy.has(slot));
    try {
      const now = store.clock.now();
      const kept = await store.write(async (tx) => {
        const alive = await tx.run('UPDATE queue_readers SET until = ?3, mark = ?4 WHERE queue = ?1 AND epoch = ?2', [
          id,
          this.epoch,
          now + LEASE_MS,
          this.mark,
        ]);
        if (alive === 0) return undefined;
        const readers = await tx.all<{ epoch: number; owner: string; until: number; mark: number }>(
          'SELECT epoch, owner, until, mark FROM queue_readers WHERE queue = ?1',
          [id],
        );
        let living = 0;
        for (const reader of readers) {
          if (reader.epoch !== this.epoch && (lapsed(reader.until, now) || surelyGone(reader.owner))) await this.evict(tx, reader, now);
          else living++;
        }
        for (const slot of free) await tx.run('UPDATE queue_leases SET epoch = 0 WHERE queue = ?1 AND slot = ?2', [id, slot]);
        const share = Math.ceil(SLOTS / living);
        const more = await this.occupy(tx, this.epoch, share - (this.slots.size - free.length));
        return { share, more };
      });
      if (kept === undefined) return await this.lost();
      this.renewedAt = now;
      for (const slot of free) {
        this.slots.delete(slot);
        this.leaving.delete(slot);
      }
      for (const slot of kept.more) this.slots.add(slot);
      if (kept.more.length > 0) this.reread(id * SPAN);
      this.giveUp(kept.share);
    } catch {
      // Until it can be written again the lease runs on, and ends where it does.
    }
    this.timer('renew', LEASE_MS / 3, () => void this.renew());
    this.serve();
  }

  private giveUp(share: number): void {
    const surplus = [...this.slots].filter((slot) => !this.leaving.has(slot)).slice(share);
    for (const slot of surplus) this.leaving.add(slot);
    if (surplus.length > 0)
      for (const held of [...this.known.values()]) if (!held.given && this.leaving.has(held.row.slot)) this.drop(held);
  }

  /** Somebody else has the slots: what is under way is theirs to hand over again. */
  private async lost(): Promise<void> {
    this.forget();
    this.epoch = 0;
    await this.lease();
  }

  private forget(): void {
    this.known.clear();
    this.knownBytes = 0;
    this.keys.clear();
    this.ready.clear();
    this.later.clear();
    this.leaving.clear();
    this.slots.clear();
    this.underWay = 0;
    this.cursor = this.queue.id * SPAN;
    this.dry = false;
  }

  // Reading.

  /** Looks for what other processes did. */
  private async poll(): Promise<void> {
    if (this.closed) return;
    const { id, store } = this.queue;
    try {
      const [row] = await store.read<{ next: number; revision: number }>('SELECT next, revision FROM queues WHERE id = ?1', [id]);
      if (row !== undefined && Number(row.revision) !== this.revision) {
        await this.reload();
        this.afresh();
      } else if (row !== undefined && Number(row.next) > this.cursor + 1) this.fill();
    } catch {
      // The next look may find it.
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
    for (const held of [...this.known.values()]) if (!held.given) this.drop(held);
    for (const [name, { from }] of this.later) if (!this.known.has(from)) this.later.delete(name);
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
      for (const seq of this.gone) this.discard(seq);
      this.gone = [];
      this.stuffed = this.full;
      if (this.again && !this.full && !this.closed) this.fill();
      else this.serve();
    });
  }

  /** New rows of this process, which are on the disk: they need not be read where all that came before them has been. */
  offer(rows: readonly QueueRow[]): void {
    const [first] = rows as [QueueRow];
    const last = rows.at(-1)!.seq;
    const next = first.seq === this.cursor + 1 && last - first.seq === rows.length - 1;
    if (!next || !this.dry || this.reading !== undefined || this.full) return this.fill();
    for (const row of rows) this.hold(row);
    this.cursor = last;
    this.serve();
  }

  private get full(): boolean {
    return this.known.size >= WINDOW || this.knownBytes >= WINDOW_BYTES;
  }

  private async readOn(): Promise<void> {
    const { store, counts } = this.queue;
    while (this.again && !this.full && !this.closed) {
      this.again = false;
      const { epoch, cursor } = this;
      const average = counts.rows === 0 ? 1024 : counts.bytes / counts.rows;
      const limit = Math.max(1, Math.min(READ, WINDOW - this.known.size, Math.ceil(WINDOW_BYTES / 4 / Math.max(1, average))));
      let rows: QueueRow[];
      let urgent: QueueRow[];
      try {
        rows = await store.read<QueueRow>(
          `SELECT ${ROW} FROM queue_rows WHERE seq > ?1 AND seq < ?2 AND state = ${LIVE} ORDER BY seq LIMIT ?3`,
          [cursor, this.end, limit],
        );
        // What is not in reach is read by its priority.
        urgent = rows.length === limit ? await this.urgent(cursor) : [];
      } catch {
        return this.timer('read', AGAIN_MS, () => this.fill());
      }
      if (this.epoch !== epoch) return;
      // Something before these rows came back in the meantime: they are read again behind it.
      if (this.cursor !== cursor) {
        this.again = true;
        continue;
      }
      for (const row of urgent) this.hold(row);
      for (const row of rows) this.hold(row);
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

  /** Takes a row into the window, unless its key has to wait. */
  private hold(row: QueueRow): void {
    const { key, slot, seq } = row;
    if (this.known.has(seq) || !this.slots.has(slot) || this.leaving.has(slot)) return;
    if (key !== '' && this.parked.has(key)) return;
    const name = nameOf(row);
    if (this.later.has(name)) return;
    const { settings, store, counts } = this.queue;
    const now = store.clock.now();
    // A clock that was set back must not let it wait longer than it ever may.
    if (row.due > now && row.due <= now + settings.maxBackoff) return this.wait(name, seq, row.due);
    const item = itemOf(row);
    const held: Held = { row, epoch: this.epoch, item: item ?? NO_ITEM, given: false };
    this.known.set(seq, held);
    this.knownBytes += row.bytes;
    const before = key === '' ? undefined : this.keys.get(key);
    if (key !== '' && before === undefined) this.keys.set(key, [held]);
    else before?.push(held);
    if (item === undefined) return this.settle(held, { held, to: 'dead', error: 'Its bytes are not those that were written.' });
    if (now - row.at > settings.maxAge) {
      counts.drop('age');
      return this.settle(held, { held, to: 'dropped' });
    }
    if (row.attempts >= settings.maxAttempts) {
      return this.settle(held, { held, to: 'dead', error: `The process died ${row.attempts} times while it was under way.` });
    }
    if (before === undefined || before[0] === held) this.line(held);
  }

  private line(held: Held): void {
    const { priority } = held.row;
    const line = this.ready.get(priority);
    if (line === undefined) this.ready.set(priority, [held]);
    else line.push(held);
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
        if (due > now || this.known.has(seq)) continue;
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
      return waiting({ value: undefined, done: true });
    }
    if (this.underWay >= this.prefetch || this.queue.store.clock.now() - this.renewedAt > LEASE_MS) return;
    const held = this.first();
    if (held === undefined) return;
    this.waiting = undefined;
    held.given = true;
    this.underWay++;
    if (held.row.seq > this.mark) this.mark = held.row.seq;
    waiting({ value: this.delivery(held), done: false });
  }

  /** One that was stopped closes when nothing of it is under way. */
  private left(): void {
    if (this.stopping && this.underWay === 0) void this.close();
  }

  private first(): Held | undefined {
    let best = -Infinity;
    for (const [priority, line] of this.ready) if (line.length > 0 && priority > best) best = priority;
    return this.ready.get(best)?.shift();
  }

  private get over(): boolean {
    return this.finishing && this.dry && this.known.size === 0 && this.later.size === 0 && this.writing === 0;
  }

  private delivery(held: Held): QueueDelivery {
    const { row, item } = held;
    let told = false;
    return {
      ...item,
      seq: row.seq,
      attempts: row.attempts,
      settle: (outcome, error) => {
        if (told) return;
        told = true;
        // Its slots are somebody else's by now: they hand it over again.
        if (held.epoch !== this.epoch) return;
        this.underWay--;
        this.settled(held, outcome, error);
        this.serve();
        this.left();
      },
    };
  }

  private settled(held: Held, outcome: Outcome, error: unknown): void {
    const { row } = held;
    const { settings, store } = this.queue;
    if (outcome === 'acked') return this.settle(held, { held, to: 'done' });
    // Nobody has tried it: it came too late.
    if (this.closed || (this.stopping && error === undefined)) return this.drop(held);
    if (outcome === 'cancelled') {
      this.evictKey(row);
      this.drop(held);
      return this.reread(row.seq);
    }
    const attempts = row.attempts + 1;
    const message = error instanceof Error ? error.message : error === undefined ? 'It was refused.' : String(error);
    const last = attempts >= settings.maxAttempts || (SluiceError.is(error) && !error.retryable);
    if (last) return this.settle(held, { held, to: 'dead', error: message });
    const due = store.clock.now() + Math.round(Math.min(settings.maxBackoff, settings.backoff * 2 ** (attempts - 1)));
    this.settle(held, { held, to: 'again', due, error: message });
  }

  /** What became of a row; the next of its key may go on before that is written. */
  private settle(held: Held, settled: Settled): void {
    const { row } = held;
    held.given = true;
    if (settled.to === 'again') {
      this.unline(held);
      this.evictKey(row);
      this.later.set(nameOf(row), { from: row.seq, due: settled.due });
    } else if (settled.to === 'dead' && this.queue.settings.onDead === 'park_key' && row.key !== '') {
      this.parked.add(row.key);
      this.unline(held);
      this.evictKey(row);
    } else this.unline(held);
    this.writing++;
    void this.record(settled);
  }

  /** Takes a row out of its key's line; the one behind it is ready then. */
  private unline(held: Held): void {
    const { key } = held.row;
    if (key === '') return;
    const line = this.keys.get(key);
    if (line?.[0] !== held) return void line?.splice(line.indexOf(held), 1);
    line.shift();
    const [next] = line;
    if (next === undefined) this.keys.delete(key);
    else this.line(next);
  }

  /** Leaves the rest of a key in the store. */
  private evictKey({ key }: QueueRow): void {
    if (key === '') return;
    for (const held of [...(this.keys.get(key) ?? [])].reverse()) this.drop(held);
  }

  /** Leaves a row in the store. */
  private drop(held: Held): void {
    const line = this.ready.get(held.row.priority);
    const at = line?.indexOf(held) ?? -1;
    if (at >= 0) line!.splice(at, 1);
    const behind = held.row.key === '' ? undefined : this.keys.get(held.row.key);
    if (behind !== undefined) {
      behind.splice(behind.indexOf(held), 1);
      if (behind.length === 0) this.keys.delete(held.row.key);
    }
    this.discard(held.row.seq);
  }

  private discard(seq: number): void {
    const held = this.known.get(seq);
    if (held === undefined) return;
    this.known.delete(seq);
    this.knownBytes -= held.row.bytes;
  }

  // Writing.

  private async record(settled: Settled): Promise<void> {
    const { held } = settled;
    for (;;) {
      try {
        const mine = await this.settleAll(settled);
        if (mine) this.written(settled);
        else if (held.epoch === this.epoch) await this.lost();
        break;
      } catch (error) {
        if (this.closed || SluiceError.is(error, 'STORE_CLOSED')) break;
        await new Promise<void>((resolve) => this.queue.store.clock.after(AGAIN_MS, resolve));
      }
    }
    if (--this.writing === 0) this.idle?.();
    this.serve();
  }

  private written({ held, to }: Settled): void {
    const { counts } = this.queue;
    const { row } = held;
    if (to === 'done') counts.acked++;
    if (to === 'dead') counts.dead++;
    if (to !== 'again') {
      this.queue.freed();
    }
    if (held.epoch !== this.epoch) return;
    // A read that is under way may still have it among its rows.
    if (this.reading === undefined) this.discard(row.seq);
    else this.gone.push(row.seq);
    if (to === 'again') this.timerForLater();
    // Half empty, so that it is read in batches.
    if (this.stuffed && this.known.size <= WINDOW / 2 && this.knownBytes <= WINDOW_BYTES / 2) this.fill();
  }

  /** @returns for each, whether this reader still had its slot */
  private async write(tx: Transaction, all: readonly Settled[]): Promise<readonly boolean[]> {
    const { queue, epoch } = this;
    const { id, store } = queue;
    const mine = await tx.run('UPDATE queue_readers SET mark = ?3 WHERE queue = ?1 AND epoch = ?2', [id, epoch, this.mark]);
    const valid = all.filter(({ held }) => mine > 0 && held.epoch === epoch);
    const numbers = (which: (settled: Settled) => boolean) => JSON.stringify(valid.filter(which).map(({ held }) => held.row.seq));
    const now = store.clock.now();
    const gone = ({ to, held }: Settled): boolean => to === 'dropped' || (to === 'done' && held.row.id === null);
    const kept = ({ to, held }: Settled): boolean => to === 'done' && held.row.id !== null;
    const list = numbersIn(tx.dialect, 1);
    // A person, or a newer row of a full queue, may have taken one away that was under way: then they are counted anew.
    let missing = valid.filter(({ to }) => to !== 'again').length;
    if (valid.some(gone)) missing -= await tx.run(`DELETE FROM queue_rows WHERE seq IN ${list} AND state = ${LIVE}`, [numbers(gone)]);
    if (valid.some(kept)) {
      missing -= await tx.run(`UPDATE queue_rows SET state = ${DONE}, packet = '', bytes = 0 WHERE seq IN ${list} AND state = ${LIVE}`, [
        numbers(kept),
      ]);
    }
    let rows = 0;
    let bytes = 0;
    for (const settled of valid) {
      const { row } = settled.held;
      if (settled.to !== 'again') {
        rows++;
        bytes += row.bytes;
      }
      if (settled.to === 'again') {
        await tx.run(`UPDATE queue_rows SET attempts = ?2, due = ?3, error = ?4 WHERE seq = ?1 AND state = ${LIVE}`, [
          row.seq,
          row.attempts + 1,
          settled.due,
          settled.error,
        ]);
      } else if (settled.to === 'dead') {
        const died = await tx.run(
          `UPDATE queue_rows SET state = ${DEAD}, attempts = ?2, due = ?3, error = ?4 WHERE seq = ?1 AND state = ${LIVE}`,
          [row.seq, row.attempts + 1, now, settled.error],
        );
        missing -= died;
        if (died > 0 && queue.settings.onDead === 'park_key' && row.key !== '') {
          await tx.run('INSERT INTO queue_parked (queue, key, since) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING', [id, row.key, now]);
        }
      }
    }
    queue.counts.holds(missing === 0 ? await discount(tx, id, rows, bytes) : await recount(tx, id));
    return all.map(({ held }) => mine > 0 && held.epoch === epoch);
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

/** A clock that was set back must not keep a lease alive for ever. */
function lapsed(until: number, now: number): boolean {
  return until <= now || until > now + 2 * LEASE_MS;
}

const NO_ITEM: QueueItem = { payload: undefined, kind: '', meta: {}, sourceId: '', time: 0, key: '', id: '', priority: 0 };

/** What waits together: a key, or a row that has none. */
function nameOf({ key, seq }: QueueRow): string {
  return key === '' ? `#${seq}` : `=${key}`;
}
