import { SluiceError } from '@sluice/sdk';
import { onEachDatabase, sqlite, TestStores } from './fixtures/databases';
import { item } from './fixtures/queues';
import type { Store } from './store';

onEachDatabase((database) => {
  const stores = new TestStores(database);
  let store: Store;

  beforeEach(async () => {
    store = await stores.open();
    await store.write((tx) => tx.run('CREATE TABLE t (id bigint PRIMARY KEY, v text NOT NULL)'));
  });
  afterEach(() => stores.clear());

  const insert = (id: number, v: string | null = 'x') => store.write((tx) => tx.run('INSERT INTO t (id, v) VALUES (?1, ?2)', [id, v]));
  const ids = async () => (await store.read<{ id: number }>('SELECT id FROM t ORDER BY id')).map(({ id }) => Number(id));

  it('gives what a unit returns, after its commit', async () => {
    await expect(insert(1)).resolves.toBe(1);
    await expect(ids()).resolves.toEqual([1]);
  });

  it('refuses only the faulty unit of a group, and keeps the others', async () => {
    const results = await Promise.allSettled([1, 2, 3, 2, 4].map((id) => insert(id)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect((results[3] as PromiseRejectedResult).reason).toMatchObject({ code: 'STORE_FAILED' });
    await expect(ids()).resolves.toEqual([1, 2, 3, 4]);
  });

  it('undoes all of a unit that throws after it has written', async () => {
    const half = store.write(async (tx) => {
      await tx.run('INSERT INTO t (id, v) VALUES (1, ?1)', ['x']);
      throw new SluiceError('HALF', 'no');
    });
    await Promise.all([expect(half).rejects.toMatchObject({ code: 'HALF' }), insert(2)]);
    await expect(ids()).resolves.toEqual([2]);
  });

  it('passes on the error of a unit that has written nothing, and runs the others of its group once', async () => {
    let runs = 0;
    const stale = store.write(() => Promise.reject(new SluiceError('CONFLICT', 'stale')));
    const other = store.write((tx) => {
      runs++;
      return tx.run('INSERT INTO t (id, v) VALUES (1, ?1)', ['x']);
    });
    await Promise.all([expect(stale).rejects.toMatchObject({ code: 'CONFLICT' }), other]);
    expect(runs).toBe(1);
  });

  it('lets a unit read what was written before it in the same transaction', async () => {
    await insert(1, '0');
    const raise = () =>
      store.write(async (tx) => {
        const row = await tx.get<{ v: string }>('SELECT v FROM t WHERE id = 1');
        await tx.run('UPDATE t SET v = ?1 WHERE id = 1', [String(Number(row!.v) + 1)]);
      });
    await Promise.all(Array.from({ length: 50 }, raise));
    await expect(store.read('SELECT v FROM t')).resolves.toEqual([{ v: '50' }]);
  });

  it('lets no two processes count from the same row', async () => {
    const at = await stores.fresh();
    const both = [await stores.again(at), await stores.again(at)];
    await both[0]!.write((tx) => tx.run('CREATE TABLE c (n bigint)'));
    await both[0]!.write((tx) => tx.run('INSERT INTO c (n) VALUES (0)'));
    const raise = (one: Store) =>
      one.write(async (tx) => {
        const row = await tx.get<{ n: number }>('SELECT n FROM c');
        await tx.run('UPDATE c SET n = ?1', [Number(row!.n) + 1]);
      });
    for (let round = 0; round < 20; round++) await Promise.all(both.map(raise));
    await expect(both[1]!.read('SELECT n FROM c')).resolves.toEqual([{ n: 40 }]);
  });

  it('gathers what waits into one call, and tries its parts one by one where that fails', async () => {
    const calls: number[] = [];
    const give = store.committer.gather<number, number>(64, async (tx, items) => {
      calls.push(items.length);
      for (const id of items) await tx.run('INSERT INTO t (id, v) VALUES (?1, ?2)', [id, 'x']);
      return items;
    });
    const add = (id: number) => new Promise<number>((resolve, reject) => give(id, { resolve, reject }));
    await expect(Promise.all([1, 2, 3].map(add))).resolves.toEqual([1, 2, 3]);
    expect(calls).toEqual([3]);
    const results = await Promise.allSettled([4, 1, 5].map(add));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(ids()).resolves.toEqual([1, 2, 3, 4, 5]);
  });

  if (database.name === 'postgres') {
    it('goes on with a new connection where one is lost in the middle of a unit, of which nothing stays', async () => {
      const half = store.write(async (tx) => {
        await tx.run('INSERT INTO t (id, v) VALUES (1, ?1)', ['x']);
        await tx.all('SELECT pg_terminate_backend(pg_backend_pid())');
      });
      await expect(half).rejects.toMatchObject({ code: 'STORE_LOST', retryable: true });
      await insert(2);
      await expect(ids()).resolves.toEqual([2]);
    });

    it('says that nobody knows where the connection is lost in a commit; what has a key is sent again and there once', async () => {
      const queue = await store.queue('q');
      const run = (sql: string) => store.write((tx) => tx.run(sql));
      await run(
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'",
      );
      await run(
        'CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON queue_rows DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()',
      );
      const put = () => queue.put(item(1, { id: 'once' }));
      await expect(put()).rejects.toMatchObject({ code: 'STORE_LOST', effectState: 'unknown', retryable: false });
      await run('DROP TRIGGER at_commit ON queue_rows');
      await expect(put()).resolves.toBe('stored');
      await expect(put()).resolves.toBe('known');
      expect(queue.figures).toMatchObject({ rows: 1, stored: 1 });
    });
  }

  it('commits what it was given before it closes, and refuses what comes later', async () => {
    const at = await stores.fresh();
    const first = await stores.again(at);
    await first.write((tx) => tx.run('CREATE TABLE c (n bigint)'));
    const last = first.write((tx) => tx.run('INSERT INTO c (n) VALUES (7)'));
    await first.close();
    await expect(last).resolves.toBe(1);
    await expect(first.write((tx) => tx.run('SELECT 1'))).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    const second = await stores.again(at);
    await expect(second.read('SELECT n FROM c')).resolves.toEqual([{ n: 7 }]);
  });

  it('refuses a store of a newer version', async () => {
    const at = await stores.fresh();
    const store = await stores.again(at);
    await store.write((tx) => tx.run('CREATE TABLE IF NOT EXISTS sluice_migrations (id integer, timestamp bigint, name text)'));
    await store.write((tx) =>
      tx.run('INSERT INTO sluice_migrations (id, timestamp, name) VALUES (99, 9000000000000, ?1)', ['Later9000000000000']),
    );
    await store.close();
    await expect(stores.again(at)).rejects.toMatchObject({ code: 'STORE_NEWER', message: expect.stringContaining('Later9000000000000') });
  });

  it('migrates a store of an older version; what is in it stays', async () => {
    const at = await stores.fresh();
    const old = await stores.again(at);
    await old.queue('kept');
    // As the version left it that knew queues alone.
    for (const table of ['run_owners', 'node_state', 'outbox', 'entities', 'journal_head', 'journal'])
      await old.write((tx) => tx.run(`DROP TABLE ${table}`));
    await old.write((tx) => tx.run("DELETE FROM sluice_migrations WHERE name = 'Journal1795267860000'"));
    await old.close();
    const store = await stores.again(at);
    await expect(store.read('SELECT name FROM queues')).resolves.toEqual([{ name: 'kept' }]);
    await expect(store.read('SELECT seq FROM journal_head')).resolves.toEqual([{ seq: 0 }]);
  });

  it('migrates once where several open a new store at the same time', async () => {
    const printed = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    const at = await stores.fresh();
    const opened = await Promise.all([1, 2, 3].map(() => stores.again(at)));
    expect(opened).toHaveLength(3);
    // Who came second is no error that anybody should read.
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });
});

describe('a SQLite store', () => {
  it('cannot write on the reading connection', async () => {
    const stores = new TestStores(sqlite);
    const store = await stores.open();
    await expect(store.read('CREATE TABLE x (a text)')).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(store.write((tx) => tx.all('PRAGMA synchronous'))).resolves.toEqual([{ synchronous: 2 }]);
    await stores.clear();
  });
});
