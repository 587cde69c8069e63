import {
  NO_META,
  Origin,
  Packet,
  SluiceError,
  to,
  type CallRecorder,
  type Context,
  type Outcome,
  type Probed,
  type RunRecord,
} from '@sluice/sdk';
import { onEachDatabase, TestStores } from './fixtures/databases';
import { raw } from './fixtures/raw';
import type { Journal } from './journal';
import { verifyJournal } from './journal-read';
import { committed } from './rows';
import type { Store, StoreOptions } from './store';

const ctx = {} as Context;

onEachDatabase((database) => {
  const stores = new TestStores(database);
  let at: StoreOptions;
  let store: Store;
  let journal: Journal;
  let settled: (outcome: Outcome) => void;

  beforeEach(async () => {
    at = await stores.fresh();
    store = await stores.again(at);
    ({ journal } = store);
  });
  afterEach(() => stores.clear());

  const begin = (run: string): Promise<RunRecord> =>
    store.runs.begin({
      run,
      graph: 'orders',
      planHash: 'h',
      nodes: [
        { id: 'send', durability: 'full', effect: true },
        { id: 'sum', durability: 'full', effect: false },
      ],
    });
  const packet = (key: string, payload: unknown = key): Packet => {
    const tellers: ((outcome: Outcome) => void)[] = [];
    settled = (outcome) => tellers.forEach((tell) => tell(outcome));
    const delivery = {
      hold: () => undefined,
      settle: () => undefined,
      whenDone: (tell: (outcome: Outcome) => void) => void tellers.push(tell),
    };
    const origin = new Origin('r', 'in', 'in', 0, key, null, 0, delivery);
    return new Packet(
      payload,
      'order',
      NO_META,
      origin,
      '',
      { run: 'r', node: 'in', port: 'out' },
      1,
      { run: '', node: '', port: '' },
      0,
      '',
    );
  };
  /** What the runtime does around a call. */
  const called = async (recorder: CallRecorder, given: Packet, work: () => unknown): Promise<unknown> => {
    const call = { packets: [given], ctx };
    const end = recorder.trace(call);
    try {
      const known = await recorder.recall(call);
      if (known !== undefined) return known.value;
      const over = await recorder.claim(call);
      try {
        const result = await work();
        await recorder.commit(call, result);
        await over();
        return result;
      } catch (error) {
        await over(error);
        throw error;
      }
    } finally {
      end();
    }
  };
  const states = async () =>
    (await store.read<{ id: string; state: string }>("SELECT id, state FROM entities WHERE machine = 'node_run' ORDER BY id")).map(
      ({ id, state }) => `${id.replace('orders/', '').replace('/in.out', '')} ${state}`,
    );
  const outbox = async () => (await store.read<{ n: number }>('SELECT count(*) AS n FROM outbox'))[0]!.n;
  /** The run's process is gone: nobody owns it. */
  const crash = async (run: string): Promise<void> => {
    const connection = await raw(at);
    await connection.run('DELETE FROM run_owners WHERE run = ?', [run]);
    await connection.close();
  };

  it('does the work once for each key, and gives every repeat the stored result', async () => {
    const recorder = (await begin('r1')).calls('sum')!;
    let calls = 0;
    const work = () => to('out', { sum: ++calls }, { meta: { unit: 'eur' } });
    const results = await Promise.all(Array.from({ length: 50 }, () => called(recorder, packet('k1'), work)));
    expect(calls).toBe(1);
    for (const result of results) expect(result).toMatchObject({ to: 'out', payload: { sum: 1 }, emission: { meta: { unit: 'eur' } } });
    const later = (await begin('r2')).calls('sum')!;
    await expect(called(later, packet('k1'), work)).resolves.toMatchObject({ payload: { sum: 1 } });
    expect(calls).toBe(1);
    expect(await states()).toEqual(['sum/k1 succeeded']);
  });

  it('gives several results again as several, in their order', async () => {
    const recorder = (await begin('r1')).calls('sum')!;
    const call = { packets: [packet('k')], ctx };
    const over = await recorder.recall(call).then(() => recorder.claim(call));
    await recorder.commit(call, [1, to('out', 2)], true);
    await over();
    const known = await recorder.recall({ packets: [packet('k')], ctx });
    expect([...(known!.value as Iterable<unknown>)]).toMatchObject([1, { to: 'out', payload: 2 }]);
  });

  it('writes a failed call down, and makes the next attempt beside it', async () => {
    const recorder = (await begin('r1')).calls('send')!;
    await expect(called(recorder, packet('k'), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(called(recorder, packet('k'), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await called(recorder, packet('k'), () => undefined);
    expect(await states()).toEqual(['send/k failed', 'send/k#2 failed', 'send/k#3 succeeded']);
  });

  it('an effect that was under way when its process ended is uncertain: it is refused, not repeated', async () => {
    const call = { packets: [packet('k')], ctx };
    const before = (await begin('r1')).calls('send')!;
    await before.recall(call);
    await before.claim(call);
    await crash('r1');
    const recorder = (await begin('r2')).calls('send')!;
    let calls = 0;
    for (let i = 0; i < 3; i++) {
      const refused: unknown = await called(recorder, packet('k'), () => void calls++).catch((error: unknown) => error);
      expect(SluiceError.is(refused, 'EFFECT_UNCERTAIN') && refused.effectState).toBe('unknown');
    }
    expect(calls).toBe(0);
    expect(await states()).toEqual(['send/k uncertain']);
    // A person has found out that it did not happen.
    await journal.change({ machine: 'node_run', id: `orders/send/${packet('k').key}`, from: 'uncertain', to: 'failed', actor: 'anna' });
    await called(recorder, packet('k'), () => void calls++);
    expect(calls).toBe(1);
  });

  it.each<[Probed, string[], number]>([
    ['applied', ['send/k succeeded'], 0],
    ['none', ['send/k failed', 'send/k#2 succeeded'], 1],
  ])('a probe that says %s decides it', async (probed, end, effects) => {
    const call = { packets: [packet('k')], ctx };
    const before = (await begin('r1')).calls('send')!;
    await before.recall(call);
    await before.claim(call);
    await crash('r1');
    let calls = 0;
    const recorder = (await begin('r2')).calls('send', () => Promise.resolve(probed))!;
    await called(recorder, packet('k'), () => void calls++);
    expect([await states(), calls]).toEqual([end, effects]);
  });

  it('a call without effect that was cut off is made again', async () => {
    const call = { packets: [packet('k')], ctx };
    const before = (await begin('r1')).calls('sum')!;
    await before.recall(call);
    await before.claim(call);
    await crash('r1');
    const recorder = (await begin('r2')).calls('sum')!;
    await expect(called(recorder, packet('k'), () => 7)).resolves.toBe(7);
    expect(await states()).toEqual(['sum/k failed', 'sum/k#2 succeeded']);
  });

  it('a timeout of an effect leaves it uncertain', async () => {
    const recorder = (await begin('r1')).calls('send')!;
    const late = new SluiceError('NODE_TIMEOUT', 'late', { effectState: 'unknown', retryable: true });
    await expect(called(recorder, packet('k'), () => Promise.reject(late))).rejects.toMatchObject({ code: 'NODE_TIMEOUT' });
    expect(await states()).toEqual(['send/k uncertain']);
  });

  it('a run of another process that lives keeps what it works on', async () => {
    const call = { packets: [packet('k')], ctx };
    const other = (await begin('r1')).calls('send')!;
    await other.recall(call);
    await other.claim(call);
    const recorder = (await begin('r2')).calls('send')!;
    await expect(called(recorder, packet('k'), () => undefined)).rejects.toMatchObject({ code: 'IN_PROGRESS', retryable: true });
  });

  it('keeps a result in the outbox until all that came of it is done, and hands it to the next run where it is not', async () => {
    const first = await begin('r1');
    const recorder = first.calls('sum')!;
    await called(recorder, packet('a'), () => 1);
    settled('acked');
    await called(recorder, packet('b'), () => 2);
    settled('nacked');
    await called(recorder, packet('c'), () => 3);
    await called(recorder, packet('d'), () => undefined);
    await store.write(() => Promise.resolve());
    expect(await outbox()).toBe(2);
    // As long as that run lives it sends them itself.
    await expect((await begin('r2')).leftOver('sum')).resolves.toEqual([]);
    await crash('r1');
    const left = await (await begin('r3')).leftOver('sum');
    expect(left.map(({ input }) => input.root)).toEqual(['b', 'c']);
    for (const { done } of left) done();
    await store.write(() => Promise.resolve());
    expect(await outbox()).toBe(0);
  });

  it('records the run itself; one whose process is gone has failed', async () => {
    const first = await begin('r1');
    await first.end('completed', { status: 'ok' });
    await begin('r2');
    await crash('r2');
    const third = await begin('r3');
    await third.end('stopped', { status: 'degraded' });
    const runs = await store.read("SELECT id, state FROM entities WHERE machine = 'run' ORDER BY id");
    expect(runs).toEqual([
      { id: 'r1', state: 'completed' },
      { id: 'r2', state: 'failed' },
      { id: 'r3', state: 'stopped' },
    ]);
    await expect(verifyJournal(committed(store))).resolves.toMatchObject({ ok: true });
  });
});
