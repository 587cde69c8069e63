import { makeConfig } from '@sluice/sdk';
import { FakeContext, packet } from '@sluice/testing';
import { BurstConfig, BurstNode } from './burst.node';
import { CountConfig, CountNode } from './count.node';
import { DelayConfig, DelayNode } from './delay.node';
import { IdentityNode } from './identity.node';
import { MergeConfig, MergeNode } from './merge.node';

test('identity and merge pass the very packet on', () => {
  const one = packet(1);
  expect(new IdentityNode().process(one)).toBe(one);
  expect(new MergeNode(makeConfig(MergeConfig, {})).process(one)).toBe(one);
});

test('burst gives numbered copies of one payload', () => {
  const payload = { a: 1 };
  const copies = [...new BurstNode(makeConfig(BurstConfig, { count: 3 })).process(packet(payload, { meta: { m: 1 } }))];
  expect(copies.map((copy) => copy.meta)).toEqual([0, 1, 2].map((burst_seq) => ({ m: 1, burst_seq })));
  expect(copies.every((copy) => copy.payload === payload)).toBe(true);
});

test('delay waits by the clock of the run', async () => {
  const ctx = new FakeContext();
  const one = packet(1);
  expect(await new DelayNode(makeConfig(DelayConfig, { duration: '250ms' })).process(one, ctx)).toMatchObject({
    payload: 1,
    meta: { hops: 1 },
  });
  expect(ctx.now()).toBe(250);
});

test('count keeps a bounded number of counters', () => {
  const ctx = new FakeContext();
  const node = new CountNode(makeConfig(CountConfig, { by: 'payload' }));
  for (let i = 0; i < 250; i++) node.write(packet(i), ctx);
  expect(ctx.counters['packets']).toBe(250);
  expect(ctx.counters['by_other']).toBe(150);
  expect(Object.keys(ctx.counters)).toHaveLength(102);
});
