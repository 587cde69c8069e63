import { Any } from '@sluice/sdk';
import { contract, createEngine } from '.';
import { heavy } from './fixtures/heavy';

const graph = (placement: string) => ({
  version: 2,
  name: 'heavy',
  inputs: { in: { type: 'sluice/any@1', to: 'sum.in' } },
  outputs: { out: { type: 'sluice/any@1', from: 'sum.out' } },
  nodes: { sum: { type: 'heavy/sum', placement, concurrency: 2 } },
  edges: [],
});

test('a node in a worker reads shared memory where it is, keeps order, and reports counts and failures', async () => {
  const engine = createEngine({ plugins: [heavy] });
  const io = contract({ in: { in: Any }, out: { out: Any } });
  const plan = await engine.load(graph('worker'), { contract: io });
  const frames = [1, 2, 255, 3].map((first) => {
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    shared.set([first, 1, 1, 1]);
    return { shared };
  });
  const run = engine.start(plan, { inputs: { in: frames } });
  const got: { sum: number; thread: number }[] = [];
  for await (const out of run.outputs.out) got.push(out as { sum: number; thread: number });
  const report = await run.done;
  expect(got.map(({ sum }) => sum)).toEqual([10, 10, 10]);
  expect(got.every(({ thread }) => thread !== 0)).toBe(true);
  // The worker wrote into the very memory that the frame is in.
  expect(frames[0]!.shared[0]).toBe(7);
  expect(report.metrics['node.sum.summed_total']).toBe(4);
  expect(report.metrics['node.sum.errors']).toBe(1);
  expect(report.status).toBe('degraded');
}, 30_000);

test('a plugin that does not say where it is cannot be placed in a worker', async () => {
  const engine = createEngine({ plugins: [{ ...heavy, entry: undefined }] });
  const plan = await engine.load(graph('worker'));
  const run = engine.start(plan, { inputs: { in: [] } as never });
  await expect(run.ready).rejects.toMatchObject({ code: 'NODE_PLACEMENT' });
  expect((await run.done).status).toBe('error');
});
