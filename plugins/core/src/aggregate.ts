/** Figures of a series of numbers, in constant space (Welford 1962). */
export class Aggregate {
  /** Packets, whether they had a number or not. */
  packets = 0;
  first = 0;
  lastTime = 0;
  private numbers = 0;
  private mean = 0;
  private squares = 0;
  private sum = 0;
  private min = Infinity;
  private max = -Infinity;
  private last: number | null = null;

  /** As it was when it was stored. */
  static of(stored: StoredAggregate): Aggregate {
    const made = new Aggregate();
    Object.assign(made, stored, { min: stored.min ?? Infinity, max: stored.max ?? -Infinity });
    return made;
  }

  toJSON(): StoredAggregate {
    const { packets, first, lastTime, numbers, mean, squares, sum, last } = this;
    const none = numbers === 0;
    return { packets, first, lastTime, numbers, mean, squares, sum, min: none ? null : this.min, max: none ? null : this.max, last };
  }

  add(value: unknown, time: number): void {
    if (this.packets++ === 0) this.first = time;
    this.lastTime = time;
    if (typeof value !== 'number' || !Number.isFinite(value)) return;
    this.numbers++;
    const off = value - this.mean;
    this.mean += off / this.numbers;
    this.squares += off * (value - this.mean);
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.last = value;
  }

  /** null stands for what no number gives. `std` is that of a sample. */
  figures(): Figures {
    if (this.numbers === 0) return { count: 0, mean: null, min: null, max: null, std: null, sum: 0, last: null };
    const { numbers, mean, min, max, sum, last } = this;
    return { count: numbers, mean, min, max, std: numbers === 1 ? null : Math.sqrt(this.squares / (numbers - 1)), sum, last };
  }
}

/** All that an aggregate knows, as JSON. */
export interface StoredAggregate {
  readonly packets: number;
  readonly first: number;
  readonly lastTime: number;
  readonly numbers: number;
  readonly mean: number;
  readonly squares: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly last: number | null;
}

export interface Figures {
  /** Numbers seen. */
  readonly count: number;
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly std: number | null;
  readonly sum: number;
  readonly last: number | null;
}
