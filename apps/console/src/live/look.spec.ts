import type { Edge } from './live';
import { bytes, count, millis, moodOf, rate, span } from './look';

const edge = (more: Partial<Edge> = {}): Edge =>
  ({ capacity: 64, in_flight: 0, in_per_s: 5, out_per_s: 5, dropped_per_s: 0, dropped: {}, ...more }) as Edge;

it.each([
  ['flowing', edge(), 0],
  ['idle', edge({ in_per_s: 0, out_per_s: 0 }), 0],
  ['flowing', edge({ in_flight: 51 }), 0],
  ['full', edge({ in_flight: 52 }), 0],
  ['flowing', edge({ capacity: 1, in_flight: 1 }), 0],
  ['blocked', edge({ in_flight: 64 }), 0.4],
  ['flowing', edge(), 0.05],
  ['dropping', edge({ in_flight: 64, dropped_per_s: 0.5 }), 0.9],
] as const)('an edge is %s', (mood, of, blocked) => expect(moodOf(of, blocked)).toBe(mood));

it('writes figures short, and never as a rounded zero', () => {
  expect([count(1234), count(123_456), rate(0), rate(0.04), rate(9.96), rate(1234)]).toEqual([
    '1,234',
    '123.5K',
    '0/s',
    '0.0/s',
    '10.0/s',
    '1,234/s',
  ]);
  expect([millis(0), millis(0.01), millis(3.25), millis(180.2), millis(12_345)]).toEqual(['0 ms', '<0.1 ms', '3.3 ms', '180 ms', '12.3 s']);
  expect([span(59_999), span(61_000), span(3_660_000), span(90_000_000)]).toEqual(['59s', '1m 1s', '1h 1m', '1d 1h']);
  expect([bytes(999), bytes(1_000), bytes(7_611_957)]).toEqual(['999 B', '1 kB', '7.61 MB']);
});
