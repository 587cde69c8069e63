// What is offered: bursts of one of two groups, with how long each packet takes to serve. The same for every policy.

/**
 * `count` packets a burst into an edge of `capacity`; a burst is of group b with probability `share`; a packet takes `delay` ms, one of
 * group b `more` longer; harm to b weighs `weight` (a weighs 1); answers later than `budget` ms hurt.
 */
export const WORKLOADS = [
  { name: 'balanced', count: 3, capacity: 2, share: 0.5, delay: 1.4, more: 0, weight: 1, budget: 80 },
  { name: 'skewed_burst', count: 6, capacity: 3, share: 0.18, delay: 1.6, more: 3, weight: 2.2, budget: 100 },
  { name: 'recovery_stress', count: 8, capacity: 4, share: 0.4, delay: 2.4, more: 1.8, weight: 1.8, budget: 140 },
  { name: 'minority_spike', count: 5, capacity: 3, share: 0.14, delay: 1.7, more: 2.8, weight: 2.6, budget: 95 },
];
export const LOADS = [0.5, 0.75, 1, 1.25, 1.5, 2];
export const POLICIES = ['drop_newest', 'drop_oldest', 'error', 'latest', 'fair'];
export const GROUPS = ['a', 'b'];
/** Service times differ by up to this share. */
const JITTER = 0.2;

/** Numbers in [0, 1) from a seed (mulberry32, Tommy Ettinger 2017, public domain). */
export function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The bursts of one run: Poisson arrivals whose mean makes offered load `load` = arrival rate / service rate. The random numbers do not
 * depend on the load: from one load to the next the same bursts only come closer together.
 */
export function bursts({ count, share, delay, more }, load, seed, length) {
  const random = numbers(seed);
  const service = delay + share * more;
  const between = (count * service) / load;
  let at = 0;
  return Array.from({ length }, () => {
    at += -Math.log(1 - random()) * between;
    const group = random() < share ? 'b' : 'a';
    const base = delay + (group === 'b' ? more : 0);
    return { at, group, services: Array.from({ length: count }, () => base * (1 + JITTER * (2 * random() - 1))) };
  });
}
