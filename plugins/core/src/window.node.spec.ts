import { configIssues, makeConfig, type Packet } from '@sluice/sdk';
import fc from 'fast-check';
import { from, Subject } from 'rxjs';
import { FakeContext, packet } from '@sluice/testing';
import { WindowConfig, WindowNode, type WindowFigures } from './window.node';

const make = (config: object) => new WindowNode(makeConfig(WindowConfig, config));

function windows(config: object, packets: Packet[], ctx = new FakeContext()): WindowFigures[] {
  const seen: WindowFigures[] = [];
  make(config)
    .apply(from(packets), ctx)
    .subscribe((window) => seen.push(window.payload));
  return seen;
}
const numbers = (values: readonly unknown[]) => values.map((value, i) => packet(value, { time: i * 1_000 }));

test('figures of a count window, and the unfinished one at the end of the stream', () => {
  const seen = windows({ count: 4, field: 'payload' }, numbers([2, 4, 4, 6, 10]));
  expect(seen).toEqual([
    {
      key: null,
      start: '1970-01-01T00:00:00.000Z',
      end: '1970-01-01T00:00:03.000Z',
      packets: 4,
      complete: true,
      count: 4,
      mean: 4,
      min: 2,
      max: 6,
      std: Math.sqrt(8 / 3),
      sum: 16,
      last: 6,
    },
    expect.objectContaining({ packets: 1, complete: false, mean: 10, std: null }),
  ]);
});

test('a count window is sent with its last packet, not with the next one', () => {
  const source = new Subject<Packet>();
  const seen: number[] = [];
  make({ count: 2, field: 'payload' })
    .apply(source, new FakeContext())
    .subscribe((window) => seen.push(window.payload.sum));
  source.next(packet(1));
  expect(seen).toEqual([]);
  source.next(packet(2));
  expect(seen).toEqual([3]);
});

test('a window keeps the origin of its own newest packet, also where another key came last', () => {
  const seen: Packet[] = [];
  make({ span: '10s', key: ['source_id'] })
    .apply(from([packet(1, { sourceId: 'a', time: 5 }), packet(1, { sourceId: 'b', time: 6 })]), new FakeContext())
    .subscribe((window) => seen.push(window));
  expect(seen.map(({ sourceId, origin }) => [sourceId, origin.time])).toEqual([
    ['a', 5],
    ['b', 6],
  ]);
});

test('count windows slide by their step', () => {
  const seen = windows({ count: 3, step: 2, field: 'payload' }, numbers([1, 2, 3, 4, 5, 6, 7]));
  expect(seen.map((window) => [window.sum, window.complete])).toEqual([
    [6, true],
    [12, true],
    [18, true],
    [7, false],
  ]);
});

test('time windows close when a later packet of their key comes; late ones are dropped and counted', () => {
  const ctx = new FakeContext();
  const at = (time: number, sourceId: string) => packet(1, { time, sourceId });
  const seen = windows(
    { span: '10s', key: ['source_id'] },
    [at(1_000, 'a'), at(9_999, 'a'), at(2_000, 'b'), at(10_000, 'a'), at(3_000, 'a'), at(25_000, 'b')],
    ctx,
  );
  expect(seen.map((window) => [window.key, window.start.slice(17, 19), window.packets, window.complete])).toEqual([
    ['a', '00', 2, true],
    ['b', '00', 1, true],
    ['a', '10', 1, false],
    ['b', '20', 1, false],
  ]);
  expect(ctx.counters).toEqual({ late: 1 });
});

test('by the clock a window closes though nothing comes any more', () => {
  const ctx = new FakeContext();
  const source = new Subject<Packet>();
  const seen: number[] = [];
  make({ span: '10s', time: 'clock' })
    .apply(source, ctx)
    .subscribe((window) => seen.push(window.payload.packets));
  source.next(packet(1));
  ctx.advance(9_000);
  expect(seen).toEqual([]);
  ctx.advance(1_000);
  expect(seen).toEqual([1]);
});

test('values that are no finite numbers count as packets only', () => {
  expect(windows({ count: 4, field: 'payload' }, numbers([1, 'x', Number.NaN, null]))).toEqual([
    expect.objectContaining({ packets: 4, count: 1, mean: 1 }),
  ]);
  expect(windows({ count: 1, field: 'payload' }, numbers(['x']))).toEqual([
    expect.objectContaining({ count: 0, mean: null, min: null, last: null, sum: 0 }),
  ]);
});

test('a forgotten key gives its windows away before it goes', () => {
  const seen = windows({ count: 5, key: ['payload'], max_keys: 2 }, numbers(['a', 'b', 'c']));
  expect(seen.map((window) => [window.key, window.complete])).toEqual([
    ['a', false],
    ['b', false],
    ['c', false],
  ]);
});

test('every packet is in exactly one tumbling window, whatever the order of times', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100_000 })), (times) => {
      const ctx = new FakeContext();
      const seen = windows(
        { span: '7s' },
        times.map((time) => packet(time, { time })),
        ctx,
      );
      expect(seen.reduce((sum, window) => sum + window.packets, 0) + (ctx.counters['late'] ?? 0)).toBe(times.length);
      expect(new Set(seen.map((window) => window.start)).size).toBe(seen.length);
    }),
  );
});

test('bad shapes are refused', () => {
  expect(configIssues(WindowConfig, { count: 3, span: '1s' }).length).toBeGreaterThan(0);
  expect(configIssues(WindowConfig, {}).length).toBeGreaterThan(0);
  expect(() => make({ span: '1h', every: '1ms' })).toThrow('At most 1000 windows may overlap');
});
