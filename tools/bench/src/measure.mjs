// Timing inside the process of one side of one round.
import { median } from './statistics.mjs';

/** Processor time of all threads of this process (garbage collection and compiling included), or wall time, in ns. */
function reading(clock) {
  if (clock === 'wall') return performance.now() * 1e6;
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
}

/** What a pass took, in ns. */
export async function timed(clock, pass) {
  const start = reading(clock);
  await pass();
  return reading(clock) - start;
}

/**
 * Packets come in laps: two long ones to warm up, until all that is hot has been compiled, then those that are measured. A lap ends where the next one begins, or at the end.
 * Sources call `made` for each packet, so that a side may be one long run or several short ones.
 */
export class Laps {
  constructor({ n, clock = 'cpu', sources = 1 }) {
    /** Packets of one source in each lap. */
    this.lengths = [n * 3, n * 3, n, n, n].map((length) => Math.floor(length / sources));
    this.totals = this.lengths.map((length) => length * sources);
    this.clock = clock;
    this.lap = 0;
    this.left = this.totals[0] + 1;
    this.ends = [];
  }

  made() {
    if (--this.left > 0) return;
    this.mark();
    this.lap++;
    this.left = this.totals[this.lap] ?? Infinity;
  }

  mark() {
    this.ends.push(reading(this.clock));
  }

  /** To be called when all packets have arrived. @returns ns per packet, the median of the measured laps, with count and checksum */
  result({ n, sum }) {
    this.mark();
    if (this.ends.length !== this.totals.length) throw new Error(`${this.ends.length} of ${this.totals.length} laps`);
    const laps = this.totals.map((total, i) => (i === 0 ? 0 : (this.ends[i] - this.ends[i - 1]) / total)).slice(2);
    return { ns: median(laps), check: `${n}/${sum}` };
  }
}

/** Heap in use after garbage collection, in bytes; the process needs --expose-gc. */
export function heap() {
  for (let i = 0; i < 3; i++) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** A side that cannot be measured says why; its cases are then `n/a`. */
export class NotAvailable extends Error {}
