import { Any, definePlugin, Node, port, to, type Packet, type To } from '@sluice/sdk';
import { createEngine } from '.';

@Node({ type: 'fp/count', kind: 'source', summary: 'Two numbers.', out: { out: port(Any, 'Numbers.') } })
class Count {
  *read(): Generator<To<'out', unknown>, void> {
    yield to('out', 1);
    yield to('out', 2);
  }
}

@Node({ type: 'fp/same', kind: 'transform', summary: 'Passes on.', in: { in: port(Any, 'Any.') }, out: { out: port(Any, 'The same.') } })
class Same {
  process(packet: Packet): Packet {
    return packet;
  }
}

const seen: string[] = [];

@Node({
  type: 'fp/either',
  kind: 'transform',
  summary: 'Says by which input a packet came.',
  in: { left: port(Any, 'One.', { optional: true }), right: port(Any, 'The other.', { optional: true }) },
  out: { out: port(Any, 'The same.', { optional: true }) },
})
class Either {
  process(packet: Packet): undefined {
    seen.push(packet.port);
    return undefined;
  }
}

const engineWith = (fuse: boolean) => createEngine({ plugins: [definePlugin({ name: 'fp', nodes: [Count, Same, Either] })], fuse });

test.each([true, false])('a node with several inputs and one edge is told the input, fused: %s', async (fuse) => {
  for (const edges of [['a -> b.right'], ['a -> i', 'i -> b.right']]) {
    seen.length = 0;
    const nodes = { a: { type: 'fp/count' }, b: { type: 'fp/either' }, ...(edges.length > 1 ? { i: { type: 'fp/same' } } : {}) };
    const engine = engineWith(fuse);
    await engine.start(await engine.load({ version: 2, nodes, edges }), { inputs: {} }).done;
    expect(seen).toEqual(['right', 'right']);
  }
});
