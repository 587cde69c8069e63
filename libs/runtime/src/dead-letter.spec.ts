import { Any, definePlugin, Node, port, to, type Outcome, type Packet } from '@sluice/sdk';
import { createEngine } from '.';

const settled: [unknown, Outcome][] = [];

@Node({ type: 'd/source', kind: 'source', summary: 'Three packets that want to know.', out: { out: port(Any, '') } })
class ThreeSource {
  *read() {
    for (const n of [1, 2, 3]) yield to('out', n, { done: (outcome) => void settled.push([n, outcome]) });
  }
}
@Node({ type: 'd/fail', kind: 'transform', summary: 'Fails on 2 and 3.', in: { in: port(Any, '') }, out: { out: port(Any, '') } })
class FailNode {
  process(packet: Packet<number>) {
    if (packet.payload > 1) throw new Error(`no ${packet.payload}`);
    return packet;
  }
}

const graph = { version: 2, name: 'd', nodes: { s: { type: 'd/source' }, f: { type: 'd/fail' } }, edges: ['s -> f'] };

test('a dead letter that keeps a packet handles it; one that does not, or throws, hands it back to its source', async () => {
  const engine = createEngine({ plugins: [definePlugin({ name: 'd', nodes: [ThreeSource, FailNode] })] });
  const letters: [unknown, string][] = [];
  const keep = (packet: Packet, { code }: { code: string }): boolean => {
    letters.push([packet.payload, code]);
    if (packet.payload === 3) throw new Error('the letter box is full');
    return true;
  };
  const run = engine.start(await engine.load(graph), { inputs: {}, deadLetter: keep });
  const report = await run.done;
  expect(letters).toEqual([
    [2, 'NODE_FAILED'],
    [3, 'NODE_FAILED'],
  ]);
  expect(settled).toEqual([
    [1, 'acked'],
    [2, 'acked'],
    [3, 'nacked'],
  ]);
  expect(report.status).toBe('degraded');
  settled.length = 0;
  const handled = engine.start(await engine.load(graph), { inputs: {}, deadLetter: () => true });
  expect((await handled.done).status).toBe('ok');
});
