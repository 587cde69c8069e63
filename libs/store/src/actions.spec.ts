import { actionsWaiting, decideAction } from './actions';
import { ManualClock } from './fixtures/clock';
import { onEachDatabase, TestStores } from './fixtures/databases';

onEachDatabase((database) => {
  const stores = new TestStores(database);
  afterEach(() => stores.clear());

  it('what waits is listed page by page, the longest waiting first, with why; what was decided waits no more', async () => {
    const clock = new ManualClock(1_000);
    const store = await stores.open({ clock });
    const begin = async (id: string, run: string): Promise<void> => {
      await store.journal.change({ machine: 'node_run', id, to: 'running', from: null, run, data: { graph: 'shop', node: 'send' } });
      await store.journal.change({ machine: 'node_run', id, to: 'uncertain', reason: `${id} was cut off` });
    };
    // Two at one moment, and one whose id has all that could be taken for something else.
    for (const [id, run] of [
      ['b', 'r1'],
      ['a', 'r1'],
      ["9.'x'.%/ü", 'r2'],
    ] as const) {
      await begin(id, run);
      if (id === 'a') clock.set(1_001);
    }
    const ids = async (filter: Partial<Parameters<typeof actionsWaiting>[1]> = {}) => {
      const { actions, next } = await actionsWaiting(store, { limit: 1, ...filter });
      return { ids: actions.map(({ id }) => id), next };
    };
    const first = await ids();
    const second = await ids({ after: first.next! });
    const third = await ids({ after: second.next! });
    expect([first.ids, second.ids, third]).toEqual([['a'], ['b'], { ids: ["9.'x'.%/ü"], next: null }]);
    expect(await ids({ run: 'r2' })).toEqual({ ids: ["9.'x'.%/ü"], next: null });
    expect((await actionsWaiting(store, { limit: 1 })).actions).toEqual([
      { id: 'a', kind: 'uncertain', state: 'uncertain', run: 'r1', graph: 'shop', node: 'send', since: 1_000, reason: 'a was cut off' },
    ]);

    expect(await decideAction(store, 'a', true, { actor: 'anna' })).toMatchObject({ state: 'succeeded' });
    expect(await decideAction(store, 'b', false, { actor: 'anna' })).toMatchObject({ state: 'failed' });
    expect((await ids({ limit: 9 })).ids).toEqual(["9.'x'.%/ü"]);
    await expect(decideAction(store, 'a', false, { actor: 'bob' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'a waits for no decision: it is succeeded.',
    });
    await expect(decideAction(store, 'c', true, { actor: 'bob' })).rejects.toMatchObject({ code: 'ACTION_UNKNOWN' });
    await expect(actionsWaiting(store, { limit: 1, after: 'x' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });
});
