import fc from 'fast-check';
import type { WhenFull } from '@sluice/graph';
import { Origin, Packet, SluiceError, type Delivery, type Fence } from '@sluice/sdk';
import { NEVER } from 'rxjs';
import { VirtualClock } from './clock';
import { Edge, MAX_BURST } from './edge';
import { Pump, Scheduler } from './scheduler';

const CASES = Number(process.env['SLUICE_CASES'] ?? 300);
const SEED = Number(process.env['SLUICE_SEED'] ?? 1);

/** fast-check prints seed and path of what fails; with SLUICE_SEED they are chosen. */
const sized = { numRuns: CASES, seed: SEED };

class Once implements Delivery {
  settled = 0;
  hold(): void {
    throw new Error('an edge makes nothing');
  }
  settle(): void {
    this.settled++;
  }
}

class FakeScope implements Fence {
  readonly id = 's';
  fenced = false;
  epoch = 0;
  readonly signal = new AbortController().signal;
}

class Idle extends Pump {
  woken = 0;
  override pump(): void {
    // Packets are taken by hand.
  }
  override wake(): void {
    this.woken++;
  }
  override wakeNext(): void {
    this.woken++;
  }
}

interface Item {
  readonly n: number;
  readonly key: string;
}

type Step =
  | { readonly do: 'push'; readonly key: number; readonly scope: number }
  | { readonly do: 'take' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'fence'; readonly scope: number }
  | { readonly do: 'epoch'; readonly scope: number }
  | { readonly do: 'sweep' }
  | { readonly do: 'reserve' }
  | { readonly do: 'release' }
  | { readonly do: 'purge' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('push' as const), key: fc.nat(3), scope: fc.nat(2) }) },
  { weight: 6, arbitrary: fc.constant({ do: 'take' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fence' as const), scope: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('epoch' as const), scope: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'sweep' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reserve' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'release' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'purge' as const }) },
);

const plan = fc.record({
  when_full: fc.constantFrom<WhenFull>('block', 'drop_newest', 'drop_oldest', 'latest', 'fair', 'error'),
  capacity: fc.integer({ min: 1, max: 9 }),
  keyed: fc.boolean(),
  max_age_ms: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  max_bytes: fc.option(
    fc.integer({ min: 1, max: 12 }).map((n) => n * 32),
    { nil: undefined },
  ),
});

function edgeOf(
  { when_full, capacity, keyed, max_age_ms, max_bytes }: typeof plan extends fc.Arbitrary<infer P> ? P : never,
  clock: VirtualClock,
  marks: boolean[],
): Edge {
  return new Edge(
    {
      id: 'a.out->b.in',
      to: { node: 'b', port: 'in' },
      when_full,
      capacity,
      lane: 'data',
      ...(keyed || when_full === 'fair' ? { key: 'payload.key' } : {}),
      ...(max_age_ms === undefined ? {} : { max_age_ms }),
      ...(max_bytes === undefined ? {} : { max_bytes }),
    },
    clock,
    (_, high) => marks.push(high),
  );
}

