// The same four stages, as Sluice graphs and as hand-written RxJS: map, filter (7 of 8 pass), map, count.
// Every pipeline gets functions and classes of its own, so that 32 of them leave no call site monomorphic, as in an application.
import { Any, definePlugin, Node, NO_META, Origin, Packet, port } from '@sluice/sdk';
import { createEngine } from '@sluice/runtime';
import { filter, map, Subject } from 'rxjs';

const SHAPES = ['({ v: x.v + K })', '({ v: x.v + K, a: 1 })', '({ v: x.v + K, a: 1, b: 2 })', '({ v: x.v + K, a: x.v, b: 2, c: 3 })'];

/** Source text makes functions that share no type feedback. */
export function stages(k) {
  const shape = SHAPES[k % 4].replace('K', String(k + 1));
  return {
    first: new Function('x', `return ${shape};`),
    keep: new Function('x', `return (x.v + ${k}) % 8 !== 0;`),
    second: new Function('x', `return ${shape.replace('+', '*')};`),
  };
}

export function sluicePlugin(count, sink) {
  const nodes = [];
  const ports = { in: { in: port(Any, 'in') }, out: { out: port(Any, 'out') } };
  for (let k = 0; k < count; k++) {
    const { first, keep, second } = stages(k);
    const make = (name, body) => new Function('f', 'sink', `return class ${name} { ${body} }`);
    const First = make(`First${k}`, 'process(p) { return p.with(f(p.payload)); }')(first);
    const Keep = make(`Keep${k}`, 'process(p) { return f(p.payload) ? p : undefined; }')(keep);
    const Second = make(`Second${k}`, 'process(p) { return p.with(f(p.payload)); }')(second);
    const Count = make(`Count${k}`, 'write(p) { sink.take(p); }')(undefined, sink);
    Node({ type: `b/first${k}`, kind: 'transform', summary: 's', ...ports })(First);
    Node({ type: `b/keep${k}`, kind: 'transform', summary: 's', ...ports })(Keep);
    Node({ type: `b/second${k}`, kind: 'transform', summary: 's', ...ports })(Second);
    Node({ type: `b/count${k}`, kind: 'sink', summary: 's', in: ports.in })(Count);
    nodes.push(First, Keep, Second, Count);
  }
  return definePlugin({ name: 'b', nodes });
}

export class Sink {
  n = 0;
  sum = 0;
  take(p) {
    this.n++;
    this.sum += p.payload.v;
  }
}

export function sluiceGraph(k, capacity) {
  const edge = (text) => (capacity === undefined ? text : { [text]: { capacity } });
  return {
    version: 2,
    name: `p${k}`,
    inputs: { in: { type: 'sluice/any@1', to: 'a.in' } },
    nodes: { a: { type: `b/first${k}` }, b: { type: `b/keep${k}` }, c: { type: `b/second${k}` }, d: { type: `b/count${k}` } },
    edges: [edge('a -> b'), edge('b -> c'), edge('c -> d')],
  };
}

function* range(n) {
  for (let i = 0; i < n; i++) yield { v: i };
}

/** ns per packet of `count` pipelines with `n` packets in all. */
export async function runSluice(count, n, capacity) {
  const sink = new Sink();
  const engine = createEngine({ plugins: [sluicePlugin(count, sink)] });
  const once = async (total) => {
    const plans = [];
    for (let k = 0; k < count; k++) plans.push(await engine.load(sluiceGraph(k, capacity)));
    const start = performance.now();
    const runs = plans.map((plan) => engine.start(plan, { inputs: { in: range(total / count) } }));
    const reports = await Promise.all(runs.map((run) => run.done));
    if (reports.some((r) => r.status !== 'ok')) throw new Error('not ok');
    return ((performance.now() - start) * 1e6) / total;
  };
  await once(n / 4);
  await once(n / 4);
  const times = [await once(n), await once(n), await once(n)].sort((a, b) => a - b);
  return { ns: times[1], sum: sink.sum, n: sink.n };
}

export function runRx(count, n) {
  const sink = new Sink();
  const heads = [];
  for (let k = 0; k < count; k++) {
    const { first, keep, second } = stages(k);
    const head = new Subject();
    head
      .pipe(
        map((p) => p.with(first(p.payload))),
        filter((p) => keep(p.payload)),
        map((p) => p.with(second(p.payload))),
      )
      .subscribe((p) => sink.take(p));
    heads.push(head);
  }
  const once = (total) => {
    const start = performance.now();
    for (let i = 0; i < total / count; ) {
      const end = Math.min(total / count, i + 16);
      for (const head of heads) for (let j = i; j < end; j++) head.next(Packet.source({ v: j }, 'any', NO_META, new Origin('r', 'n', 's', 0, '', null, 0, null)));
      i = end;
    }
    return ((performance.now() - start) * 1e6) / total;
  };
  once(n / 4);
  once(n / 4);
  const times = [once(n), once(n), once(n)].sort((a, b) => a - b);
  return { ns: times[1], sum: sink.sum, n: sink.n };
}

const [, , side, count, capacity] = process.argv;
const N = Number(process.env.N ?? 1_024_000);
const c = Number(count);
const r = side === 'rx' ? runRx(c, N) : await runSluice(c, N, capacity === undefined ? undefined : Number(capacity));
console.log(JSON.stringify(r));
