import { portType, port, SluiceError, to, type Packet } from '@sluice/sdk';
import { Observable, of } from 'rxjs';
import { graph, inline, upTo, type Body } from '../test/inline';
import { inVirtualTime, type Seen, type VirtualOptions } from '../test/virtual';
import type { CallHooks } from './policy';

const source = (count: number, gap = -1) => ({ type: 't/source', config: { count, gap } });
const sink = (ms = -1) => ({ type: 't/sink', config: { ms } });

/** Packets 0.. through one node with policies, its error port read. */
const through = (node: Body, policies: object, count = 1, options: VirtualOptions = {}): Promise<Seen> =>
  inVirtualTime(
    graph({ s: source(count), n: { type: 'x/node', ...policies }, k: sink(), e: sink() }, ['s -> n', 'n -> k', 'n.error -> e']),
    { ...options, plugins: [inline({ node })] },
  );
const given = ({ ledger }: Seen) => ledger.seen.get('n.out->k.in') ?? [];
const errors = ({ ledger }: Seen) => ((ledger.seen.get('n.error->e.in') ?? []) as { code: string }[]).map(({ code }) => code);

/** The three ways to give several, each failing after `good` items at the first `failing` calls. */
const several = (good: number, failing: number): Readonly<Record<string, { body: Body; calls: () => number }>> => {
  const counted = (process: (attempt: number) => unknown) => {
    let calls = 0;
    return { body: { process: () => process(calls++) }, calls: () => calls };
  };
  const items = function* (attempt: number): Generator<number, void> {
    yield* upTo(attempt < failing ? good : 3);
    if (attempt < failing) throw new Error('half way');
  };
  return {
    generator: counted((attempt) => items(attempt)),
    'async generator': counted(async function* (attempt) {
      yield* items(attempt);
    }),
    Observable: counted(
      (attempt) =>
        new Observable((out) => {
          try {
            for (const item of items(attempt)) out.next(item);
            out.complete();
          } catch (error) {
            out.error(error);
          }
        }),
    ),
  };
};

describe.each(['generator', 'async generator', 'Observable'])('several results: %s', (form) => {
  test('NODE-47: what fails before its first result is tried again', async () => {
    const { body, calls } = several(0, 2)[form]!;
    const seen = await through(body, { retry: { max_attempts: 3, backoff: '1ms' } });
    expect(calls()).toBe(3);
    expect(given(seen)).toEqual([0, 1, 2]);
    expect(errors(seen)).toEqual([]);
  });

  test('NODE-47: what fails after that is not: what was sent stays sent, the failure goes to the error port, without fallback', async () => {
    const { body, calls } = several(2, 1)[form]!;
    const seen = await through(body, { retry: { max_attempts: 3, backoff: '1ms' }, fallback: -1 });
    expect(calls()).toBe(1);
    expect(given(seen)).toEqual([0, 1]);
    expect(errors(seen)).toEqual(['NODE_FAILED']);
    expect([...seen.ledger.settled.values()]).toEqual([['acked']]);
  });

  test('NODE-47: the circuit hears of it', async () => {
    const { body, calls } = several(1, 100)[form]!;
    const seen = await through(body, { circuit: { failures: 2, reset: '1h' } }, 5);
    expect(calls()).toBe(2);
    expect(errors(seen)).toEqual(['NODE_FAILED', 'NODE_FAILED', 'CIRCUIT_OPEN', 'CIRCUIT_OPEN', 'CIRCUIT_OPEN']);
  });
});

test('NODE-48: timeout bounds the wait for each result; the time that those need who take them does not count', async () => {
  let returned = false;
  const slow: Body = {
    async *process(_packet, ctx) {
      try {
        yield 0;
        await ctx.sleep(40);
        yield 1;
        await ctx.sleep(1_000);
        yield 2;
      } finally {
        returned = true;
      }
    },
  };
  const seen = await inVirtualTime(
    graph({ s: source(1), n: { type: 'x/node', timeout: '50ms' }, k: sink(200), e: sink() }, [
      's -> n',
      { 'n -> k': { capacity: 1 } },
      'n.error -> e',
    ]),
    { plugins: [inline({ node: slow })] },
  );
  expect(given(seen)).toEqual([0, 1]);
  expect(errors(seen)).toEqual(['NODE_TIMEOUT']);
  expect(returned).toBe(true);
});

