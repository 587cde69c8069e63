import type { QueueItem } from '@sluice/sdk';
import type { QueueRow } from './queue-rows';

/** Rows in memory, under way or waiting for the one before them. */
export const WINDOW = 1024;
const WINDOW_BYTES = 16 << 20;

/** A row in memory. */
export interface Held {
  readonly row: QueueRow;
  /** Of the lease under which it was read. */
  readonly epoch: number;
  readonly item: QueueItem;
  /** Handed over, or settled without that. */
  given: boolean;
}

/** The rows of a queue that one reader has in memory, and which of them may be handed over: of each key its first, high priorities first. */
export class Window {
  /** All of them, those too whose ack is being written. */
  private readonly known = new Map<number, Held>();
  private bytes = 0;
  /** Rows of a key, the first of them ready or handed over. */
  private readonly keys = new Map<string, Held[]>();
  private readonly ready = new Map<number, Held[]>();

  get size(): number {
    return this.known.size;
  }

  get full(): boolean {
    return this.known.size >= WINDOW || this.bytes >= WINDOW_BYTES;
  }

  /** Whether it is time to read on: rows are read in batches. */
  get halfEmpty(): boolean {
    return this.known.size <= WINDOW / 2 && this.bytes <= WINDOW_BYTES / 2;
  }

  get all(): readonly Held[] {
    return [...this.known.values()];
  }

  has(seq: number): boolean {
    return this.known.has(seq);
  }

  /** @returns whether nothing of its key is before it */
  add(held: Held): boolean {
    const { seq, key, bytes } = held.row;
    this.known.set(seq, held);
    this.bytes += bytes;
    if (key === '') return true;
    const before = this.keys.get(key);
    if (before === undefined) this.keys.set(key, [held]);
    else before.push(held);
    return before === undefined || before[0] === held;
  }

  /** It may be handed over. */
  line(held: Held): void {
    const { priority } = held.row;
    const line = this.ready.get(priority);
    if (line === undefined) this.ready.set(priority, [held]);
    else line.push(held);
  }

  /** Takes the next one to hand over. */
  next(): Held | undefined {
    let best = -Infinity;
    for (const [priority, line] of this.ready) if (line.length > 0 && priority > best) best = priority;
    return this.ready.get(best)?.shift();
  }

  /** Takes a row out of its key's line; the one behind it is ready then. */
  unline(held: Held): void {
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
  dropKey(key: string): void {
    if (key === '') return;
    for (const held of [...(this.keys.get(key) ?? [])].reverse()) this.drop(held);
  }

  /** Leaves a row in the store. */
  drop(held: Held): void {
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

  /** Forgets a row that was settled. */
  discard(seq: number): void {
    const held = this.known.get(seq);
    if (held === undefined) return;
    this.known.delete(seq);
    this.bytes -= held.row.bytes;
  }

  clear(): void {
    this.known.clear();
    this.bytes = 0;
    this.keys.clear();
    this.ready.clear();
  }
}
