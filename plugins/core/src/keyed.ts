import { MemoryState, type State } from '@sluice/sdk';

/** State per key, bounded: the key that was set longest ago goes first. */
export class Keyed<V> {
  constructor(
    private readonly maxKeys: number,
    private readonly byKey: State = new MemoryState(),
  ) {}

  get size(): number {
    return this.byKey.size;
  }

  get(key: string): V | undefined {
    return this.byKey.get<V>(key);
  }

  /** Makes the key the youngest. @returns what had to go for it */
  set(key: string, value: V): readonly [string, V] | undefined {
    this.byKey.delete(key);
    const oldest = this.byKey.size < this.maxKeys ? undefined : this.oldest();
    if (oldest !== undefined) this.byKey.delete(oldest[0]);
    this.byKey.set(key, value);
    return oldest;
  }

  /** Says that the value of a key has changed; the key keeps its place. */
  keep(key: string, value: V): void {
    this.byKey.set(key, value);
  }

  delete(key: string): void {
    this.byKey.delete(key);
  }

  oldest(): readonly [string, V] | undefined {
    for (const entry of this.byKey.entries<V>()) return entry;
    return undefined;
  }

  entries(): IterableIterator<[string, V]> {
    return this.byKey.entries<V>();
  }
}