test('NODE-49: the signal of a call that timed out fires, that of others does not', async () => {
  const reasons: unknown[] = [];
  const fired: boolean[] = [];
  const signals: AbortSignal[] = [];
  const seen = await through(
    {
      async process(packet, ctx) {
        signals.push(ctx.signal);
        ctx.signal.addEventListener('abort', () => reasons.push((ctx.signal.reason as SluiceError).code));
        await ctx.sleep(packet.payload === 1 ? 10_000 : 1).finally(() => fired.push(ctx.signal.aborted));
        return packet.payload;
      },
    },
    { timeout: '50ms' },
    3,
  );
  expect(given(seen)).toEqual([0, 2]);
  expect(reasons).toEqual(['NODE_TIMEOUT']);
  expect(fired).toEqual([false, true, false]);
  expect(new Set(signals).size).toBe(3);
  expect(seen.took).toBeLessThan(1_000);
});

test('NODE-49: the signal of a call fires when its run is cancelled', async () => {
  let reason: unknown;
  await through(
    {
      process: (_packet, ctx) =>
        new Promise((resolve) => ctx.signal.addEventListener('abort', () => ((reason = ctx.signal.reason), resolve(undefined)))),
    },
    { timeout: '1h' },
    1,
    { during: (run, clock) => void clock.after(10, () => void run.cancel('enough')) },
  );
  expect(SluiceError.is(reason, 'CANCELLED')).toBe(true);
});

test('NODE-42: the late result of a call from before the circuit opened moves nothing', async () => {
  const states: string[] = [];
  // 0 is slow and in the end succeeds; 1 and 2 open the circuit; 3 is the one call that decides, and fails late.
  const plan: Record<number, { at: number; fails: boolean }> = {
    0: { at: 250, fails: false },
    1: { at: 1, fails: true },
    2: { at: 1, fails: true },
  };
  const seen = await inVirtualTime(
    graph({ s: source(30, 10), n: { type: 'x/node', concurrency: 8, circuit: { failures: 2, reset: '200ms' } }, k: sink(), e: sink() }, [
      's -> n',
      'n -> k',
      'n.error -> e',
    ]),
    {
      plugins: [
        inline({
          node: {
            async process(packet, ctx) {
              const { at, fails } = plan[packet.payload as number] ?? { at: 60, fails: true };
              await ctx.sleep(at);
              if (fails) throw new Error('down');
              return packet.payload;
            },
          },
        }),
      ],
    },
  );
  for (const { event, message } of seen.events) if (event === 'node:circuit') states.push(message!);
  // At 250 ms, while the circuit is half open, the call of before the failures succeeds. That must not close it.
  expect(states.slice(0, 3)).toEqual(['open', 'half_open', 'open']);
});

describe('batches', () => {
  const batch = (write: (values: unknown[], attempt: number) => unknown, policies: object, count = 4, options: VirtualOptions = {}) => {
    let attempt = 0;
    const node: Body = {
      writeBatch: (packets) =>
        write(
          packets.map(({ payload }) => payload),
          attempt++,
        ),
    };
    return inVirtualTime(graph({ s: source(count), n: { type: 'x/node', ...policies } }, ['s -> n']), {
      ...options,
      plugins: [inline({ node })],
    });
  };
  const outcomes = ({ ledger }: Seen) => [...ledger.settled.values()].flat();

  test('NODE-50: a batch that fails is written again, whole', async () => {
    const written: unknown[][] = [];
    const seen = await batch(
      (values, attempt) => {
        written.push(values);
        if (attempt === 0) throw new Error('no');
      },
      { retry: { max_attempts: 2, backoff: '1ms' } },
    );
    expect(written[1]).toEqual(written[0]);
    expect(outcomes(seen)).toEqual(['acked', 'acked', 'acked', 'acked']);
    expect(seen.report.status).toBe('ok');
  });

  test('NODE-50: timeout, circuit and idempotency hold for batches', async () => {
    const late = await batch(() => new Promise(() => undefined), { timeout: '20ms' }, 1);
    expect(late.events.map(({ code }) => code)).toContain('NODE_TIMEOUT');
    let calls = 0;
    const open = await batch(() => (calls++, Promise.reject(new Error('down'))), { circuit: { failures: 1, reset: '1h' } }, 500);
    expect(calls).toBe(1);
    expect(open.events.map(({ code }) => code)).toContain('CIRCUIT_OPEN');
    const written: unknown[] = [];
    const once = await batch((values) => void written.push(...values), { idempotency: 'kind' }, 500);
    expect(written.length).toBeLessThan(500);
    expect(outcomes(once).every((outcome) => outcome === 'acked')).toBe(true);
    expect(outcomes(once).length).toBe(500);
  });
});

