import { Any, to, type Context, type Outcome, type Packet } from '@sluice/sdk';
import { from, interval, map, Observable, Subject, take, timer } from 'rxjs';
import {
  adaptive,
  bounded,
  budget,
  contract,
  createEngine,
  feed,
  fixedRate,
  pushed,
  VirtualClock,
  type Run,
  type RunEvent,
  type Throttle,
} from '.';
import { graph, inline, upTo, type Body } from '../test/inline';
import { t } from '../test/nodes';
import { inVirtualTime } from '../test/virtual';
import { schedulerOf } from './clock';
import { Outlet } from './stage';

const io = contract({ in: { in: Any }, out: { out: Any } });
const slow: Body = {
  async process(packet, ctx) {
    await ctx.sleep(10);
    return packet;
  },
};

async function bench(
  bodies: Record<string, Body>,
  nodes: Record<string, string | object>,
  edges: readonly unknown[],
  input: string,
  output: string,
) {
  const clock = new VirtualClock(0);
  const engine = createEngine({ plugins: [t, inline(bodies)], clock, seed: 1 });
  const plan = await engine.load(
    graph(nodes, edges, { inputs: { in: { type: 'sluice/any@1', to: input } }, outputs: { out: { type: 'sluice/any@1', from: output } } }),
    {
      contract: io,
    },
  );
  return { clock, engine, plan };
}

async function read(run: Run<{ out: typeof Any }>, each: (value: unknown) => void | Promise<void> = () => undefined): Promise<unknown[]> {
  const got: unknown[] = [];
  for await (const value of run.outputs.out) {
    got.push(value);
    await each(value);
  }
  return got;
}

test('BORDER-1: an iterable is pulled as the graph has room, and no further', async () => {
  const { clock, engine, plan } = await bench({ slow }, { w: 'x/slow' }, [], 'w.in', 'w.out');
  let pulled = 0;
  function* endless(): Generator<number> {
    for (;;) yield pulled++;
  }
  const run = engine.start(plan, { inputs: { in: endless() } });
  const reading = read(run);
  await clock.advance(1_000);
  expect(pulled).toBeGreaterThan(90);
  expect(pulled).toBeLessThan(100 + 70);
  void run.cancel();
  await clock.run(run.done);
  await reading;
});

test('BORDER-2: push() resolves when the graph has taken it; end() ends the run, nothing is lost', async () => {
  const { clock, engine, plan } = await bench({ slow }, { w: 'x/slow' }, [], 'w.in', 'w.out');
  const hand = feed<number>();
  const run = engine.start(plan, { inputs: { in: hand } });
  const reading = read(run);
  let taken = 0;
  const pushing = (async () => {
    for (let i = 0; i < 200; i++) {
      await hand.push(i);
      taken++;
    }
    hand.end();
  })();
  await clock.advance(500);
  expect(taken).toBeLessThan(120);
  await clock.run(run.done);
  await pushing;
  expect(await reading).toEqual([...upTo(200)]);
});

test('BORDER-3: a producer is not left waiting when its run is over', async () => {
  const { clock, engine, plan } = await bench({ slow }, { w: 'x/slow' }, [], 'w.in', 'w.out');
  const hand = feed<number>();
  const run = engine.start(plan, { inputs: { in: hand } });
  const pushing = Promise.all(Array.from(upTo(300), (n) => hand.push(n)));
  await clock.advance(50);
  void run.cancel();
  await clock.run(run.done);
  await clock.run(pushing);
});

test('BORDER-4: pushed() names its loss, and the books show it', async () => {
  const { clock, engine, plan } = await bench({ slow }, { w: 'x/slow' }, [], 'w.in', 'w.out');
  const run = engine.start(plan, {
    inputs: { in: pushed(interval(1, schedulerOf(clock)).pipe(take(300)), { when_full: 'drop_oldest', capacity: 5 }) },
  });
  const reading = read(run);
  await clock.run(run.done);
  const got = await reading;
  const edge = run.figures().edges.find(({ id }) => id.startsWith('$pushed.in'))!;
  expect(edge.dropped['full']).toBeGreaterThan(100);
  expect(edge.in).toBe(300);
  expect(got.at(-1)).toBe(299);
  const failing = engine.start(plan, { inputs: { in: pushed(from(upTo(500)), { when_full: 'error', capacity: 5 }) } });
  const rest = read(failing);
  const report = await clock.run(failing.done);
  await rest;
  expect(report.status).toBe('error');
});

/** A source that counts the outcomes of what it sends. */
function counted(count: number, outcomes: Outcome[]): Body {
  return {
    *read() {
      for (const n of upTo(count)) yield to('out', n, { key: `${n}`, done: (outcome) => outcomes.push(outcome) });
    },
  };
}

