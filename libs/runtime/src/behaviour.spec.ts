import { SluiceError, to, type Packet } from '@sluice/sdk';
import { Observable } from 'rxjs';
import { graph, inline, upTo } from '../test/inline';
import { inVirtualTime, unbalanced } from '../test/virtual';

const source = (count: number, gap = -1) => ({ type: 't/source', config: { count, gap } });
const work = (way: string, more: object = {}, policies: object = {}) => ({ type: 't/work', config: { way, ...more }, ...policies });
const sink = (ms = -1) => ({ type: 't/sink', config: { ms } });
const edgeOf = (figures: { edges: readonly { id: string }[] }, id: string) =>
  figures.edges.find((edge) => edge.id === id) as never as { peak: number; in: number; out: number; dropped: Record<string, number> };
const codes = (events: readonly { code?: string }[]) => [...new Set(events.flatMap(({ code }) => (code === undefined ? [] : [code])))];

describe('credit', () => {
  test('NODE-20: concurrency 8 reserves 8: what is under way and what waits never exceed the edge together', async () => {
    const { ledger, figures } = await inVirtualTime(
      graph({ s: source(300), w: work('async', { ms: 3 }, { concurrency: 8 }), k: sink(1) }, ['s -> w', { 'w -> k': { capacity: 8 } }]),
    );
    expect(ledger.busy.get('w')!.peak).toBe(8);
    expect(edgeOf(figures, 'w.out->k.in').peak).toBeLessThanOrEqual(8);
    expect(ledger.seen.get('w.out->k.in')).toEqual(Array.from(upTo(300), (n) => n + 1));
  });

  test('NODE-21: an endless generator is pulled with credit per item', async () => {
    let made = 0;
    let taken = 0;
    const x = inline({
      endless: {
        *process() {
          for (;;) yield made++;
        },
      },
      slow: {
        async write(_packet, ctx) {
          await ctx.sleep(10);
          taken++;
          expect(made - taken).toBeLessThanOrEqual(6);
        },
      },
    });
    const { figures } = await inVirtualTime(
      graph({ s: source(1), e: 'x/endless', k: 'x/slow' }, ['s -> e', { 'e -> k': { capacity: 4 } }]),
      {
        plugins: [x],
        during: (run, clock) => void clock.after(1_000, () => void run.cancel()),
      },
    );
    expect(taken).toBeGreaterThan(90);
    expect(edgeOf(figures, 'e.out->k.in').peak).toBeLessThanOrEqual(4);
  });

  test('NODE-22: generators that give more than an edge holds, eight at a time and in order, do not wait for each other for ever', async () => {
    const { report, ledger, figures } = await inVirtualTime(
      graph({ s: source(40), w: work('agen', { times: 7, ms: 2 }, { concurrency: 8 }), k: sink(1) }, [
        's -> w',
        { 'w -> k': { capacity: 2 } },
      ]),
    );
    expect(report.status).toBe('ok');
    expect(ledger.seen.get('w.out->k.in')).toEqual([...upTo(40)].flatMap((n) => [...upTo(7)].map((i) => n * 10 + i)));
    expect(edgeOf(figures, 'w.out->k.in').peak).toBeLessThanOrEqual(2);
  });

  test('NODE-23: an Observable that pushes beyond the burst faults, and what was let in is not lost', async () => {
    const x = inline({
      flood: { process: () => new Observable((out) => (Array.from(upTo(3_000)).forEach((n) => out.next(n)), out.complete())) },
    });
    const { report, events, ledger, figures } = await inVirtualTime(
      graph({ s: source(1), f: 'x/flood', k: sink(1) }, ['s -> f', 'f -> k']),
      { plugins: [x] },
    );
    expect(codes(events)).toContain('NODE_OVERRUN');
    expect(report.status).toBe('degraded');
    // Fused or not: what the edge holds, and the burst.
    expect(ledger.seen.get('f.out->k.in')!.length).toBeGreaterThanOrEqual(1024);
    expect(ledger.seen.get('f.out->k.in')!.length).toBeLessThanOrEqual(65 + 1024);
    expect(unbalanced(figures)).toEqual([]);
  });

  test('NODE-24: a lossy edge takes any burst', async () => {
    const x = inline({
      flood: { process: () => new Observable((out) => (Array.from(upTo(3_000)).forEach((n) => out.next(n)), out.complete())) },
    });
    const { report, ledger } = await inVirtualTime(
      graph({ s: source(1), f: 'x/flood', k: sink(1) }, ['s -> f', { 'f -> k': { when_full: 'drop_oldest', capacity: 10 } }]),
      { plugins: [x] },
    );
    expect(report.status).toBe('ok');
    expect(ledger.seen.get('f.out->k.in')!.at(-1)).toBe(2_999);
  });

  test('NODE-25: the order in which a file names its nodes changes nothing', async () => {
    const nodes = { k: sink(2), w: work('async', { ms: 1 }), s: source(50) };
    const backward = await inVirtualTime(graph(nodes, [{ 'w -> k': { capacity: 2 } }, 's -> w']));
    const forward = await inVirtualTime(graph({ s: nodes.s, w: nodes.w, k: nodes.k }, ['s -> w', { 'w -> k': { capacity: 2 } }]));
    expect(edgeOf(backward.figures, 'w.out->k.in').peak).toBeLessThanOrEqual(2);
    expect([...backward.ledger.seen].sort()).toEqual([...forward.ledger.seen].sort());
  });
});

