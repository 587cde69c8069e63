import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Doc, Node, port, SluiceError, to, type Context, outside } from '@sluice/sdk';
import { IsBoolean, IsInt, IsNotEmpty, IsString, Matches, Max, Min } from 'class-validator';
import { FrameType, type Frame } from './ports';
import { FFMPEG, type FfmpegLocator } from './video/ffmpeg';
import { FramePool } from './video/frame-pool';
import { FramesConfig } from './video/frames-config';
import { fileInput, RawVideo } from './video/raw-video';

/** A moment that means the same on every machine. */
const MOMENT =
  /^(now|\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))$/;

export class VideoFileConfig extends FramesConfig {
  @IsString() @IsNotEmpty() @Doc('Video file; relative to the folder of the graph.', { examples: ['samples/street.mp4'] }) path!: string;
  @IsBoolean() @Doc('Frames come as they would from a camera; false: as fast as the graph takes them.') pace = true;
  @IsBoolean() @Doc('Begins again at the end.') loop = false;
  @Matches(MOMENT, { message: '$property must be `now` or a time with its zone such as 2026-01-01T00:00:00Z' })
  @Doc('Event time of the first frame: a fixed one makes every run give the same times and event ids; or `now`.', {
    examples: ['2026-01-01T00:00:00Z'],
  })
  start_ts = 'now';
  @IsInt() @Min(2) @Max(4096) @Doc('Frames that may be in use in the graph at one time; the source waits beyond.') max_in_flight = 64;
}

/** How late a paced source may be and still catch up; beyond, it goes on from now like a camera would. */
const CATCH_UP_MS = 1000;

@Node({
  type: 'vision/video-file',
  kind: 'source',
  mode: 'pull',
  summary: 'Frames of a video file, at its own pace like a camera or as fast as the graph takes them.',
  doc:
    'Decodes with ffmpeg in a process of its own. The pipe is read only as frames are taken, so an edge that blocks makes ffmpeg wait. ' +
    'Frames lie in shared memory that is used again when the packet is done. The key of a frame is `frame:<source>:<pass>:<index>`; ' +
    '`meta` has `frame_idx`, `pos_msec` (in the clip) and `epoch` (the pass of a loop).',
  config: VideoFileConfig,
  inject: [FFMPEG],
  out: { frames: port(FrameType, 'Every frame, in order.') },
  examples: [
    { title: 'A clip as a camera', config: { path: 'samples/street.mp4', loop: true } },
    {
      title: 'Once, as fast as it goes, same times in every run',
      config: { path: 'samples/street.mp4', pace: false, start_ts: '2026-01-01T00:00:00Z' },
    },
  ],
})
export class VideoFileNode {
  private file = '';
  private opened: RawVideo | undefined;
  private pool = new FramePool(0, 0);
  private epoch = 0;
  private index = 0;
  private mediaMs = 0;

  constructor(
    private readonly config: VideoFileConfig,
    private readonly ffmpeg: FfmpegLocator,
  ) {}

  async open(ctx: Context): Promise<void> {
    this.file = ctx.path(this.config.path);
    const found = await stat(this.file).catch(() => undefined);
    if (found === undefined || !found.isFile()) {
      throw new SluiceError('VIDEO_NOT_FOUND', `There is no video file ${this.file}.`, {
        hint: 'Set `path`; a relative one starts at the folder of the graph.',
      });
    }
    this.opened = await outside(this.start(ctx.signal));
  }

