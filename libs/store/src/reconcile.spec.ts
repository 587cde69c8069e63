import { onEachDatabase, TestStores } from './fixtures/databases';
import { raw } from './fixtures/raw';
import { Journal } from './journal';
import { verifyJournal } from './journal-read';
import { Machine, Machines } from './machine';
import { MACHINES } from './machines';
import { reconcile } from './reconcile';
import { committed } from './rows';
import type { Store, StoreOptions } from './store';

/** Ends by itself when its time is over. A timer does not: its node fires it. */
const OFFER = new Machine({
  type: 'offer',
  domain: 'test',
  doc: 'Something that stands for a while.',
  entry: ['open'],
  states: {
    open: { doc: 'It stands.', event: 'opened', to: ['expired'], on_due: 'expired' },
    expired: { doc: 'Its time is over.', event: 'expired', to: [] },
  },
}) as Machine;

onEachDatabase((database) => {
  const stores = new TestStores(database);
  let at: StoreOptions;
  let store: Store;
  let journal: Journal;
  let connection: Awaited<ReturnType<typeof raw>>;

  beforeEach(async () => {
    at = await stores.fresh();
    store = await stores.again(at, { clock: { now: () => 1_000_000, after: () => () => undefined } });
    journal = new Journal(store, new Machines([...MACHINES.all, OFFER]));
    connection = await raw(at);
    for (const id of ['a', 'b', 'c']) {
      await journal.change({ machine: 'run', id, to: 'running', data: { graph: 'g' } });
      await journal.change({ machine: 'run', id, to: 'completed', data: { packets: 3, graph: null } });
    }
  });
  afterEach(async () => {
    await connection.close();
    await stores.clear();
  });

  const classes = async (repair = false) =>
    (await reconcile(store, journal, { repair, actor: 'anna' })).findings.map((found) => `${found.class} ${found.entity}`);
  const entity = async (id: string) =>
    (await store.read<{ state: string; version: number; data: string }>('SELECT state, version, data FROM entities WHERE id = ?', [id]))[0];
  const rows = async () => (await store.read<{ n: number }>('SELECT count(*) AS n FROM journal'))[0]!.n;

  it('finds nothing where nothing is wrong, and writes nothing', async () => {
    await expect(reconcile(store, journal, { repair: true })).resolves.toEqual({ findings: [], appended: 0, left: [] });
    expect(await rows()).toBe(6);
  });

  it.each<[string, string, string, object | undefined]>([
    ['missing', "DELETE FROM entities WHERE id = 'b'", 'missing b', { state: 'completed', version: 3, data: '{"packets":3}' }],
    [
      'mismatch of the state',
      "UPDATE entities SET state = 'failed' WHERE id = 'b'",
      'mismatch b',
      { state: 'completed', version: 3, data: '{"packets":3}' },
    ],
    [
      'mismatch of the data',
      "UPDATE entities SET data = '{\"packets\":4}' WHERE id = 'b'",
      'mismatch b',
      { state: 'completed', version: 3, data: '{"packets":3}' },
    ],
    ['orphan', "UPDATE entities SET id = 'x' WHERE id = 'zz' OR id = 'b'", 'orphan x', undefined],
  ])('%s: the plan writes nothing, the repair appends a row and makes both agree', async (_, damage, finding, repaired) => {
    await connection.run(damage);
    expect(await classes()).toContain(finding);
    expect(await rows()).toBe(6);
    expect(await classes(true)).toContain(finding);
    expect(await rows()).toBeGreaterThan(6);
    if (repaired !== undefined) expect(await entity('b')).toEqual(repaired);
    expect(await classes()).toEqual([]);
    await expect(verifyJournal(committed(store))).resolves.toMatchObject({ ok: true });
    await expect(store.read('SELECT actor, reason FROM journal WHERE seq = 7')).resolves.toEqual([
      { actor: 'anna', reason: expect.stringMatching(/^reconcile: /) as string },
    ]);
  });

  it('a removed row: the gap is put on record, and the thing stays what it is', async () => {
    // The last one of its thing: what is left of its history looks whole.
    await connection.run('DELETE FROM journal WHERE seq = 4');
    const before = await entity('b');
    expect(await classes(true)).toEqual(expect.arrayContaining(['gap 4', 'mismatch b']));
    expect(await entity('b')).toMatchObject({ state: before!.state, data: before!.data });
    expect(await classes()).toEqual([]);
    const verified = await verifyJournal(committed(store));
    expect(verified).toMatchObject({ ok: true, faults: [{ class: 'gap', seq: 4, last: 4, known: true }] });
  });

  it('a changed row: the break is put on record; another change of the row is found again', async () => {
    await connection.run("UPDATE journal SET reason = 'nothing happened' WHERE seq = 2");
    expect(await classes(true)).toEqual(expect.arrayContaining(['hash_break 2']));
    expect(await classes()).toEqual([]);
    await connection.run("UPDATE journal SET reason = 'much happened' WHERE seq = 2");
    expect(await classes()).toContain('hash_break 2');
  });

  it('removed last rows: the journal goes on behind them', async () => {
    await connection.run('DELETE FROM journal WHERE seq > 4');
    expect(await classes(true)).toEqual(expect.arrayContaining(['gap 5', 'orphan c']));
    expect(await classes()).toEqual([]);
    await expect(journal.change({ machine: 'run', id: 'd', to: 'running' })).resolves.toMatchObject({ version: 1 });
  });

  it('a missing record of the newest row: nothing can be written until it is repaired', async () => {
    await connection.run('DELETE FROM journal_head');
    await expect(journal.change({ machine: 'run', id: 'd', to: 'running' })).rejects.toMatchObject({ code: 'JOURNAL_BROKEN' });
    expect(await classes(true)).toEqual(['hash_break 6']);
    await expect(journal.change({ machine: 'run', id: 'd', to: 'running' })).resolves.toMatchObject({ state: 'running' });
  });

  it('stuck: runs without a process fail, effects under way become uncertain, what is overdue goes on', async () => {
    await journal.change({ machine: 'run', id: 'r', to: 'running' });
    await journal.change({ machine: 'node_run', id: 'order', to: 'running', run: 'r', data: { effect: true } });
    await journal.change({ machine: 'node_run', id: 'sum', to: 'running', run: 'r', data: { effect: false } });
    await journal.change({ machine: 'offer', id: 'o', to: 'open', due_at: 500_000 });
    await journal.change({ machine: 'timer', id: 't', to: 'pending', due_at: 500_000 });
    const found = ['stuck o', 'stuck order', 'stuck r', 'stuck sum'];
    expect((await classes()).sort()).toEqual(found);
    expect((await classes(true)).sort()).toEqual(found);
    const states = await Promise.all(['r', 'order', 'sum', 'o', 't'].map(async (id) => (await entity(id))!.state));
    expect(states).toEqual(['failed', 'uncertain', 'failed', 'expired', 'pending']);
    expect(await classes()).toEqual([]);
  });

  it('leaves a run alone whose process lives', async () => {
    const { OWNER } = await import('./owner');
    await journal.change({ machine: 'run', id: 'r', to: 'running' });
    await connection.run('INSERT INTO run_owners (run, owner, seen_at) VALUES (?, ?, ?)', ['r', OWNER, 990_000]);
    expect(await classes()).toEqual([]);
  });
});
