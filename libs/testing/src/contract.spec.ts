import { Any, Doc, definePlugin, IsAny, Node, port, type NodeClass, type Packet } from '@sluice/sdk';
import { NEVER, type Observable } from 'rxjs';
import { contractSuite } from '.';

const io = { in: { in: port(Any, 'Anything.') }, out: { out: port(Any, 'The same.') } };
const base = { summary: 'Passes all on.', examples: [{ title: 'Plain', config: {} }], ...io };
const transform = { ...base, kind: 'transform' } as const;
const operator = { ...base, kind: 'operator' } as const;

class Config {
  @IsAny() @Doc('Anything.') n: unknown = 1;
}

@Node({ ...transform, type: 'x/good', config: Config })
class Good {
  constructor(readonly config: Config) {}
  process(packet: Packet): Packet {
    return packet;
  }
}

@Node({ ...transform, type: 'x/silent', summary: 'no sentence' })
class Silent {
  process(packet: Packet): Packet {
    return packet;
  }
}

/** As plain JavaScript may have it, where no compiler looks. */
class Empty {}
Node({ ...transform, type: 'x/empty' } as never)(Empty as never);

@Node({ ...transform, type: 'x/unfit', examples: [{ title: 'Wrong', config: { m: 1 } as never }] })
class Unfit {
  process(packet: Packet): Packet {
    return packet;
  }
}

@Node({ ...transform, type: 'x/greedy', config: Config })
class Greedy {
  constructor(config: Config) {
    config.n = 2;
  }
  process(packet: Packet): Packet {
    return packet;
  }
}

@Node({ ...transform, type: 'x/careless' })
class Careless {
  private opened: { end(): void } | undefined;
  open(): void {
    this.opened = { end: () => undefined };
  }
  process(packet: Packet): Packet {
    return packet;
  }
  close(): void {
    this.opened!.end();
  }
}

@Node({ ...transform, type: 'x/lost' })
class Lost {
  process(): Promise<Packet> {
    return new Promise(() => undefined);
  }
}

@Node({ ...transform, type: 'x/random' })
class Random {
  private static calls = 0;
  process(packet: Packet): Packet {
    return packet.with(Random.calls++);
  }
}

@Node({ ...operator, type: 'x/hoarder', delivery: 'explicit' })
class Hoarder {
  apply(): Observable<Packet> {
    return NEVER;
  }
}

@Node({ ...transform, type: 'x/fragile' })
class Fragile {
  process(packet: Packet): Packet | Promise<Packet> {
    return typeof packet.payload === 'symbol' ? new Promise(() => undefined) : packet;
  }
}

async function broken(cls: NodeClass): Promise<readonly string[]> {
  const failed = new Set<string>();
  for (const one of contractSuite(definePlugin({ name: 'x', nodes: [cls] }))) {
    try {
      await one.run();
    } catch {
      failed.add(one.rule);
    }
  }
  return [...failed];
}

test('a node that keeps all rules breaks none', async () => {
  expect(await broken(Good)).toEqual([]);
});

test.each<[string, NodeClass]>([
  ['NODE-1', Silent],
  ['NODE-2', Empty as NodeClass],
  ['NODE-3', Unfit],
  ['NODE-4', Greedy],
  ['NODE-5', Careless],
  ['NODE-6', Lost],
  ['NODE-7', Random],
  ['NODE-8', Lost],
  ['NODE-9', Hoarder],
  ['NODE-10', Fragile],
])('%s is what its red node breaks', async (rule, cls) => {
  expect(await broken(cls)).toContain(rule);
});
