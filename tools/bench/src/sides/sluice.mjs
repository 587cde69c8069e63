// Graphs of ours, given as objects and run by the real engine: counters, sampled latency, error capture, ids, delivery and fence as always.
import { Any, definePlugin, Node, port } from '@sluice/sdk';
import { createEngine } from '@sluice/runtime';
import { Laps } from '../measure.mjs';
import { own, Sink, stages } from './stages.mjs';

/** Keeps an edge from being fused away: it has a queue, because its capacity is not the default. */
export const QUEUED = 65;

const IN = { in: port(Any, 'in') };
const OUT = { out: port(Any, 'out') };

/** A node class with type feedback of its own: `body` uses `f`. */
export function nodeClass(type, kind, body, f) {
  const cls = own(`class { ${body} }`, f);
  const mode = kind === 'source' ? { mode: 'pull' } : {};
  Node({ type, kind, summary: 's', ...mode, ...(kind === 'source' ? {} : { in: IN }), ...(kind === 'sink' ? {} : { out: OUT }) })(cls);
  return cls;
}

/** Edges from `a -> b` texts; with a capacity they keep their queue. */
export function edges(texts, options) {
  return options === undefined ? texts : texts.map((text) => ({ [text]: options }));
}

/** Runs the plans together. @throws Error where one of them is not ok */
export async function runAll(engine, plans) {
  const runs = plans.map((plan) => engine.start(plan, { inputs: {} }));
  const reports = await Promise.all(runs.map((run) => run.done));
  for (const { status, reasons } of reports) if (status !== 'ok') throw new Error(`a run was ${status}: ${reasons.join(' ')}`);
  return runs;
}

/** What a source of a benchmark reads: one long run, lap by lap. */
class Feed {
  constructor(laps) {
    this.laps = laps;
  }
  *read() {
    const { laps } = this;
    for (const length of laps.lengths) {
      for (let i = 0; i < length; i++) {
        laps.made();
        yield { v: i };
      }
    }
  }
}
const READ = 'read() { return f.read(); }';

const ASYNC = ['process(p) {', 'async process(p) {'];

/**
 * `count` pipelines of source, map, filter, map, count.
 * @param {{ count?: number, capacity?: number, async?: boolean }} options with a capacity each edge has a queue
 */
export async function pipelines({ count = 1, capacity, async = false }, how) {
  const sink = new Sink();
  const laps = new Laps({ ...how, sources: count });
  const feed = new Feed(laps);
  const nodes = [];
  const head = ASYNC[async ? 1 : 0];
  for (let k = 0; k < count; k++) {
    const { first, keep, second } = stages(k);
    nodes.push(
      nodeClass(`b/source${k}`, 'source', READ, feed),
      nodeClass(`b/first${k}`, 'transform', `${head} return p.with(f(p.payload)); }`, first),
      nodeClass(`b/keep${k}`, 'transform', `${head} return f(p.payload) ? p : undefined; }`, keep),
      nodeClass(`b/second${k}`, 'transform', `${head} return p.with(f(p.payload)); }`, second),
      nodeClass(`b/count${k}`, 'sink', `${async ? 'async ' : ''}write(p) { f.take(p); }`, sink),
    );
  }
  const engine = createEngine({ plugins: [definePlugin({ name: 'b', nodes })] });
  const options = capacity === undefined ? undefined : { capacity };
  const plans = [];
  for (let k = 0; k < count; k++) {
    const types = { source: 'source', a: 'first', b: 'keep', c: 'second', d: 'count' };
    plans.push(
      await engine.load({
        version: 2,
        name: `p${k}`,
        nodes: Object.fromEntries(Object.entries(types).map(([id, type]) => [id, { type: `b/${type}${k}` }])),
        edges: edges(['source -> a', 'a -> b', 'b -> c', 'c -> d'], options),
      }),
    );
  }
  await runAll(engine, plans);
  return laps.result(sink);
}

/** One source, eight branches of map and count. */
export function fanout(how) {
  const counts = Array.from({ length: 8 }, (_, i) => `count${i}`);
  return graph(
    how,
    ['source', ...maps(8), ...counts],
    [...maps(8).map((m) => `source -> ${m}`), ...counts.map((c, i) => `map${i} -> ${c}`)],
  );
}

/** Eight sources, then map, filter, map, count. */
export function fanin(how) {
  const sources = Array.from({ length: 8 }, (_, i) => `source${i}`);
  return graph(
    how,
    [...sources, 'map0', 'keep', 'map1', 'count'],
    [...sources.map((s) => `${s} -> map0`), 'map0 -> keep', 'keep -> map1', 'map1 -> count'],
    8,
  );
}

/** One source, two branches of map, one counter. */
export function diamond(how) {
  return graph(how, ['source', ...maps(2), 'count'], [...maps(2).map((m) => `source -> ${m}`), ...maps(2).map((m) => `${m} -> count`)]);
}

const maps = (n) => Array.from({ length: n }, (_, i) => `map${i}`);

async function graph(how, ids, texts, sources = 1) {
  const sink = new Sink();
  const laps = new Laps({ ...how, sources });
  const feed = new Feed(laps);
  const classOf = (id) => {
    const k = Number(/\d*$/.exec(id)[0]);
    if (id.startsWith('source')) return nodeClass(`b/${id}`, 'source', READ, feed);
    if (id.startsWith('map')) return nodeClass(`b/${id}`, 'transform', 'process(p) { return p.with(f(p.payload)); }', stages(k).first);
    if (id === 'keep') return nodeClass('b/keep', 'transform', 'process(p) { return f(p.payload) ? p : undefined; }', stages(0).keep);
    return nodeClass(`b/${id}`, 'sink', 'write(p) { f.take(p); }', sink);
  };
  const engine = createEngine({ plugins: [definePlugin({ name: 'b', nodes: ids.map(classOf) })] });
  const nodes = Object.fromEntries(ids.map((id) => [id, { type: `b/${id}` }]));
  const plan = await engine.load({ version: 2, name: 'g', nodes, edges: texts });
  await runAll(engine, [plan]);
  return laps.result(sink);
}
