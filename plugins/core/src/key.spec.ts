import { field, Origin, Packet } from '@sluice/sdk';
import { keyOf } from './key';

const packet = Packet.source(
  { a: { b: [10, 20] }, n: null },
  'reading',
  { tag: 'x' },
  new Origin('r', 'n', 'mote-1', 0, 'k', null, 0, null),
);

test.each([
  ['payload.a.b.1', 20],
  ['payload.n.x', undefined],
  ['payload.missing.deep', undefined],
  ['payload.constructor', undefined],
  ['payload.a.__proto__', undefined],
  ['meta.tag', 'x'],
  ['kind', 'reading'],
  ['source_id', 'mote-1'],
  ['ts', '1970-01-01T00:00:00.000Z'],
])('%s reads %s', (path, value) => expect(field(path)(packet)).toBe(value));

test.each(['', 'payloads.a', 'payload..a', 'kind.x', 'origin'])('%s is no path', (path) =>
  expect(() => field(path)).toThrow('is no path into a packet'),
);

test('a key has one part per field and is none where all are missing', () => {
  expect(keyOf(['source_id', 'payload.none'])(packet)).toBe('["mote-1",null]');
  expect(keyOf(['payload.none', 'payload.n'])(packet)).toBeUndefined();
});
