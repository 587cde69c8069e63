import type { Packet } from '@sluice/sdk';
import { Aggregate } from './aggregate';
import { Keyed } from './keyed';

export interface WindowShape {
  /** Length and distance of windows, in packets or in ms. */
  readonly size: number;
  readonly step: number;
  /** Windows of time may begin before the first packet; windows of a count begin with it. */
  readonly from: number;
}

/** A window that is over, with its newest packet. */
export interface Closed {
  readonly key: string;
  readonly start: number;
  readonly aggregate: Aggregate;
  readonly last: Packet;
  /** False where the stream ended, or its key was forgotten, before the window was full. */
  readonly complete: boolean;
}

interface OfKey {
  /** By start, oldest first. */
  readonly open: Map<number, Aggregate>;
  /** Everything before is over. */
  closedTo: number;
  /** Packets so far. */
  seen: number;
  last: Packet;
}

/**
 * Windows per key over positions, which are times or ordinals. A window [start, start + size) begins at every multiple
 * of `step`; it costs one aggregate, so memory is bounded by keys x size/step.
 */
export class Windows {
  private readonly keys: Keyed<OfKey>;

  constructor(
    private readonly shape: WindowShape,
    maxKeys: number,
  ) {
    this.keys = new Keyed(maxKeys);
  }

  /** Packets of this key so far: the position of the next one in windows of a count. */
  seen(key: string): number {
    return this.keys.get(key)?.seen ?? 0;
  }

  /** @returns what was over already when the packet came, the windows of a forgotten key among it, and whether the packet came too late for every window of its own */
  add(key: string, position: number, value: unknown, packet: Packet): { readonly closed: readonly Closed[]; readonly late: boolean } {
    const { size, step, from } = this.shape;
    let own = this.keys.get(key);
    const closed = own === undefined ? [] : over(key, own, size, position);
    own ??= { open: new Map(), closedTo: -Infinity, seen: 0, last: packet };
    const forgotten = this.keys.set(key, own);
    if (forgotten !== undefined) closed.push(...over(forgotten[0], forgotten[1], size, Infinity));
    own.seen++;
    let late = true;
    for (let start = Math.max(from, Math.floor((position - size) / step + 1) * step); start <= position; start += step) {
      if (start + size <= position || start + size <= own.closedTo) continue;
      let aggregate = own.open.get(start);
      if (aggregate === undefined) own.open.set(start, (aggregate = new Aggregate()));
      aggregate.add(value, packet.origin.time);
      late = false;
    }
    // Between two windows that do not touch is no window to be late for.
    if (late && step > size && position >= own.closedTo) late = false;
    else if (!late) own.last = packet;
    return { closed, late };
  }

  /** The windows of a key that end at or before `position`. */
  closeTo(key: string, position: number): readonly Closed[] {
    const own = this.keys.get(key);
    return own === undefined ? [] : over(key, own, this.shape.size, position);
  }

  /** The same of every key; Infinity ends them all. */
  closeAll(position: number): readonly Closed[] {
    return [...this.keys.entries()].flatMap(([key, own]) => over(key, own, this.shape.size, position));
  }
}

function over(key: string, own: OfKey, size: number, position: number): Closed[] {
  const closed: Closed[] = [];
  const starts = [...own.open.keys()].sort((a, b) => a - b);
  for (const start of starts) {
    if (start + size > position) break;
    closed.push({ key, start, aggregate: own.open.get(start)!, last: own.last, complete: position !== Infinity });
    own.open.delete(start);
  }
  if (position !== Infinity) own.closedTo = Math.max(own.closedTo, position);
  return closed;
}
