// Timing inside the process of one side of one round.
import { median } from './statistics.mjs';

/** What a pass took, in ns: `cpu` of all threads of this process (garbage collection and compiling included), or `wall`. */
export async function timed(clock, pass) {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  const result = await pass();
  if (clock === 'wall') return [(performance.now() - wall) * 1e6, result];
  const { user, system } = process.cpuUsage(cpu);
  return [(user + system) * 1e3, result];
}

/**
 * Warms up and measures.
 * @param {(n: number) => unknown} pass moves n packets and returns `{ n, sum }` of what came out
 * @returns ns per packet (the median of the repetitions) with count and checksum of the last one
 */
export async function perPacket(pass, { n, clock = 'cpu', warm = 2, times = 3 }) {
  for (let i = 0; i < warm; i++) await pass(Math.ceil(n / 4));
  const took = [];
  let out;
  for (let i = 0; i < times; i++) {
    const [ns, result] = await timed(clock, () => pass(n));
    took.push(ns / n);
    out = result;
  }
  return { ns: median(took), check: `${out.n}/${out.sum}` };
}

/** Heap in use after garbage collection, in bytes; the process needs --expose-gc. */
export function heap() {
  for (let i = 0; i < 3; i++) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** A side that cannot be measured says why; its cases are then `n/a`. */
export class NotAvailable extends Error {}
