// A node that has to catch up: it starts when everything waits in its edge.
import { definePlugin } from '@sluice/sdk';
import { createEngine } from '@sluice/runtime';
import { median } from '../statistics.mjs';
import { edges, nodeClass, runAll } from './sluice.mjs';
import { Sink } from './stages.mjs';

/** Wall ns per packet of draining `waiting` packets; the median of so many times. */
export async function backlog(waiting, times) {
  const sink = new Sink();
  const state = {
    *read() {
      for (let i = 0; i < state.n; i++) yield { v: i };
      state.start = performance.now();
      state.open();
    },
  };
  const nodes = [
    nodeClass('b/source', 'source', 'read() { return f.read(); }', state),
    nodeClass('b/work', 'transform', 'async process(p) { if (p.payload.v === 0) await f.gate; return p; }', state),
    nodeClass('b/count', 'sink', 'write(p) { f.take(p); }', sink),
  ];
  const engine = createEngine({ plugins: [definePlugin({ name: 'b', nodes })] });
  // Room to spare: the source must find out that it has no more before anything is taken.
  const plan = await engine.load({
    version: 2,
    name: 'backlog',
    nodes: { source: { type: 'b/source' }, work: { type: 'b/work' }, count: { type: 'b/count' } },
    edges: [...edges(['source -> work'], { capacity: waiting + 1 }), 'work -> count'],
  });
  const once = async (n) => {
    sink.n = sink.sum = 0;
    state.n = n;
    state.gate = new Promise((resolve) => (state.open = resolve));
    const [run] = await runAll(engine, [plan]);
    const took = performance.now() - state.start;
    const { n: seen, sum } = sink;
    if (seen !== n || sum !== (n * (n - 1)) / 2) throw new Error(`${seen} of ${n} arrived`);
    const { peak } = run.figures().edges.find(({ id }) => id === 'source.out->work.in');
    if (peak < n - 1) throw new Error(`only ${peak} waited`);
    return (took * 1e6) / n;
  };
  for (let i = 0; i < 60; i++) await once(1_000 > waiting ? waiting : 1_000);
  const took = [];
  for (let i = 0; i < times; i++) took.push(await once(waiting));
  return { ns: median(took) };
}
