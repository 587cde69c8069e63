import { runNode } from '@sluice/testing';
import { ScaleNode } from './scale.node';

test('multiplies numbers; what is none is an error, and the rest goes on', async () => {
  const { payloads } = await runNode(ScaleNode, { config: { factor: 3 }, inputs: [1, 'two', 3] });
  expect(payloads['out']).toEqual([3, 9]);
  expect(payloads['error']).toMatchObject([{ code: 'PACKET_UNFIT', payload: 'two' }]);
});
