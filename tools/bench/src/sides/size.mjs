// Large graphs: how long they take to start, what they weigh, and that they run.
import { definePlugin } from '@sluice/sdk';
import { createEngine, feed } from '@sluice/runtime';
import { heap } from '../measure.mjs';
import { edges, nodeClass, QUEUED, runAll } from './sluice.mjs';
import { Sink } from './stages.mjs';

const KINDS = 10;
const sink = new Sink();
const state = {
  n: 100,
  *read() {
    for (let i = 0; i < this.n; i++) yield { v: i };
  },
};

/** How many arrived since the last time. */
function taken() {
  const { n } = sink;
  sink.n = 0;
  return { n };
}

function engineWith(more = []) {
  const nodes = [
    nodeClass('b/source', 'source', 'read() { return f.read(); }', state),
    ...Array.from({ length: KINDS }, (_, k) => nodeClass(`b/work${k}`, 'transform', 'process(p) { return p; }')),
    nodeClass('b/count', 'sink', 'write(p) { f.take(p); }', sink),
    ...more,
  ];
  return createEngine({ plugins: [definePlugin({ name: 'b', nodes })] });
}

/** `rows` chains of `length` nodes that an input feeds: a graph of rows * length nodes. */
function grid(rows, length) {
  const nodes = {};
  const texts = [];
  const heads = [];
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < length; i++) {
      nodes[`n${row}_${i}`] = { type: i === length - 1 ? 'b/count' : `b/work${i % KINDS}` };
      if (i > 0) texts.push(`n${row}_${i - 1} -> n${row}_${i}`);
    }
    heads.push(`n${row}_0.in`);
  }
  return { version: 2, name: 'grid', inputs: { in: { type: 'sluice/any@1', to: heads } }, nodes, edges: texts };
}

/** Compiles and starts 1,000 nodes; once, as a server does, after a graph of ten. @returns ms, and bytes of heap per node */
export async function start() {
  const engine = engineWith();
  await engine.load(grid(1, 10));
  const graph = grid(100, 10);
  const before = heap();
  const began = performance.now();
  const plan = await engine.load(graph);
  const input = feed();
  const run = engine.start(plan, { inputs: { in: input } });
  await run.ready;
  const ms = performance.now() - began;
  await new Promise((resolve) => setTimeout(resolve, 50));
  const bytes = (heap() - before) / 1000;
  for (let i = 0; i < 50; i++) await input.push({ v: i });
  input.end();
  const { status } = await run.done;
  const { n } = taken();
  if (status !== 'ok' || n !== 5000) throw new Error(`${n} of 5000 arrived, ${status}`);
  return { ms, bytes };
}

/** Validates the YAML of 1,000 nodes; once, after one of ten. */
export async function validate() {
  const engine = engineWith();
  const text = ({ nodes, edges: texts, inputs }) =>
    [
      'version: 2',
      'name: grid',
      `inputs: ${JSON.stringify(inputs)}`,
      'nodes:',
      ...Object.entries(nodes).flatMap(([id, { type }]) => [`  # Node ${id}.`, `  ${id}:`, `    type: ${type}`]),
      'edges:',
      ...texts.map((edge) => `  - ${edge}`),
      '',
    ].join('\n');
  await engine.check({ text: text(grid(1, 10)) });
  const big = text(grid(100, 10));
  const began = performance.now();
  const found = await engine.check({ text: big });
  const ms = performance.now() - began;
  if (found.some(({ severity }) => severity === 'error')) throw new Error(found[0].message);
  return { ms };
}

/** Checks and plans a graph of 500 nodes that was read already: no YAML is parsed. Once, after one of ten. */
export async function checkObject() {
  const engine = engineWith();
  const spec = (rows) => grid(rows, 10);
  await engine.check(spec(1));
  const big = spec(50);
  const began = process.cpuUsage();
  const found = await engine.check(big);
  const { user, system } = process.cpuUsage(began);
  if (Object.keys(big.nodes).length !== 500) throw new Error(`${Object.keys(big.nodes).length} nodes`);
  if (found.some(({ severity }) => severity === 'error')) throw new Error(found[0].message);
  return { ms: (user + system) / 1000 };
}

