import { Any, definePlugin, Node, port, SluiceError, to, type Context, type Packet, type To } from '@sluice/sdk';
import { createEngine, VirtualClock, type RunEvent } from './index';

/** What it says at each try, second by second: an error's message, or undefined where it can go on. */
let says: readonly (string | undefined)[];

@Node({ type: 't/camera', kind: 'source', summary: 'Has troubles.', out: { out: port(Any, 'Tries.') } })
class Camera {
  async *read(ctx: Context): AsyncGenerator<To<'out', number>, void> {
    for (const [n, message] of says.entries()) {
      ctx.trouble(message === undefined ? undefined : new SluiceError('CAMERA_LOST', message, { hint: 'Look at it.' }));
      yield to('out', n);
      await ctx.sleep(1_000);
    }
  }
}

@Node({ type: 't/end', kind: 'sink', summary: 'Ends.', in: { in: port(Any, 'Tries.') } })
class End {
  write(_packet: Packet): void {
    return undefined;
  }
}

async function run(...what: readonly (string | undefined)[]) {
  says = what;
  const clock = new VirtualClock(0);
  const logged: string[] = [];
  const say = (message: string): void => void logged.push(message);
  const log = { debug: say, info: say, warn: say, error: say };
  const engine = createEngine({ plugins: [definePlugin({ name: 't', nodes: [Camera, End] })], clock, log });
  const nodes = { camera: { type: 't/camera' }, end: { type: 't/end' } };
  const made = engine.start(await engine.load({ version: 2, name: 'g', nodes, edges: ['camera -> end'] }), { inputs: {}, id: 'r' });
  const events: RunEvent[] = [];
  made.events.subscribe((event) => events.push(event));
  await clock.advance(60_000, made.done);
  const { status, reasons } = await made.done;
  await engine.close();
  const changes = events
    .filter(({ event }) => /waiting|recovered/.test(event))
    .map(({ event, at, message }) => [event, at.slice(17, 19), message]);
  return { status, reasons, changes, logged: logged.filter((line) => line.includes('go on')) };
}

test('NODE-54: a node that cannot do its work makes its run degraded until it says that it can', async () => {
  expect(await run(undefined, 'dark', 'dark', 'dark', undefined, undefined)).toEqual({
    status: 'ok',
    reasons: [],
    changes: [
      ['node:waiting', '01', 'camera cannot go on: dark'],
      ['node:recovered', '04', undefined],
    ],
    logged: ['camera cannot go on: dark', 'camera can go on.'],
  });
});

test('NODE-54: where it ends so, the report says why; another reason is told anew', async () => {
  const { status, reasons, logged } = await run('dark', 'dark', 'gone');
  expect([status, reasons]).toEqual(['degraded', ['camera cannot go on: gone']]);
  expect(logged).toEqual(['camera cannot go on: dark', 'camera cannot go on: gone']);
});
