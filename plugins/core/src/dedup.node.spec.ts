import { makeConfig } from '@sluice/sdk';
import fc from 'fast-check';
import { FakeContext, packet } from '@sluice/testing';
import { DedupConfig, DedupNode } from './dedup.node';

const make = (config: object = {}) => new DedupNode(makeConfig(DedupConfig, config));
const event = (time: number, { track_id = 1 as number | null, severity = 'LOW', camera_id = 'cam' } = {}) =>
  packet({ camera_id, event_type: 'ZONE', track_id, severity }, { time });

test('repetitions are dropped for the cooldown of the packet that passed, not of those that were dropped', () => {
  const node = make();
  const ctx = new FakeContext();
  const passed = [0, 4_000, 9_999, 10_000, 12_000, 20_000].filter((time) => node.process(event(time), ctx) !== undefined);
  expect(passed).toEqual([0, 10_000, 20_000]);
  expect(ctx.counters).toEqual({ accepted: 3, dropped: 3 });
});

test('a change of severity passes at once and starts a new cooldown', () => {
  const node = make();
  const ctx = new FakeContext();
  expect(['LOW', 'LOW', 'HIGH', 'HIGH', 'LOW'].map((severity, i) => node.process(event(i, { severity }), ctx) !== undefined)).toEqual([
    true,
    false,
    true,
    false,
    true,
  ]);
});

test('keys do not hinder each other; a missing part of a key is a value; a packet without any key passes', () => {
  const node = make();
  const ctx = new FakeContext();
  const pass = (p: ReturnType<typeof packet>) => node.process(p, ctx) !== undefined;
  expect([pass(event(0)), pass(event(0, { track_id: 2 })), pass(event(0, { track_id: null })), pass(event(1, { track_id: null }))]).toEqual(
    [true, true, true, false],
  );
  expect([pass(packet({ other: 1 })), pass(packet({ other: 1 }))]).toEqual([true, true]);
});

test('by the clock the time of the packets does not matter', () => {
  const node = make({ time: 'clock' });
  const ctx = new FakeContext();
  expect(node.process(event(0), ctx)).toBeDefined();
  ctx.advance(9_000);
  expect(node.process(event(60_000), ctx)).toBeUndefined();
  ctx.advance(1_000);
  expect(node.process(event(0), ctx)).toBeDefined();
});

test('a clip that starts again gives its events again', () => {
  const node = make();
  const ctx = new FakeContext();
  node.process(event(60_000), ctx);
  expect(node.process(event(1_000), ctx)).toBeDefined();
});

test('no more than max_keys are remembered', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 4_000 })), { maxLength: 200 }), (steps) => {
      const node = make({ max_keys: 8 });
      const ctx = new FakeContext();
      let time = 0;
      for (const [track_id, pause] of steps) node.process(event((time += pause), { track_id }), ctx);
      expect(ctx.state.size).toBeLessThanOrEqual(8);
    }),
  );
});
