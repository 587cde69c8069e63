import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { configIssues, makeConfig, type To } from '@sluice/sdk';
import { asyncScheduler, type Subscription } from 'rxjs';
import type { Frame } from './ports';
import { RtspConfig, RtspNode } from './rtsp.node';
import { CameraServer, cameraPython, freePort } from './testing/camera-server';
import { done, fakeContext, type FakeContext } from './testing/context';
import { FfmpegLocator } from './video/ffmpeg';
import { rtspInput } from './video/rtsp-input';

const python = cameraPython();
const needsServer = python === undefined ? describe.skip : describe;
if (python === undefined) {
  process.stderr.write(
    'SKIPPED: vision/rtsp against a real camera. It needs apt-get install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-{base,good,ugly}\n',
  );
}
const locator = new FfmpegLocator();
jest.setTimeout(60_000);

type Output = To<'frames', Frame>;

/** What came of a node at work, in real time. */
class Watched {
  readonly outputs: Output[] = [];
  error: unknown;
  readonly ctx: FakeContext;
  private readonly subscription: Subscription;
  private wake: () => void = () => undefined;

  constructor(
    readonly node: RtspNode,
    private readonly keep = false,
  ) {
    this.ctx = Object.assign(fakeContext(), { scheduler: asyncScheduler, now: () => Date.now() });
    this.subscription = node.read(this.ctx).subscribe({
      next: (output) => {
        this.outputs.push(output);
        if (!this.keep) done(output);
        this.wake();
      },
      error: (error: unknown) => {
        this.error = error;
        this.wake();
      },
      complete: () => this.wake(),
    });
  }

  async until(holds: () => boolean): Promise<void> {
    const look = setInterval(() => this.wake(), 20);
    while (!holds()) await new Promise<void>((resolve) => (this.wake = resolve));
    clearInterval(look);
  }

  frames(epoch: number): Promise<void> {
    return this.until(() => this.outputs.filter(({ emission }) => emission.epoch === epoch).length >= 5);
  }

  async stop(): Promise<void> {
    this.subscription.unsubscribe();
    await this.node.close();
  }
}

const make = (config: object, ffmpeg = locator) =>
  new RtspNode(makeConfig(RtspConfig, { reconnect_backoff: '100ms', reconnect_max_backoff: '400ms', ...config }), ffmpeg);

