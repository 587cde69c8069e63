import type { RunRecord, StateChange } from '@sluice/sdk';
import { onEachDatabase, TestStores } from './fixtures/databases';
import type { Store, StoreOptions } from './store';

onEachDatabase((database) => {
  const stores = new TestStores(database);
  let at: StoreOptions;
  let store: Store;
  beforeEach(async () => {
    at = await stores.fresh();
    store = await stores.again(at);
  });
  afterEach(() => stores.clear());

  const begin = (run: string, from = store, graph = 'g'): Promise<RunRecord> =>
    from.runs.begin({ run, graph, planHash: 'h', nodes: [{ id: 'n', durability: 'state', effect: false }] });
  const change = (key: string, value: unknown, scope = ''): StateChange => ({
    ...{ node: 'n', scope, key },
    value: value === undefined ? undefined : JSON.stringify(value),
  });

  it('gives the next run what was kept, in the order in which it was changed, each node and scope apart', async () => {
    const first = await begin('r1');
    await first.keep([change('a', 1), change('b', 2), change('a', 3, '/session')], []);
    await Promise.all([first.keep([change('a', 4)], []), first.keep([change('c', 5), change('c', undefined)], [])]);
    const next = await stores.again(at);
    const { state } = await (await begin('r2', next)).restore('n');
    expect(state).toEqual([change('b', 2), change('a', 3, '/session'), change('a', 4)]);
    await expect((await begin('r3', next)).restore('other')).resolves.toEqual({ state: [], taken: [] });
    await expect((await begin('r4', next, 'other')).restore('n')).resolves.toEqual({ state: [], taken: [] });
  });

  it('remembers the last 4,096 packets whose changes are written, also over a restart', async () => {
    const first = await begin('r1');
    const keep = (run: RunRecord, from: number, count: number) =>
      run.keep(
        [change('n', from)],
        Array.from({ length: count }, (_, i) => ({ node: 'n', key: `k${from + i}` })),
      );
    await keep(first, 0, 4_000);
    const second = await begin('r2', await stores.again(at));
    expect((await second.restore('n')).taken).toHaveLength(4_000);
    await keep(second, 4_000, 200);
    const { taken, state } = await (await begin('r3')).restore('n');
    expect([taken.length, taken[0], taken.at(-1)]).toEqual([4_096, 'k104', 'k4199']);
    expect(state).toEqual([change('n', 4_000)]);
  });
});
