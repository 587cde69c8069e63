// A producer at full speed and a consumer that takes 1 ms.
import { definePlugin } from '@sluice/sdk';
import { createEngine } from '@sluice/runtime';
import { edges, nodeClass } from './sluice.mjs';

const MB = 2 ** 20;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** How often a second a loop sleeps 1 ms when nothing else is to be done. */
export async function alone(seconds) {
  const start = performance.now();
  let n = 0;
  for (; performance.now() - start < seconds * 1000; n++) await sleep(1);
  return { rate: n / ((performance.now() - start) / 1000) };
}

/** @returns growth of resident memory after second 2 (the worst sample) and what was consumed per second after it */
export async function overload(when_full, seconds) {
  const state = {
    consumed: 0,
    over: false,
    sleep,
    *read() {
      for (let i = 0; !this.over; i++) yield { v: i };
    },
  };
  const nodes = [
    nodeClass('b/source', 'source', 'read() { return f.read(); }', state),
    nodeClass('b/slow', 'sink', 'async write() { await f.sleep(1); f.consumed++; }', state),
  ];
  const engine = createEngine({ plugins: [definePlugin({ name: 'b', nodes })] });
  const plan = await engine.load({
    version: 2,
    name: 'overload',
    nodes: { source: { type: 'b/source' }, slow: { type: 'b/slow' } },
    edges: edges(['source -> slow'], when_full === 'block' ? { capacity: 64 } : { when_full }),
  });
  const run = engine.start(plan, { inputs: {} });
  await sleep(2000);
  const first = process.memoryUsage().rss;
  const before = state.consumed;
  const start = performance.now();
  let worst = first;
  while (performance.now() - start < (seconds - 2) * 1000) {
    await sleep(100);
    worst = Math.max(worst, process.memoryUsage().rss);
    balanced(run.figures());
  }
  const took = (performance.now() - start) / 1000;
  const rate = (state.consumed - before) / took;
  const { in: taken } = run.figures().edges[0];
  state.over = true;
  await run.cancel('enough');
  return { growth: (worst - first) / MB, rate, produced: taken / seconds };
}

/** What every edge says must add up at every moment. */
export function balanced({ edges: all }) {
  for (const { id, in: taken, out, dropped, in_flight } of all) {
    const lost = Object.values(dropped).reduce((sum, n) => sum + n, 0);
    if (taken !== out + lost + in_flight)
      throw new Error(`the books of ${id} do not balance: ${taken} in, ${out} out, ${lost} dropped, ${in_flight} waiting`);
  }
}
