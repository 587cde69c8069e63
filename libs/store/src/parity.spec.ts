import { onEachDatabase, TestStores } from './fixtures/databases';
import { Hand, item } from './fixtures/queues';
import { listQueues } from './inspect';
import type { StoreOptions } from './store';

/** What the reference platform's durable queue is known by (its durable goldens), of this one. */
onEachDatabase((database) => {
  const stores = new TestStores(database);
  let at: StoreOptions;

  beforeEach(async () => {
    at = await stores.fresh();
  });
  afterEach(() => stores.clear());

  it('golden: the same idempotency key twice is one row', async () => {
    const store = await stores.again(at);
    const queue = await store.queue('q');
    expect(await queue.put(item({ n: 1 }, { id: 'same' }))).toBe('stored');
    expect(await queue.put(item({ n: 2 }, { id: 'same' }))).toBe('known');
    expect(await listQueues(store)).toMatchObject([{ rows: 1 }]);
    const row = await new Hand(queue.read()).take();
    expect(row.payload).toEqual({ n: 1 });
    row.settle('acked');
  });

  it('golden: a partial ack replays only the rest', async () => {
    const first = await stores.again(at);
    const queue = await first.queue('q');
    for (let n = 0; n < 5; n++) await queue.put(item(n, { id: `i${n}` }));
    const hand = new Hand(queue.read());
    for (const row of await hand.takes(2)) row.settle('acked');
    await hand.reader.close();
    await first.close();
    const second = await stores.again(at);
    const reader = (await second.queue('q')).read();
    reader.finish();
    const again: unknown[] = [];
    for await (const row of reader) {
      again.push(row.payload);
      row.settle('acked');
    }
    await reader.close();
    expect(again).toEqual([2, 3, 4]);
  });

  it('golden: a backlog of 125 rows drained in chunks of 20, with a restart between two, ends at depth 0', async () => {
    const filling = await stores.again(at);
    const filled = await filling.queue('q');
    await Promise.all(Array.from({ length: 125 }, (_, n) => filled.put(item(n, { id: `i${n}` }))));
    await filling.close();
    const drained: unknown[] = [];
    const depths: number[] = [];
    for (let chunk = 0; chunk < 7; chunk++) {
      const store = await stores.again(at);
      const hand = new Hand((await store.queue('q')).read({ prefetch: 20 }));
      for (const row of await hand.takes(Math.min(20, 125 - drained.length))) {
        drained.push(row.payload);
        row.settle('acked');
      }
      await hand.reader.close();
      const [queue] = await listQueues(store);
      depths.push(queue!.rows);
      await store.close();
    }
    expect(drained).toEqual(Array.from({ length: 125 }, (_, n) => n));
    expect(depths).toEqual([105, 85, 65, 45, 25, 5, 0]);
  });
});
