import { runNode } from '@sluice/testing';
import { TallyNode } from './tally.node';

test('counts numbers, and those that are high; what it refuses is acked by its error port', async () => {
  const inputs = [1, 2, 3, 'x'];
  const { counters, outcomes, errors } = await runNode(TallyNode, { config: { high: 2 }, inputs });
  expect(counters).toEqual({ numbers: 3, high: 1 });
  expect(errors.map(({ code }) => code)).toEqual(['PACKET_UNFIT']);
  expect(outcomes).toEqual({ in: ['acked', 'acked', 'acked', 'acked'] });
});