describe('cycles and stalls', () => {
  const loop = (times: number, capacity: number) =>
    graph({ s: source(5), w: work('gen', { times }), back: { type: 'core/delay', config: { ms: 1, max_hops: 1_000 } } }, [
      's -> w',
      { 'w -> back': { capacity } },
      { 'back -> w': { capacity } },
    ]);

  test('EDGE-20: a cycle that gives out more than it takes in is a coded fault that names it', async () => {
    const { report } = await inVirtualTime(loop(2, 4));
    expect(report.status).toBe('error');
    expect(report.reasons.join()).toMatch(/EDGE_LOOP_FULL: .*(w\.out->back\.in|back\.out->w\.in)/);
  });

  test('EDGE-21: a cycle ends when its sources have ended and nothing is left in it', async () => {
    const { report, took } = await inVirtualTime(
      graph({ s: source(5), w: work('none', { nth: 2 }), back: { type: 'core/delay', config: { ms: 7 } } }, [
        's -> w',
        'w -> back',
        'back -> w',
      ]),
    );
    expect(report.reasons.join()).toMatch(/^(back failed: It has been round more than 3 times.*)?$/);
    expect(took).toBeLessThan(1_000);
  });

  test('EDGE-22: a diamond with a window larger than its sibling holds ends', async () => {
    const { report, figures } = await inVirtualTime(
      graph({ s: source(40), big: { type: 't/window', config: { count: 30 } }, m: { type: 't/meet', join: 'all' }, k: sink() }, [
        's -> big',
        'big -> m.a',
        { 's -> m.b': { capacity: 2 } },
        'm -> k',
      ]),
    );
    expect(report.status).toBe('ok');
    expect(unbalanced(figures)).toEqual([]);
  });
});

describe('drain and cancel', () => {
  test('RUN-1: a drain past its deadline drops what is left as shutdown, nacks it, and is not ok', async () => {
    const { report, ledger, figures } = await inVirtualTime(graph({ s: source(30), k: sink(1_000) }, [{ 's -> k': { capacity: 32 } }]), {
      during: (run, clock) => void clock.after(1_500, () => void run.drain({ timeout: '2s' })),
    });
    expect(report.status).not.toBe('ok');
    expect(report.reasons.join()).toMatch(/dropped because the drain took too long/);
    expect(edgeOf(figures, 's.out->k.in').dropped['shutdown']).toBe(26);
    expect([...ledger.settled.values()].flat().filter((outcome) => outcome === 'nacked').length).toBeGreaterThanOrEqual(26);
    expect([...ledger.settled.values()].every((outcomes) => outcomes.length === 1)).toBe(true);
  });

  test('RUN-2: a drain within its deadline loses nothing and is ok', async () => {
    const { report, ledger } = await inVirtualTime(graph({ s: source(1_000, 10), k: sink(5) }, ['s -> k']), {
      during: (run, clock) => void clock.after(505, () => void run.drain()),
    });
    expect(report.status).toBe('ok');
    expect(ledger.seen.get('s.out->k.in')!.length).toBe(ledger.emitted);
  });

  test('RUN-3: a drain past its deadline is not ok where only a call under way was cut off', async () => {
    const { report } = await inVirtualTime(graph({ s: source(1), k: sink(60_000) }, ['s -> k']), {
      during: (run, clock) => void clock.after(10, () => void run.drain({ timeout: '1s' })),
    });
    expect(report.status).not.toBe('ok');
  });

  test('RUN-4: cancel ends a graph with a cycle at once, not when grace is over', async () => {
    const { took, report } = await inVirtualTime(
      graph({ s: source(1_000, 5), w: work('sync'), back: { type: 'core/delay', config: { ms: 3 } } }, [
        's -> w',
        'w -> back',
        'back -> w',
      ]),
      { during: (run, clock) => void clock.after(50, () => void run.cancel()) },
    );
    expect(took).toBeLessThan(200);
    expect(report.status).not.toBe('error');
  });

  test('NODE-26: a node that does not heed its signal is said to be stuck, and its results are refused', async () => {
    const x = inline({ deaf: { process: () => new Promise((resolve) => void setTimeout(() => resolve(1), 2_000_000_000).unref()) } });
    const { report, took } = await inVirtualTime(graph({ s: source(1), d: 'x/deaf', k: sink() }, ['s -> d', 'd -> k']), {
      plugins: [x],
      during: (run, clock) => void clock.after(10, () => void run.cancel()),
    });
    expect(report.reasons.join()).toMatch(/d did not return within 1000 ms/);
    expect(took).toBeLessThanOrEqual(1_100);
  });
});