test('NODE-51: the policies stand in one order', async () => {
  const order: string[] = [];
  const note = (name: string) => void order.push(name);
  const hooks: CallHooks = {
    trace: () => (note('trace'), (error) => note(error === undefined ? 'traced' : 'traced failure')),
    recall: () => void note('recall'),
    guard: () => note('guard'),
    approve: () => note('approve'),
    claim: () => (note('claim'), () => note('release')),
    commit: () => note('commit'),
  };
  let attempt = 0;
  const Answer = portType<{ ok: boolean }>('x/answer@1', { profile: 'json_portable', schema: { type: 'object', required: ['ok'] } });
  const seen = await through(
    {
      spec: { out: { out: port(Answer, 'An answer.', { checked: true }) } },
      process: (_packet, ctx) => {
        note(`invoke at ${ctx.now()}`);
        // Late, then wrong, then out of order for good: each try has what is inside of retry around it.
        return attempt++ === 0 ? ctx.sleep(5_000) : attempt === 2 ? {} : ctx.sleep(1).then(() => Promise.reject(new Error('no')));
      },
    },
    {
      rate: '1/1s',
      retry: { max_attempts: 3, backoff: '1s', max_backoff: '1s' },
      circuit: { failures: 3, reset: '10m' },
      timeout: '100ms',
      fallback: { ok: false },
    },
    2,
    { engine: { hooks: ({ id }) => (id === 'n' ? hooks : undefined) } },
  );
  const timed = order.map((step) => step.replace(/at .*/, 'at'));
  expect(timed).toEqual([
    ...['trace', 'recall', 'guard', 'approve', 'claim'],
    // Three tries: too late, a result that does not fit, a throw. They open the circuit.
    ...['invoke at', 'invoke at', 'invoke at'],
    // The fallback stands in, and is what is committed.
    ...['commit', 'release', 'traced'],
    // The second packet meets the open circuit: its second try is let through when the time is over, its third is refused.
    ...['trace', 'recall', 'guard', 'approve', 'claim', 'invoke at', 'commit', 'release', 'traced'],
  ]);
  expect(given(seen)).toEqual([{ ok: false }, { ok: false }]);
  expect(seen.events.filter(({ event }) => event === 'node:circuit').map(({ message }) => message)).toEqual(['open', 'half_open', 'open']);
});

test('NODE-51: who is refused by a guard or not approved is not called, not retried, and no fallback stands in', async () => {
  for (const hook of ['recall', 'guard', 'approve', 'claim'] as const) {
    let calls = 0;
    const hooks: CallHooks = { [hook]: () => Promise.reject(new SluiceError('NOT_ALLOWED', 'No.', { retryable: true })) };
    const seen = await through({ process: () => (calls++, 1) }, { retry: 5, fallback: -1 }, 1, {
      engine: { hooks: ({ id }) => (id === 'n' ? hooks : undefined) },
    });
    expect([hook, calls, given(seen), errors(seen)]).toEqual([hook, 0, [], ['NOT_ALLOWED']]);
  }
});

test('NODE-51: a stored result is given without a call; a node that others stand around is never fused', async () => {
  let calls = 0;
  const hooks: CallHooks = { recall: ({ packets: [packet] }) => (packet!.payload === 1 ? { value: 'stored' } : undefined) };
  const seen = await through({ process: ({ payload }: Packet) => (calls++, payload) }, {}, 3, {
    engine: { hooks: ({ id }) => (id === 'n' ? hooks : undefined) },
  });
  expect(given(seen)).toEqual([0, 'stored', 2]);
  expect(calls).toBe(2);
});

test('NODE-45: several results are stored, too, once all have gone', async () => {
  let calls = 0;
  const seen = await through({ process: () => (calls++, of('a', 'b')) }, { idempotency: 'kind', concurrency: 3 }, 3);
  expect(calls).toBe(1);
  expect(given(seen)).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  const { body, calls: made } = several(1, 1)['generator']!;
  const again = await through(body, { idempotency: 'kind' }, 2);
  expect(made()).toBe(2);
  expect(given(again)).toEqual([0, 0, 1, 2]);
});