test(
  `EDGE-1 EDGE-2 EDGE-3 EDGE-4: ${CASES} sequences: books balance at every step, no bound is exceeded, each packet is settled or handed on once`,
  async () => {
    const given = { when: 0 };
    await fc.assert(
      fc.asyncProperty(plan, fc.array(step, { maxLength: 120 }), async (shape, steps) => {
        const clock = new VirtualClock(0);
        const marks: boolean[] = [];
        const edge = edgeOf(shape, clock, marks);
        const pump = new Idle(new Scheduler(clock), 1);
        edge.reader = pump;
        const scopes = [new FakeScope(), new FakeScope(), undefined];
        const deliveries = new Map<number, Once>();
        const taken: Item[] = [];
        const lastOfKey = new Map<string, number>();
        const refused = new Set<number>();
        let n = 0;
        for (const one of steps) {
          switch (one.do) {
            case 'push': {
              // A blocking edge is asked first; what cannot ask may exceed it by a burst.
              if (edge.blocks && edge.room <= 0) break;
              const delivery = new Once();
              const scope = scopes[one.scope] ?? null;
              const key = `k${one.key}`;
              const item: Item = { n: n++, key };
              deliveries.set(item.n, delivery);
              try {
                edge.next(Packet.source(item, 'x', {}, new Origin('r', 'a', 'a', 0, '', scope, scope?.epoch ?? 0, delivery)));
                lastOfKey.set(key, item.n);
              } catch (error) {
                expect(SluiceError.is(error, 'EDGE_FULL') && shape.when_full === 'error').toBe(true);
                refused.add(item.n);
              }
              break;
            }
            case 'take': {
              const packet = edge.take();
              if (packet === undefined) break;
              const item = packet.payload as Item;
              taken.push(item);
              const { scope, epoch } = packet.origin;
              expect(scope === null || (!scope.fenced && epoch >= scope.epoch)).toBe(true);
              // One per key: the newest of it that came.
              if (shape.when_full === 'latest') expect(shape.keyed ? lastOfKey.get(item.key) : n - 1 - trailing(refused, n)).toBe(item.n);
              break;
            }
            case 'wait':
              await clock.advance(one.ms);
              break;
            case 'fence':
              if (scopes[one.scope] !== undefined) scopes[one.scope]!.fenced = true;
              break;
            case 'epoch':
              if (scopes[one.scope] !== undefined) scopes[one.scope]!.epoch++;
              break;
            case 'sweep':
              edge.purge('cancelled', (packet) => packet.origin.scope?.fenced !== true);
              break;
            case 'reserve':
              if (edge.blocks && edge.room > 0) edge.reserve();
              break;
            case 'release':
              if (edge.reserved > 0) edge.release();
              break;
            case 'purge':
              edge.purge('shutdown');
              break;
          }
          const dropped = Object.values(edge.dropped).reduce((sum, count) => sum + count, 0);
          expect(edge.in).toBe(edge.out + dropped + edge.depth);
          expect(dropped).toBe(edge.droppedTotal);
          expect(edge.depth).toBeLessThanOrEqual(edge.capacity);
          expect(edge.peak).toBeLessThanOrEqual(edge.capacity);
          if (edge.blocks) expect(edge.depth + edge.reserved).toBeLessThanOrEqual(edge.capacity);
          // High and low take turns, and nothing is high that is at most half full.
          expect(marks.every((high, i) => high === (i % 2 === 0))).toBe(true);
          if (edge.depth <= edge.capacity >> 1) expect(marks.length % 2).toBe(0);
          // Who waits in it was told of.
          if (edge.depth > 0) expect(pump.woken).toBeGreaterThan(0);
        }
        edge.purge('shutdown');
        expect(edge.depth).toBe(0);
        // Bytes are given back however packets left: an empty edge takes one more.
        if (edge.blocks) expect(edge.vacancy).toBe(edge.capacity);
        const handed = new Set(taken.map((item) => item.n));
        for (const [id, { settled }] of deliveries) expect([id, settled]).toEqual([id, handed.has(id) || refused.has(id) ? 0 : 1]);
        // First in, first out: over all where nothing is shared by key, else within each key.
        const keys =
          shape.when_full === 'fair' || (shape.when_full === 'latest' && shape.keyed)
            ? [...new Set(taken.map(({ key }) => key))]
            : [undefined];
        for (const key of keys) {
          const own = taken.filter((item) => key === undefined || item.key === key).map((item) => item.n);
          expect(own).toEqual([...own].sort((a, b) => a - b));
        }
        given.when++;
      }),
      sized,
    );
    expect(given.when).toBeGreaterThanOrEqual(CASES);
  },
  60_000 + CASES * 400,
);

/** How many at the end were refused: the newest that came in is the one before them. */
function trailing(refused: ReadonlySet<number>, n: number): number {
  let count = 0;
  while (refused.has(n - 1 - count)) count++;
  return count;
}

test(`EDGE-5: ${CASES} arrivals: fair drops from a key that has the most, the arriving packet included, and serves keys in turn`, () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(fc.nat(5), { minLength: 1, maxLength: 200 }), (capacity, arrivals) => {
      const edge = edgeOf(
        { when_full: 'fair', capacity, keyed: true, max_age_ms: undefined, max_bytes: undefined },
        new VirtualClock(0),
        [],
      );
      const waiting = new Map<string, number[]>();
      arrivals.forEach((k, n) => {
        const key = `k${k}`;
        const own = waiting.get(key) ?? [];
        waiting.set(key, own);
        const total = [...waiting.values()].reduce((sum, list) => sum + list.length, 0);
        const most = Math.max(...[...waiting.values()].map((list) => list.length));
        const before = new Map([...waiting].map(([id, list]) => [id, list.length]));
        edge.next(packetOf({ n, key }));
        own.push(n);
        if (total < capacity) return;
        // Its own key is among the longest: it goes itself. Else the oldest of one of the longest goes.
        if (before.get(key) === most) own.pop();
        else {
          const lost = edge.dropped['full'];
          expect(lost).toBeGreaterThan(0);
          // Which of several is told by what comes out in the end.
          longest(waiting, before, most).shift();
        }
      });
      const counts = new Map<string, number>();
      for (let packet = edge.take(); packet !== undefined; packet = edge.take()) {
        const { key } = packet.payload as Item;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      // How many of each key were left does not depend on which of equals lost.
      expect([...counts.values()].sort()).toEqual(
        [...waiting.values()]
          .map((list) => list.length)
          .filter((length) => length > 0)
          .sort(),
      );
    }),
    sized,
  );
});

