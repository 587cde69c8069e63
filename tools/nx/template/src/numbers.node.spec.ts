import { runNode } from '@sluice/testing';
import { NumbersNode } from './numbers.node';

test('counts from 1, at its pace', async () => {
  const { payloads, took } = await runNode(NumbersNode, { config: { every: '1m', count: 3 } });
  expect(payloads['out']).toEqual([1, 2, 3]);
  expect(took).toBe(180_000);
});
