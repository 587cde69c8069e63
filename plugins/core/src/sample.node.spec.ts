import { configIssues, makeConfig } from '@sluice/sdk';
import { FakeContext, packet } from '@sluice/testing';
import { SampleConfig, SampleNode } from './sample.node';

const kept = (config: object, packets: ReturnType<typeof packet>[], ctx = new FakeContext()) => {
  const node = new SampleNode(makeConfig(SampleConfig, config));
  return packets.filter((p) => node.process(p, ctx) !== undefined).map((p) => p.payload);
};

test('every nth, from the first, each key by itself', () => {
  const packets = Array.from({ length: 12 }, (_, i) => packet(i, { sourceId: i % 2 === 0 ? 'even' : 'odd' }));
  expect(kept({ every_n: 5 }, packets)).toEqual([0, 5, 10]);
  expect(kept({ every_n: 3, key: ['source_id'] }, packets)).toEqual([0, 1, 6, 7]);
});

test('one in a time by the time of the packets', () => {
  const packets = [0, 400, 999, 1_000, 1_900, 2_000].map((time) => packet(time, { time }));
  const ctx = new FakeContext();
  expect(kept({ every: '1s' }, packets, ctx)).toEqual([0, 1_000, 2_000]);
  expect(ctx.counters).toEqual({ kept: 3, dropped: 3 });
});

test('exactly one of every_n and every is said', () => {
  expect(configIssues(SampleConfig, {}).length).toBeGreaterThan(0);
  expect(configIssues(SampleConfig, { every_n: 2, every: '1s' }).map((issue) => issue.message)).toContain('set every_n or every, not both');
  expect(configIssues(SampleConfig, { every: '1s' })).toEqual([]);
});

test('it counts on after a restart', () => {
  const ctx = new FakeContext();
  const packets = Array.from({ length: 6 }, (_, i) => packet(i));
  expect(packets.flatMap((p) => kept({ every_n: 3 }, [p], ctx))).toEqual([0, 3]);
});
