import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from './fixtures/clock';
import { onEachDatabase, TestStores } from './fixtures/databases';
import { expire, House } from './house';
import { Journal } from './journal';
import { Machine, Machines } from './machine';

const OFFER = new Machine({
  type: 'offer',
  domain: 'test',
  doc: 'Something that stands for a while.',
  entry: ['open'],
  states: {
    open: { doc: 'It stands.', event: 'opened', to: ['taken', 'expired'], on_due: 'expired' },
    taken: { doc: 'Somebody took it.', event: 'taken', to: [] },
    expired: { doc: 'Its time is over.', event: 'expired', to: [] },
  },
}) as Machine;

onEachDatabase((database) => {
  const stores = new TestStores(database);
  const blobs = mkdtempSync(join(tmpdir(), 'sluice-house-'));
  afterEach(() => stores.clear());
  afterAll(() => rmSync(blobs, { recursive: true, force: true }));

  it('while a process has the store open, what is past its time ends, once and on record, and artifacts go', async () => {
    const clock = new ManualClock();
    const store = await stores.again({ ...(await stores.fresh()), blobs }, { clock });
    const journal = new Journal(store, new Machines([OFFER]));
    const state = async (id: string) => (await journal.read('offer', id))?.state;
    for (const [id, wait] of Object.entries({ soon: 30_000, later: 300_000, taken: 30_000 }))
      await journal.change({ machine: 'offer', id, to: 'open', due_at: clock.now() + wait });
    await journal.change({ machine: 'offer', id: 'taken', to: 'taken' });
    await store.artifacts.keep(new Uint8Array([1]), {
      ...{ schema: 'a@1', contentType: 'x/y', graph: 'g', node: 'n', run: 'r', sources: [], ttl: 30_000 },
    });
    expect(await expire(store, journal)).toBe(0);
    const house = new House(store, journal);
    const rows = async () => (await store.read('SELECT id FROM artifacts')).length;
    for (let n = 0; n < 500 && (await rows()) > 0; n++) {
      if (n < 2) await clock.pass(30_000);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await house.close();
    expect(await rows()).toBe(0);
    expect(await Promise.all(['soon', 'later', 'taken'].map(state))).toEqual(['expired', 'open', 'taken']);
    // Two processes at one time: one of them does it.
    clock.set(clock.now() + 300_000);
    const done = await Promise.all([expire(store, journal), expire(store, journal)]);
    expect(done.sort()).toEqual([0, 1]);
    const told = await store.read<{ actor: string }>("SELECT actor FROM journal WHERE entity = 'later' AND to_state = 'expired'");
    expect(told).toEqual([{ actor: 'timer' }]);
  });
});
