import { toJsonText } from './json';
import { SluiceError } from './catalogue';

const cycle: Record<string, unknown> = {};
cycle['self'] = { back: cycle };

test.each<[string, unknown, string]>([
  ['NaN', { a: [1, Number.NaN] }, 'a.1'],
  ['Infinity', { a: Infinity }, 'a'],
  ['a cycle', cycle, 'self.back'],
  ['BigInt', { a: 1n }, 'a'],
  ['bytes', { data: new Uint8Array(2) }, 'data'],
  ['a Map', new Map(), 'The value'],
  ['a key __proto__', JSON.parse('{"a":{"__proto__":{"x":1}}}'), 'a'],
  ['undefined in a list', [undefined], '0'],
  ['undefined', undefined, 'The value'],
  ['a function', { a: () => 1 }, 'a'],
  ['an Error', { a: new Error('x') }, 'a'],
  ['a broken date inside', { a: { toJSON: () => Number.NaN } }, 'a'],
])('refuses %s and says where', (_name, value, place) => {
  let caught: unknown;
  try {
    toJsonText(value);
  } catch (error) {
    caught = error;
  }
  expect(SluiceError.is(caught, 'PACKET_NOT_PORTABLE')).toBe(true);
  expect((caught as SluiceError).message.startsWith(`${place} is `)).toBe(true);
});

test('writes what JSON can carry, one object twice included', () => {
  class Point {
    x = 1;
    y: number | undefined = undefined;
  }
  const shared = new Point();
  expect(toJsonText({ a: shared, b: [shared, null, 'é', true], at: new Date(0) })).toBe(
    '{"a":{"x":1},"b":[{"x":1},null,"é",true],"at":"1970-01-01T00:00:00.000Z"}',
  );
});