async function outOnly(body: Body) {
  const clock = new VirtualClock(0);
  const engine = createEngine({ plugins: [inline({ source: body })], clock });
  const plan = await engine.load(graph({ s: 'x/source' }, [], { outputs: { out: { type: 'sluice/any@1', from: 's.out' } } }), {
    contract: contract({ in: {}, out: { out: Any } }),
  });
  return { clock, run: engine.start(plan, { inputs: {} }) };
}

test('BORDER-5: for await is lossless, and the end of its body is the ack', async () => {
  const outcomes: Outcome[] = [];
  const { clock, run } = await outOnly(counted(200, outcomes));
  const got: unknown[] = [];
  const reading = (async () => {
    for await (const value of run.outputs.out) {
      expect(outcomes.length).toBe(got.length);
      got.push(value);
      await new Promise<void>((resolve) => void clock.after(1, resolve));
    }
  })();
  await clock.run(reading);
  expect((await run.done).status).toBe('ok');
  expect(got).toEqual([...upTo(200)]);
  expect(outcomes.every((outcome) => outcome === 'acked')).toBe(true);
});

test('BORDER-6: a body that throws has not acked, and leaves nothing open', async () => {
  const outcomes: Outcome[] = [];
  const { clock, run } = await outOnly(counted(10, outcomes));
  const reading = (async () => {
    for await (const value of run.outputs.out) if (value === 3) throw new Error('mine');
  })().catch(() => undefined);
  await clock.run(run.done);
  await reading;
  expect(outcomes.length).toBe(10);
  // What it held, and what waited for it.
  expect(outcomes.filter((outcome) => outcome !== 'acked')).toEqual(Array(7).fill('nacked'));
});

test('BORDER-6: a body that breaks has acked what it finished; what it held and what waited for it goes back', async () => {
  const outcomes: Outcome[] = [];
  const { clock, run } = await outOnly(counted(10, outcomes));
  const got: unknown[] = [];
  const reading = (async () => {
    for await (const value of run.outputs.out) {
      if (value === 3) break;
      got.push(value);
      // The others pile up behind it.
      await new Promise<void>((resolve) => clock.after(10, resolve));
    }
  })();
  await clock.run(Promise.all([run.done, reading]));
  expect(got).toEqual([0, 1, 2]);
  expect(outcomes.filter((outcome) => outcome === 'acked')).toHaveLength(3);
  expect(outcomes.filter((outcome) => outcome === 'nacked')).toHaveLength(7);
  const { edges } = run.figures();
  expect(edges.find(({ id }) => id.startsWith('$outputs.out#'))!.dropped).toEqual({ left: 6 });
});

test('BORDER-7: observe() names its loss; an output without a reader discards and blocks nobody', async () => {
  const { clock, run } = await outOnly({ read: () => interval(1, schedulerOf(wall.clock!)).pipe(take(50)), spec: { mode: 'push' } });
  const seen: unknown[] = [];
  run.outputs.out.observe({ when_full: 'drop_oldest', capacity: 3 }).subscribe((value) => seen.push(value));
  wall.clock = clock;
  await clock.run(run.done);
  expect(seen.at(-1)).toBe(49);
  const unread = await outOnly({ read: () => upTo(1_000) });
  expect((await unread.clock.run(unread.run.done)).status).toBe('ok');
});
const wall: { clock: VirtualClock | undefined } = { clock: new VirtualClock(0) };

test('BORDER-8: a tap shows at most 25 packets a second, slows nothing, and holds no outcome back for ever', async () => {
  const outcomes: Outcome[] = [];
  const seen: unknown[] = [];
  const x = inline({
    source: {
      async *read(ctx: Context) {
        for (const n of upTo(1_000)) {
          await ctx.sleep(1);
          yield to('out', n, { done: (outcome) => outcomes.push(outcome) });
        }
      },
    },
  });
  const spec = graph({ s: 'x/source', k: 't/sink' }, ['s -> k']);
  const plain = await inVirtualTime(spec, { plugins: [x] });
  outcomes.length = 0;
  const tapped = await inVirtualTime(spec, {
    plugins: [x],
    during: (run) => void run.tap('s', 'out').subscribe((packet: Packet) => seen.push(packet.payload)),
  });
  expect(seen.length).toBeGreaterThan(20);
  expect(seen.length).toBeLessThanOrEqual(27);
  expect(outcomes.length).toBe(1_000);
  expect(tapped.took - plain.took).toBeLessThan(100);
});

