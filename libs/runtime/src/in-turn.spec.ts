import { Any, definePlugin, Doc, Node, port, to, type Context, type Packet, type To } from '@sluice/sdk';
import { IsInt, IsString } from 'class-validator';
import fc from 'fast-check';
import { setImmediate as turn } from 'node:timers/promises';
import { createEngine, VirtualClock, type RunFigures, type RunReport } from '.';

let seen: string[] = [];

class FeedConfig {
  @IsString() @Doc('Its letter.') name = 'a';
  @IsInt() @Doc('How many.') count = 2;
  @IsInt() @Doc('Pause before each, ms; -1 none; -2 waits for what is no timer.') gap = -1;
}
@Node({ type: 't/feed', kind: 'source', summary: 'Named numbers.', config: FeedConfig, out: { out: port(Any, 'Names.') } })
class Feed {
  constructor(private readonly config: FeedConfig) {}
  read(ctx: Context): Iterable<To<'out', string>> | AsyncIterable<To<'out', string>> {
    return this.config.gap === -1 ? this.all() : this.paced(ctx);
  }
  private *all(): Generator<To<'out', string>, void> {
    for (let i = 1; i <= this.config.count; i++) yield to('out', `${this.config.name}${i}`);
  }
  private async *paced(ctx: Context): AsyncGenerator<To<'out', string>, void> {
    for (const one of this.all()) {
      if (this.config.gap >= 0) await ctx.sleep(this.config.gap);
      else for (let i = 0; i < 5; i++) await turn();
      yield one;
    }
  }
}
class MeetConfig {
  @IsInt() @Doc('How long each takes, ms; -1 returns at once.') ms = -1;
}
@Node({
  type: 't/meet',
  kind: 'transform',
  summary: 'Takes in turn.',
  config: MeetConfig,
  in: { in: port(Any, 'Any.') },
  out: { out: port(Any, 'Any.') },
})
class Meet {
  readonly order = 'round_robin';
  constructor(private readonly config: MeetConfig) {}
  process(packet: Packet, ctx: Context): Packet | Promise<Packet> {
    return this.config.ms < 0 ? packet : ctx.sleep(this.config.ms).then(() => packet);
  }
}
@Node({ type: 't/odd', kind: 'transform', summary: 'Every other one.', in: { in: port(Any, 'Any.') }, out: { out: port(Any, 'Any.') } })
class Odd {
  private n = 0;
  process(packet: Packet): Packet | undefined {
    return this.n++ % 2 === 0 ? packet : undefined;
  }
}
@Node({ type: 't/end', kind: 'sink', summary: 'The end.', in: { in: port(Any, 'Any.') } })
class End {
  write(packet: Packet): void {
    seen.push(packet.payload as string);
  }
}
const t = definePlugin({ name: 't', nodes: [Feed, Meet, Odd, End] });

async function run(nodes: Record<string, object>, edges: unknown[]): Promise<{ report: RunReport; figures: RunFigures }> {
  seen = [];
  const clock = new VirtualClock(0);
  const engine = createEngine({ plugins: [t], clock });
  const plan = await engine.load({
    version: 2,
    name: 'turns',
    nodes: { ...nodes, end: { type: 't/end' } },
    edges: [...edges, 'meet -> end'],
  });
  const made = engine.start(plan, { inputs: {}, id: 'r' });
  await clock.advance(600_000, made.done);
  return { report: await made.done, figures: made.figures() };
}
const feed = (name: string, count: number, gap = -1) => ({ type: 't/feed', config: { name, count, gap } });

/** What must come out: one of each that still has some, in the order of the edges. */
function inTurn(counts: readonly number[]): string[] {
  const rounds = Array.from({ length: Math.max(...counts) }, (_, i) => i + 1);
  return rounds.flatMap((n) => counts.flatMap((count, at) => (n <= count ? [`${'abcd'[at]}${n}`] : [])));
}

it('two of two each come out in turn', async () => {
  await run({ a: feed('a', 2), b: feed('b', 2), meet: { type: 't/meet' } }, ['a -> meet', 'b -> meet']);
  expect(seen).toEqual(['a1', 'b1', 'a2', 'b2']);
});

it('the slow one is waited for, and holds the quick one back without holding its packets', async () => {
  const { figures } = await run({ a: feed('a', 40), b: feed('b', 40, 100), meet: { type: 't/meet' } }, [
    { 'a -> meet': { capacity: 4 } },
    'b -> meet',
  ]);
  expect(seen).toEqual(inTurn([40, 40]));
  expect(figures.edges.find(({ id }) => id.startsWith('a'))).toMatchObject({ peak: 4, in: 40, out: 40, dropped: {} });
});

it('what waits for something else than time is waited for, too', async () => {
  const { report } = await run({ a: feed('a', 5), b: feed('b', 5, -2), meet: { type: 't/meet' } }, ['a -> meet', 'b -> meet']);
  expect([report.status, seen]).toEqual(['ok', inTurn([5, 5])]);
});

it('two branches of one source of which one drops some: it ends, or says that it cannot go on', async () => {
  const nodes = { a: feed('a', 400), odd: { type: 't/odd' }, meet: { type: 't/meet' } };
  const short = await run({ ...nodes, a: feed('a', 60) }, ['a -> odd', 'a -> meet', 'odd -> meet']);
  expect([short.report.status, seen.length]).toEqual(['ok', 90]);
  const long = await run(nodes, ['a -> odd', 'a -> meet', 'odd -> meet']);
  expect(long.report.status).toBe('error');
  expect(long.report.reasons.join()).toMatch(/RUN_STALLED|EDGE_LOOP_FULL/);
});

it('the order is that of the turns, whatever the counts, paces and capacities are', async () => {
  const stream = fc.record({ count: fc.nat(12), gap: fc.constantFrom(-1, 0, 1, 7), capacity: fc.integer({ min: 1, max: 5 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(stream, { minLength: 2, maxLength: 4 }), fc.constantFrom(-1, 0, 3), async (streams, ms) => {
      const named = streams.map((one, at) => ({ ...one, name: 'abcd'[at]! }));
      const { report, figures } = await run(
        {
          ...Object.fromEntries(named.map(({ name, count, gap }) => [name, feed(name, count, gap)])),
          meet: { type: 't/meet', config: { ms } },
        },
        named.map(({ name, capacity }) => ({ [`${name} -> meet`]: { capacity } })),
      );
      expect(report.status).toBe('ok');
      expect(seen).toEqual(inTurn(streams.map(({ count }) => count)));
      for (const edge of figures.edges) expect([edge.in_flight, edge.peak <= edge.capacity]).toEqual([0, true]);
    }),
    { numRuns: 150 },
  );
}, 60_000);
