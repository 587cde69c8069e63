// How long packets take while things go on.
import { definePlugin } from '@sluice/sdk';
import { createEngine } from '@sluice/runtime';
import { quantile } from '../statistics.mjs';
import { balanced } from './overload.mjs';
import { edges, nodeClass, QUEUED } from './sluice.mjs';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Four queued hops at a steady rate. @returns quantiles in us, from the moment a packet was due and made to the sink */
export async function hops({ rate = 5_000, seconds }) {
  const every = 1000 / rate;
  const took = [];
  const state = {
    took,
    async *read() {
      let due = performance.now();
      const end = due + seconds * 1000;
      while (due < end) {
        while (performance.now() < due) await turn();
        due += every;
        yield { at: performance.now() };
      }
    },
  };
  const nodes = [
    nodeClass('b/source', 'source', 'read() { return f.read(); }', state),
    ...['a', 'b', 'c'].map((id) => nodeClass(`b/${id}`, 'transform', 'process(p) { return p.with(p.payload); }')),
    nodeClass('b/sink', 'sink', 'write(p) { f.took.push(performance.now() - p.payload.at); }', state),
  ];
  const engine = createEngine({ plugins: [definePlugin({ name: 'b', nodes })] });
  const ids = ['source', 'a', 'b', 'c', 'sink'];
  const plan = await engine.load({
    version: 2,
    name: 'hops',
    nodes: Object.fromEntries(ids.map((id) => [id, { type: `b/${id}` }])),
    edges: edges(['source -> a', 'a -> b', 'b -> c', 'c -> sink'], { capacity: QUEUED }),
  });
  const { status } = await engine.start(plan, { inputs: {} }).done;
  // The first second is warm-up.
  const steady = took.slice(rate);
  if (status !== 'ok' || took.length < rate * seconds - 1) throw new Error(`${took.length} arrived, ${status}`);
  return { p50: quantile(steady, 0.5) * 1000, p99: quantile(steady, 0.99) * 1000 };
}

/** How long control packets wait while eight edges are full of 0.1 ms work. @returns ms, and what was dropped on the control edge */
export async function control({ seconds }) {
  const took = [];
  const state = {
    took,
    over: false,
    *read() {
      while (!this.over) yield { v: 1 };
    },
    async *command() {
      const end = performance.now() + seconds * 1000;
      while (performance.now() < end) {
        await sleep(5);
        yield { at: performance.now() };
      }
    },
    pause: () => sleep(20),
    spin() {
      const end = performance.now() + 0.1;
      while (performance.now() < end);
    },
  };
  const nodes = [
    nodeClass('b/source', 'source', 'read() { return f.read(); }', state),
    nodeClass('b/command', 'source', 'read() { return f.command(); }', state),
    // Its first call takes a while: what waits by then keeps its edge full, for a packet passes an empty one without a stop.
    nodeClass('b/work', 'sink', 'write() { if (this.begun) return void f.spin(); this.begun = true; return f.pause(); }', state),
    nodeClass('b/act', 'sink', 'write(p) { f.took.push(performance.now() - p.payload.at); }', state),
  ];
  const engine = createEngine({ plugins: [definePlugin({ name: 'b', nodes })] });
  const lanes = Array.from({ length: 8 }, (_, i) => i);
  const plan = await engine.load({
    version: 2,
    name: 'control',
    nodes: {
      ...Object.fromEntries(
        lanes.flatMap((i) => [
          [`source${i}`, { type: 'b/source' }],
          [`work${i}`, { type: 'b/work' }],
        ]),
      ),
      command: { type: 'b/command' },
      act: { type: 'b/act' },
    },
    edges: [
      ...edges(
        lanes.map((i) => `source${i} -> work${i}`),
        { capacity: QUEUED },
      ),
      ...edges(['command -> act'], { lane: 'control' }),
    ],
  });
  const run = engine.start(plan, { inputs: {} });
  await sleep(seconds * 1000 + 100);
  const figures = run.figures();
  balanced(figures);
  state.over = true;
  await run.cancel('enough');
  const saturated = figures.edges.filter(({ lane, peak }) => lane === 'data' && peak >= 64).length;
  if (saturated < 8) throw new Error(`only ${saturated} edges were saturated`);
  const dropped = figures.edges.filter(({ lane }) => lane === 'control').flatMap((edge) => Object.values(edge.dropped));
  return { p99: quantile(took, 0.99), worst: Math.max(...took), n: took.length, dropped: dropped.reduce((sum, n) => sum + n, 0) };
}
