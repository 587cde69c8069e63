import { release, to, type Context, type Outcome, type Packet, type Unit } from '@sluice/sdk';
import fc from 'fast-check';
import { Observable } from 'rxjs';
import { graph, inline, upTo } from '../test/inline';
import { inVirtualTime } from '../test/virtual';
import { SourceDelivery } from './delivery';

const CASES = Number(process.env['SLUICE_CASES'] ?? 300);
const SEED = Number(process.env['SLUICE_SEED'] ?? 1);
const source = (count: number, gap = -1) => ({ type: 't/source', config: { count, gap } });
const work = (way: string, more: object = {}, policies: object = {}) => ({ type: 't/work', config: { way, ...more }, ...policies });

/** A tree of packets: each is either done, or gives several. */
type Tree = Outcome | Tree[];
const tree = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<Outcome>('acked', 'acked', 'acked', 'nacked', 'cancelled'),
    fc.array(tie('tree'), { maxLength: 4 }),
  ),
})).tree;

test(`DELIVERY-1 DELIVERY-2: ${CASES} trees of packets: done once, when all is done, nacked where any branch failed`, () => {
  fc.assert(
    fc.property(tree, fc.infiniteStream(fc.nat(1_000)), (root, order) => {
      const counts = { acked: 0, nacked: 0, cancelled: 0 };
      const outcomes: Outcome[] = [];
      const delivery = new SourceDelivery((outcome) => outcomes.push(outcome), counts);
      const open: Tree[] = [root];
      const leaves: Outcome[] = [];
      while (open.length > 0) {
        expect(outcomes).toEqual([]);
        const [one] = open.splice(order.next().value! % open.length, 1) as [Tree];
        if (typeof one === 'string') {
          leaves.push(one);
          delivery.settle(one);
        } else {
          // N outputs of one input: N more, and the input itself is done.
          delivery.hold(one.length);
          open.push(...one);
          delivery.settle('acked');
        }
      }
      const expected = leaves.includes('nacked') ? 'nacked' : leaves.includes('cancelled') ? 'cancelled' : 'acked';
      expect(outcomes).toEqual([expected]);
      expect(counts[expected]).toBe(1);
      // A node that releases twice changes nothing any more.
      delivery.settle('nacked');
      expect(outcomes.length).toBe(1);
    }),
    { numRuns: CASES, seed: SEED },
  );
});

test('DELIVERY-3: a failed branch of a fan-out nacks the whole packet, a dropped one does not', async () => {
  const { ledger } = await inVirtualTime(
    graph({ s: source(6), bad: work('fail', { nth: 2 }), few: work('none', { nth: 2 }), k: { type: 't/sink' } }, [
      's -> bad',
      's -> few',
      'few -> k',
    ]),
  );
  expect([...upTo(6)].map((i) => ledger.settled.get(`s-${i}`))).toEqual(Array.from(upTo(6), (i) => [i % 2 === 0 ? 'nacked' : 'acked']));
});

test('DELIVERY-4: error ports accept: the packet is acked when the error is written', async () => {
  const { ledger, report } = await inVirtualTime(
    graph({ s: source(4), bad: work('fail', { nth: 1 }), k: { type: 't/sink', config: { ms: 5 } } }, ['s -> bad', 'bad.error -> k']),
  );
  expect([...ledger.settled.values()].flat()).toEqual(['acked', 'acked', 'acked', 'acked']);
  expect(report.status).toBe('ok');
});

test('DELIVERY-5: a source that asks for no outcome has no counters; one that does is told when all is done', async () => {
  const { report } = await inVirtualTime(graph({ s: 'x/plain', w: work('gen'), k: { type: 't/sink' } }, ['s -> w', 'w -> k']), {
    plugins: [inline({ plain: { read: () => upTo(10) } })],
  });
  expect(report.metrics['delivery.acked_total']).toBe(0);
});