/** Decoders of the camera at this port that still run. */
const decoders = (port: number) => {
  try {
    return execFileSync('pgrep', ['-f', `ffmpeg.*rtsp://[^ ]*:${port}/`], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
};

needsServer('a real camera', () => {
  let server: CameraServer;
  let watched: Watched | undefined;
  let url: string;
  beforeEach(async () => {
    server = new CameraServer(python!, await freePort());
    url = `rtsp://127.0.0.1:${server.port}/cam`;
  });
  afterEach(async () => {
    await watched?.stop();
    expect(decoders(server.port)).toBe('');
    await server.kill();
  });

  it.each(['tcp', 'udp'])('killed, hung and brought back over %s: each connection is a new epoch, and frames go on', async (transport) => {
    await server.start();
    watched = new Watched(make({ url, transport, timeout: '1500ms', source_id: 'gate' }));
    const { outputs, ctx } = watched;
    await watched.frames(0);
    await server.kill();
    await server.start();
    await watched.frames(1);
    server.hang();
    await watched.until(() => ctx.logged.some((line) => line.includes('gave no frame for 1500ms')));
    await server.kill();
    await watched.until(() => ctx.logged.filter((line) => line.includes('cannot be opened')).length > 0);
    await server.start();
    await watched.frames(2);
    const numbers = outputs.map(({ payload }) => payload.index);
    expect(numbers).toEqual(numbers.map((_, i) => i));
    const last = outputs.at(-1)!;
    expect(last.emission).toMatchObject({ sourceId: 'gate', epoch: 2, key: `frame:gate:2:${last.payload.index}`, meta: { epoch: 2 } });
    expect(last.payload).toMatchObject({ width: 320, height: 240, format: 'rgb24' });
    expect(new Set(last.payload.data).size).toBeGreaterThan(4);
    expect(ctx.counters['connected']).toBe(3);
    expect(ctx.counters['reconnects']).toBeGreaterThanOrEqual(3);
    await watched.stop();
    expect(watched.node.buffers.used).toBe(0);
  });

  it('is waited for where it is not there at the start', async () => {
    watched = new Watched(make({ url }));
    await watched.until(() => (watched!.ctx.counters['reconnects'] ?? 0) >= 2);
    await server.start();
    await watched.frames(0);
    expect(watched.ctx.logged[0]).toMatch(/^rtsp:\/\/127\.0\.0\.1:\d+\/cam cannot be opened: .*Connection refused.*$/);
  });

  it('is given up after so many tries in a row, or at once where that is asked', async () => {
    watched = new Watched(make({ url, reconnect_max_attempts: 2 }));
    await watched.until(() => watched!.error !== undefined);
    expect(watched.error).toMatchObject({ code: 'CAMERA_UNREACHABLE', retryable: true });
    expect(watched.ctx.counters).toEqual({ reconnects: 2 });
    const once = new Watched(make({ url, reconnect: false }));
    await once.until(() => once.error !== undefined);
    expect(once.ctx.counters).toEqual({});
    await once.stop();
  });

  it('gives frames that nobody has room for to nobody, and counts them', async () => {
    await server.start();
    watched = new Watched(make({ url, max_in_flight: 2 }), true);
    await watched.until(() => (watched!.ctx.counters['dropped'] ?? 0) >= 5);
    expect(watched.outputs).toHaveLength(2);
    watched.outputs.forEach((output) => done(output));
    await watched.until(() => watched!.outputs.length > 2);
    expect(watched.outputs[2]!.payload.index).toBeGreaterThanOrEqual(7);
  });

  it('ends after max_frames, with no process left', async () => {
    await server.start();
    watched = new Watched(make({ url, max_frames: 3, width: 160 }));
    await watched.until(() => watched!.outputs.length === 3);
    await watched.node.close();
    expect(decoders(server.port)).toBe('');
    expect(watched.outputs[0]!.payload).toMatchObject({ width: 160, height: 120 });
  });

  it('with a password: it is given, a wrong one ends it, and no text has it', async () => {
    await server.kill();
    server = new CameraServer(python!, server.port, ['viewer', 'pass@w/rd']);
    await server.start();
    watched = new Watched(make({ url, user: 'viewer', password: 'pass@w/rd' }));
    await watched.frames(0);
    await server.kill();
    await watched.until(() => (watched!.ctx.counters['reconnects'] ?? 0) >= 2);
    await server.start();
    const wrong = new Watched(make({ url: `rtsp://viewer:wr0ng%2Fsecret@127.0.0.1:${server.port}/cam?token=t0ken` }));
    await wrong.until(() => wrong.error !== undefined);
    expect(wrong.error).toMatchObject({ code: 'CAMERA_REFUSED', retryable: false });
    await wrong.stop();
    const said = JSON.stringify([watched.ctx.logged, wrong.ctx.logged, wrong.error, (wrong.error as Error).message]);
    expect(said).toContain(`127.0.0.1:${server.port}/cam`);
    expect(said).not.toMatch(/pass@w|pass%40w|wr0ng|t0ken|viewer/);
  });

  it('by its name, also with the build of the installer package, which cannot look up names', async () => {
    let path: string;
    try {
      ({ path } = createRequire(__filename)('@ffmpeg-installer/ffmpeg') as { path: string });
    } catch {
      return; // Optional, and not for every platform.
    }
    await server.start();
    const old = new FfmpegLocator({ ...process.env, FFMPEG_PATH: path });
    expect((await old.find()).shared).toBe(false);
    watched = new Watched(make({ url: url.replace('127.0.0.1', 'localhost') }, old));
    await watched.frames(0);
  });
});

describe('the command line of a camera', () => {
  const resolve = (name: string) =>
    name === 'cam.example' ? Promise.resolve({ address: '192.0.2.7', family: 4 }) : Promise.resolve({ address: '2001:db8::7', family: 6 });

  it.each([
    [{ shared: true }, 'rtsp://cam.example:554/a?b=c', 'rtsp://cam.example:554/a?b=c'],
    [{ shared: false }, 'rtsp://u:p@cam.example:554/a?b=c', 'rtsp://u:p@192.0.2.7:554/a?b=c'],
    [{ shared: false }, 'rtsp://six.example/a', 'rtsp://[2001:db8::7]/a'],
    [{ shared: false }, 'rtsp://[::1]:554/a', 'rtsp://[::1]:554/a'],
    [{ shared: false }, 'rtsp://10.0.0.1/a', 'rtsp://10.0.0.1/a'],
  ])('%j and %s give %s', async (ffmpeg, url, expected) => {
    const { args, live } = await rtspInput({ url, transport: 'udp' }, ffmpeg, resolve);
    expect(args.slice(args.indexOf('-rtsp_transport'))).toEqual([
      '-rtsp_transport',
      'udp',
      '-allowed_media_types',
      'video',
      '-i',
      expected,
    ]);
    expect(live).toBe(true);
  });

  it('says which name is not known', async () => {
    const unknown = () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }));
    await expect(rtspInput({ url: 'rtsp://u:secret@cam/a', transport: 'tcp' }, { shared: false }, unknown)).rejects.toMatchObject({
      code: 'CAMERA_UNREACHABLE',
      message: 'rtsp://cam/a cannot be opened: the name cam is not known (ENOTFOUND).',
      retryable: true,
    });
  });

  it('takes secrets out of what ffmpeg says', async () => {
    const { clean, shown } = await rtspInput(
      { url: 'rtsp://cam/a?token=abcdef', user: 'ann', password: 'p@ss:w', transport: 'tcp' },
      { shared: true },
    );
    expect(shown).toBe('rtsp://cam/a?...');
    expect(clean!('rtsp://ann:p%40ss%3Aw@cam/a?token=abcdef: 404')).toBe('rtsp://cam/a?***: 404');
    expect(clean!('password p@ss:w, or p%40ss%3Aw')).toBe('password ***, or ***');
  });

  it.each(['http://x/y', 'cam', '', 'rtsp://'])('%j is no address', (url) => expect(configIssues(RtspConfig, { url })).not.toEqual([]));
});
