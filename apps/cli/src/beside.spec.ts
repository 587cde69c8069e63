// eslint-disable-next-line @nx/enforce-module-boundaries -- the one place that knows where tests find PostgreSQL
import { onEachDatabase, TestStores } from '../../../libs/store/src/fixtures/databases';
import { Place } from '../test/place';

// A server that works, and commands beside it on the same store.
jest.setTimeout(120_000);

const ORDERS = `version: 2
name: orders
nodes:
  orders:
    type: core/interval
    config: { every: 50ms }
  same:
    type: core/identity
    durability: full
  put:
    type: queue/out
    config: { queue: done }
edges:
  - orders -> same: { durable: true }
  - same -> put
`;

onEachDatabase((database) => {
  const stores = new TestStores(database);
  let here: Place;
  beforeEach(() => (here = new Place()));
  afterEach(async () => {
    here.clear();
    await stores.clear();
  });

  it('queues, journal, runs and artifacts are seen and changed while a graph works on them', async () => {
    const { path, url } = await stores.fresh();
    const at = ['--store', (path ?? url)!];
    here.write('orders.yaml', ORDERS);
    const { child, ended, saw } = here.start(['serve', 'orders.yaml', '--port', '0'], { SLUICE_STORE: at[1]! });
    await saw(/orders runs: /);
    const json = async (...args: readonly string[]) => {
      const { code, out } = await here.inside(...args, '--json', ...at);
      return { code, ...(JSON.parse(out) as Record<string, never>) } as Record<string, unknown>;
    };
    const done = async (): Promise<number> =>
      ((await json('queue', 'list'))['queues'] as { name: string; rows: number }[]).find(({ name }) => name === 'done')?.rows ?? 0;
    while ((await done()) < 3);

    expect(await json('queue', 'verify')).toMatchObject({ code: 0, ok: true });
    expect(await json('queue', 'peek', 'done', '--limit', '2')).toMatchObject({
      code: 0,
      rows: [{ row: 1, state: 'waiting' }, { row: 2 }],
    });
    expect(await json('queue', 'drop', 'done', '--row', '1')).toMatchObject({ code: 0, rows: 1 });
    expect(await json('queue', 'compact')).toMatchObject({ code: 0, ok: true });
    expect(await json('journal', 'verify')).toMatchObject({ code: 0, ok: true, faults: [] });
    expect(await json('journal', 'reconcile')).toMatchObject({ code: 0, findings: [] });
    expect(await json('artifacts', 'gc')).toMatchObject({ code: 0 });
    expect(await json('actions', 'list')).toMatchObject({ code: 0, actions: [] });
    const [run] = (await json('runs', 'list'))['runs'] as { id: string }[];
    expect(await json('runs', 'show', run!.id)).toMatchObject({
      code: 0,
      run: { state: 'running' },
      node_runs: expect.arrayContaining([expect.objectContaining({ node: 'same', state: 'succeeded' })]),
    });
    expect(await json('runs', 'skip', 'nothing')).toMatchObject({ code: 2, error: { code: 'ACTION_UNKNOWN' } });

    child.kill('SIGTERM');
    // Where the database is slow what is under way goes back into its queue, and that is told by exit code 1.
    expect([0, 1]).toContain((await ended).code);
    expect(await json('runs', 'list', '--state', 'running')).toMatchObject({ runs: [] });
    expect(await json('queue', 'verify')).toMatchObject({ ok: true });
  });
});
