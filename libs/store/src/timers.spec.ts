import type { FiredTimer, NodeTimers } from '@sluice/sdk';
import { ManualClock } from './fixtures/clock';
import { onEachDatabase, TestStores } from './fixtures/databases';
import type { Store, StoreOptions } from './store';

/** Waits for timers as a node does, and says that each is done unless it is told not to. */
class Waiting {
  readonly told: FiredTimer[] = [];
  private readonly over = new AbortController();
  readonly timers: NodeTimers;
  private readonly reading: Promise<void>;

  constructor(store: Store, run: string, { node = 'n', finishes = true }: { node?: string; finishes?: boolean } = {}) {
    this.timers = store.timers.of('g', node, run, this.over.signal);
    this.reading = this.read(finishes);
  }

  names(): string[] {
    return this.told.map(({ name }) => name);
  }

  /** Until `n` were told; the database takes its time. */
  async until(n: number): Promise<void> {
    for (let tries = 0; tries < 500 && this.told.length < n; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(this.told).toHaveLength(n);
  }

  async stop(): Promise<void> {
    this.over.abort();
    await this.reading;
  }

  private async read(finishes: boolean): Promise<void> {
    for await (const timer of this.timers.fired()) {
      this.told.push(timer);
      if (finishes) await timer.done();
    }
  }
}

onEachDatabase((database) => {
  const stores = new TestStores(database);
  let at: StoreOptions;
  let clock: ManualClock;

  beforeEach(async () => {
    at = await stores.fresh();
    clock = new ManualClock(Date.UTC(2026, 0, 1), 25);
  });
  afterEach(() => stores.clear());

  const open = (): Promise<Store> => stores.again(at, { clock });
  /** Lets time pass until something is so; the database takes its own. */
  const passing = async (ms: number, holds: () => boolean): Promise<void> => {
    for (let n = 0; n < 500 && !holds(); n++) {
      await clock.pass(ms);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const state = async (store: Store, name: string): Promise<string | undefined> =>
    (await store.journal.read('timer', `g/n/${name}`))?.state;

  it('fires what is due, once and not before, also after a restart; not what was taken back', async () => {
    const first = await open();
    const before = new Waiting(first, 'r1');
    await before.timers.set('soon', { in: 5_000 }, { order: 7 });
    await before.timers.set('later', { at: clock.now() + 60_000 });
    await before.timers.set('never', { in: 60_000 });
    const due = clock.now() + 5_000;
    await clock.pass(4_000);
    expect(before.told).toEqual([]);
    await clock.pass(2_000);
    // What was being read when the moment passed is looked at again a moment later.
    await passing(1, () => before.told.length > 0);
    await before.until(1);
    expect(before.told[0]).toMatchObject({ name: 'soon', data: { order: 7 }, due, key: `timer:g/n/soon:${due}` });
    expect(await before.timers.cancel('never')).toBe(true);
    expect(await before.timers.cancel('soon')).toBe(false);
    await before.stop();
    expect(await state(first, 'soon')).toBe('done');
    await first.close();
    // It is down while the moment passes.
    clock.set(clock.now() + 3_600_000);
    const second = await open();
    // Timers of another node are its own.
    const other = new Waiting(second, 'r2', { node: 'n2' });
    const after = new Waiting(second, 'r2');
    await after.until(1);
    await clock.pass(10_000);
    await Promise.all([after.stop(), other.stop()]);
    expect(after.names()).toEqual(['later']);
    expect(other.told).toEqual([]);
    expect(await Promise.all(['soon', 'later', 'never'].map((name) => state(second, name)))).toEqual(['done', 'done', 'canceled']);
  });

  it('is told again where the run that was told has ended before it was done, under the same key', async () => {
    const store = await open();
    const first = new Waiting(store, 'r1', { finishes: false });
    await first.timers.set('t', { in: 0 });
    await first.until(1);
    // While that run lives nobody else is told.
    const beside = new Waiting(store, 'r2');
    await clock.pass(20_000);
    expect(beside.told).toEqual([]);
    await first.stop();
    await passing(5_000, () => beside.told.length > 0);
    await beside.stop();
    expect(beside.told.map(({ key }) => key)).toEqual(first.told.map(({ key }) => key));
    expect(await state(store, 't')).toBe('done');
    // Too late: another has done it.
    await first.told[0]!.done();
    expect(await state(store, 't')).toBe('done');
  });

  it('a cron timer fires at each time that its expression names; what was missed while nothing ran is one', async () => {
    const first = await open();
    const waiting = new Waiting(first, 'r1');
    expect(await waiting.timers.ensure('often', { cron: '*/15 * * * * *' })).toBe(true);
    expect(await waiting.timers.ensure('often', { cron: '*/15 * * * * *' })).toBe(false);
    for (let times = 1; times <= 3; times++) {
      await clock.pass(15_000);
      await passing(1, () => waiting.told.length >= times);
      expect(waiting.told).toHaveLength(times);
    }
    await waiting.stop();
    await first.close();
    clock.set(clock.now() + 3_600_000);
    const after = new Waiting(await open(), 'r2');
    await after.until(1);
    await after.stop();
    expect(after.names()).toEqual(['often']);
    await expect(after.timers.set('bad', { cron: 'every day' })).rejects.toMatchObject({ code: 'TIMER_INVALID' });
    await expect(after.timers.set('bad', { in: NaN })).rejects.toMatchObject({ code: 'TIMER_INVALID' });
  });

  it('of two processes one fires each', async () => {
    const [one, two] = [new Waiting(await open(), 'r1'), new Waiting(await open(), 'r2')];
    await Promise.all(Array.from({ length: 20 }, (_, i) => one.timers.set(`t${i}`, { in: 1_000 })));
    await passing(1_000, () => one.told.length + two.told.length >= 20);
    await Promise.all([one.stop(), two.stop()]);
    expect([...one.names(), ...two.names()].sort()).toEqual(Array.from({ length: 20 }, (_, i) => `t${i}`).sort());
  });
});
