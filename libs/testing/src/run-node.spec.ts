import { Any, Doc, IsAny, Node, port, SluiceError, type Context, type Packet } from '@sluice/sdk';
import { given, runGraph, runNode } from '.';

class WaitConfig {
  @IsAny() @Doc('ms.') ms = 10;
}
@Node({
  type: 'x/wait',
  kind: 'transform',
  summary: 'Waits.',
  config: WaitConfig,
  in: { in: port(Any, 'A.') },
  out: { out: port(Any, 'B.') },
})
class Wait {
  constructor(private readonly config: WaitConfig) {}
  async process(packet: Packet, ctx: Context) {
    if (packet.payload === 'bad') throw new SluiceError('X_BAD', 'bad', { retryable: false });
    await ctx.sleep(this.config.ms);
    ctx.count('waited');
    return packet;
  }
}
@Node({ type: 'x/never', kind: 'transform', summary: 'Never answers.', in: { in: port(Any, 'A.') }, out: { out: port(Any, 'B.') } })
class Never {
  process(): Promise<undefined> {
    return new Promise(() => undefined);
  }
}

test('a node runs in virtual time: outputs, errors, counters and outcomes are there', async () => {
  const { payloads, outputs, errors, counters, outcomes, took } = await runNode(Wait, {
    config: { ms: 60_000 },
    inputs: [1, 'bad', given({ payload: 2, kind: 'reading', source_id: 'axle', time: 5 })],
  });
  expect(payloads['out']).toEqual([1, 2]);
  expect(outputs['out']![1]).toMatchObject({ kind: 'reading', sourceId: 'axle' });
  expect(payloads['error']).toMatchObject([{ code: 'X_BAD', payload: 'bad' }]);
  expect(errors.map(({ code }) => code)).toEqual(['X_BAD']);
  expect(counters).toEqual({ waited: 2 });
  expect(outcomes).toEqual({ in: ['acked', 'acked', 'acked'] });
  expect(took).toBe(120_000);
});

test('a graph that hangs is an error that names what hangs', async () => {
  await expect(runNode(Never, { inputs: [1] })).rejects.toMatchObject({
    code: 'TEST_HANGS',
    message: expect.stringContaining('node (1 calls)') as unknown,
  });
});

test('a graph that is wrong is not run', async () => {
  await expect(runGraph({ version: 2, name: 'g', nodes: { a: { type: 'x/unknown' } } }, { plugins: [] })).rejects.toMatchObject({
    code: 'GRAPH_INVALID',
  });
});
