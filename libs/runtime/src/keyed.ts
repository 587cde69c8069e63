import type { Packet } from '@sluice/sdk';
import { Ring } from './ring';

/** What waits in an edge. */
export interface PacketQueue {
  readonly size: number;
  /** @returns false where it replaced a packet instead of adding one; `replaced` is that packet */
  push(packet: Packet): boolean | void;
  shift(): Packet | undefined;
  sweep(keep: (packet: Packet) => boolean): Packet[];
  /** Who goes where the queue is full: a packet taken out, `arriving` itself, or nobody. */
  makeRoom?(arriving: Packet): Packet | undefined;
  replaced?: Packet | undefined;
}

export type KeyOf = (packet: Packet) => unknown;

/** One packet per key, the newest; keys leave in the order in which they came. A key too many costs the oldest key its packet. */
export class KeyedQueue implements PacketQueue {
  replaced: Packet | undefined;
  private readonly byKey = new Map<unknown, Packet>();

  constructor(
    private readonly capacity: number,
    private readonly keyOf: KeyOf,
  ) {}

  get size(): number {
    return this.byKey.size;
  }

  push(packet: Packet): boolean {
    const key = this.keyOf(packet);
    this.replaced = this.byKey.get(key);
    this.byKey.set(key, packet);
    return this.replaced === undefined;
  }

  shift(): Packet | undefined {
    for (const [key, packet] of this.byKey) {
      this.byKey.delete(key);
      return packet;
    }
    return undefined;
  }

  makeRoom(arriving: Packet): Packet | undefined {
    return this.byKey.has(this.keyOf(arriving)) || this.size < this.capacity ? undefined : this.shift();
  }

  sweep(keep: (packet: Packet) => boolean): Packet[] {
    const gone: Packet[] = [];
    for (const [key, packet] of this.byKey) {
      if (keep(packet)) continue;
      this.byKey.delete(key);
      gone.push(packet);
    }
    return gone;
  }
}

/**
 * Shares an edge between keys. Taken round-robin over the keys that wait; when full, a key with the most packets waiting
 * loses one: its oldest, or the arriving packet where its own key is among those. Every step is O(1): keys stand in
 * buckets by how many packets they have.
 */
export class FairQueue implements PacketQueue {
  private readonly byKey = new Map<unknown, Ring<Packet>>();
  private readonly buckets: Set<unknown>[] = [];
  private longest = 0;
  private count = 0;

  constructor(
    private readonly capacity: number,
    private readonly keyOf: KeyOf,
  ) {}

  get size(): number {
    return this.count;
  }

  push(packet: Packet): void {
    const key = this.keyOf(packet);
    let own = this.byKey.get(key);
    if (own === undefined) this.byKey.set(key, (own = new Ring<Packet>(2)));
    own.push(packet);
    this.count++;
    this.move(key, own.size - 1, own.size);
  }

  /** Takes from the key whose turn it is: a Map keeps insertion order, and a served key is put behind the others. */
  shift(): Packet | undefined {
    for (const [key, own] of this.byKey) {
      this.byKey.delete(key);
      if (own.size > 1) this.byKey.set(key, own);
      return this.takeFrom(key, own);
    }
    return undefined;
  }

  makeRoom(arriving: Packet): Packet | undefined {
    if (this.count < this.capacity) return undefined;
    const key = this.keyOf(arriving);
    const heaviest = this.buckets[this.longest]!;
    if (heaviest.has(key)) return arriving;
    const [victim] = heaviest;
    const own = this.byKey.get(victim) as Ring<Packet>;
    if (own.size === 1) this.byKey.delete(victim);
    return this.takeFrom(victim, own);
  }

  sweep(keep: (packet: Packet) => boolean): Packet[] {
    const gone: Packet[] = [];
    for (const [key, own] of this.byKey) {
      const before = own.size;
      gone.push(...own.sweep(keep));
      this.count -= before - own.size;
      if (own.size !== before) this.move(key, before, own.size);
      if (own.size === 0) this.byKey.delete(key);
    }
    return gone;
  }

  private takeFrom(key: unknown, own: Ring<Packet>): Packet {
    const packet = own.shift() as Packet;
    this.count--;
    this.move(key, own.size + 1, own.size);
    return packet;
  }

  private move(key: unknown, from: number, to: number): void {
    this.buckets[from]?.delete(key);
    if (to > 0) (this.buckets[to] ??= new Set()).add(key);
    if (to > this.longest) this.longest = to;
    while (this.longest > 0 && (this.buckets[this.longest]?.size ?? 0) === 0) this.longest--;
  }
}
