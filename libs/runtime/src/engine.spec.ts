import { Any, definePlugin, Node, port, portType, to, type Packet } from '@sluice/sdk';
import { of, Subject } from 'rxjs';
import { contract, createEngine, feed, pushed, type Run } from '.';

const Num = portType<number>('t/num@1', { profile: 'json_portable' });
const log: string[] = [];

@Node({ type: 't/double', kind: 'transform', summary: 'x2', in: { in: port(Num, '') }, out: { out: port(Num, '') } })
class Double {
  process(packet: Packet<number>) {
    return packet.payload * 2;
  }
}
@Node({ type: 't/slow', kind: 'transform', summary: 'x2 later', in: { in: port(Num, '') }, out: { out: port(Num, '') } })
class Slow {
  async process(packet: Packet<number>) {
    await Promise.resolve();
    return packet.payload * 2;
  }
}
@Node({
  type: 't/split',
  kind: 'transform',
  summary: 'odd or even',
  in: { in: port(Num, '') },
  out: { odd: port(Num, ''), even: port(Num, '') },
})
class Split {
  process(packet: Packet<number>) {
    return to(packet.payload % 2 === 0 ? 'even' : 'odd', packet.payload);
  }
}
@Node({ type: 't/thrice', kind: 'transform', summary: 'three', in: { in: port(Num, '') }, out: { out: port(Num, '') } })
class Thrice {
  *process(packet: Packet<number>) {
    for (let i = 0; i < 3; i++) yield packet.payload * 10 + i;
  }
}
@Node({ type: 't/fail', kind: 'transform', summary: 'fails on 3', in: { in: port(Num, '') }, out: { out: port(Num, '') } })
class Fail {
  process(packet: Packet<number>) {
    if (packet.payload === 3) throw new Error('three');
    return packet.payload;
  }
  close() {
    log.push('closed');
  }
}
@Node({ type: 't/any', kind: 'transform', summary: 'pass', in: { in: port(Any, '') }, out: { out: port(Any, '') } })
class Pass {
  process(packet: Packet) {
    return packet;
  }
}

const t = definePlugin({ name: 't', nodes: [Double, Slow, Split, Thrice, Fail, Pass] });
const graph = (nodes: Record<string, string>, edges: unknown[], to: string, from: string) => ({
  version: 2,
  name: 'g',
  inputs: { in: { type: 't/num@1', to } },
  outputs: { out: { type: 't/num@1', from } },
  nodes: Object.fromEntries(Object.entries(nodes).map(([id, type]) => [id, { type }])),
  edges,
});
const io = contract({ in: { in: Num }, out: { out: Num } });

async function all(run: Run<{ out: typeof Num }>): Promise<number[]> {
  const got: number[] = [];
  for await (const n of run.outputs.out) got.push(n);
  return got;
}

async function through(spec: object, values: Iterable<number> | AsyncIterable<number>) {
  const engine = createEngine({ plugins: [t] });
  const plan = await engine.load(spec, { contract: io });
  const run = engine.start(plan, { inputs: { in: values } });
  const got = await all(run);
  const report = await run.done;
  return { got, report, figures: run.figures() };
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

test('a fused chain', async () => {
  const { got, report, figures } = await through(graph({ a: 't/double', b: 't/double' }, ['a -> b'], 'a.in', 'b.out'), upTo(1000));
  expect(got).toEqual(upTo(1000).map((n) => n * 4));
  expect(report.status).toBe('ok');
  expect(figures.edges.every((e) => e.in === e.out)).toBe(true);
  expect(report.metrics['node.b.consumed']).toBe(1000);
});

test('async nodes keep order', async () => {
  const { got } = await through(graph({ a: 't/slow', b: 't/slow' }, ['a -> b'], 'a.in', 'b.out'), upTo(500));
  expect(got).toEqual(upTo(500).map((n) => n * 4));
});

test('generators are pulled with credit', async () => {
  const { got } = await through(graph({ a: 't/thrice', b: 't/slow' }, ['a -> b'], 'a.in', 'b.out'), upTo(300));
  expect(got.length).toBe(900);
  expect(got.slice(0, 4)).toEqual([0, 2, 4, 20]);
});

test('a fork and a meet', async () => {
  const { got, figures } = await through(
    graph({ s: 't/split', a: 't/double', b: 't/slow', m: 't/any' }, ['s.odd -> a', 's.even -> b', 'a -> m', 'b -> m'], 's.in', 'm.out'),
    upTo(200),
  );
  expect([...got].sort((x, y) => x - y)).toEqual(upTo(200).map((n) => n * 2));
  for (const e of figures.edges) expect(e.in).toBe(e.out + e.in_flight);
});

test('a failing packet does not end the stream, and close is called', async () => {
  const { got, report } = await through(graph({ a: 't/fail' }, [], 'a.in', 'a.out'), upTo(6));
  expect(got).toEqual([0, 1, 2, 4, 5]);
  expect(report.status).toBe('degraded');
  expect(log).toContain('closed');
});

test('pushed and fed inputs', async () => {
  const engine = createEngine({ plugins: [t] });
  const plan = await engine.load(graph({ a: 't/double' }, [], 'a.in', 'a.out'), { contract: io });
  const run = engine.start(plan, { inputs: { in: pushed(of(1, 2, 3), { when_full: 'drop_oldest' }) } });
  expect(await all(run)).toEqual([2, 4, 6]);
  const hand = feed<number>();
  const second = engine.start(plan, { inputs: { in: hand } });
  const got = all(second);
  for (let i = 0; i < 200; i++) await hand.push(i);
  hand.end();
  expect((await got).length).toBe(200);
  const subject = new Subject<number>();
  const third = engine.start(plan, { inputs: { in: pushed(subject, { when_full: 'latest' }) } });
  const seen: number[] = [];
  third.outputs.out.observe({ when_full: 'drop_oldest' }).subscribe((n) => seen.push(n));
  await third.ready;
  for (let i = 0; i < 10; i++) subject.next(i);
  subject.complete();
  await third.done;
  expect(seen.at(-1)).toBe(18);
});