describe('order and isolation', () => {
  test('NODE-27: in order, an answer at once does not overtake one that takes time', async () => {
    const { ledger } = await inVirtualTime(
      graph({ s: source(12), w: work('mixed', { ms: 5, nth: 3 }, { concurrency: 4 }), k: sink() }, ['s -> w', 'w -> k']),
    );
    const seen = [...ledger.seen].find(([edge]) => edge.endsWith('->k.in'));
    const all = [...ledger.seen].filter(([edge]) => edge.endsWith('->k.in')).flatMap(([, list]) => list);
    expect(all.length).toBe(12);
    expect(seen).toBeDefined();
  });

  test('NODE-28: ordered keeps the order of inputs, unordered gives what is ready first', async () => {
    const x = inline({
      uneven: {
        async process(packet, ctx) {
          await ctx.sleep((packet.payload as number) % 2 === 0 ? 10 : 1);
          return packet.payload;
        },
      },
    });
    const run = async (ordered: boolean) =>
      (
        await inVirtualTime(graph({ s: source(4), w: { type: 'x/uneven', concurrency: 4, ordered }, k: sink() }, ['s -> w', 'w -> k']), {
          plugins: [x],
        })
      ).ledger.seen.get('w.out->k.in');
    expect(await run(true)).toEqual([0, 1, 2, 3]);
    expect(await run(false)).toEqual([1, 3, 0, 2]);
  });

  test('NODE-29: in order holds also where some answers come at once', async () => {
    const x = inline({
      some: {
        process: (packet, ctx) => (packet.payload === 0 ? ctx.sleep(10).then(() => packet.payload) : packet.payload),
      },
    });
    const { ledger } = await inVirtualTime(
      graph({ s: source(4), w: { type: 'x/some', concurrency: 4 }, k: sink() }, ['s -> w', 'w -> k']),
      { plugins: [x] },
    );
    expect(ledger.seen.get('w.out->k.in')).toEqual([0, 1, 2, 3]);
  });

  test('EDGE-23: a slow branch behind a lossy edge does not slow its sibling', async () => {
    const { ledger, took } = await inVirtualTime(
      graph({ s: source(100, 1), slow: sink(1_000), fast: sink() }, [
        { 's -> slow': { when_full: 'drop_oldest', capacity: 2 } },
        's -> fast',
      ]),
    );
    expect(ledger.seen.get('s.out->fast.in')!.length).toBe(100);
    expect(took).toBeLessThan(5_000);
  });

  test('EDGE-24: a failing branch does not stop its sibling', async () => {
    const { ledger, report } = await inVirtualTime(
      graph({ s: source(20), bad: work('fail', { nth: 1 }), good: sink() }, ['s -> bad', 's -> good']),
    );
    expect(ledger.seen.get('s.out->good.in')).toEqual([...upTo(20)]);
    expect(report.status).toBe('degraded');
  });

  test('EDGE-25: control packets are served while data edges are full', async () => {
    const waits: number[] = [];
    const x = inline({
      clock: {
        async *read(ctx) {
          for (let i = 0; i < 20; i++) {
            await ctx.sleep(50);
            yield ctx.now();
          }
        },
      },
      both: {
        async process(packet, ctx) {
          if (packet.port === 'control') waits.push(ctx.now() - (packet.payload as number));
          else await ctx.sleep(20);
          return packet;
        },
        in: ['in', 'control'],
      },
    });
    const { report } = await inVirtualTime(
      graph({ s: source(200), c: 'x/clock', b: 'x/both', k: sink(30) }, [
        { 's -> b.in': { capacity: 2 } },
        { 'c -> b.control': { lane: 'control' } },
        { 'b -> k': { capacity: 1 } },
      ]),
      { plugins: [x] },
    );
    expect(waits.length).toBe(20);
    expect(Math.max(...waits)).toBeLessThanOrEqual(5);
    expect(report.status).toBe('ok');
  });

  test('EDGE-26: a source with two outputs feeds two nodes, each its own', async () => {
    const x = inline({
      two: {
        *read() {
          for (let i = 0; i < 4; i++) yield to(i % 2 === 0 ? 'even' : 'odd', i);
        },
        out: ['even', 'odd'],
      },
    });
    const { ledger } = await inVirtualTime(
      graph({ s: 'x/two', a: work('bare'), b: work('bare'), k: sink() }, ['s.even -> a', 's.odd -> b', 'a -> k', 'b -> k']),
      { plugins: [x] },
    );
    expect(ledger.seen.get('s.even->a.in')).toEqual([0, 2]);
    expect(ledger.seen.get('s.odd->b.in')).toEqual([1, 3]);
  });
});

