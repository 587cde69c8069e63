import { runNode } from '@sluice/testing';
import { TotalNode } from './total.node';

test('adds up each group, and what is left at the end', async () => {
  const { payloads } = await runNode(TotalNode, { config: { count: 2 }, inputs: [1, 2, 'x', 3, 4, 5] });
  expect(payloads['out']).toEqual([3, 7, 5]);
});
