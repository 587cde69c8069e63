/** Median and scatter of the newest `capacity` values, kept sorted so that a reading costs a search and a shift. */
export class Baseline {
  private newest: number[] = [];
  private sorted: number[] = [];
  private oldest = 0;

  constructor(private readonly capacity: number) {}

  /** Of the newest values, the oldest first, as they were stored. */
  static of(values: readonly number[], capacity: number): Baseline {
    const made = new Baseline(capacity);
    made.newest.push(...values.slice(-capacity));
    made.sorted.push(...made.newest);
    made.sorted.sort((a, b) => a - b);
    return made;
  }

  /** The values, the oldest first. */
  toJSON(): readonly number[] {
    return [...this.newest.slice(this.oldest), ...this.newest.slice(0, this.oldest)];
  }

  /** Another one with one more value: this one stays as it is. */
  with(value: number): Baseline {
    const made = new Baseline(this.capacity);
    made.newest = this.newest.slice();
    made.sorted = this.sorted.slice();
    made.oldest = this.oldest;
    made.add(value);
    return made;
  }

  get size(): number {
    return this.sorted.length;
  }

  add(value: number): void {
    if (this.newest.length < this.capacity) this.newest.push(value);
    else {
      this.sorted.splice(place(this.sorted, this.newest[this.oldest]!), 1);
      this.newest[this.oldest] = value;
      this.oldest = (this.oldest + 1) % this.capacity;
    }
    this.sorted.splice(place(this.sorted, value), 0, value);
  }

  median(): number {
    const { sorted } = this;
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  }

  /**
   * Median absolute deviation times 1.4826, which is the standard deviation where values are normally distributed
   * (Rousseeuw and Croux 1993). Walks outwards from the median: deviations come in order.
   */
  scatter(): number {
    const { sorted } = this;
    const median = this.median();
    let right = place(sorted, median);
    let left = right - 1;
    let before = 0;
    let deviation = 0;
    for (let taken = 0; taken <= sorted.length >> 1; taken++) {
      before = deviation;
      const below = left < 0 ? Infinity : median - sorted[left]!;
      const above = right >= sorted.length ? Infinity : sorted[right]! - median;
      if (below <= above) left--;
      else right++;
      deviation = Math.min(below, above);
    }
    return 1.4826 * (sorted.length % 2 === 1 ? deviation : (before + deviation) / 2);
  }
}

/** First place whose value is not less. */
function place(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
