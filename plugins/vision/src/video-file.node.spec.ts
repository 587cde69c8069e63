import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync, copyFileSync, readdirSync, chmodSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeConfig, type To } from '@sluice/sdk';
import type { Frame } from './ports';
import { done, fakeContext } from './testing/context';
import { VideoFileConfig, VideoFileNode } from './video-file.node';
import { FfmpegLocator } from './video/ffmpeg';

const SAMPLES = join(__dirname, '../../../graphs/samples');
const STREET = join(SAMPLES, 'street.mp4');
const locator = new FfmpegLocator();
const folder = mkdtempSync(join(tmpdir(), 'video-'));
afterAll(() => rmSync(folder, { recursive: true }));

function node(config: object): VideoFileNode {
  return new VideoFileNode(makeConfig(VideoFileConfig, { path: STREET, pace: false, ...config }), locator);
}

type Output = To<'frames', Frame>;

/** Reads to the end; every frame is done as soon as the next is asked for. */
async function readAll(
  source: VideoFileNode,
  ctx = fakeContext(SAMPLES),
  each: (output: Output) => void = () => undefined,
): Promise<number> {
  let n = 0;
  try {
    await source.open(ctx);
    for await (const output of source.read(ctx)) {
      n++;
      each(output);
      done(output);
    }
  } finally {
    await source.close();
  }
  return n;
}

/** Processes that ffmpeg runs as, of this test. */
function children(): number {
  if (process.platform !== 'linux') return 0;
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return stat.includes('(ffmpeg)') && Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === process.pid;
    } catch {
      return false;
    }
  }).length;
}
afterEach(() => expect(children()).toBe(0));

