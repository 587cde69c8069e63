import { SluiceError } from '@sluice/sdk';
import { onEachDatabase, TestStores } from './fixtures/databases';
import { Journal } from './journal';
import { verifyJournal } from './journal-read';
import { Machine } from './machine';
import { MACHINES } from './machines';
import { committed } from './rows';
import type { Store } from './store';

/** The shortest way from the beginning to a state. */
function wayTo(machine: Machine, state: string): readonly string[] {
  const ways: string[][] = machine.entry.map((entry) => [entry]);
  for (const way of ways) {
    const last = way[way.length - 1]!;
    if (last === state) return way;
    for (const next of machine.spec(last).to) if (!ways.some((other) => other.includes(next))) ways.push([...way, next]);
  }
  throw new Error(`${state} cannot be reached`);
}

describe('a declaration', () => {
  const states = { a: { doc: 'A.', event: 'a', to: ['b'] }, b: { doc: 'B.', event: 'b', to: [] } } as const;

  it.each([
    [
      'a state that is not declared',
      { ...states, a: { ...states.a, to: ['c'] } },
      ['a'],
      /a names c, which is no state of it; b cannot be reached/,
    ],
    ['a state that cannot be reached', states, ['b'], /a cannot be reached/],
    ['a due state that is not legal', { ...states, b: { ...states.b, on_due: 'a' } }, ['a'], /b goes to a when due, which is not legal/],
    ['nothing to begin in', states, [], /no state to begin in/],
  ])('with %s is refused', (_, given, entry, message) => {
    const make = () => new Machine({ type: 't', domain: 'd', doc: 'T.', entry, states: given as never });
    expect(make).toThrow(expect.objectContaining({ code: 'MACHINE_INVALID', message: expect.stringMatching(message) as string }));
  });

  it('names what happened by domain, machine and state', () => {
    expect(MACHINES.get('run').event('running')).toBe('runtime:run:started');
    for (const machine of MACHINES.all)
      for (const state of machine.states) expect(machine.event(state)).toMatch(/^[a-z0-9_]+:[a-z0-9_]+:[a-z0-9_]+$/);
  });
});

onEachDatabase((database) => {
  const stores = new TestStores(database);
  let store: Store;
  let journal: Journal;

  beforeAll(async () => {
    store = await stores.open();
    journal = new Journal(store);
  });
  afterAll(() => stores.clear());

  describe.each(MACHINES.all.map((machine) => [machine.type, machine] as const))('%s', (type, machine) => {
    let nth = 0;
    /** A new entity in that state, or none for null. */
    const inState = async (state: string | null): Promise<string> => {
      const id = `${type}-${++nth}`;
      for (const to of state === null ? [] : wayTo(machine, state)) await journal.change({ machine: type, id, to });
      return id;
    };
    const pairs = [null, ...machine.states].flatMap((from) => machine.states.map((to) => [from, to] as const));

    it.each(pairs.filter(([from, to]) => machine.legal(from, to)))('goes from %s to %s', async (from, to) => {
      const id = await inState(from);
      const before = from === null ? 0 : wayTo(machine, from).length;
      const entity = await journal.change({ machine: type, id, to, from, version: before });
      expect(entity).toMatchObject({ state: to, version: before + 1 });
    });

    it.each(pairs.filter(([from, to]) => !machine.legal(from, to)))('never goes from %s to %s', async (from, to) => {
      const id = await inState(from);
      const before = from === null ? 0 : wayTo(machine, from).length;
      const refused: unknown = await journal.change({ machine: type, id, to }).catch((error: unknown) => error);
      expect(SluiceError.is(refused, 'CONFLICT') && refused.details).toEqual({
        expected: machine.before(to),
        actual: from,
        version: before,
      });
      const rows = await store.read('SELECT seq FROM journal WHERE machine = ? AND entity = ?', [type, id]);
      expect(rows).toHaveLength(before);
    });
  });

  it('leaves a whole journal', async () => {
    await expect(verifyJournal(committed(store))).resolves.toMatchObject({ ok: true, faults: [] });
  });
});
