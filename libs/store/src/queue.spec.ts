import { SluiceError, type QueueDelivery, type QueueReader } from '@sluice/sdk';
import fc from 'fast-check';
import { onEachDatabase, TestStores } from './fixtures/databases';
import { ManualClock } from './fixtures/clock';
import { Hand, item } from './fixtures/queues';
import { trimKnown } from './queue';
import type { Store, StoreOptions } from './store';

onEachDatabase((database) => {
  const stores = new TestStores(database);
  const slack = database.name === 'postgres' ? 12 : 3;
  let at: StoreOptions;
  let clock: ManualClock;
  let store: Store;

  beforeEach(async () => {
    clock = new ManualClock(undefined, slack);
    at = await stores.fresh();
    store = await stores.again(at, { clock });
  });
  afterEach(() => stores.clear());

  const payloads = (rows: readonly QueueDelivery[]) => rows.map(({ payload }) => payload);
  const states = async () =>
    (await store.read<{ state: number; n: number }>('SELECT state, count(*) AS n FROM queue_rows GROUP BY state ORDER BY state')).map(
      ({ state, n }) => [state, Number(n)],
    );

  it('hands rows over in their order, whole, and forgets them when they are acked', async () => {
    const queue = await store.queue('q');
    await Promise.all(Array.from({ length: 300 }, (_, i) => queue.put(item({ i, text: 'ä"\n' }))));
    const reader = queue.read();
    const seen: unknown[] = [];
    reader.finish();
    for await (const row of reader) {
      seen.push(row.payload);
      row.settle('acked');
    }
    expect(seen).toEqual(Array.from({ length: 300 }, (_, i) => ({ i, text: 'ä"\n' })));
    expect(await states()).toEqual([]);
    expect(queue.figures).toMatchObject({ rows: 0, bytes: 0, stored: 300, acked: 300 });
  });

  it('ends where it was asked to finish and all is done', async () => {
    const queue = await store.queue('q');
    await queue.put(item(1));
    const reader = queue.read();
    reader.finish();
    const seen: unknown[] = [];
    for await (const row of reader) {
      seen.push(row.payload);
      row.settle('acked');
    }
    expect(seen).toEqual([1]);
  });

  it('hands over one row of a key at a time, and as many keys as prefetch allows', async () => {
    const queue = await store.queue('q');
    for (const [key, n] of [
      ['a', 1],
      ['a', 2],
      ['b', 3],
      ['c', 4],
      ['d', 5],
    ] as const)
      await queue.put(item(n, { key }));
    const hand = new Hand(queue.read({ prefetch: 3 }));
    const rows = await hand.takes(3);
    expect(payloads(rows)).toEqual([1, 3, 4]);
    expect(await hand.takesNothing()).toBe(true);
    rows[0]!.settle('acked');
    expect((await hand.take()).payload).toBe(5);
    rows[1]!.settle('acked');
    expect((await hand.take()).payload).toBe(2);
  });

  it('knows an id again, also after its row was acked, until the window is over', async () => {
    const queue = await store.queue('q', { dedup: 1000 });
    await expect(queue.put(item(1, { id: 'x' }))).resolves.toBe('stored');
    await expect(Promise.all([queue.put(item(1, { id: 'x' })), queue.put(item(2, { id: 'y' }))])).resolves.toEqual(['known', 'stored']);
    const hand = new Hand(queue.read());
    for (const row of await hand.takes(2)) row.settle('acked');
    await hand.reader.close();
    await expect(queue.put(item(1, { id: 'x' }))).resolves.toBe('known');
    expect(queue.figures.rows).toBe(0);
    await clock.pass(1001);
    await store.write((tx) => trimKnown(tx, queue.id, clock.now(), 100));
    await expect(queue.put(item(1, { id: 'x' }))).resolves.toBe('stored');
  });

  it('lets a failing key wait, ever longer, while others go on; its order is kept', async () => {
    const queue = await store.queue('q', { backoff: 1000, maxBackoff: 60_000 });
    for (const [key, n] of [
      ['a', 1],
      ['a', 2],
      ['b', 3],
    ] as const)
      await queue.put(item(n, { key }));
    const hand = new Hand(queue.read());
    const [first, other] = await hand.takes(2);
    expect(payloads([first!, other!])).toEqual([1, 3]);
    first!.settle('nacked', new Error('down'));
    expect(await hand.takesNothing()).toBe(true);
    await clock.pass(1010);
    const second = await hand.take();
    expect([second.payload, second.attempts]).toEqual([1, 1]);
    second.settle('nacked', new Error('down'));
    await settled();
    await clock.pass(1010);
    expect(await hand.takesNothing()).toBe(true);
    await clock.pass(1010);
    const third = await hand.take();
    expect([third.payload, third.attempts]).toEqual([1, 2]);
    third.settle('acked');
    expect((await hand.take()).payload).toBe(2);
  });

  it('waits for its next try also after a restart', async () => {
    let queue = await store.queue('q', { backoff: 30_000 });
    await queue.put(item(1));
    let hand = new Hand(queue.read());
    (await hand.take()).settle('nacked', new Error('down'));
    await store.close();
    store = await stores.again(at, { clock });
    queue = await store.queue('q', { backoff: 30_000 });
    hand = new Hand(queue.read());
    expect(await hand.takesNothing()).toBe(true);
    for (let n = 0; n < 11; n++) {
      await clock.pass(3000);
      await settled();
    }
    expect(await hand.take()).toMatchObject({ payload: 1, attempts: 1 });
  }, 15_000);

  it('keeps a row that fails too often as a dead letter with its reason, and goes on behind it', async () => {
    const queue = await store.queue('q', { maxAttempts: 2, backoff: 10 });
    await queue.put(item(1, { key: 'a' }));
    await queue.put(item(2, { key: 'a' }));
    const hand = new Hand(queue.read());
    (await hand.take()).settle('nacked', new Error('first'));
    // Its wait begins when the failure is written, however long that takes.
    while ((await store.read('SELECT seq FROM queue_rows WHERE attempts = 1')).length === 0) await settled(5);
    await clock.pass(50);
    (await hand.take()).settle('nacked', new Error('second'));
    const next = await hand.take();
    expect(next.payload).toBe(2);
    next.settle('acked');
    await hand.reader.close();
    await expect(store.read('SELECT state, attempts, error FROM queue_rows')).resolves.toEqual([
      { state: 1, attempts: 2, error: 'second' },
    ]);
    expect(queue.figures).toMatchObject({ rows: 0, dead: 1, acked: 1 });
  });

  it('parks a key behind its dead letter where that was asked for', async () => {
    const queue = await store.queue('q', { onDead: 'park_key' });
    for (const [key, n] of [
      ['a', 1],
      ['a', 2],
      ['b', 3],
    ] as const)
      await queue.put(item(n, { key }));
    const hand = new Hand(queue.read());
    const [first] = await hand.takes(2);
    first!.settle('nacked', new SluiceError('NEVER', 'It can never work.'));
    expect(await hand.takesNothing()).toBe(true);
    expect(await states()).toEqual([
      [0, 2],
      [1, 1],
    ]);
  });

  it('lets priority overtake rows of other keys, never of its own', async () => {
    const queue = await store.queue('q');
    for (let n = 0; n < 2000; n++) void queue.put(item(n, { key: `k${n % 50}` }));
    void queue.put(item('own', { key: 'k7', priority: 5 }));
    await queue.put(item('free', { key: 'vip', priority: 5 }));
    const hand = new Hand(queue.read({ prefetch: 1 }));
    const seen: unknown[] = [];
    for (let n = 0; n < 2002; n++) {
      const row = await hand.take();
      seen.push(row.payload);
      row.settle('acked');
    }
    expect(seen.indexOf('free')).toBeLessThan(300);
    expect(seen.indexOf('own')).toBeGreaterThan(seen.indexOf(1957));
    expect(new Set(seen).size).toBe(2002);
  });

  it.each([
    ['drop_newest', ['stored', 'stored', 'dropped'], [1, 2]],
    ['drop_oldest', ['stored', 'stored', 'stored'], [2, 3]],
    ['error', ['stored', 'stored', 'full'], [1, 2]],
  ] as const)('holds no more than its rows: %s', async (whenFull, outcomes, left) => {
    const queue = await store.queue('q', { maxRows: 2, whenFull });
    const seen: string[] = [];
    for (const n of [1, 2, 3]) seen.push(await queue.put(item(n)));
    expect(seen).toEqual(outcomes);
    expect(payloads(await new Hand(queue.read()).takes(2))).toEqual(left);
    expect(queue.figures).toMatchObject({ rows: 2, dropped: whenFull === 'error' ? {} : { full: 1 } });
  });

  it('makes who sends wait for room, in the order of the calls', async () => {
    const queue = await store.queue('q', { maxRows: 2 });
    const puts = [1, 2, 3, 4].map((n) => queue.put(item(n, { key: 'a' })));
    await Promise.all(puts.slice(0, 2));
    const third = jest.fn();
    void puts[2]!.then(third);
    await settled();
    expect(third).not.toHaveBeenCalled();
    const hand = new Hand(queue.read());
    const seen: unknown[] = [];
    for (let n = 0; n < 4; n++) {
      const row = await hand.take();
      seen.push(row.payload);
      row.settle('acked');
    }
    expect(seen).toEqual([1, 2, 3, 4]);
    await expect(Promise.all(puts)).resolves.toEqual(['stored', 'stored', 'stored', 'stored']);
  });

  it('holds what a reader and a writer of it said, whoever came first', async () => {
    const queue = await store.queue('q', { maxRows: 1, whenFull: 'error' });
    await store.queue('q', { maxAttempts: 1 });
    await queue.put(item(1));
    await expect(queue.put(item(2))).resolves.toBe('full');
    const hand = new Hand(queue.read());
    (await hand.take()).settle('nacked', new Error('once'));
    await hand.reader.close();
    expect(await states()).toEqual([[1, 1]]);
  });

  it('drops what is too old', async () => {
    const queue = await store.queue('q', { maxAge: 1000 });
    await queue.put(item('old'));
    await clock.pass(1001);
    await queue.put(item('new'));
    const hand = new Hand(queue.read());
    expect((await hand.take()).payload).toBe('new');
    expect(queue.figures.dropped).toEqual({ age: 1 });
  });

  it.each([
    ['NaN', { n: NaN }],
    ['bytes', { frame: new Uint8Array(3) }],
    ['a cycle', cyclic()],
  ])('refuses %s, which would not be the same when it comes back', async (_, payload) => {
    const queue = await store.queue('q');
    await expect(queue.put(item(payload))).rejects.toMatchObject({ code: 'PACKET_NOT_PORTABLE' });
  });

  it('gives the slots of a reader that is gone to another, which hands over what was under way', async () => {
    const queue = await store.queue('q');
    for (let n = 0; n < 4; n++) await queue.put(item(n, { key: `k${n}` }));
    const dead = new Hand(queue.read({ prefetch: 2 }));
    const [old] = await dead.takes(2);
    const other = await stores.again(at, { clock: new ManualClock(clock.now() + 60_000) });
    const hand = new Hand((await other.queue('q')).read());
    const rows = await hand.takes(4);
    expect(rows.map(({ payload, attempts }) => [payload, attempts])).toEqual([
      [0, 1],
      [1, 1],
      [2, 0],
      [3, 0],
    ]);
    // Its ack comes too late, and does nothing.
    old!.settle('acked');
    await settled();
    await expect(other.read('SELECT count(*) AS n FROM queue_rows')).resolves.toEqual([{ n: 4 }]);
  });

  it('shares the slots of a queue between its readers, and no row goes to two', async () => {
    const queue = await store.queue('q');
    const first = new Hand(queue.read());
    const secondClock = new ManualClock(undefined, slack);
    const other = await stores.again(at, { clock: secondClock });
    const second = new Hand((await other.queue('q')).read());
    await settled();
    const shares = async () =>
      (await store.read<{ n: number }>('SELECT count(*) AS n FROM queue_leases GROUP BY epoch')).map(({ n }) => Number(n));
    for (let n = 0; n < 20 && (await shares()).length < 2; n++) {
      await Promise.all([clock.pass(3400), secondClock.pass(3400)]);
      await settled();
    }
    expect(await shares()).toEqual([32, 32]);
    for (let n = 0; n < 200; n++) await queue.put(item(n, { key: `k${n}` }));
    const seen: unknown[] = [];
    const drain = async (hand: Hand): Promise<void> => {
      for (;;) {
        const row = await hand.take();
        if (row === undefined) return;
        seen.push(row.payload);
        row.settle('acked');
      }
    };
    const both = [drain(first), drain(second)];
    while (seen.length < 200) {
      await settled();
      await Promise.all([clock.pass(200), secondClock.pass(200)]);
    }
    await Promise.all([first.reader.close(), second.reader.close()]);
    await Promise.all(both);
    expect(seen.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 200 }, (_, n) => n));
  }, 15_000);

  /** From now on nothing can be written, until it is restored. */
  const fullDisk = (): jest.SpyInstance => {
    const { connection } = store.committer as unknown as { connection: { begin(): Promise<void> } };
    return jest.spyOn(connection, 'begin').mockRejectedValue(Object.assign(new Error('full'), { code: 'SQLITE_FULL' }));
  };

  it('tells who reads that acks cannot be written, and writes them when they can be', async () => {
    const queue = await store.queue('q');
    await queue.put(item(1));
    const told: (string | undefined)[] = [];
    const hand = new Hand(queue.read({ onTrouble: (error) => told.push(error?.code) }));
    const row = await hand.take();
    const begin = fullDisk();
    row.settle('acked');
    for (let i = 0; told.length === 0 && i < 2_000; i++) await settled(5);
    begin.mockRestore();
    for (let i = 0; queue.figures.acked === 0 && i < 500; i++) await clock.pass(210);
    expect([told[0], told.at(-1)]).toEqual(['STORE_FULL', undefined]);
    expect(await states()).toEqual([]);
  });

  it('says when it closes that the store can write again, where nobody has looked since', async () => {
    const queue = await store.queue('q');
    await queue.put(item(1));
    const told: (string | undefined)[] = [];
    const hand = new Hand(queue.read({ onTrouble: (error) => told.push(error?.code) }));
    const row = await hand.take();
    const begin = fullDisk();
    for (let i = 0; told.length === 0 && i < 500; i++) await clock.pass(10);
    begin.mockRestore();
    row.settle('acked');
    await hand.reader.close();
    expect(told).toEqual(['STORE_FULL', undefined]);
    expect(await states()).toEqual([]);
  });

  it('fails what reads a damaged store', async () => {
    const queue = await store.queue('q');
    const read = jest.spyOn(store, 'read').mockRejectedValue(new SluiceError('STORE_DAMAGED', 'The store is damaged.'));
    await expect(new Hand(queue.read()).take()).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
    read.mockRestore();
  });

  it('does not wait longer than it ever may where the clock is set back', async () => {
    const queue = await store.queue('q', { backoff: 1000, maxBackoff: 5000 });
    await queue.put(item(1));
    let hand = new Hand(queue.read());
    (await hand.take()).settle('nacked', new Error('down'));
    await hand.reader.close();
    clock.set(clock.now() - 86_400_000);
    hand = new Hand(queue.read());
    expect(await hand.take()).toMatchObject({ payload: 1, attempts: 1 });
  });

  it('loses nothing and keeps the order of each key, whatever happens to rows and readers', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ put: fc.constantFrom('', 'a', 'b', 'c') }) },
      { weight: 6, arbitrary: fc.record({ settle: fc.constantFrom('acked', 'acked', 'nacked', 'cancelled'), at: fc.nat(5) }) },
      { weight: 1, arbitrary: fc.constantFrom({ pass: 150 }, { pass: 4000 }) },
      { weight: 1, arbitrary: fc.constantFrom({ reopen: true }, { crash: true }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const name = `q${Math.random()}`;
        const options = { backoff: 100, maxBackoff: 400, maxAttempts: 1000 };
        let queue = await store.queue(name, options);
        let under: QueueDelivery[] = [];
        let reader = queue.read({ prefetch: 4 });
        const acked: { n: number; key: string }[] = [];
        const listen = async (from: QueueReader): Promise<void> => {
          for await (const row of from) if (from === reader) under.push(row);
        };
        let loop = listen(reader);
        let n = 0;
        const settleAt = (index: number, outcome: 'acked' | 'nacked' | 'cancelled'): void => {
          const [row] = under.splice(index % under.length, 1);
          if (outcome === 'acked') acked.push({ n: row!.payload as number, key: row!.key });
          row!.settle(outcome, new Error('x'));
        };
        for (const one of steps) {
          if ('put' in one) await queue.put(item(n++, { key: one.put }));
          else if ('settle' in one) {
            if (under.length > 0) settleAt(one.at, one.settle as 'acked');
            else await settled();
          } else if ('pass' in one) await clock.pass(one.pass);
          else {
            const old = reader;
            under = [];
            if ('reopen' in one) await old.close();
            // A crash: nobody hears of it, its lease ends.
            else clock.set(clock.now() + 30_000);
            reader = queue.read({ prefetch: 4 });
            if ('crash' in one) void old.close();
            loop = listen(reader);
          }
        }
        for (let rounds = 0; queue.figures.rows > 0 && rounds < 500; rounds++) {
          while (under.length > 0) settleAt(0, 'acked');
          await clock.pass(110);
          await settled(2);
        }
        await reader.close();
        await loop;
        const all = Array.from({ length: n }, (_, i) => i);
        expect([...new Set(acked.map((one) => one.n))].sort((a, b) => a - b)).toEqual(all);
        for (const key of ['a', 'b', 'c']) {
          const firsts = [...new Set(acked.filter((one) => one.key === key).map((one) => one.n))];
          expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
        }
        queue = await store.queue(name);
      }),
      { numRuns: Number(process.env['SLUICE_RUNS'] ?? 25) },
    );
  }, 60_000);
});

/** Lets what was begun get to the disk. */
function settled(ms = 25): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function cyclic(): object {
  const one: { self?: object } = {};
  one.self = one;
  return one;
}