describe('vision/video-file', () => {
  it('gives every frame of the clip, with its number, position, key and shared bytes', async () => {
    const outputs: Output[] = [];
    const buffers = new Set<unknown>();
    const source = node({ source_id: 'cam1', start_ts: '2026-02-14T00:00:00Z' });
    expect(await readAll(source, undefined, (output) => (outputs.push(output), buffers.add(output.payload.data.buffer)))).toBe(120);
    const last = outputs[119]!;
    expect(last.payload).toMatchObject({ width: 512, height: 384, format: 'rgb24', index: 119, time_ms: 11_900 });
    expect(last.payload.data).toHaveLength(512 * 384 * 3);
    expect(last.payload.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(last.emission).toMatchObject({
      key: 'frame:cam1:0:119',
      sourceId: 'cam1',
      time: Date.UTC(2026, 1, 14) + 11_900,
      meta: { frame_idx: 119, pos_msec: 11_900, epoch: 0 },
    });
    expect(buffers.size).toBe(1);
    expect(source.buffers).toEqual({ used: 0, allocated: 1 });
  });

  it('takes its pace from the clip, from fps, and catches up what a slow graph cost', async () => {
    const times: number[] = [];
    const ctx = fakeContext(SAMPLES);
    const start = ctx.time;
    await readAll(node({ pace: true, max_frames: 5 }), ctx, () => times.push(ctx.time - start));
    expect(times).toEqual([0, 100, 200, 300, 400]);

    const sampled = fakeContext(SAMPLES);
    expect(await readAll(node({ pace: true, fps: 4 }), sampled)).toBe(48);
    expect(sampled.time - start).toBe(47 * 250);

    const slow: number[] = [];
    const late = fakeContext(SAMPLES);
    await readAll(node({ pace: true, max_frames: 5 }), late, () => {
      slow.push(late.time - start);
      if (slow.length === 2) late.time += 150;
    });
    expect(slow).toEqual([0, 100, 250, 300, 400]);
  });

  it('goes on from now where it is hopelessly late, instead of a burst', async () => {
    const times: number[] = [];
    const ctx = fakeContext(SAMPLES);
    const start = ctx.time;
    await readAll(node({ pace: true, max_frames: 5 }), ctx, () => {
      times.push(ctx.time - start);
      if (times.length === 2) ctx.time += 5000;
    });
    expect(times).toEqual([0, 100, 5100, 5200, 5300]);
  });

  it('loops: numbers and media time go on, position and key begin a new pass', async () => {
    const seen: unknown[] = [];
    await readAll(node({ loop: true, max_frames: 122, source_id: 'c' }), undefined, ({ payload, emission }) => {
      if (payload.index >= 119) seen.push([payload.index, payload.time_ms, emission.meta?.['pos_msec'], emission.key]);
    });
    expect(seen).toEqual([
      [119, 11_900, 11_900, 'frame:c:0:119'],
      [120, 12_000, 0, 'frame:c:1:120'],
      [121, 12_100, 100, 'frame:c:1:121'],
    ]);
  });

  it('also reads with the old build of the installer package', async () => {
    let path: string;
    try {
      ({ path } = createRequire(__filename)('@ffmpeg-installer/ffmpeg') as { path: string });
    } catch {
      return; // Optional, and not for every platform.
    }
    const old = new FfmpegLocator({ ...process.env, FFMPEG_PATH: path });
    expect((await old.find()).fpsMode).toBe(false);
    expect(await readAll(new VideoFileNode(makeConfig(VideoFileConfig, { path: STREET, pace: false, fps: 5, width: 128 }), old))).toBe(60);
  });

  it('scales', async () => {
    const sizes = new Set<string>();
    await readAll(node({ width: 256, max_frames: 2 }), undefined, ({ payload: { width, height, data } }) =>
      sizes.add(`${width}x${height} ${data.length}`),
    );
    expect([...sizes]).toEqual([`256x192 ${256 * 192 * 3}`]);
  });

  it('waits, and ffmpeg with it, while the graph holds all it may', async () => {
    const source = node({ max_in_flight: 3 });
    const ctx = fakeContext(SAMPLES);
    await source.open(ctx);
    const frames = source.read(ctx)[Symbol.asyncIterator]();
    const held: Output[] = [];
    for (let i = 0; i < 3; i++) held.push((await frames.next()).value as Output);
    let came = false;
    const fourth = frames.next().then((result) => ((came = true), result));
    await new Promise((resolve) => setImmediate(resolve));
    expect(came).toBe(false);
    expect(source.buffers).toEqual({ used: 3, allocated: 3 });
    expect(children()).toBe(process.platform === 'linux' ? 1 : 0);
    done(held[0]!);
    expect(((await fourth).value as Output).payload.data.buffer === held[0]!.payload.data.buffer).toBe(true);
    await frames.return();
    await source.close();
  });

  it.each([
    ['the reader stops', async (frames: AsyncGenerator<Output>) => void (await frames.return(undefined))],
    ['only close is called', async (_: unknown, source: VideoFileNode) => source.close()],
    [
      'the run is aborted',
      async (frames: AsyncGenerator<Output>, source: VideoFileNode, ctx: { abort(): void }) => {
        ctx.abort();
        await frames.next().catch(() => undefined);
        await source.close();
      },
    ],
  ])('leaves no process behind when %s', async (_, stop) => {
    const source = node({ loop: true });
    const ctx = fakeContext(SAMPLES);
    await source.open(ctx);
    const frames = source.read(ctx) as AsyncGenerator<Output>;
    await frames.next();
    await stop(frames, source, ctx);
  });

  describe('broken input', () => {
    const file = (name: string) => join(folder, name);

    it('names a missing file', async () => {
      await expect(readAll(node({ path: 'no-such.mp4' }))).rejects.toMatchObject({
        code: 'VIDEO_NOT_FOUND',
        message: expect.stringContaining('no-such.mp4') as string,
      });
      await expect(readAll(node({ path: folder }))).rejects.toMatchObject({ code: 'VIDEO_NOT_FOUND' });
    });

    it.each(['text.mp4', 'text.txt', 'empty.mp4'])('names a file that is no video: %s', async (name) => {
      writeFileSync(file(name), name.startsWith('text') ? 'This is no video.\n'.repeat(20) : '');
      await expect(readAll(node({ path: file(name) }))).rejects.toMatchObject({
        code: 'VIDEO_UNREADABLE',
        message: expect.stringContaining(name) as string,
      });
    });

    it('names a truncated mp4 whose index is lost', async () => {
      const { path } = await locator.find();
      execFileSync(path, ['-v', 'error', '-i', STREET, '-c', 'copy', file('no-index.mp4')]);
      truncateSync(file('no-index.mp4'), 80_000);
      await expect(readAll(node({ path: file('no-index.mp4') }))).rejects.toMatchObject({
        code: 'VIDEO_UNREADABLE',
        message: expect.stringContaining('moov atom not found') as string,
      });
    });

    it('gives the complete frames of a cut mp4, then says that the end is missing', async () => {
      copyFileSync(STREET, file('cut.mp4'));
      truncateSync(file('cut.mp4'), 80_000);
      const ctx = fakeContext();
      let frames = 0;
      await expect(readAll(node({ path: file('cut.mp4') }), ctx, () => void frames++)).rejects.toMatchObject({
        code: 'VIDEO_TRUNCATED',
        message: expect.stringContaining('complete frames of about 120') as string,
      });
      expect(frames).toBeGreaterThan(20);
      expect(frames).toBeLessThan(60);
      expect(ctx.counters['partial_frames']).toBeUndefined();
    });

    it('goes on over damage in the middle, and says so', async () => {
      const bytes = readFileSync(STREET);
      bytes.fill(0x55, 80_000, 80_800);
      writeFileSync(file('damaged.mp4'), bytes);
      const ctx = fakeContext();
      expect(await readAll(node({ path: file('damaged.mp4') }), ctx)).toBeGreaterThanOrEqual(118);
      expect(ctx.counters['damaged']).toBe(1);
      expect(ctx.logged.join()).toContain('VIDEO_DAMAGED');
    });

    const posix = process.platform === 'win32' ? it.skip : it;
    posix('counts a frame that the pipe cuts off and gives the complete ones', async () => {
      // A decoder that dies in the middle of its third frame.
      const real = await locator.find();
      const path = join(folder, 'dying-ffmpeg');
      const bytes = 512 * 384 * 3 * 2 + 1000;
      writeFileSync(
        path,
        `#!/bin/sh\nif [ "$1" = -version ]; then exec ${real.path} -version; fi\n${real.path} "$@" | head -c ${bytes}\nexit 1\n`,
      );
      chmodSync(path, 0o755);
      const ctx = fakeContext();
      const source = new VideoFileNode(
        makeConfig(VideoFileConfig, { path: STREET, pace: false }),
        new FfmpegLocator({ ...process.env, FFMPEG_PATH: path }),
      );
      let frames = 0;
      await expect(readAll(source, ctx, () => void frames++)).rejects.toMatchObject({
        code: 'VIDEO_TRUNCATED',
        details: { frames: 2, partial_bytes: 1000 },
      });
      expect(frames).toBe(2);
      expect(ctx.counters['partial_frames']).toBe(1);
      expect(source.buffers.used).toBe(0);
    });

    it('says that a sound file has no video', async () => {
      const { path } = await locator.find();
      execFileSync(path, ['-v', 'error', '-f', 'lavfi', '-i', 'sine=d=0.2', file('sound.wav')]);
      await expect(readAll(node({ path: file('sound.wav') }))).rejects.toMatchObject({
        code: 'VIDEO_UNREADABLE',
        message: expect.stringContaining('no video stream') as string,
      });
    });
  });
});