test('DELIVERY-6: idempotency keys differ between outputs, and are the same at every redelivery', async () => {
  const keys = async (): Promise<string[]> => {
    const seen: string[] = [];
    const x = inline({
      source: {
        *read() {
          for (const n of upTo(3)) yield to('out', n, { key: `row-${n}` });
        },
      },
      end: { write: (packet: Packet) => void seen.push(packet.key) },
    });
    await inVirtualTime(
      graph({ s: 'x/source', g: work('gen', { times: 3 }), h: work('gen', { times: 2 }), e: 'x/end' }, ['s -> g', 'g -> h', 'h -> e']),
      { plugins: [x] },
    );
    return seen;
  };
  const [first, again] = [await keys(), await keys()];
  expect(new Set(first).size).toBe(18);
  expect(again).toEqual(first);
  expect(first[0]).toMatch(/^row-0/);
});

test('DELIVERY-7: redelivery: a source that sends what was nacked again gets every packet through', async () => {
  const done = new Set<number>();
  let tries = 0;
  const x = inline({
    queue: {
      async *read(ctx: Context) {
        const left = [...upTo(20)];
        let open = 0;
        while (left.length > 0 || open > 0) {
          const n = left.shift();
          if (n === undefined) await ctx.sleep(5);
          else {
            open++;
            yield to('out', n, {
              key: `row-${n}`,
              done: (outcome) => {
                open--;
                if (outcome === 'acked') done.add(n);
                else left.push(n);
              },
            });
          }
        }
      },
    },
    flaky: {
      async write(_packet: Packet, ctx: Context) {
        tries++;
        await ctx.sleep(1);
        if (ctx.random() < 0.3) throw new Error('flaky');
      },
    },
  });
  await inVirtualTime(graph({ s: 'x/queue', k: { type: 'x/flaky', concurrency: 3 } }, ['s -> k']), { plugins: [x] });
  expect(done.size).toBe(20);
  expect(tries).toBeGreaterThan(20);
});

test('DELIVERY-8: a boundary operator acks when it takes; an explicit one when what it made is done', async () => {
  const at = async (operator: object): Promise<number> => {
    let first = -1;
    const x = inline({
      source: {
        *read(ctx: Context) {
          for (const n of upTo(3)) yield to('out', n, { key: `${n}`, done: () => void (first = first < 0 ? ctx.now() : first) });
        },
      },
    });
    await inVirtualTime(graph({ s: 'x/source', o: operator, k: { type: 't/sink', config: { ms: 100 } } }, ['s -> o', 'o -> k']), {
      plugins: [x],
    });
    return first;
  };
  expect(await at({ type: 't/boundary' })).toBe(0);
  expect(await at({ type: 't/window', config: { count: 3 } })).toBe(100);
});

test('DELIVERY-9: an operator that fails or floods leaves no source packet without an outcome where it has passed it on', async () => {
  const x = inline({
    flood: {
      spec: { delivery: 'explicit' },
      apply: (input: Observable<Packet>) =>
        new Observable((out) =>
          input.subscribe({
            next(packet) {
              for (let i = 0; i < 2_000; i++) packet.origin.delivery?.hold(1);
              for (let i = 0; i < 2_000; i++) out.next(packet.with(i));
              release(packet);
            },
            complete: () => out.complete(),
          }),
        ),
    },
  });
  const { ledger, report } = await inVirtualTime(
    graph({ s: source(1), o: 'x/flood', k: { type: 't/sink', config: { ms: 1 } } }, ['s -> o', 'o -> k']),
    { plugins: [x] },
  );
  expect(ledger.settled.get('s-0')).toEqual(['nacked']);
  expect(report.status).toBe('degraded');
});

test('DELIVERY-10: a done() that throws harms nobody', async () => {
  const x = inline({
    source: {
      *read() {
        for (const n of upTo(5))
          yield to('out', n, {
            done: () => {
              throw new Error('mine');
            },
          });
      },
    },
  });
  const { ledger } = await inVirtualTime(
    graph({ s: 'x/source', w: work('async'), k: { type: 't/sink' } }, ['s -> w', { 'w -> k': { capacity: 3 } }]),
    { plugins: [x] },
  );
  expect(ledger.seen.get('w.out->k.in')!.length).toBe(5);
});

