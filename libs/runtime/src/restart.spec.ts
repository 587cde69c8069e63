import { Any, definePlugin, Node, port, SluiceError, to, type Context, type Packet, type To } from '@sluice/sdk';
import { createEngine, VirtualClock } from './index';

/** How many packets each time of reading gives before it breaks off. */
let gives: number[];
let seen: { payload: unknown; epoch: number; at: number }[];

@Node({ type: 't/camera', kind: 'source', summary: 'Breaks off.', out: { out: port(Any, 'Numbers.') } })
class Camera {
  private times = 0;
  async *read(ctx: Context): AsyncGenerator<To<'out', number>, void> {
    const n = gives[this.times++];
    if (n === undefined) return;
    for (let i = 0; i < n; i++) {
      yield to('out', i);
      await ctx.sleep(1_000);
    }
    throw new SluiceError('CAMERA_LOST', 'It is gone.', { retryable: true });
  }
}

@Node({ type: 't/keep', kind: 'sink', summary: 'Keeps.', in: { in: port(Any, 'Numbers.') } })
class Keep {
  write({ payload, origin }: Packet, { now }: { now: () => number }): void {
    seen.push({ payload, epoch: origin.epoch, at: now() });
  }
}

async function run(retry: object, each: number[]) {
  gives = each;
  seen = [];
  const clock = new VirtualClock(0);
  const engine = createEngine({ plugins: [definePlugin({ name: 't', nodes: [Camera, Keep] })], clock, seed: 1 });
  const nodes = { camera: { type: 't/camera', retry }, keep: { type: 't/keep' } };
  const made = engine.start(await engine.load({ version: 2, name: 'g', nodes, edges: ['camera -> keep'] }), { inputs: {}, id: 'r' });
  await clock.advance(600_000, made.done);
  const report = await made.done;
  await engine.close();
  return report;
}

test('a source that breaks off is read again with growing pauses, each time as a new epoch', async () => {
  await run({ max_attempts: 4, backoff: '1s', max_backoff: '2s' }, [0, 0, 0, 1]);
  expect(seen).toEqual([{ payload: 0, epoch: 3, at: 1_000 + 2_000 + 2_000 }]);
});

test('it ends for good after so many failures, but for those before it worked as long as the longest pause', async () => {
  await run({ max_attempts: 2, backoff: '1s', max_backoff: '2s' }, [2, 2, 2, 2]);
  expect(seen.map(({ epoch }) => epoch)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  expect(seen.map(({ at }) => at)).toEqual([0, 1_000, 3_000, 4_000, 6_000, 7_000, 9_000, 10_000]);
  const report = await run({ max_attempts: 2, backoff: '1s', max_backoff: '2s' }, [1, 1, 1]);
  expect(seen.map(({ epoch }) => epoch)).toEqual([0, 1]);
  expect(report.status).toBe('error');
});