test('BORDER-10: a tap without a reader costs no call and no timer; one that was left costs none any more', async () => {
  const shown = jest.spyOn(Outlet.prototype, 'tapped');
  const timers = jest.spyOn(VirtualClock.prototype, 'after');
  const made = async (reads: boolean) => {
    shown.mockClear();
    timers.mockClear();
    const { clock, run } = await outOnly({
      async *read(ctx) {
        yield* upTo(1_000);
        await ctx.sleep(100);
        yield* upTo(1_000);
      },
    });
    const tap = run.tap('s', 'out');
    if (reads) {
      const seen: unknown[] = [];
      const reader = tap.subscribe((packet) => (seen.push(packet), reader.unsubscribe()));
      await clock.run(run.done);
      expect(seen).toHaveLength(1);
    } else await clock.run(run.done);
    return { shown: shown.mock.calls.length, timers: timers.mock.calls.length };
  };
  const unread = await made(false);
  expect(unread.shown).toBe(0);
  const read = await made(true);
  expect(read.shown).toBeGreaterThan(0);
  expect(read.shown).toBeLessThanOrEqual(1_000);
  expect(read.timers).toBeGreaterThan(unread.timers);
  shown.mockRestore();
  timers.mockRestore();
});

test('BORDER-9: pause takes nothing more from sources until resume', async () => {
  let at = [0, 0];
  const { ledger } = await inVirtualTime(graph({ s: { type: 't/source', config: { count: 100, gap: 10 } }, k: 't/sink' }, ['s -> k']), {
    during: (run, clock) => {
      clock.after(205, () => run.pause());
      clock.after(300, () => (at = [run.figures().nodes[0]!.produced, 0]));
      clock.after(1_200, () => {
        at[1] = run.figures().nodes[0]!.produced;
        run.resume();
      });
    },
  });
  expect(at[0]).toBe(at[1]);
  expect(ledger.seen.get('s.out->k.in')!.length).toBe(100);
});

describe('throttles', () => {
  const decided = (events: readonly RunEvent[]) => events.filter(({ event }) => event === 'throttle:decided').map(({ message }) => message);
  const run = (throttle: Throttle, count: number, ms: number) =>
    inVirtualTime(
      graph({ s: { type: 't/source', config: { count } }, k: { type: 't/sink', config: { ms } } }, [{ 's -> k': { capacity: 10 } }]),
      { start: { throttle } },
    );

  test('RUN-30: fixed_rate spaces what sources send', async () => {
    const { took, ledger } = await run(fixedRate({ per_second: 50 }), 100, -1);
    expect(ledger.emitted).toBe(100);
    expect(took).toBeGreaterThanOrEqual(1_960);
    expect(took).toBeLessThanOrEqual(2_100);
  });

  test('RUN-31: budget is exact', async () => {
    expect((await run(budget({ packets: 37 }), 1_000, 1)).ledger.emitted).toBe(37);
    const timed = await run(budget({ time: '1s' }), 1_000_000, 10);
    expect(timed.took).toBeGreaterThanOrEqual(1_000);
    expect(timed.took).toBeLessThan(1_300);
  });

  test('RUN-32: adaptive slows where edges fill, speeds up again, and says so each time', async () => {
    const { events, report } = await run(adaptive({ min_per_second: 20, max_per_second: 1_000, target_fill: 0.2 }), 800, 10);
    const words = decided(events);
    expect(words.some((word) => word?.includes('slower'))).toBe(true);
    expect(words.some((word) => word?.includes('faster'))).toBe(true);
    expect(report.status).toBe('ok');
    // Hysteresis: it does not turn round with every look.
    const turns = words.filter((word, i) => i > 0 && word !== words[i - 1]).length;
    expect(turns).toBeLessThan(words.length / 2);
  });
});

describe('bounded()', () => {
  test('BORDER-20: keeps the newest for slow work, one at a time, and ends after the last', async () => {
    const clock = new VirtualClock(0);
    const seen: number[] = [];
    let inside = 0;
    const done = new Promise<void>((resolve) =>
      interval(1, schedulerOf(clock))
        .pipe(
          take(100),
          bounded({ capacity: 1, when_full: 'latest', clock }, (n) => {
            expect(++inside).toBe(1);
            return timer(10, schedulerOf(clock)).pipe(map(() => (inside--, n)));
          }),
        )
        .subscribe({ next: (n) => seen.push(n), complete: resolve }),
    );
    await clock.run(done);
    expect(seen.length).toBeGreaterThan(8);
    expect(seen.length).toBeLessThan(13);
    expect(seen.at(-1)).toBe(99);
  });

  test('BORDER-21: error says that it is full, and unsubscribing stops the work', () => {
    const clock = new VirtualClock(0);
    let failed: unknown;
    from(upTo(10))
      .pipe(bounded({ capacity: 3, when_full: 'error', clock }))
      .subscribe({ error: (error) => (failed = error) });
    expect(failed).toMatchObject({ code: 'EDGE_FULL' });
    let stopped = 0;
    const source = new Subject<number>();
    const reading = source
      .pipe(bounded({ capacity: 3, when_full: 'drop_newest', clock }, () => new Observable(() => () => stopped++)))
      .subscribe();
    source.next(1);
    return clock.advance(1).then(() => {
      reading.unsubscribe();
      expect(stopped).toBe(1);
      expect(source.observed).toBe(false);
    });
  });
});
