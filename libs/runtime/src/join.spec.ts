import type { JoinPolicy } from '@sluice/graph';
import { emitted, NO_META, Origin, Packet, type Context, type Outcome, type SluiceError } from '@sluice/sdk';
import fc from 'fast-check';
import { Subject } from 'rxjs';
import { VirtualClock } from './clock';
import { settle, SourceDelivery } from './delivery';
import { joined } from './join';

const CASES = Number(process.env['SLUICE_CASES'] ?? 300);
const SEED = Number(process.env['SLUICE_SEED'] ?? 1);
const PORTS = ['a', 'b', 'c', 'd'];

interface Script {
  readonly on: JoinPolicy['on'];
  readonly n: number;
  readonly late: JoinPolicy['late'];
  readonly ports: number;
  readonly sources: number;
  /** What each branch does for each source packet, and when: sorted by it. */
  readonly branches: readonly { readonly dead: boolean; readonly turn: number }[];
  readonly max_held: number;
  /** ms, with one event each ms; undefined for none. */
  readonly timeout: number | undefined;
  /** Whether what comes out is done at once, or at the end. */
  readonly slow: boolean;
}

const script = (bounded: boolean): fc.Arbitrary<Script> =>
  fc.record({ ports: fc.integer({ min: 2, max: 4 }), sources: fc.integer({ min: 1, max: 8 }) }).chain(({ ports, sources }) =>
    fc.record({
      on: fc.constantFrom<JoinPolicy['on']>('all', 'any', 'first', 'quorum'),
      n: fc.integer({ min: 1, max: ports }),
      late: fc.constantFrom<JoinPolicy['late']>('evict', 'fire', 'error'),
      ports: fc.constant(ports),
      sources: fc.constant(sources),
      branches: fc.array(fc.record({ dead: fc.boolean(), turn: fc.nat(100) }), { minLength: ports * sources, maxLength: ports * sources }),
      max_held: bounded ? fc.integer({ min: 1, max: 4 }) : fc.constant(1024),
      timeout: bounded ? fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }) : fc.constant(undefined),
      slow: fc.boolean(),
    }),
  );

interface Played {
  /** Ports of each output, by source packet, in the order in which they came. */
  readonly fired: readonly string[][][];
  /** Packets that failed, by source packet. */
  readonly failed: readonly number[];
  readonly outcomes: readonly Outcome[][];
  /** Ports that arrived, by source packet, in order. */
  readonly arrived: readonly string[][];
  readonly counted: Readonly<Record<string, number>>;
  /** The most packets that waited in the join at a time. */
  readonly held: number;
}

async function play({ on, n, late, ports, sources, branches, max_held, timeout, slow }: Script): Promise<Played> {
  const names = PORTS.slice(0, ports);
  const clock = new VirtualClock(0);
  const counted: Record<string, number> = {};
  const ctx = { count: (name: string, by = 1) => (counted[name] = (counted[name] ?? 0) + by) } as unknown as Context;
  const fired: string[][][] = Array.from({ length: sources }, () => []);
  const failed = Array.from({ length: sources }, () => 0);
  const outcomes: Outcome[][] = Array.from({ length: sources }, () => []);
  const arrived: string[][] = Array.from({ length: sources }, () => []);
  const policy: JoinPolicy = {
    on,
    ...(on === 'quorum' ? { n } : {}),
    late,
    max_held,
    ...(timeout === undefined ? {} : { timeout_ms: timeout }),
  };
  const origins = Array.from({ length: sources }, (_, i) => {
    const delivery = new SourceDelivery((outcome) => outcomes[i]!.push(outcome), { acked: 0, nacked: 0, cancelled: 0 });
    delivery.hold(ports - 1);
    return new Origin('r', 's', 's', i, `k${i}`, null, 0, delivery);
  });
  const input = new Subject<Packet>();
  const later: Packet[] = [];
  let held = 0;
  joined(
    policy,
    names,
    ctx,
    (ms, fn) => clock.after(ms, fn),
    (packet, error: SluiceError) => {
      expect(error.code).toBe('JOIN_INCOMPLETE');
      failed[packet.origin.time]!++;
      settle(packet, 'nacked', error);
    },
  )(input).subscribe((out) => {
    const own = Object.keys(out.payload as object);
    fired[out.origin.time]!.push(own);
    if (slow) later.push(out);
    else settle(out, 'acked');
  });
  const events = branches.map((branch, i) => ({ ...branch, source: i % sources, port: names[Math.floor(i / sources)]! }));
  let left = events.length;
  for (const { dead, source, port } of events.sort((one, other) => one.turn - other.turn)) {
    const origin = origins[source]!;
    if (dead) origin.delivery!.settle('acked');
    else {
      arrived[source]!.push(port);
      const packet = new Packet(
        port,
        'x',
        NO_META,
        origin,
        port,
        { run: 'r', node: port, port: 'out' },
        source,
        { run: '', node: '', port: '' },
        0,
        '',
      );
      emitted(packet, packet.from, source, undefined, '');
      input.next(packet);
    }
    await clock.advance(1);
    left--;
    // What is neither still to come nor out is in the join.
    const open = origins.reduce((sum, { delivery }) => sum + (delivery as SourceDelivery).pending, 0);
    held = Math.max(held, open - left - later.length);
  }
  input.complete();
  for (const out of later) settle(out, 'acked');
  return { fired, failed, outcomes, arrived, counted, held };
}

test(
  `JOIN-7: ${CASES} joins whose branches arrive or die in any order do what their policy says, and settle each source packet once`,
  async () => {
    await fc.assert(
      fc.asyncProperty(script(false), async (given) => {
        const { on, n, late, ports } = given;
        const { fired, failed, outcomes, arrived } = await play(given);
        for (const [i, came] of arrived.entries()) {
          const enough = on === 'all' ? ports : on === 'quorum' ? n : 1;
          const fires = came.length >= enough;
          const expected =
            on === 'any' ? came.map((port) => [port]) : fires ? [came.slice(0, enough)] : late === 'fire' && came.length > 0 ? [came] : [];
          expect(fired[i]).toEqual(expected);
          const fails = on !== 'any' && !fires && late === 'error' ? came.length : 0;
          expect(failed[i]).toBe(fails);
          expect(outcomes[i]).toEqual([fails > 0 ? 'nacked' : 'acked']);
        }
      }),
      { numRuns: CASES, seed: SEED },
    );
  },
  60_000 + CASES * 400,
);

test(
  `JOIN-8: ${CASES} joins with timeouts and little room fire a group once at most, and lose nothing unsaid`,
  async () => {
    await fc.assert(
      fc.asyncProperty(script(true), async (given) => {
        const { on, late, ports, max_held } = given;
        const { fired, failed, outcomes, counted, held } = await play(given);
        expect(outcomes.map((list) => list.length)).toEqual(outcomes.map(() => 1));
        if (on !== 'any') expect(held).toBeLessThanOrEqual(max_held * (ports - 1) + 1);
        // Without room a group may be given up and begin again; time alone never makes two of one.
        if (on !== 'any' && max_held >= given.sources) for (const groups of fired) expect(groups.length).toBeLessThanOrEqual(1);
        const evicted = (counted['join_evicted_total'] ?? 0) + (counted['join_failed_total'] ?? 0);
        if (late === 'fire' || on === 'any') expect(evicted).toBe(0);
        if (late === 'error') expect(failed.some((count) => count > 0)).toBe(evicted > 0);
        expect(outcomes.flat().includes('nacked')).toBe(failed.some((count) => count > 0));
      }),
      { numRuns: CASES, seed: SEED },
    );
  },
  60_000 + CASES * 400,
);