function longest(waiting: ReadonlyMap<string, number[]>, before: ReadonlyMap<string, number>, most: number): number[] {
  for (const [key, list] of waiting) if (before.get(key) === most) return list;
  throw new Error('none');
}

function packetOf(payload: unknown): Packet {
  return Packet.source(payload, 'x', {}, new Origin('r', 'a', 'a', 0, '', null, 0, null));
}

function simple(when_full: WhenFull, capacity: number, more: { max_bytes?: number; max_age_ms?: number } = {}): Edge {
  return edgeOf({ when_full, capacity, keyed: false, max_age_ms: more.max_age_ms, max_bytes: more.max_bytes }, new VirtualClock(0), []);
}

test('EDGE-6: eviction costs the same with ten packets and with a hundred thousand', () => {
  const cost = (when_full: WhenFull, capacity: number): number => {
    const edge = simple(when_full, capacity);
    const packets = Array.from({ length: 64 }, (_, i) => packetOf({ n: i, key: `k${i % 7}` }));
    for (let i = 0; i < capacity; i++) edge.next(packets[i & 63]!);
    const times = Array.from({ length: 7 }, () => {
      const start = performance.now();
      for (let i = 0; i < 20_000; i++) edge.next(packets[i & 63]!);
      return performance.now() - start;
    });
    return times.sort((a, b) => a - b)[3]!;
  };
  for (const when_full of ['drop_oldest', 'drop_newest', 'fair'] as const) {
    cost(when_full, 10);
    // A linear scan would cost 10,000 times as much; caches may cost a few times.
    expect(cost(when_full, 100_000)).toBeLessThan(30 * Math.max(cost(when_full, 10), 0.5));
  }
});

test('EDGE-7: what cannot be asked to wait may exceed a blocking edge by a burst, then it is a fault', () => {
  const edge = simple('block', 4);
  for (let i = 0; i < 4 + MAX_BURST; i++) edge.next(packetOf(i));
  expect(() => edge.next(packetOf(0))).toThrow(expect.objectContaining({ code: 'NODE_OVERRUN' }));
  expect([edge.in, edge.depth]).toEqual([4 + MAX_BURST, 4 + MAX_BURST]);
});

test('EDGE-8: error tells the sender, and nothing was let in', () => {
  const edge = simple('error', 2);
  edge.next(packetOf(1));
  edge.next(packetOf(2));
  expect(() => edge.next(packetOf(3))).toThrow(expect.objectContaining({ code: 'EDGE_FULL', retryable: true }));
  expect([edge.in, edge.depth]).toEqual([2, 2]);
});

test('EDGE-9: bytes are bounded: a blocking edge has no room, drop_oldest drops the oldest, drop_newest what comes, error refuses', () => {
  const big = (n: number): Packet => packetOf(`${n}`.padEnd(50));
  const run = (when_full: WhenFull): { edge: Edge; left: unknown[] } => {
    const edge = simple(when_full, 9, { max_bytes: 250 });
    for (let i = 0; i < 4 && (!edge.blocks || edge.room > 0); i++) {
      try {
        edge.next(big(i));
      } catch {
        // It was refused; the books are looked at below.
      }
    }
    const left: unknown[] = [];
    for (let packet = edge.take(); packet !== undefined; packet = edge.take()) left.push(Number(packet.payload));
    return { edge, left };
  };
  // Where nobody is dropped the last one may exceed it: how big it is shows when it is there.
  expect(run('block').left).toEqual([0, 1, 2]);
  expect(run('drop_oldest').left).toEqual([2, 3]);
  expect(run('drop_newest').left).toEqual([0, 1]);
  expect(run('drop_newest').edge.dropped).toEqual({ bytes: 2 });
  expect(run('error').left).toEqual([0, 1]);
});

test('EDGE-10: the end waits behind all packets, outside capacity, and comes once; what comes after it is counted', () => {
  const edge = simple('block', 2);
  const seen: unknown[] = [];
  let ends = 0;
  edge.operator(NEVER).subscribe({
    next: (packet) => seen.push(packet.payload),
    complete: () => ends++,
  });
  edge.next(packetOf(1));
  edge.next(packetOf(2));
  edge.complete();
  edge.next(packetOf(3));
  expect(edge.handOverEnd()).toBe(false);
  while (edge.handOver());
  expect([edge.handOverEnd(), edge.handOverEnd()]).toEqual([true, true]);
  expect({ seen, ends, dropped: edge.dropped }).toEqual({ seen: [1, 2], ends: 1, dropped: { ended: 1 } });
});
