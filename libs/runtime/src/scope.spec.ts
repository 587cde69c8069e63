import type { AbortCause, Context, Packet, Session, Unit } from '@sluice/sdk';
import { to } from '@sluice/sdk';
import fc from 'fast-check';
import { graph, inline } from '../test/inline';
import { inVirtualTime, unbalanced } from '../test/virtual';
import { VirtualClock } from './clock';
import { RunScopes } from './run-scopes';
import { Scope, UnitScope } from './scope';

const CASES = Number(process.env['SLUICE_CASES'] ?? 300);
const SEED = Number(process.env['SLUICE_SEED'] ?? 1);
const RANK: readonly AbortCause[] = ['authority_lost', 'cancel', 'budget', 'error', 'disconnect'];

function unitOf(parent = new Scope('run'), options: ConstructorParameters<typeof UnitScope>[2] = {}) {
  const clock = new VirtualClock(0);
  const events: string[] = [];
  let sweeps = 0;
  const unit = new UnitScope('u', parent, options, { clock, event: (event) => events.push(event), sweep: () => void sweeps++ });
  return { unit, clock, events, sweeps: () => sweeps, parent };
}

const act = fc.oneof(
  fc.constant({ do: 'open' as const }),
  fc.constant({ do: 'commit' as const }),
  fc.record({ do: fc.constant('abort' as const), cause: fc.constantFrom(...RANK) }),
  fc.record({ do: fc.constant('spend' as const), amount: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat(30) }),
  fc.constant({ do: 'parent' as const }),
  fc.constant({ do: 'tick' as const }),
);

test(
  `SCOPE-1 SCOPE-2 SCOPE-3: ${CASES} sequences: a unit has exactly one outcome, the strongest cause of a moment wins, and it is closed`,
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
        const { unit, clock, events, parent } = unitOf(new Scope('run'), { deadline: 100, budget: { tokens: 10 } });
        const outcomes: string[] = [];
        void unit.outcome.then((outcome) => outcomes.push(outcome));
        /** What was asked for at the moment that decided. */
        const asked: string[] = [];
        let decided = false;
        const tick = async (): Promise<void> => {
          await Promise.resolve();
          await Promise.resolve();
          if (asked.length > 0) decided = true;
        };
        for (const one of acts) {
          const could = unit.state === 'open' || unit.state === 'proposed';
          try {
            if (one.do === 'open') unit.open();
            else if (one.do === 'commit') {
              unit.commit();
              if (!decided) asked.push('committed');
            } else if (one.do === 'abort') {
              if (could && !decided) asked.push(one.cause);
              unit.abort(one.cause);
            } else if (one.do === 'spend') unit.spend('tokens', one.amount);
            else if (one.do === 'parent') {
              if (could && !decided && !unit.fenced) asked.push('cancel');
              parent.raise(new Error('parent'));
            } else if (one.do === 'wait') await clock.advance(one.ms);
            else await tick();
          } catch (error) {
            const { code } = error as { code: string };
            expect(['UNIT_STATE', 'BUDGET_SPENT']).toContain(code);
            if (code === 'BUDGET_SPENT' && could && !decided) asked.push('budget');
          }
        }
        await clock.advance(200);
        await tick();
        // Its deadline at the latest has ended it.
        expect(outcomes.length).toBe(1);
        expect(unit.state).toBe('closed');
        expect(events.filter((event) => event === 'unit:committed' || event === 'unit:aborted').length).toBe(1);
        expect(events.at(-1)).toBe('unit:closed');
        expect(unit.fenced || outcomes[0] === 'committed').toBe(true);
        if (asked.length > 0) {
          const first = asked
            .filter((cause) => cause !== 'committed')
            .sort((a, b) => RANK.indexOf(a as AbortCause) - RANK.indexOf(b as AbortCause));
          // Of one moment: what came later than the first decision was not heard.
          expect([...first, 'committed', 'budget']).toContain(outcomes[0]);
        }
      }),
      { numRuns: CASES, seed: SEED },
    );
  },
  60_000 + CASES * 400,
);

test('SCOPE-3: of all that asks to end it at one moment the strongest wins', async () => {
  for (const [i, strong] of RANK.entries()) {
    for (const weak of RANK.slice(i)) {
      const { unit } = unitOf();
      unit.open();
      unit.commit();
      unit.abort(weak);
      unit.abort(strong);
      expect(await unit.outcome).toBe(strong);
    }
  }
});

