import { flatten, search, type Command } from './command-list';
import { KeyReader, keyOf } from './keys';
import { changed } from './pages/params';
import { hashOf, placeOf } from './router';
import { filtered, sorted, type Column } from './ui/table';

describe('keys', () => {
  const press = (key: string, more: object = {}) => keyOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

  it('are written the same on every keyboard', () => {
    expect([
      press('K', { ctrlKey: true }),
      press('k', { metaKey: true }),
      press('?', { shiftKey: true }),
      press('A', { shiftKey: true }),
      press(' '),
    ]).toEqual(['ctrl+k', 'ctrl+k', '?', 'shift+a', 'space']);
  });

  it('in sequence mean both, unless too much time has passed or the first was used', () => {
    const reader = new KeyReader();
    expect(reader.read('g', 0)).toEqual(['g']);
    expect(reader.read('d', 500)).toEqual(['g d', 'd']);
    expect(reader.read('x', 5_000)).toEqual(['x']);
    reader.taken();
    expect(reader.read('y', 5_100)).toEqual(['y']);
  });
});

describe('commands', () => {
  const command = (id: string, title: string): Command => ({ id, title, group: 'general', run: () => undefined });

  it('of one id are those that were added last', () => {
    expect(flatten([[command('a', 'old')], [command('a', 'new'), command('b', 'b')]]).map(({ title }) => title)).toEqual(['new', 'b']);
  });

  it('are found by words in any order, those that begin so first', () => {
    const all = [command('1', 'Open the run list'), command('2', 'Run a graph'), { ...command('3', 'run hidden'), hidden: true }];
    expect(search(all, 'run').map(({ id }) => id)).toEqual(['2', '1']);
    expect(search(all, 'list open').map(({ id }) => id)).toEqual(['1']);
  });
});

describe('addresses', () => {
  it('come back as they were, whatever is in them', () => {
    const hash = hashOf(['live', 'a/b c%'], { edge: 'x.y->z.w', none: undefined, empty: '' });
    expect(placeOf(hash)).toEqual({ parts: ['live', 'a/b c%'], query: { edge: 'x.y->z.w' } });
  });

  it('that are no addresses break nothing', () => expect(placeOf('#/live/%E0%A4%A').parts).toEqual(['live', '%E0%A4%A']));
});

describe('tables', () => {
  const columns: readonly Column<{ id: string; n: number | null }>[] = [
    { key: 'id', title: 'id', value: ({ id }) => id },
    { key: 'n', title: 'n', value: ({ n }) => n },
  ];
  const rows = [
    { id: 'run-10', n: 1 },
    { id: 'run-9', n: null },
    { id: 'run-2', n: 3 },
  ];
  const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);

  it('sort numbers in names as numbers, and what has no value last either way', () => {
    expect(ids(sorted(rows, columns, { key: 'id', down: false }))).toEqual(['run-2', 'run-9', 'run-10']);
    expect(ids(sorted(rows, columns, { key: 'n', down: true }))).toEqual(['run-2', 'run-10', 'run-9']);
    expect(ids(sorted(rows, columns, { key: 'n', down: false }))).toEqual(['run-10', 'run-2', 'run-9']);
  });

  it('keep the rows that have all the words', () => expect(ids(filtered(rows, columns, 'RUN 3'))).toEqual(['run-2']));
});

it('sends only parameters that were typed and are not what they were, each of its kind', () => {
  const values = { n: 5, name: '5', on: true, path: 'a' };
  expect(changed(values, { n: '6', name: '6', on: 'true', path: 'a' })).toEqual({ n: 6, name: '6' });
});
