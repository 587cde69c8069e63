/**
 * Latency of calls, in ms: a log-linear histogram, eight steps for each power of two from 1 us, so that a quantile is
 * right to about 6 %. (The scheme of HdrHistogram, Gil Tene, with a fixed range.)
 */
export class Latency {
  private counts: Uint32Array | undefined;
  private total = 0;

  record(ms: number): void {
    const us = ms * 1000;
    this.counts ??= new Uint32Array(BUCKETS);
    const power = us < 1 ? 0 : Math.floor(Math.log2(us));
    const step = us < 1 ? 0 : Math.floor((us / 2 ** power - 1) * STEPS);
    const at = Math.min(BUCKETS - 1, power * STEPS + step);
    this.counts[at]!++;
    this.total++;
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
}

const STEPS = 8;
/** Up to 2^32 us, more than an hour. */
const BUCKETS = 32 * STEPS;

function bound(at: number): number {
  return (2 ** Math.floor(at / STEPS) * (1 + ((at % STEPS) + 1) / STEPS)) / 1000;
}
