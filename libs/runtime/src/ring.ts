/** FIFO in a power-of-two array that grows when it must: push and shift are O(1), no element is ever moved one by one. */
export class Ring<T> {
  private items: (T | undefined)[];
  private mask: number;
  private head = 0;
  private tail = 0;

  constructor(expected = 8) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, expected)));
    this.items = new Array<T | undefined>(size).fill(undefined);
    this.mask = size - 1;
  }

  get size(): number {
    return this.tail - this.head;
  }

  push(item: T): void {
    if (this.tail - this.head > this.mask) this.grow();
    this.items[this.tail++ & this.mask] = item;
  }

  shift(): T | undefined {
    if (this.head === this.tail) return undefined;
    const at = this.head++ & this.mask;
    const item = this.items[at];
    this.items[at] = undefined;
    return item;
  }

  peek(): T | undefined {
    return this.head === this.tail ? undefined : this.items[this.head & this.mask];
  }

  /** Keeps those that pass; returns the others, in order. */
  sweep(keep: (item: T) => boolean): T[] {
    const gone: T[] = [];
    for (let n = this.size; n > 0; n--) {
      const item = this.shift() as T;
      if (keep(item)) this.push(item);
      else gone.push(item);
    }
    return gone;
  }

  private grow(): void {
    const size = (this.mask + 1) * 2;
    const items = new Array<T | undefined>(size).fill(undefined);
    for (let i = this.head; i < this.tail; i++) items[i & (size - 1)] = this.items[i & this.mask];
    this.items = items;
    this.mask = size - 1;
  }
}