describe('failure', () => {
  const failing = (fail: (attempt: number, packet: Packet) => void) => {
    const calls: number[] = [];
    let attempt = 0;
    const x = inline({
      node: {
        async process(packet, ctx) {
          calls.push(ctx.now());
          fail(attempt++, packet);
          return packet.payload;
        },
      },
    });
    return { x, calls };
  };
  const through = (x: ReturnType<typeof inline>, policies: object, count = 1, more: readonly unknown[] = []) =>
    inVirtualTime(graph({ s: source(count), n: { type: 'x/node', ...policies }, k: sink() }, ['s -> n', 'n -> k', ...more]), {
      plugins: [x],
    });

  test('NODE-40: retry waits with backoff and gives up after max_attempts', async () => {
    const { x, calls } = failing(() => {
      throw new Error('no');
    });
    const { report, ledger } = await through(x, { retry: { max_attempts: 3, backoff: '100ms' } });
    expect(calls.length).toBe(3);
    expect(calls[1]! - calls[0]!).toBeGreaterThanOrEqual(50);
    expect(calls[1]! - calls[0]!).toBeLessThanOrEqual(100);
    expect(calls[2]! - calls[1]!).toBeGreaterThanOrEqual(100);
    expect(report.status).toBe('degraded');
    expect(ledger.settled.get('s-0')).toEqual(['nacked']);
  });

  test('NODE-41: what is not retryable is not retried; Retry-After is honoured', async () => {
    const never = failing(() => {
      throw new SluiceError('X', 'never', { retryable: false });
    });
    await through(never.x, { retry: 5 });
    expect(never.calls.length).toBe(1);
    const later = failing((attempt) => {
      if (attempt === 0) throw new SluiceError('X', 'later', { retryable: true, details: { retry_after_ms: 7_000 } });
    });
    const { report } = await through(later.x, { retry: { max_attempts: 2, backoff: '1ms' } });
    expect(later.calls[1]! - later.calls[0]!).toBe(7_000);
    expect(report.status).toBe('ok');
  });

  test('NODE-42: half-open lets exactly one of 100 calls through; the state is shown, and can be reset', async () => {
    let down = true;
    let inside = 0;
    const starts: number[] = [];
    const x = inline({
      node: {
        async process(packet, ctx) {
          starts.push(ctx.now());
          inside++;
          await ctx.sleep(500);
          inside--;
          if (down) throw new Error('down');
          return packet.payload;
        },
      },
    });
    const states: (string | undefined)[] = [];
    let probes = -1;
    await inVirtualTime(
      graph({ s: source(100_000, 1), n: { type: 'x/node', concurrency: 100, circuit: { failures: 3, reset: '10s' } }, k: sink() }, [
        { 's -> n': { when_full: 'drop_oldest', capacity: 100 } },
        'n -> k',
      ]),
      {
        plugins: [x],
        steps: 400,
        during: (run, clock) => {
          const look = () => states.push(run.figures().nodes.find(({ id }) => id === 'n')!.circuit);
          clock.after(9_000, look);
          clock.after(10_700, () => {
            look();
            probes = starts.filter((at) => at >= 10_300).length;
            expect(inside).toBe(1);
          });
          clock.after(11_400, () => {
            down = false;
            look();
            run.resetCircuit('n');
            look();
          });
          clock.after(13_000, () => void run.cancel());
        },
      },
    );
    expect(states).toEqual(['open', 'half_open', 'open', 'closed']);
    expect(probes).toBe(1);
  });

  test('NODE-43: timeout, fallback, error port: the first that takes it ends it', async () => {
    const x = inline({
      node: {
        async process(packet, ctx) {
          await ctx.sleep((packet.payload as number) === 1 ? 10_000 : 1);
          return packet.payload;
        },
      },
    });
    const timeout = await inVirtualTime(
      graph({ s: source(3), n: { type: 'x/node', timeout: '50ms' }, k: sink(), e: sink() }, ['s -> n', 'n -> k', 'n.error -> e']),
      { plugins: [x] },
    );
    expect(timeout.ledger.seen.get('n.out->k.in')).toEqual([0, 2]);
    expect(timeout.ledger.seen.get('n.error->e.in')).toMatchObject([{ code: 'NODE_TIMEOUT', payload: 1, effect_state: 'unknown' }]);
    expect(timeout.report.status).toBe('ok');
    expect([...timeout.ledger.settled.values()].flat()).toEqual(['acked', 'acked', 'acked']);
    const fallback = await inVirtualTime(
      graph({ s: source(3), n: { type: 'x/node', timeout: '50ms', fallback: -1 }, k: sink() }, ['s -> n', 'n -> k']),
      { plugins: [x] },
    );
    expect(fallback.ledger.seen.get('n.out->k.in')).toEqual([0, -1, 2]);
  });

  test('NODE-44: rate spaces calls; on_error stop ends the run in error', async () => {
    const { x, calls } = failing(() => undefined);
    await through(x, { rate: '2/1s' }, 5);
    expect(calls).toEqual([0, 0, 1_000, 1_000, 2_000]);
    const stop = failing((attempt) => {
      if (attempt === 2) throw new Error('stop');
    });
    const { report } = await through(stop.x, { on_error: 'stop' }, 100);
    expect(report.status).toBe('error');
    expect(stop.calls.length).toBe(3);
  });

  test('NODE-45: idempotency: calls with one key, also at one time, have one effect', async () => {
    const { x, calls } = failing(() => undefined);
    const { ledger } = await through(x, { idempotency: 'kind', concurrency: 4 }, 6);
    expect(calls.length).toBe(1);
    expect(ledger.seen.get('n.out->k.in')).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('NODE-46: a failing packet is degraded and exit code 1, and never ends the chain', async () => {
    const { x } = failing((attempt) => {
      if (attempt % 2 === 0) throw new Error('odd');
    });
    const { report, ledger } = await through(x, {}, 10);
    expect(ledger.seen.get('n.out->k.in')!.length).toBe(5);
    expect(report.status).toBe('degraded');
  });
});

describe('time', () => {
  test('RUN-20: a minute in virtual time takes much less than a minute, and is the same each time', async () => {
    const spec = graph(
      { s: source(600, 100), w: work('async', { ms: 30 }), win: { type: 't/window', config: { count: 10 } }, k: sink(5) },
      ['s -> w', 'w -> win', 'win -> k'],
    );
    const start = performance.now();
    const { took, ledger } = await inVirtualTime(spec);
    // A few hundred ms; a machine that is busy with other things may take longer.
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(took).toBeGreaterThanOrEqual(60_000);
    expect(ledger.seen.get('w.out->win.in')!.length).toBe(600);
  });

  test('RUN-21: a chain of 10,000 nodes runs without growing the stack', async () => {
    const chain = async (n: number, fuse: boolean): Promise<void> => {
      const nodes = Object.fromEntries([...upTo(n)].map((i) => [`n${i}`, work('bare')]));
      const edges = ['s -> n0', ...[...upTo(n - 1)].map((i) => `n${i} -> n${i + 1}`), `n${n - 1} -> k`];
      const { ledger, report } = await inVirtualTime(graph({ s: source(3), ...nodes, k: sink() }, edges), { engine: { fuse } });
      expect(ledger.seen.get(`n${n - 1}.out->k.in`)).toEqual([n, n + 1, n + 2]);
      expect(report.status).toBe('ok');
    };
    await chain(10_000, true);
    await chain(2_000, false);
  }, 60_000);
});
