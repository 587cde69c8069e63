import { configIssues, makeConfig, type Packet } from '@sluice/sdk';
import { FakeContext, packet } from '@sluice/testing';
import { AnomalyConfig, AnomalyNode, type AnomalyEvent, type Decision } from './anomaly.node';

function judge(config: object, packets: Packet[], ctx = new FakeContext()): { decisions: Decision[]; events: AnomalyEvent[] } {
  const node = new AnomalyNode(makeConfig(AnomalyConfig, { window: 20, warmup: 10, ...config }));
  const decisions: Decision[] = [];
  const events: AnomalyEvent[] = [];
  for (const one of packets)
    for (const { to, payload } of node.process(one, ctx)) {
      if (to === 'events') events.push(payload as AnomalyEvent);
      else decisions.push(((payload as Packet).payload as { anomaly: Decision }).anomaly);
    }
  return { decisions, events };
}
const quiet = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + ((i * 7) % 5) / 10);
const readings = (values: readonly unknown[], sourceId = 's') => values.map((value) => packet({ value }, { sourceId }));
const active = (decisions: Decision[]) => decisions.map((decision) => decision.active);

test('a jump is an anomaly until the readings are back, and none of it is learned', () => {
  const { decisions, events } = judge(
    {},
    readings([...quiet(20), 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, ...quiet(5)]),
  );
  expect(active(decisions)).toEqual([...Array(20).fill(false), ...Array(20).fill(true), ...Array(5).fill(false)]);
  expect(events).toEqual([
    expect.objectContaining({ event: 'start', field: 'payload.value', value: 9, readings: 0, reason: 'distance', key: null }),
    expect.objectContaining({ event: 'end', readings: 20, reason: 'settled' }),
  ]);
});

test('a slow drift is normal', () => {
  expect(active(judge({ min_scale: 0.5 }, readings(Array.from({ length: 300 }, (_, i) => i * 0.05))).decisions)).not.toContain(true);
});

test('between exit and enter it stays what it is', () => {
  const { events, decisions } = judge({ min_scale: 1, enter: 8, exit: 4 }, readings([...quiet(20), 7, 9, 7, 5, 3, 7]));
  expect(active(decisions).slice(20)).toEqual([false, true, true, true, false, false]);
  expect(events).toHaveLength(2);
});

test('settle wants so many calm readings in a row', () => {
  const { decisions } = judge({ settle: 2 }, readings([...quiet(20), 9, 0, 9, 0, 0, 0]));
  expect(active(decisions).slice(20)).toEqual([true, true, true, true, false, false]);
});

test('what lasts is the new normal', () => {
  const { decisions, events } = judge({ relearn_after: 5 }, readings([...quiet(20), ...quiet(40, 50)]));
  expect(active(decisions).slice(20)).toEqual([...Array(5).fill(true), ...Array(35).fill(false)]);
  expect(events.at(-1)).toMatchObject({ event: 'end', reason: 'relearned', readings: 5 });
});

test('each key has its own past, and nothing is judged before warmup', () => {
  const packets = [...readings(quiet(12), 'a'), ...readings(quiet(12, 100), 'b'), ...readings([100], 'a'), ...readings([100], 'b')];
  const { decisions, events } = judge({ key: ['source_id'] }, packets);
  expect(active(decisions)).toEqual([...Array(24).fill(false), true, false]);
  expect(events).toMatchObject([{ key: 'a' }]);
});

test('the field that is furthest off decides; a field that is missing does not', () => {
  const packets = [...quiet(12).map((a, i) => packet({ a, b: quiet(12)[i] })), packet({ a: 0, b: 9 }), packet({ b: 9 })];
  const { decisions } = judge({ fields: ['payload.a', 'payload.b'] }, packets);
  expect(decisions.slice(12)).toMatchObject([
    { active: true, field: 'payload.b' },
    { active: true, field: 'payload.b' },
  ]);
});

test('a reading without any number passes without a decision', () => {
  const ctx = new FakeContext();
  const one = packet({ value: 'broken' });
  const sent = [...new AnomalyNode(makeConfig(AnomalyConfig, {})).process(one, ctx)];
  expect(sent.map(({ payload }) => payload)).toEqual([one]);
  expect(ctx.counters).toEqual({ skipped: 1 });
});

test('an exit above enter and a warmup longer than the window are refused', () => {
  expect(configIssues(AnomalyConfig, { enter: 3, exit: 5 }).map((issue) => issue.message)).toEqual(['exit must not be above enter']);
  expect(configIssues(AnomalyConfig, { window: 10 }).map((issue) => issue.message)).toEqual(['warmup must not be above window']);
});

test('after a restart it goes on with the past that it had, an anomaly under way with it', () => {
  const ctx = new FakeContext();
  const readings = [...Array.from({ length: 40 }, (_, i) => 20 + (i % 3) / 10), 60, 61, 62, 20, 20.1, 60];
  const read = (node: AnomalyNode, value: number): string =>
    JSON.stringify(
      [...node.process(packet({ value }), ctx)].map(({ to, payload }) => [to, (payload as Partial<Packet>).payload ?? payload]),
    );
  const config = { warmup: 10, window: 20, settle: 2 };
  const whole = readings.map((value) => read(new AnomalyNode(makeConfig(AnomalyConfig, config)), value));
  for (const key of [...ctx.state.entries()].map(([name]) => name)) ctx.state.delete(key);
  const parts = readings.map((value) => {
    // What a store gives back is what JSON made of it.
    for (const [key, watch] of [...ctx.state.entries()]) ctx.state.set(key, JSON.parse(JSON.stringify(watch)));
    return read(new AnomalyNode(makeConfig(AnomalyConfig, config)), value);
  });
  expect(parts).toEqual(whole);
  expect(parts.filter((text) => text.includes('"start"'))).toHaveLength(2);
});
