import { Origin, Packet, type Context, type Meta } from '@sluice/sdk';
import { Aggregate, type StoredAggregate } from './aggregate';
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

/** What there is of a key, as JSON. */
interface StoredKey {
  readonly open: readonly (readonly [number, StoredAggregate])[];
  readonly closed_to: number | null;
  readonly seen: number;
  readonly last: { readonly kind: string; readonly meta: Meta; readonly time: number; readonly source_id: string; readonly key: string };
}

class OfKey {
  /** By start, oldest first. */
  readonly open = new Map<number, Aggregate>();
  /** Everything before is over. */
  closedTo = -Infinity;
  /** Packets so far. */
  seen = 0;

  constructor(public last: Packet) {}

  static of({ open, closed_to, seen, last }: StoredKey, { run, node }: Context): OfKey {
    const origin = new Origin(run, node, last.source_id, last.time, last.key, null, 0, null);
    const made = new OfKey(Packet.source(undefined, last.kind, last.meta, origin));
    for (const [start, aggregate] of open) made.open.set(start, Aggregate.of(aggregate));
    made.closedTo = closed_to ?? -Infinity;
    made.seen = seen;
    return made;
  }

  toJSON(): StoredKey {
    const { kind, meta, origin } = this.last;
    return {
      open: [...this.open].map(([start, aggregate]) => [start, aggregate.toJSON()]),
      closed_to: Number.isFinite(this.closedTo) ? this.closedTo : null,
      seen: this.seen,
      last: { kind, meta, time: origin.time, source_id: origin.sourceId, key: origin.key },
    };
  }
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
    /** Of the node whose windows they are: what it remembers goes on. */
    ctx: Context,
  ) {
    this.keys = new Keyed(maxKeys, ctx.state);
    for (const [key, stored] of [...ctx.state.entries<OfKey | StoredKey>()])
      if (!(stored instanceof OfKey)) this.keys.set(key, OfKey.of(stored, ctx));
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
    own ??= new OfKey(packet);
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
    const forgotten = this.keys.set(key, own);
    if (forgotten !== undefined) closed.push(...over(forgotten[0], forgotten[1], size, Infinity));
    return { closed, late };
  }

  /** The windows of a key that end at or before `position`. */
  closeTo(key: string, position: number): readonly Closed[] {
    const own = this.keys.get(key);
    return own === undefined ? [] : this.over(key, own, position);
  }

  /** The same of every key; Infinity ends them all. */
  closeAll(position: number): readonly Closed[] {
    return [...this.keys.entries()].flatMap(([key, own]) => this.over(key, own, position));
  }

  /** What is over is over after a restart, too. */
  private over(key: string, own: OfKey, position: number): readonly Closed[] {
    const closed = over(key, own, this.shape.size, position);
    if (closed.length > 0) this.keys.keep(key, own);
    return closed;
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
