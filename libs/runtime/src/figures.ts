/**
 * Latency of calls, in ms: a log-linear histogram, eight steps for each power of two from 1 us, so that a quantile is
 * right to about 6 %. (The scheme of HdrHistogram, Gil Tene, with a fixed range.)
 */
export class Latency {
  private counts: Uint32Array | undefined;
  private total = 0;
  private sum = 0;

  record(ms: number): void {
    const us = ms * 1000;
    this.counts ??= new Uint32Array(BUCKETS);
    const power = us < 1 ? 0 : Math.floor(Math.log2(us));
    const step = us < 1 ? 0 : Math.floor((us / 2 ** power - 1) * STEPS);
    const at = Math.min(BUCKETS - 1, power * STEPS + step);
    this.counts[at]!++;
    this.total++;
    this.sum += ms;
  }

  /** Upper bound of the step that holds the quantile `q` in (0, 1); 0 where nothing was recorded. */
  quantile(q: number): number {
    if (this.counts === undefined) return 0;
    let left = Math.ceil(this.total * q);
    for (let at = 0; at < BUCKETS; at++) {
      left -= this.counts[at]!;
      if (left <= 0) return bound(at);
    }
    return bound(BUCKETS - 1);
  }

  /** What was recorded, over bounds that are the same for all; right to one step at each bound, the sum exactly. */
  histogram(): Histogram {
    const counts = new Array<number>(BOUNDS_MS.length).fill(0);
    for (let at = 0, over = 0; this.counts !== undefined && at < BUCKETS && over < counts.length;) {
      // A step counts under the first bound that it lies below as a whole.
      if (bound(at) > BOUNDS_MS[over]!) over++;
      else counts[over]! += this.counts[at++]!;
    }
    for (let at = 1; at < counts.length; at++) counts[at]! += counts[at - 1]!;
    return { bounds_ms: BOUNDS_MS, counts, sum_ms: this.sum, count: this.total };
  }
}

/** Calls by how long they took. */
export interface Histogram {
  /** Upper bounds, ms. */
  readonly bounds_ms: readonly number[];
  /** Calls that took no longer than each bound: they grow from bound to bound. */
  readonly counts: readonly number[];
  readonly sum_ms: number;
  /** All calls that were measured. */
  readonly count: number;
}

const BOUNDS_MS: readonly number[] = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

const STEPS = 8;
/** Up to 2^32 us, more than an hour. */
const BUCKETS = 32 * STEPS;

function bound(at: number): number {
  return (2 ** Math.floor(at / STEPS) * (1 + ((at % STEPS) + 1) / STEPS)) / 1000;
}