test('DELIVERY-11: a sink that writes in batches settles each packet once, and all of a failed batch', async () => {
  let batches = 0;
  const x = inline({
    batch: {
      write: () => undefined,
      writeBatch(packets: readonly Packet[]) {
        batches += packets.length;
        if (packets.some((packet) => packet.payload === 7)) throw new Error('batch');
      },
    },
  });
  const { ledger } = await inVirtualTime(graph({ s: source(10), k: 'x/batch' }, ['s -> k']), { plugins: [x] });
  expect(batches).toBe(10);
  expect([...ledger.settled.values()].every((outcomes) => outcomes.length === 1)).toBe(true);
  expect(ledger.settled.get('s-7')).toEqual(['nacked']);
});

test('DELIVERY-11: a packet that is fenced before its batch is tried again is not written, and cancelled', async () => {
  const written: unknown[][] = [];
  const outcomes: Outcome[] = [];
  let unit: Unit | undefined;
  const x = inline({
    source: {
      *read(ctx: Context) {
        unit = ctx.unit('u');
        unit.open();
        const done = (n: number) => (outcome: Outcome) => void (outcomes[n] = outcome);
        for (const n of upTo(4)) yield to('out', n, { done: done(n), ...(n === 1 ? { scope: unit } : {}) });
      },
    },
    node: {
      writeBatch(packets: readonly Packet[]) {
        written.push(packets.map(({ payload }) => payload));
        if (written.length > 1) return;
        unit!.abort('cancel');
        throw new Error('down');
      },
    },
  });
  await inVirtualTime(
    graph({ s: 'x/source', n: { type: 'x/node', retry: { max_attempts: 2, backoff: '1s' } } }, [{ 's -> n': { capacity: 4 } }]),
    { plugins: [x] },
  );
  expect(written.flat().filter((n) => n === 1).length).toBe(1);
  expect(outcomes).toEqual(['acked', 'cancelled', 'acked', 'acked']);
});

test('DELIVERY-12: a stored result is given under the delivery of the packet that asks', async () => {
  const { ledger } = await inVirtualTime(
    graph({ s: source(5), w: work('async', {}, { idempotency: 'kind' }), k: { type: 't/sink', config: { ms: 2 } } }, ['s -> w', 'w -> k']),
  );
  expect([...ledger.settled].map(([key, outcomes]) => `${key} ${outcomes.join()}`).sort()).toEqual(
    Array.from(upTo(5), (i) => `s-${i} acked`),
  );
});