/** A chain of 10,000 nodes, fused and with a queue on every edge, and a cycle: none may overflow the stack. @returns how many of the three ran */
export async function deep() {
  const engine = engineWith([nodeClass('b/round', 'transform', 'process(p) { f.rounds++; return p; }', state)]);
  let passed = 0;
  const why = [];
  for (const capacity of [undefined, QUEUED]) {
    const length = 10_000;
    const nodes = { source: { type: 'b/source' } };
    const texts = ['source -> n0'];
    for (let i = 0; i < length; i++) {
      nodes[`n${i}`] = { type: i === length - 1 ? 'b/count' : `b/work${i % KINDS}` };
      if (i > 0) texts.push(`n${i - 1} -> n${i}`);
    }
    try {
      const plan = await engine.load({ version: 2, name: 'chain', nodes, edges: edges(texts, capacity && { capacity }) });
      await runAll(engine, [plan]);
      const { n } = taken();
      if (n === state.n) passed++;
      else why.push(`${n} of ${state.n} arrived`);
    } catch (error) {
      why.push(error.message.slice(0, 120));
    }
  }
  // Round and round until it is stopped: only a stack or a queue could end it.
  try {
    const { default: core } = await import('@sluice/plugin-core');
    const own = [
      nodeClass('b/once', 'source', 'read() { return [{ v: 1 }]; }'),
      nodeClass('b/round', 'transform', 'process(p) { f.rounds++; return p; }', state),
    ];
    state.rounds = 0;
    const looping = createEngine({
      plugins: [definePlugin({ name: 'b', nodes: own }), ...Object.values(core).filter((value) => Array.isArray(value?.nodes))],
    });
    const plan = await looping.load({
      version: 2,
      name: 'cycle',
      nodes: { once: { type: 'b/once' }, round: { type: 'b/round' }, wait: { type: 'core/delay', config: { duration: '0ms' } } },
      edges: ['once -> round', 'round -> wait', 'wait -> round'],
    });
    const run = looping.start(plan, { inputs: {} });
    const over = await Promise.race([run.done, new Promise((resolve) => setTimeout(resolve, 2000))]);
    const report = over ?? (await run.cancel('enough'));
    if (state.rounds > 100) passed++;
    else why.push(`the cycle went round ${state.rounds} times: ${report.reasons.join(' ')}`);
  } catch (error) {
    why.push(`cycle: ${error.message.slice(0, 200)}`);
  }
  return { passed, why: why.join('; ') };
}

/** Heap of one run after 1e7 packets minus after 1e5, in MB; half of the edges have a queue. */
export async function growth() {
  const marks = [];
  const feeding = {
    *read() {
      for (let i = 0; i < 1e7; i++) {
        if (i === 1e5) marks.push(heap());
        yield { v: i };
      }
      marks.push(heap());
    },
  };
  const engine = engineWith([nodeClass('b/endless', 'source', 'read() { return f.read(); }', feeding)]);
  const plan = await engine.load({
    version: 2,
    name: 'growth',
    nodes: {
      source: { type: 'b/endless' },
      a: { type: 'b/work0' },
      b: { type: 'b/work1' },
      c: { type: 'b/work2' },
      count: { type: 'b/count' },
    },
    edges: ['source -> a', ...edges(['a -> b', 'b -> c'], { capacity: QUEUED }), 'c -> count'],
  });
  await runAll(engine, [plan]);
  const { n } = taken();
  if (n !== 1e7) throw new Error(`${n} of 1e7 arrived`);
  return { mb: (marks[1] - marks[0]) / 2 ** 20 };
}