test('SCOPE-4: budgets warn at 80 %, then act; a deadline is one', async () => {
  const { unit, events, clock } = unitOf(new Scope('run'), { deadline: 1_000, budget: { tokens: 100 } });
  unit.open();
  unit.spend('tokens', 79);
  expect(events).not.toContain('unit:budget');
  unit.spend('tokens', 1);
  unit.spend('tokens', 20);
  expect(events.filter((event) => event === 'unit:budget').length).toBe(1);
  expect(unit.fenced).toBe(false);
  expect(() => unit.spend('tokens', 1)).toThrow(expect.objectContaining({ code: 'BUDGET_SPENT' }));
  expect(await unit.outcome).toBe('budget');
  const late = unitOf(new Scope('run'), { deadline: 1_000 });
  await late.clock.advance(1_001);
  expect(await late.unit.outcome).toBe('budget');
  await clock.advance(2_000);
});

test('SCOPE-5: the fence of a scope and of all below it stands before cancel returns, and every signal has fired', () => {
  const run = new Scope('run');
  const sessions = Array.from({ length: 10 }, (_, i) => new Scope(`s${i}`, run));
  const units = sessions.flatMap((session) => Array.from({ length: 10 }, () => unitOf(session).unit));
  let seen = 0;
  for (const unit of units) unit.signal.addEventListener('abort', () => void (seen += units.every((other) => other.fenced) ? 1 : 0));
  run.raise(new Error('cancel'));
  expect(seen).toBe(100);
  expect([...sessions, ...units].every((scope) => scope.fenced && scope.signal.aborted)).toBe(true);
});

/** A source whose packets belong to units that it opens, one for each three packets. */
function units(count: number, seen: Map<string, Unit>, gap = 1) {
  return {
    async *read(ctx: Context) {
      for (let i = 0; i < count; i++) {
        const id = `u${Math.floor(i / 3)}`;
        let unit = seen.get(id);
        if (unit === undefined) {
          unit = ctx.unit(id);
          unit.open();
          seen.set(id, unit);
        }
        if (gap > 0) await ctx.sleep(gap);
        yield to('out', i, { scope: unit });
      }
    },
  };
}

test('SCOPE-6: cancel from inside process: from then on nothing of that scope is taken, emitted or written', async () => {
  const seen = new Map<string, Unit>();
  const after: number[] = [];
  const x = inline({
    source: units(60, seen, 0),
    middle: {
      process(packet: Packet, ctx: Context) {
        const scope = packet.origin.scope!;
        if ((packet.payload as number) % 9 === 4) void ctx.cancel(scope, 'enough');
        return packet;
      },
    },
    slow: {
      async process(packet: Packet, ctx: Context) {
        await ctx.sleep(1);
        return packet;
      },
    },
    end: {
      write(packet: Packet) {
        if (packet.origin.scope!.fenced) after.push(packet.payload as number);
      },
    },
  });
  for (const fuse of [true, false]) {
    seen.clear();
    const { figures, report } = await inVirtualTime(
      graph({ s: 'x/source', m: 'x/middle', w: { type: 'x/slow', concurrency: 4 }, e: 'x/end' }, [
        's -> m',
        'm -> w',
        { 'w -> e': { capacity: 2 } },
      ]),
      { plugins: [x], engine: { fuse } },
    );
    expect(after).toEqual([]);
    expect(unbalanced(figures)).toEqual([]);
    expect(report.status).toBe('ok');
    const { produced } = figures.nodes.find(({ id }) => id === 'w')!;
    expect(produced).toBeLessThan(60);
    expect(await seen.get('u1')!.outcome).toBe('cancel');
  }
});

test('SCOPE-7: ctx.sleep of a call ends when its unit is cancelled, and the call counts as cancelled, not failed', async () => {
  const seen = new Map<string, Unit>();
  const x = inline({
    source: units(1, seen),
    sleeper: {
      async process(packet: Packet, ctx: Context) {
        await ctx.sleep(60_000);
        return packet;
      },
    },
  });
  const { took, report } = await inVirtualTime(graph({ s: 'x/source', w: 'x/sleeper', k: 't/sink' }, ['s -> w', 'w -> k']), {
    plugins: [x],
    during: (_, clock) => void clock.after(100, () => seen.get('u0')!.abort('cancel')),
  });
  expect(took).toBeLessThan(2_000);
  expect(report.status).toBe('ok');
});