describe('joins', () => {
  const join = (policy: object | string, more: object = {}, edges: readonly unknown[] = []) =>
    graph(
      { s: source(6), a: work('sync'), few: work('none', { nth: 2 }), m: { type: 't/meet', join: policy }, k: { type: 't/sink' }, ...more },
      ['s -> a', 's -> few', 'a -> m.a', 'few -> m.b', 'm -> k', ...edges],
    );
  const joined = (seen: ReadonlyMap<string, unknown[]>) =>
    [...seen].filter(([edge]) => edge.endsWith('->k.in')).flatMap(([, list]) => list);

  test('JOIN-1: all: a branch that gave nothing says so, and nothing waits for it', async () => {
    const evict = await inVirtualTime(join('all'));
    expect(joined(evict.ledger.seen)).toEqual([1, 3, 5].map((n) => ({ a: n + 1, b: n })));
    expect(evict.figures.nodes.find(({ id }) => id === 'm')!.counters).toMatchObject({ join_evicted_total: 3 });
    const fire = await inVirtualTime(join({ on: 'all', late: 'fire' }));
    expect(joined(fire.ledger.seen).length).toBe(6);
    const error = await inVirtualTime(join({ on: 'all', late: 'error' }));
    expect(error.events.filter(({ code }) => code === 'JOIN_INCOMPLETE').length).toBe(3);
    for (const { ledger } of [evict, fire, error])
      expect([...ledger.settled.values()].every((outcomes) => outcomes.length === 1)).toBe(true);
  });

  test('JOIN-2: a dead branch is known at once, not when the stream ends', async () => {
    const x = inline({
      endless: {
        async *read(ctx: Context) {
          for (let n = 0; ; n++) {
            await ctx.sleep(10);
            yield n;
          }
        },
      },
    });
    const at: number[] = [];
    const y = inline({});
    void y;
    const { events } = await inVirtualTime(
      graph(
        { s: 'x/endless', a: work('sync'), none: work('none', { nth: 1 }), m: { type: 't/meet', join: { on: 'all', late: 'error' } } },
        ['s -> a', 's -> none', 'a -> m.a', 'none -> m.b'],
      ),
      { plugins: [x], during: (run, clock) => void clock.after(1_005, () => void run.drain()) },
    );
    for (const { code, at: when } of events) if (code === 'JOIN_INCOMPLETE') at.push(Date.parse(when));
    expect(at.slice(0, 3)).toEqual([10, 20, 30]);
  });

  test('JOIN-3: first, any, quorum, by a key, and what comes late', async () => {
    expect(joined((await inVirtualTime(join('first'))).ledger.seen).length).toBe(6);
    expect(joined((await inVirtualTime(join('any'))).ledger.seen).length).toBe(9);
    expect(joined((await inVirtualTime(join({ on: 'quorum', n: 2 }))).ledger.seen).length).toBe(3);
    const key = await inVirtualTime(
      graph({ s: source(4), r: source(4, 3), m: { type: 't/meet', join: { on: 'all', by: 'payload' } }, k: { type: 't/sink' } }, [
        's -> m.a',
        'r -> m.b',
        'm -> k',
      ]),
    );
    expect(joined(key.ledger.seen)).toEqual([...upTo(4)].map((n) => ({ a: n, b: n })));
  });

  test('JOIN-4: timeout and max_held bound what is kept', async () => {
    const timed = await inVirtualTime(
      graph(
        {
          s: source(3),
          never: source(0),
          m: { type: 't/meet', join: { on: 'all', by: 'payload', timeout: '50ms', late: 'fire' } },
          k: { type: 't/sink' },
        },
        ['s -> m.a', 'never -> m.b', 'm -> k'],
      ),
    );
    expect(joined(timed.ledger.seen)).toEqual([{ a: 0 }, { a: 1 }, { a: 2 }]);
    const held = await inVirtualTime(
      graph({ s: source(50), never: source(1, 1_000), m: { type: 't/meet', join: { on: 'all', by: 'payload', max_held: 5 } } }, [
        's -> m.a',
        'never -> m.b',
      ]),
    );
    expect(held.figures.nodes.find(({ id }) => id === 'm')!.counters['join_evicted_total']).toBeGreaterThanOrEqual(45);
  });

  test('JOIN-6: what two joins made of one source packet belongs together, and each group fires once', async () => {
    const { ledger } = await inVirtualTime(
      graph(
        {
          s: source(5),
          a: work('sync'),
          m: { type: 't/meet', join: 'all' },
          n: { type: 't/meet', join: 'all' },
          last: { type: 't/meet', join: { on: 'all', late: 'fire' } },
          k: { type: 't/sink' },
        },
        ['s -> a', 's -> m.a', 'a -> m.b', 's -> n.a', 'a -> n.b', 'm -> last.a', 'n -> last.b', 'last -> k'],
      ),
    );
    const both = (n: number) => ({ a: n, b: n + 1 });
    expect(joined(ledger.seen)).toEqual([...upTo(5)].map((n) => ({ a: both(n), b: both(n) })));
    expect([...ledger.settled.values()].every((outcomes) => outcomes.length === 1)).toBe(true);
  });

  test('JOIN-5: a join behind a join knows dead branches, too', async () => {
    const { events } = await inVirtualTime(
      graph(
        {
          s: source(4, 10),
          a: work('sync'),
          m: { type: 't/meet', join: 'all' },
          p: work('sync'),
          dead: work('none', { nth: 1 }),
          n: { type: 't/meet', join: { on: 'all', late: 'error' } },
        },
        ['s -> a', 's -> m.a', 'a -> m.b', 'm -> p', 'm -> dead', 'p -> n.a', 'dead -> n.b'],
      ),
    );
    expect(events.filter(({ code }) => code === 'JOIN_INCOMPLETE').map(({ at }) => Date.parse(at))).toEqual([10, 20, 30, 40]);
  });
});