  async *read(ctx: Context) {
    const { source_id = ctx.node, max_frames, loop } = this.config;
    const startTs = this.config.start_ts === 'now' ? undefined : Date.parse(this.config.start_ts);
    const pacer = new Pacer(ctx);
    for (let more = true; more;) {
      const video = this.opened ?? (await outside(this.start(ctx.signal)));
      this.opened = video;
      if (this.pool.size !== video.frameBytes) this.pool = new FramePool(video.frameBytes, this.config.max_in_flight);
      const { pool } = this;
      const stop = () => void video.stop();
      ctx.signal.addEventListener('abort', stop, { once: true });
      const { width, height, fps } = video.format;
      const epoch = this.epoch++;
      let frames = 0;
      try {
        for (;;) {
          if (max_frames > 0 && this.index >= max_frames) return;
          const data = await pool.take(ctx.signal);
          if (!(await outside(video.read(data)))) {
            pool.give(data);
            break;
          }
          const posMs = (frames++ * 1000) / fps;
          const timeMs = this.mediaMs + posMs;
          if (this.config.pace) await pacer.wait(timeMs);
          const index = this.index++;
          const frame: Frame = { data, width, height, format: 'rgb24', index, time_ms: timeMs };
          yield to('frames', frame, {
            meta: { frame_idx: index, pos_msec: Math.round(posMs * 1000) / 1000, epoch },
            key: `frame:${source_id}:${epoch}:${index}`,
            sourceId: source_id,
            time: startTs === undefined ? ctx.now() : startTs + timeMs,
            done: () => pool.give(data),
          });
        }
        if (ctx.signal.aborted) return;
        await this.checkEnd(video, frames, ctx);
        this.mediaMs += (frames * 1000) / fps;
        more = loop;
      } finally {
        ctx.signal.removeEventListener('abort', stop);
        this.opened = undefined;
        await outside(video.stop());
      }
    }
  }

  async close(): Promise<void> {
    await this.opened?.stop();
    this.opened = undefined;
  }

  /** Frames that are in use in the graph, and buffers that exist. */
  get buffers(): { used: number; allocated: number } {
    return { used: this.pool.used, allocated: this.pool.allocated };
  }

  private async start(signal: AbortSignal): Promise<RawVideo> {
    const { fps, width, height } = this.config;
    return RawVideo.open(await this.ffmpeg.find(), fileInput(this.file), { fps, width, height }, signal);
  }

  /** What was complete has been given; now say whether that was all. */
  private async checkEnd(video: RawVideo, frames: number, ctx: Context): Promise<void> {
    const { code, partialBytes, errors } = await outside(video.end());
    const { fps, durationMs } = video.format;
    if (partialBytes > 0) ctx.count('partial_frames');
    const failed = code !== 0;
    if (errors.length === 0 && partialBytes === 0 && !failed && frames > 0) return;
    const said =
      errors.length === 0 ? `ffmpeg ended with ${code === null ? 'a signal' : `exit code ${code}`}` : errors[0]!.replace(/\.$/, '');
    if (frames === 0) {
      throw new SluiceError('VIDEO_UNREADABLE', `${this.file} has no frame that can be decoded: ${said}.`, {
        hint: 'Check that the file is a video and complete.',
      });
    }
    // ffmpeg conceals damage and ends with 0: the length tells whether the end is missing.
    const missingMs = durationMs === undefined ? undefined : durationMs - (frames * 1000) / fps;
    if (failed || partialBytes > 0 || missingMs === undefined || missingMs > Math.max(250, 2000 / fps)) {
      const cut = partialBytes > 0 ? ` and ${partialBytes} bytes of one more, which were dropped` : '';
      const whole = missingMs === undefined || missingMs <= 0 ? '' : ` of about ${Math.round(((durationMs ?? 0) / 1000) * fps)}`;
      throw new SluiceError('VIDEO_TRUNCATED', `${this.file} ends too early: ${frames} complete frames${whole}${cut}; ${said}.`, {
        hint: 'The complete frames were given. Copy or record the file again.',
        details: { frames, partial_bytes: partialBytes, errors },
      });
    }
    ctx.count('damaged');
    ctx.log.warn(`VIDEO_DAMAGED: ${basename(this.file)} could be decoded to its end, but ffmpeg complained: ${said}.`, {
      code: 'VIDEO_DAMAGED',
      errors,
    });
  }
}

/** Lets media time pass as fast as the clock. */
class Pacer {
  private zero: number | undefined;

  constructor(private readonly ctx: Context) {}

  async wait(mediaMs: number): Promise<void> {
    const now = this.ctx.now();
    this.zero ??= now - mediaMs;
    const wait = this.zero + mediaMs - now;
    if (wait > 0) await this.ctx.sleep(wait);
    else if (wait < -CATCH_UP_MS) this.zero = now - mediaMs;
  }
}