test('SCOPE-8: a retry that waits when its unit is cancelled does not call the node again', async () => {
  const seen = new Map<string, Unit>();
  let calls = 0;
  const x = inline({
    source: units(1, seen),
    end: {
      write() {
        calls++;
        throw new Error('again');
      },
    },
  });
  await inVirtualTime(graph({ s: 'x/source', e: { type: 'x/end', retry: { max_attempts: 5, backoff: '10s' } } }, ['s -> e']), {
    plugins: [x],
    during: (_, clock) => void clock.after(100, () => seen.get('u0')!.abort('cancel')),
  });
  expect(calls).toBe(1);
});

test('SCOPE-9: packets of an older epoch are refused and counted, with and without fusion', async () => {
  const x = inline({
    source: {
      *read(ctx: Context) {
        const unit = ctx.unit('u');
        unit.open();
        yield to('out', 0, { scope: unit });
        unit.takeOver();
        yield to('out', 1, { scope: unit, epoch: 0 });
        yield to('out', 2, { scope: unit });
        unit.commit();
      },
    },
  });
  for (const fuse of [true, false]) {
    const { ledger, figures } = await inVirtualTime(
      graph({ s: 'x/source', w: { type: 't/work', config: { way: 'bare' } }, k: 't/sink' }, ['s -> w', 'w -> k']),
      {
        plugins: [x],
        engine: { fuse },
      },
    );
    // Whether the first was taken before the new owner came is a matter of time.
    expect(ledger.seen.get('s.out->w.in')!.filter((n) => n !== 0)).toEqual([2]);
    expect(figures.edges.find(({ id }) => id === 's.out->w.in')!.dropped['epoch']).toBeGreaterThan(0);
  }
});

test('SCOPE-10: what a node sends into a unit that was aborted goes nowhere, with and without fusion', async () => {
  const written: unknown[] = [];
  const x = inline({
    into: {
      process(packet: Packet, ctx: Context) {
        const unit = ctx.unit(`u${String(packet.payload)}`);
        unit.open();
        if (packet.payload === 1) unit.abort('error');
        return to('out', packet.payload, { scope: unit });
      },
    },
    end: { write: (packet: Packet) => void written.push(packet.payload) },
  });
  for (const fuse of [true, false]) {
    written.length = 0;
    await inVirtualTime(graph({ s: { type: 't/source', config: { count: 3 } }, i: 'x/into', e: 'x/end' }, ['s -> i', 'i -> e']), {
      plugins: [x],
      engine: { fuse },
    });
    expect(written).toEqual([0, 2]);
  }
});

test('SCOPE-11: an Observable or generator of a cancelled unit is let go', async () => {
  const seen = new Map<string, Unit>();
  let closed = 0;
  const x = inline({
    source: units(1, seen),
    ticks: {
      async *process(_packet: Packet, ctx: Context) {
        try {
          for (let i = 0; ; i++) {
            await ctx.sleep(10);
            yield i;
          }
        } finally {
          closed++;
        }
      },
    },
  });
  const { took, report } = await inVirtualTime(graph({ s: 'x/source', w: 'x/ticks', k: 't/sink' }, ['s -> w', 'w -> k']), {
    plugins: [x],
    during: (_, clock) => void clock.after(105, () => seen.get('u0')!.abort('cancel')),
  });
  expect({ closed, status: report.status }).toEqual({ closed: 1, status: 'ok' });
  expect(took).toBeLessThan(2_000);
});

