import { onEachDatabase, TestStores } from './fixtures/databases';
import { item } from './fixtures/queues';
import { snapshotOf, type Snapshot } from './snapshot';
import type { StoreOptions } from './store';
import { readFileAsIs, verifyQueues } from './verify';

onEachDatabase((database) => {
  const stores = new TestStores(database);
  afterEach(() => stores.clear());
  const momentOf = (at: StoreOptions): Promise<Snapshot> => (at.path === undefined ? snapshotOf(at.url!) : readFileAsIs(at.path));

  it('rows that are written while it is verified are no damage, and a statement that fails ends nothing', async () => {
    const at = await stores.fresh();
    const store = await stores.again(at);
    const queue = await store.queue('orders', {});
    for (let n = 0; n < 5; n++) await queue.put(item({ n }, { key: `k${n}` }));
    const moment = await momentOf(at);
    let asked = 0;
    const report = await verifyQueues(
      {
        async all(sql, params) {
          // Between any two of its statements somebody writes.
          await queue.put(item({ asked }, { key: `more${asked++}` }));
          return moment.all(sql, params);
        },
      },
      store.dialect,
    );
    expect(asked).toBeGreaterThan(3);
    await expect(moment.all('SELECT nothing FROM nowhere')).rejects.toThrow();
    const [{ n }] = (await moment.all<{ n: number }>('SELECT count(*) AS n FROM queue_rows')) as [{ n: number }];
    await moment.close();
    // Where the moment begins depends on the database: with its first statement.
    expect({ ...report, rows: report.rows === Number(n) }).toEqual({ ok: true, rows: true, faults: [] });
    expect((await verifyQueues({ all: (sql, params) => store.read(sql, params) }, store.dialect)).rows).toBe(5 + asked);
  });
});
