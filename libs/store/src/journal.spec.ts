import { SluiceError } from '@sluice/sdk';
import * as fc from 'fast-check';
import { onEachDatabase, TestStores } from './fixtures/databases';
import { raw } from './fixtures/raw';
import { Journal, type Change } from './journal';
import { JOURNAL_COLUMNS, type JournalRow } from './journal-chain';
import { journalRows, verifyJournal } from './journal-read';
import { committed } from './rows';
import type { Store, StoreOptions } from './store';

const begin = (id: string, more: Partial<Change> = {}): Change => ({ machine: 'run', id, to: 'running', from: null, ...more });

onEachDatabase((database) => {
  const stores = new TestStores(database);
  let at: StoreOptions;
  let store: Store;
  let journal: Journal;

  beforeEach(async () => {
    at = await stores.fresh();
    store = await stores.again(at);
    journal = new Journal(store);
  });
  let open: Awaited<ReturnType<typeof raw>> | undefined;
  afterEach(async () => {
    await open?.close();
    open = undefined;
    await stores.clear();
  });

  const rowsOf = async (): Promise<JournalRow[]> => {
    const rows: JournalRow[] = [];
    for await (const row of journalRows(committed(store))) rows.push(row);
    return rows;
  };
  const stateOf = async (id: string) => (await store.read<{ state: string }>('SELECT state FROM entities WHERE id = ?', [id]))[0]?.state;

  it('writes one row for each change, numbered without a gap, each with the hash of the one before', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, i) => journal.change(begin(`r${i}`))));
    await journal.change({
      machine: 'run',
      id: 'r7',
      to: 'completed',
      reason: 'done',
      actor: 'anna',
      correlation: 'c1',
      data: { packets: 3 },
    });
    const rows = await rowsOf();
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 301 }, (_, i) => i + 1));
    expect(rows[300]).toMatchObject({
      entity: 'r7',
      from_state: 'running',
      to_state: 'completed',
      version: 2,
      actor: 'anna',
      data: '{"packets":3}',
    });
    for (let i = 1; i < rows.length; i++) expect(rows[i]!.prev).toBe(rows[i - 1]!.hash);
    await expect(verifyJournal(committed(store))).resolves.toMatchObject({ ok: true, rows: 301 });
  });

  it('lets one of many through that ask for the same transition, and tells the others what is there now', async () => {
    await journal.change(begin('r', { to: 'queued' }));
    const asked = await Promise.allSettled(
      Array.from({ length: 50 }, () => journal.change({ machine: 'run', id: 'r', to: 'running', version: 1 })),
    );
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const one of asked) {
      if (one.status === 'fulfilled') continue;
      expect(SluiceError.is(one.reason, 'CONFLICT') && one.reason.details).toEqual({
        expected: [null, 'queued', 'waiting', 'pausing', 'paused'],
        actual: 'running',
        version: 2,
        expected_version: 1,
      });
    }
    await expect(rowsOf()).resolves.toHaveLength(2);
  });

  it('makes several changes of one entity that come together in their order', async () => {
    const changes = ['running', 'stopping', 'stopped'].map((to, i) =>
      journal.change({ machine: 'run', id: 'r', to, ...(i === 0 ? { from: null } : {}), data: { [`step_${i}`]: i } }),
    );
    await expect(Promise.all(changes)).resolves.toMatchObject([
      { version: 1 },
      { version: 2 },
      { version: 3, data: { step_0: 0, step_1: 1, step_2: 2 } },
    ]);
  });

  it('takes a key of the data away where null is laid over it', async () => {
    await journal.change(begin('r', { data: { a: 1, b: 2 } }));
    await expect(journal.change({ machine: 'run', id: 'r', to: 'completed', data: { a: null } })).resolves.toMatchObject({
      data: { b: 2 },
    });
  });

  it('refuses one that cannot be written, and keeps those that came with it', async () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const results = await Promise.allSettled([
      journal.change(begin('a')),
      journal.change(begin('b', { data: circle })),
      journal.change(begin('c', { machine: 'nothing' })),
      journal.change(begin('d', { data: { n: 1n } as never })),
      journal.change(begin('e')),
    ]);
    const codes = results.map((result) => (result.status === 'fulfilled' ? result.value.state : (result.reason as SluiceError).code));
    expect(codes).toEqual(['running', 'JOURNAL_DATA', 'MACHINE_UNKNOWN', 'JOURNAL_DATA', 'running']);
    await expect(rowsOf()).resolves.toHaveLength(2);
  });

  it('writes neither entity nor row where its unit of work fails later', async () => {
    const unit = store.write(async (tx) => {
      await journal.apply(tx, [begin('r')]);
      throw new Error('the rest of the unit failed');
    });
    await expect(unit).rejects.toThrow('the rest of the unit failed');
    await expect(stateOf('r')).resolves.toBeUndefined();
    await journal.change(begin('s'));
    await expect(rowsOf()).resolves.toMatchObject([{ seq: 1, entity: 's' }]);
  });

  it('stays one chain where two processes write', async () => {
    const other = new Journal(await stores.again(at));
    await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const [first, second] = i % 2 === 0 ? [journal, other] : [other, journal];
        await first.change(begin(`r${i}`));
        await second.change({ machine: 'run', id: `r${i}`, to: 'completed' });
      }),
    );
    await expect(verifyJournal(committed(store))).resolves.toMatchObject({ ok: true, rows: 80 });
  });

  it('can be verified while others write', async () => {
    let over = false;
    const writer = (async () => {
      for (let i = 0; !over; i++) await Promise.all(Array.from({ length: 20 }, (_, n) => journal.change(begin(`r${i}-${n}`))));
    })();
    for (let i = 0; i < 10; i++) await expect(verifyJournal(committed(store))).resolves.toMatchObject({ ok: true });
    over = true;
    await writer;
  });

  it('shows any single changed value, changed byte, or removed row', async () => {
    const ways = ['running', 'pausing', 'paused', 'running', 'waiting', 'completed'];
    for (let i = 0; i < 6; i++) {
      for (const [n, to] of ways.entries()) {
        await journal.change({
          machine: 'run',
          id: `r${i}`,
          to,
          data: { n, text: 'äöü → 漢字 \u0000' },
          ...(n % 2 === 0 ? { reason: 'why', run: `r${i}`, correlation: 'c', due_at: 1_000 + n } : {}),
        });
      }
    }
    const whole = await rowsOf();
    const connection = await raw(at);
    open = connection;
    const ok = async (): Promise<boolean> => (await verifyJournal(committed(store))).ok;
    expect(await ok()).toBe(true);
    const changed = fc.record({
      seq: fc.integer({ min: 1, max: whole.length }),
      column: fc.constantFrom(...JOURNAL_COLUMNS),
      at: fc.nat(),
      to: fc.integer({ min: 32, max: 126 }),
    });
    const removed = fc.record({ remove: fc.integer({ min: 1, max: whole.length }) });
    const runs = Number(process.env['SLUICE_PROPERTY_RUNS'] ?? 150);
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 4, arbitrary: changed }, { weight: 1, arbitrary: removed }), async (damage) => {
        if ('remove' in damage) {
          await connection.run('DELETE FROM journal WHERE seq = ?', [damage.remove]);
          expect(await ok()).toBe(false);
          await connection.restore(whole[damage.remove - 1]!);
          return;
        }
        const row = whole[damage.seq - 1]!;
        const value = other(row[damage.column], damage.at, damage.to, damage.column === 'due_at');
        if (value === row[damage.column] || (damage.column === 'seq' && whole.some(({ seq }) => seq === value))) return;
        await connection.run(`UPDATE journal SET ${damage.column} = ? WHERE seq = ?`, [value, row.seq]);
        expect([damage, await ok()]).toEqual([damage, false]);
        await connection.run('DELETE FROM journal WHERE seq = ?', [damage.column === 'seq' ? value : row.seq]);
        await connection.restore(row);
      }),
      { numRuns: runs },
    );
    expect(await ok()).toBe(true);
    for (const damage of [
      'DELETE FROM journal_head',
      'UPDATE journal_head SET seq = seq - 1',
      'UPDATE journal_head SET seq = seq + 1',
      "UPDATE journal_head SET hash = 'x'",
    ]) {
      const head = (await verifyJournal(committed(store))).head!;
      await connection.run(damage, []);
      expect([damage, await ok()]).toEqual([damage, false]);
      await connection.run('DELETE FROM journal_head', []);
      await connection.run('INSERT INTO journal_head (id, seq, hash) VALUES (1, ?, ?)', [head.seq, head.hash]);
    }
  }, 120_000);
});

/** The value with one byte changed: of a text at any place of it, of a number its digits. */
function other(value: string | number | null, at: number, to: number, numeric: boolean): string | number | null {
  if (value === null) return numeric ? 0 : '';
  if (typeof value === 'number') return value + (to % 2 === 0 ? 1 : -1) * (1 + (at % 9));
  if (value === '') return null;
  const i = at % value.length;
  return value.slice(0, i) + String.fromCharCode(to) + value.slice(i + 1);
}
