import { makeConfig, type To } from '@sluice/sdk';
import { FakeContext } from '@sluice/testing';
import { IntervalConfig, IntervalNode } from './interval.node';
import { ValuesConfig, ValuesNode } from './values.node';

const make = (config: object) => new ValuesNode(makeConfig(ValuesConfig, config));

async function take(from: Iterable<To> | AsyncIterable<To>, count = Infinity): Promise<To[]> {
  const taken: To[] = [];
  for await (const item of from) if (taken.push(item) >= count) break;
  return taken;
}

test('an item is a payload, unless it says payload and nothing unknown', async () => {
  const items = [
    1,
    { payload: { a: 1 }, kind: 'reading', source_id: 'axle', ts: '2026-01-01T00:00:00Z', meta: { m: 1 }, key: 'k' },
    { payload: 1, speed: 2 },
  ];
  const sent = await take(make({ items }).read(new FakeContext()));
  expect(sent.map(({ payload, emission }) => [payload, emission])).toEqual([
    [1, { kind: 'value' }],
    [{ a: 1 }, { kind: 'reading', sourceId: 'axle', time: Date.UTC(2026, 0, 1), meta: { m: 1 }, key: 'k' }],
    [{ payload: 1, speed: 2 }, { kind: 'value' }],
  ]);
});

test('the list is repeated, for ever with 0, and an empty one ends', async () => {
  expect((await take(make({ items: [1, 2], repeat: 2 }).read(new FakeContext()))).map((item) => item.payload)).toEqual([1, 2, 1, 2]);
  expect(await take(make({ items: [1], repeat: 0 }).read(new FakeContext()), 500)).toHaveLength(500);
  expect(await take(make({ items: [], repeat: 0 }).read(new FakeContext()))).toEqual([]);
});

test('with an interval there is a pause between two packets', async () => {
  const ctx = new FakeContext();
  await take(make({ items: [1, 2, 3], interval: '2s' }).read(ctx));
  expect(ctx.now()).toBe(4_000);
});

test('a time that is none is refused where the node is made', () => {
  expect(() => make({ items: [{ payload: 1, ts: 'soon' }] })).toThrow('items.0.ts is no time: soon.');
});

test('ticks keep to the pace of their start, whatever the graph takes', async () => {
  const ctx = new FakeContext();
  const at: number[] = [];
  for await (const tick of new IntervalNode(makeConfig(IntervalConfig, { every: '1s', count: 4 })).read(ctx)) {
    at.push(ctx.now());
    ctx.advance(tick.payload.n === 1 ? 1_500 : 300);
  }
  expect(at).toEqual([1_000, 2_000, 3_500, 4_000]);
});