test('DELIVERY-13: an explicit operator that throws gives back what it held, and nothing twice', async () => {
  const outcomes = new Map<unknown, Outcome[]>();
  const counted = {
    *read() {
      for (const n of upTo(10))
        yield to('out', n, { done: (outcome: Outcome) => void outcomes.set(n, [...(outcomes.get(n) ?? []), outcome]) });
    },
  };
  for (const tidy of [false, true]) {
    outcomes.clear();
    const x = inline({
      s: counted,
      // Passes 0 on, releases 1, holds 2 and 3, and breaks at 4; then the same again.
      w: {
        spec: { delivery: 'explicit' },
        apply: (input: Observable<Packet>) =>
          new Observable((out) => {
            const held: Packet[] = [];
            const subscription = input.subscribe({
              next: (packet) => {
                const n = (packet.payload as number) % 5;
                if (n === 0) out.next(packet.with('passed'));
                else if (n === 1) release(packet);
                else if (n === 4) {
                  held.push(packet);
                  out.error(new Error('broken'));
                } else held.push(packet);
              },
              complete: () => out.complete(),
            });
            return () => {
              subscription.unsubscribe();
              if (tidy) for (const packet of held) release(packet, 'cancelled');
            };
          }),
      },
    });
    const { report } = await inVirtualTime(graph({ s: 'x/s', w: 'x/w', k: { type: 't/sink' } }, ['s -> w', 'w -> k']), { plugins: [x] });
    const lost = tidy ? 'cancelled' : 'nacked';
    expect([...outcomes].sort(([a], [b]) => Number(a) - Number(b)).map(([, list]) => list)).toEqual(
      [0, 1].flatMap(() => [['acked'], ['acked'], [lost], [lost], [lost]]),
    );
    expect(report.status).toBe('degraded');
  }
});

test('DELIVERY-6: keys do not repeat from one round of a cycle to the next', async () => {
  const keys: string[] = [];
  const x = inline({
    s: {
      *read() {
        yield to('out', 0, { key: 'order-1' });
        yield to('out', 0, { key: 'order-2' });
      },
    },
    round: { process: (packet: Packet) => (keys.push(packet.key), packet.with((packet.payload as number) + 1)) },
    more: { process: (packet: Packet) => ((packet.payload as number) < 4 ? packet : undefined) },
  });
  await inVirtualTime(
    graph({ s: 'x/s', r: 'x/round', m: 'x/more', back: { type: 'core/delay', config: { ms: 1 } } }, [
      's -> r',
      'r -> m',
      'm -> back',
      'back -> r',
    ]),
    { plugins: [x] },
  );
  expect(keys).toHaveLength(8);
  expect(new Set(keys).size).toBe(8);
});

test('DELIVERY-14: what fails and comes again makes the run degraded until it is done; what never is done leaves it so', async () => {
  const ran = async (durable: boolean, hopeless: boolean) => {
    const x = inline({
      queue: {
        ...(durable ? { spec: { durable: true } } : {}),
        async *read(ctx: Context) {
          const left = [...upTo(6)];
          for (let tries = 0, open = 0; (left.length > 0 && tries < 20) || open > 0; tries++) {
            const n = left.shift();
            if (n === undefined) await ctx.sleep(5);
            else {
              open++;
              const done = (outcome: Outcome): void => {
                open--;
                if (outcome !== 'acked') left.push(n);
              };
              yield to('out', n, { key: `row-${n}`, done });
            }
          }
        },
      },
      // The third packet fails: once, or each time.
      third: {
        write({ payload }: Packet, ctx: Context) {
          if (payload !== 2 || (!hopeless && ctx.state.has('failed'))) return;
          ctx.state.set('failed', true);
          throw new Error('away');
        },
      },
    });
    const { report } = await inVirtualTime(graph({ s: 'x/queue', k: 'x/third' }, ['s -> k']), { plugins: [x] });
    return { status: report.status, reasons: report.reasons.length, acked: report.metrics['delivery.acked_total'] };
  };
  expect(await ran(true, false)).toEqual({ status: 'ok', reasons: 0, acked: 6 });
  expect(await ran(true, true)).toEqual({ status: 'degraded', reasons: 2, acked: 5 });
  // Nobody says that it comes again.
  expect(await ran(false, false)).toMatchObject({ status: 'degraded' });
});
