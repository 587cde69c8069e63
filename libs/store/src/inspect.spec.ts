import { SluiceError } from '@sluice/sdk';
import { ManualClock } from './fixtures/clock';
import { onEachDatabase, TestStores } from './fixtures/databases';
import { Hand, item } from './fixtures/queues';
import { dropRows, listQueues, peekRows, retryRows, span } from './inspect';
import type { Store, StoreOptions } from './store';

onEachDatabase((database) => {
  const stores = new TestStores(database);
  let at: StoreOptions;
  let clock: ManualClock;
  let store: Store;

  beforeEach(async () => {
    clock = new ManualClock(undefined, database.name === 'postgres' ? 12 : 3);
    at = await stores.fresh();
    store = await stores.again(at, { clock });
  });
  afterEach(() => stores.clear());

  /** Rows 1 to 5: a dead one of key a and one behind it, one of b that waits for its next try and one behind it, one of no key. */
  async function scene(onDead: 'skip' | 'park_key' = 'park_key') {
    const queue = await store.queue('orders', { maxAttempts: 2, backoff: 60_000, onDead });
    for (const [n, key] of [
      [1, 'a'],
      [2, 'a'],
      [3, 'b'],
      [4, 'b'],
      [5, ''],
    ] as const)
      await queue.put(item({ n }, { key, id: n === 5 ? 'five' : '' }));
    await clock.pass(1000);
    const hand = new Hand(queue.read());
    const [one, three] = await hand.takes(3);
    one!.settle('nacked', new SluiceError('ADDRESS', 'No such street.'));
    three!.settle('nacked', new Error('busy'));
    await hand.reader.close();
    return queue;
  }

  it('says of each queue what is in it, how old, and what needs somebody', async () => {
    expect(await listQueues(store)).toEqual([]);
    await scene();
    await store.queue('empty');
    const [empty, orders] = await listQueues(store);
    expect(empty).toEqual({
      name: 'empty',
      rows: 0,
      bytes: 0,
      retrying: 0,
      dead: 0,
      parked: 0,
      oldest_ms: null,
      next_try_ms: null,
      readers: 0,
    });
    expect(orders).toMatchObject({ name: 'orders', rows: 4, retrying: 1, dead: 1, parked: 1, oldest_ms: 1000, next_try_ms: 60_000 });
    expect(orders!.bytes).toBe((await peekRows(store, 'orders')).slice(1).reduce((sum, { bytes }) => sum + bytes, 0));
  });

  it('says of each row what it waits for, and takes nothing', async () => {
    await scene();
    await clock.pass(5000);
    const rows = await peekRows(store, 'orders');
    expect(rows.map(({ row, state, why, error }) => [row, state, why, error])).toEqual([
      [1, 'dead', 'It failed 1 time, the last time 5 s ago.', 'No such street.'],
      [2, 'parked', 'A dead letter of its key is in front of it, for 5 s.', null],
      [3, 'retrying', 'Try 2 is in 55 s.', 'busy'],
      [4, 'waiting', 'Row 3 of its key is in front of it.', null],
      [5, 'waiting', 'Nobody reads the queue.', null],
    ]);
    expect(rows[4]).toMatchObject({ payload: { n: 5 }, id: 'five', age_ms: 6000, kind: 'event', source_id: 'test', damaged: false });
    expect(await peekRows(store, 'orders')).toEqual(rows);
    const numbers = async (filter: Parameters<typeof peekRows>[2]) => (await peekRows(store, 'orders', filter)).map(({ row }) => row);
    expect(await numbers({ key: 'b' })).toEqual([3, 4]);
    expect(await numbers({ state: 'waiting' })).toEqual([4, 5]);
    expect(await numbers({ after: 2, limit: 2 })).toEqual([3, 4]);
    expect(await numbers({ rows: [2, 5, 99] })).toEqual([2, 5]);
  });

  it('lets a dead letter and those behind it go on, in their order', async () => {
    const queue = await scene();
    const hand = new Hand(queue.read());
    expect((await hand.take()).payload).toEqual({ n: 5 });
    expect(await hand.takesNothing()).toBe(true);
    await expect(retryRows(store, 'orders')).resolves.toBe(1);
    await clock.pass(200);
    const first = await hand.take();
    expect([first.payload, first.attempts]).toEqual([{ n: 1 }, 0]);
    first.settle('acked');
    expect((await hand.take()).payload).toEqual({ n: 2 });
    await hand.reader.close();
    expect(await listQueues(store)).toMatchObject([{ rows: 4, dead: 0, parked: 0 }]);
  });

  it('lets one that waits for its next try be tried now, by a reader of another process', async () => {
    await scene();
    const other = await stores.again(at, { clock });
    const hand = new Hand((await other.queue('orders')).read());
    expect((await hand.take()).payload).toEqual({ n: 5 });
    expect(await hand.takesNothing()).toBe(true);
    await expect(retryRows(store, 'orders', { key: 'b', state: 'retrying' })).resolves.toBe(1);
    await clock.pass(200);
    const row = await hand.take();
    expect([row.payload, row.attempts]).toEqual([{ n: 3 }, 1]);
  });

  it('drops what it is told to; a key whose dead letter is gone goes on', async () => {
    const queue = await scene();
    await expect(dropRows(store, 'orders', { rows: [1, 4, 77] })).resolves.toBe(2);
    await expect(dropRows(store, 'orders', { key: 'b' })).resolves.toBe(1);
    const hand = new Hand(queue.read());
    const rows = await hand.takes(2);
    expect(rows.map(({ payload }) => payload)).toEqual([{ n: 2 }, { n: 5 }]);
    for (const row of rows) row.settle('acked');
    await hand.reader.close();
    expect(await listQueues(store)).toMatchObject([{ rows: 0, bytes: 0, dead: 0, parked: 0 }]);
  });

  it('drops a row that a reader has in memory, or in hand, and counts it once', async () => {
    const queue = await store.queue('orders');
    for (const n of [1, 2, 3]) await queue.put(item(n, { key: 'k' }));
    const hand = new Hand(queue.read());
    const one = await hand.take();
    await dropRows(store, 'orders', { rows: [1, 2] });
    while (queue.figures.rows > 1) await clock.pass(100);
    one.settle('acked');
    const three = await hand.take();
    expect(three.payload).toBe(3);
    three.settle('acked');
    await hand.reader.close();
    expect(await listQueues(store)).toMatchObject([{ rows: 0, bytes: 0 }]);
  });

  it('does so with more rows than one unit of work takes', async () => {
    const queue = await store.queue('orders');
    await Promise.all(Array.from({ length: 1203 }, (_, n) => queue.put(item(n, { key: n % 2 === 0 ? 'even' : '' }))));
    await expect(dropRows(store, 'orders', { key: 'even' })).resolves.toBe(602);
    expect(await listQueues(store)).toMatchObject([{ rows: 601 }]);
    expect(await peekRows(store, 'orders', { limit: 2000 })).toHaveLength(601);
  });

  it('names the queues that there are where one is not', async () => {
    await store.queue('orders');
    for (const act of [peekRows, retryRows]) {
      await expect(act(store, 'order')).rejects.toMatchObject({ code: 'QUEUE_UNKNOWN', hint: 'It has orders.' });
    }
    await expect(dropRows(store, "'; DROP TABLE queues; --", {})).rejects.toMatchObject({ code: 'QUEUE_UNKNOWN' });
  });
});

test.each([
  [0, '0 s'],
  [-5, '0 s'],
  [1540, '1.5 s'],
  [61_000, '61 s'],
  [3_600_000, '60 min'],
  [86_400_000, '24 h'],
  [200_000_000, '2 d'],
])('%d ms are said as %s', (ms, text) => expect(span(ms)).toBe(text));