describe('sessions', () => {
  const host = () => {
    const clock = new VirtualClock(0);
    const scope = new Scope('r');
    const scopes = new RunScopes({
      scope,
      clock,
      idleClock: clock,
      event: () => undefined,
      sweep: () => Promise.resolve(),
      working: () => [],
      stuck: () => undefined,
      within: () => Promise.resolve(true),
    });
    return { clock, scope, scopes };
  };

  test('SCOPE-12: a session that is closed leaves nothing behind, however many there were', async () => {
    const { scope, scopes } = host();
    for (let i = 0; i < 10_000; i++) {
      const session = scopes.session(`s${i}`, {});
      const unit = scopes.unit(`u${i}`, { session });
      unit.open();
      unit.commit();
      session.close();
    }
    // Units end when the moment is over.
    await Promise.resolve();
    await Promise.resolve();
    expect(scope.size).toBe(0);
    expect(scopes.session('s1', {}).fenced).toBe(false);
  });

  test('SCOPE-12: asked for again it is the same, until it is closed; then its id is free, and nothing joins the old one', () => {
    const { scopes } = host();
    const session = scopes.session('s', {});
    expect(scopes.session('s', {})).toBe(session);
    session.close();
    expect(scopes.session('s', {})).not.toBe(session);
    expect(() => scopes.unit('u', { session })).toThrow(expect.objectContaining({ code: 'SESSION_CLOSED' }) as Error);
  });

  test('SCOPE-12: units under way outlive the close of their session, and a cancel of the run still reaches them', async () => {
    const { scope, scopes } = host();
    const session = scopes.session('s', {});
    const unit = scopes.unit('u', { session });
    unit.open();
    session.close();
    expect([unit.fenced, scope.size]).toEqual([false, 2]);
    scope.raise(new Error('over'));
    expect(unit.fenced).toBe(true);
    expect(await unit.outcome).toBe('cancel');
  });

  test('SCOPE-12: an idle session is closed; one with a unit, or that is asked for, is not idle', async () => {
    const { clock, scope, scopes } = host();
    const session = scopes.session('s', { idle: 100 });
    await clock.advance(80);
    expect(scopes.session('s', { idle: 100 })).toBe(session);
    await clock.advance(80);
    expect(scope.size).toBe(1);
    const unit = scopes.unit('u', { session });
    unit.open();
    await clock.advance(500);
    expect(scope.size).toBe(2);
    unit.commit();
    await clock.advance(99);
    expect(scope.size).toBe(1);
    await clock.advance(2);
    expect(scope.size).toBe(0);
  });

  test('SCOPE-12: the end of the run closes its sessions, and an idle limit does not keep a run alive', async () => {
    let session: Session | undefined;
    const x = inline({ node: { process: (packet, ctx) => ((session = ctx.session('s', { idle: 3_600_000 })), packet) } });
    const { took } = await inVirtualTime(
      graph({ s: { type: 't/source', config: { count: 3 } }, n: 'x/node', k: 't/sink' }, ['s -> n', 'n -> k']),
      { plugins: [x] },
    );
    expect(took).toBeLessThan(1_000);
    expect((session as unknown as { closed: boolean }).closed).toBe(true);
  });
});

test('SCOPE-13: a call that cancels its own unit and waits for it does not wait for itself', async () => {
  const waited: number[] = [];
  const seen = new Map<string, Unit>();
  const x = inline({
    source: units(9, seen, 5),
    suicidal: {
      async process(packet: Packet, ctx: Context) {
        const before = ctx.now();
        await ctx.cancel(packet.origin.scope!, 'enough');
        waited.push(ctx.now() - before);
        return packet;
      },
    },
  });
  const { report, ledger } = await inVirtualTime(graph({ s: 'x/source', n: 'x/suicidal', k: 't/sink' }, ['s -> n', 'n -> k']), {
    plugins: [x],
  });
  expect(waited).toEqual([0, 0, 0]);
  expect(ledger.seen.get('n.out->k.in')).toBeUndefined();
  expect(report.status).toBe('ok');
  expect(report.reasons.join()).not.toMatch(/did not return/);
});

test('SCOPE-13: it does wait for the other calls of its unit', async () => {
  let waited = -1;
  const x = inline({
    source: {
      *read(ctx: Context) {
        const unit = ctx.unit('u');
        unit.open();
        yield to('out', 0, { scope: unit });
        yield to('out', 1, { scope: unit });
      },
    },
    node: {
      async process(packet: Packet, ctx: Context) {
        if (packet.payload === 0) {
          // It takes its time to heed the signal.
          await new Promise<void>((resolve) => ctx.scheduler.schedule(() => resolve(), 300));
          return;
        }
        const before = ctx.now();
        await ctx.cancel(packet.origin.scope!);
        waited = ctx.now() - before;
      },
    },
  });
  await inVirtualTime(graph({ s: 'x/source', n: { type: 'x/node', concurrency: 2 } }, ['s -> n']), { plugins: [x] });
  expect(waited).toBeGreaterThan(200);
  expect(waited).toBeLessThanOrEqual(300);
});

test('SCOPE-4: a deadline warns when 80 % of it have passed, and not where the unit has ended before', async () => {
  const clock = new VirtualClock(0);
  const said: string[] = [];
  const unit = (id: string) =>
    new UnitScope(
      id,
      new Scope('r'),
      { deadline: 100 },
      { clock, event: (event) => void said.push(`${id} ${event} ${clock.now()}`), sweep: () => undefined },
    );
  const [slow, quick] = [unit('slow'), unit('quick')];
  slow.open();
  quick.open();
  quick.commit();
  await clock.advance(200);
  expect(said.filter((text) => text.includes('budget'))).toEqual(['slow unit:budget 80']);
  expect(await slow.outcome).toBe('budget');
});
