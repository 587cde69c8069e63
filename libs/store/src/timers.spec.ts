import { ManualClock } from './fixtures/clock';
import { onEachDatabase, TestStores } from './fixtures/databases';
import type { Store, StoreOptions } from './store';
import { Timers } from './timers';

onEachDatabase((database) => {
  const stores = new TestStores(database);
  let at: StoreOptions;
  let clock: ManualClock;
  let fired: string[];

  beforeEach(async () => {
    at = await stores.fresh();
    clock = new ManualClock(Date.UTC(2026, 0, 1), 25);
    fired = [];
  });
  afterEach(() => stores.clear());

  const open = (): Promise<Store> => stores.again(at, { clock });
  const timersOf = (store: Store): Timers => new Timers(store, ({ id }) => fired.push(id));

  it('fires what is due, once and not before, also after a restart; not what was taken back', async () => {
    const first = await open();
    const before = timersOf(first);
    await before.set('soon', { at: clock.now() + 5_000 });
    await before.set('later', { at: clock.now() + 60_000 });
    await before.set('never', { at: clock.now() + 60_000 });
    before.start();
    await clock.pass(4_000);
    expect(fired).toEqual([]);
    await clock.pass(2_000);
    expect(fired).toEqual(['soon']);
    await before.take('never');
    await before.stop();
    await first.close();
    // It is down while the moment passes.
    clock.set(clock.now() + 3_600_000);
    const after = timersOf(await open());
    after.start();
    await clock.pass(2_000);
    await after.stop();
    expect(fired).toEqual(['soon', 'later']);
    await expect(after.take('later')).rejects.toMatchObject({ code: 'CONFLICT', details: { actual: 'fired' } });
  });

  it('a cron timer fires each time that its expression names', async () => {
    const timers = timersOf(await open());
    await timers.set('minutely', { cron: '*/15 * * * * *' });
    timers.start();
    for (let times = 1; times <= 4; times++) {
      await clock.pass(15_000);
      // The database may take its time; the clock waits for it, but not for ever.
      for (let tries = 0; tries < 500 && fired.length < times; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        await clock.pass(1);
      }
      expect(fired).toHaveLength(times);
    }
    await timers.stop();
    expect(fired).toEqual(Array(4).fill('minutely'));
  });

  it('of two processes one fires', async () => {
    const [one, two] = [timersOf(await open()), timersOf(await open())];
    await Promise.all(Array.from({ length: 20 }, (_, i) => one.set(`t${i}`, { at: clock.now() + 1_000 })));
    one.start();
    two.start();
    await clock.pass(4_000);
    await Promise.all([one.stop(), two.stop()]);
    expect(fired.sort()).toEqual(Array.from({ length: 20 }, (_, i) => `t${i}`).sort());
  });
});