describe('output schema', () => {
  const Person = portType<{ name: string; age: number }>('x/person@1', {
    profile: 'json_portable',
    schema: {
      type: 'object',
      required: ['name', 'age'],
      properties: { name: { type: 'string', minLength: 1 }, age: { type: 'integer', minimum: 0 } },
    },
  });
  const checkedNode = (
    process: (packet: Packet) => unknown,
    out: object = { out: port(Person, 'A person.', { checked: true }) },
  ): Body => ({ spec: { out } as never, process });

  test('NODE-52: what does not fit the schema of its port is a failure with a code, fused or not, however it is given', async () => {
    const good = { name: 'A', age: 1 };
    const ways: ((value: unknown) => unknown)[] = [
      (value) => value,
      (value) => Promise.resolve(value),
      function* (value) {
        yield value;
      },
      (value) => of(value),
      (value) => to('out', value),
    ];
    for (const fuse of [true, false]) {
      for (const way of ways) {
        const seen = await through(
          checkedNode(({ payload }) => way(payload === 1 ? { name: 'B', age: -1 } : good)),
          {},
          3,
          { engine: { fuse } },
        );
        expect(given(seen)).toEqual([good, good]);
        expect(seen.ledger.seen.get('n.error->e.in')).toMatchObject([
          { code: 'NODE_OUTPUT_INVALID', message: 'What it gave does not fit out: age must be at least 0.' },
        ]);
      }
    }
  });

  test('NODE-52: a port that cannot be checked keeps the run from starting', async () => {
    const Plain = portType<number>('x/plain@1', { profile: 'json_portable' });
    const seen = await through(
      checkedNode(() => 1, { out: port(Plain, 'A number.', { checked: true }) }),
      {},
    );
    expect(seen.report.status).toBe('error');
    expect(seen.events.map(({ code }) => code)).toContain('PORT_SCHEMA');
  });
});

describe('budgets', () => {
  const warnings = ({ events }: Seen) => events.filter(({ event }) => event === 'node:budget').map(({ message }) => message);

  test('NODE-53: a budget of calls warns at 80 %, then refuses', async () => {
    let calls = 0;
    const seen = await through({ process: ({ payload }: Packet) => (calls++, payload) }, { budget: { calls: 5 } }, 8);
    expect(calls).toBe(5);
    expect(warnings(seen)).toEqual(['4 of 5 calls']);
    expect(errors(seen)).toEqual(['BUDGET_SPENT', 'BUDGET_SPENT', 'BUDGET_SPENT']);
  });

  test('NODE-53: tries count as calls, and a spent budget is not tried again', async () => {
    let calls = 0;
    const seen = await through(
      { process: () => (calls++, Promise.reject(new Error('no'))) },
      { budget: { calls: 5 }, retry: { max_attempts: 10, backoff: '1ms' } },
    );
    expect(calls).toBe(5);
    expect(errors(seen)).toEqual(['BUDGET_SPENT']);
  });

  test('NODE-53: a budget of time is that of all calls; the one that uses it up is the last', async () => {
    const seen = await through(
      { process: ({ payload }: Packet, ctx) => ctx.sleep(400).then(() => payload) },
      { budget: { time: '1s' } },
      5,
    );
    expect(given(seen)).toEqual([0, 1, 2]);
    expect(errors(seen)).toEqual(['BUDGET_SPENT', 'BUDGET_SPENT']);
    expect(warnings(seen)).toHaveLength(1);
  });

  test('NODE-53: packets are limited in all and for each call', async () => {
    const endless: Body = {
      *process() {
        for (let n = 0; ; n++) yield n;
      },
    };
    const each = await through(endless, { budget: { packets_per_call: 3 } }, 2);
    expect(given(each)).toEqual([0, 1, 2, 0, 1, 2]);
    expect(errors(each)).toEqual(['BUDGET_SPENT', 'BUDGET_SPENT']);
    const all = await through(endless, { budget: { packets: 10 } }, 2);
    expect(given(all)).toHaveLength(10);
    expect(warnings(all)).toEqual(['8 of 10 packets']);
  });

  test('NODE-53: the time of one call is its timeout: it warns at 80 %, too', async () => {
    const seen = await through({ process: (_packet: Packet, ctx) => ctx.sleep(90) }, { timeout: '100ms' }, 1);
    expect(warnings(seen)).toEqual(['a call has taken 80 of 100 ms']);
    expect(seen.report.status).toBe('ok');
  });
});
