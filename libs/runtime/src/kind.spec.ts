import { Any, combine, definePlugin, Node, port, portType, to, type Context, type Packet, type To } from '@sluice/sdk';
import { Observable } from 'rxjs';
import { createEngine, VirtualClock } from '.';

const Num = portType<number>('t/num@1', { profile: 'json_portable' });
const IN = { in: port(Any, 'Anything.') };
const OUT = { out: port(Num, 'Numbers.') };
/** What came to the sink: kind, key, cause and meta. */
let seen: { kind: string; key: string; cause: string | undefined; meta: object }[] = [];

/** Enough that straight code is made; its first ones run by the loop. */
const MANY = 600;

@Node({ type: 't/start', kind: 'source', summary: 'Starts.', out: { out: port(Any, 'Anything.') } })
class Start {
  *read(): Generator<To<'out', number>, void> {
    for (let i = 0; i < MANY; i++) yield to('out', i, { kind: 'start', key: `k${i}`, done: () => undefined });
  }
}
@Node({ type: 't/bare', kind: 'transform', summary: 'A payload.', in: IN, out: OUT })
class Bare {
  process(packet: Packet): number {
    return packet.payload as number;
  }
}
@Node({ type: 't/derived', kind: 'transform', summary: 'A derived packet.', in: IN, out: OUT })
class Derived {
  process(packet: Packet): Packet<number> {
    return packet.with(packet.payload as number);
  }
}
@Node({ type: 't/named', kind: 'transform', summary: 'A kind of its own.', in: IN, out: OUT })
class Named {
  process(packet: Packet): Packet<number> {
    return packet.with(packet.payload as number, packet.meta, 'own');
  }
}
@Node({ type: 't/same', kind: 'transform', summary: 'Names the kind that it had.', in: IN, out: OUT })
class Same {
  process(packet: Packet): Packet<number> {
    return packet.with(packet.payload as number, packet.meta, packet.kind);
  }
}
@Node({ type: 't/passed', kind: 'transform', summary: 'Passes on.', in: IN, out: OUT })
class Passed {
  process(packet: Packet): Packet<number> {
    return packet as Packet<number>;
  }
}
@Node({ type: 't/sent', kind: 'transform', summary: 'Sends.', in: IN, out: OUT })
class Sent {
  process(packet: Packet): To<'out', Packet<number>> {
    return to('out', packet.with(packet.payload as number, { own: 1, of: 'node' }), { meta: { of: 'emission' } });
  }
}
@Node({ type: 't/sent-named', kind: 'transform', summary: 'Sends under a name.', in: IN, out: OUT })
class SentNamed {
  process(packet: Packet): To<'out', Packet<number>> {
    return to('out', packet as Packet<number>, { kind: 'sent' });
  }
}
@Node({ type: 't/twice', kind: 'transform', summary: 'Two of one.', in: IN, out: OUT })
class Twice {
  *process(packet: Packet): Generator<Packet<number>, void> {
    yield packet.with(0);
    yield packet.with(1);
  }
}
@Node({ type: 't/pairs', kind: 'operator', delivery: 'explicit', summary: 'One of two.', in: IN, out: OUT })
class Pairs {
  apply(input: Observable<Packet>): Observable<Packet<number>> {
    return new Observable((out) => {
      let first: Packet | undefined;
      return input.subscribe({
        next: (packet) => {
          if (first === undefined) first = packet;
          else {
            out.next(combine([first, packet], 2));
            first = undefined;
          }
        },
        complete: () => out.complete(),
      });
    });
  }
}
@Node({ type: 't/fails', kind: 'transform', summary: 'Fails.', in: IN, out: OUT })
class Fails {
  process(): number {
    throw new Error('no');
  }
}
@Node({ type: 't/end', kind: 'sink', summary: 'The end.', in: IN })
class End {
  write({ kind, key, cause, meta }: Packet, _ctx: Context): void {
    seen.push({ kind, key, cause, meta });
  }
}
const t = definePlugin({ name: 't', nodes: [Start, Bare, Derived, Named, Same, Passed, Sent, SentNamed, Twice, Pairs, Fails, End] });

async function through(type: string, fuse: boolean, port = 'out') {
  seen = [];
  const engine = createEngine({ plugins: [t], clock: new VirtualClock(0), fuse });
  const plan = await engine.load({
    version: 2,
    name: 'kinds',
    nodes: { start: { type: 't/start' }, node: { type: `t/${type}` }, end: { type: 't/end' } },
    edges: ['start -> node', `node.${port} -> end`],
  });
  await engine.start(plan, { inputs: {}, id: 'r' }).done;
  return seen;
}
const kinds = (all: typeof seen) => [...new Set(all.map(({ kind }) => kind))];

describe.each([
  ['fused', true],
  ['with an edge on each hop', false],
])('the kind of a packet, %s,', (_name, fuse) => {
  it.each([
    ['bare', 'num', 'of a payload is that of the output'],
    ['derived', 'num', 'of a derived packet is that of the output'],
    ['named', 'own', 'is what the node named'],
    ['same', 'start', 'is what the node named, also where that is what it was'],
    ['passed', 'start', 'stays where the packet is passed on'],
    ['sent', 'num', 'of a derived packet that is sent to a port is that of the output'],
    ['sent-named', 'sent', 'is what was named with the port'],
    ['twice', 'num', 'of each of several is that of the output'],
    ['pairs', 'num', 'of several in one is that of the output'],
  ])('%s gives %s: it %s', async (type, kind) => {
    const all = await through(type, fuse);
    expect(all.length).toBe(type === 'pairs' ? MANY / 2 : type === 'twice' ? MANY * 2 : MANY);
    expect(kinds(all)).toEqual([kind]);
  });

  it('of a failure is error', async () => {
    expect(kinds(await through('fails', fuse, 'error'))).toEqual(['error']);
  });
});

it('what a node and its port say of meta is one, and the port wins', async () => {
  expect((await through('sent', true))[0]!.meta).toEqual({ own: 1, of: 'emission' });
});

it('several packets of one call have keys of their own, stable ones', async () => {
  const all = await through('twice', true);
  expect(all.slice(0, 3).map(({ key }) => key)).toEqual(['k0/node.out', 'k0/node/1/node.out', 'k1/node.out']);
  expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
  expect(all.slice(0, 2).map(({ cause }) => cause)).toEqual(['r:start:0', 'r:start:0']);
});
