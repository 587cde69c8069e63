import { ms, SluiceError, to, type Context, type To } from '@sluice/sdk';
import { filter, identity, Observable, retry, take, throwError, timeout, timer } from 'rxjs';
import type { Frame } from '../ports';
import type { Ffmpeg } from './ffmpeg';
import { FramePool } from './frame-pool';
import type { LiveConfig } from './live-config';
import { RawVideo, type VideoInput } from './raw-video';

type Sent = To<'frames', Frame>;

/** What a camera is to people, and how ffmpeg gets at it; asked for at each connection. */
export interface Camera {
  readonly shown: string;
  connect(signal: AbortSignal): Promise<{ readonly ffmpeg: Ffmpeg; readonly input: VideoInput }>;
  /** Added to the meta of each frame. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** ffmpeg names the answer of the camera. */
const REFUSED = /\b(401|403) (Unauthorized|Forbidden)|authorization failed/i;

/**
 * Frames of a camera as they come, for as long as somebody listens: connects again with growing pauses when it is lost, each
 * time as a new epoch. That it is lost is seen by frames that do not come; ffmpeg may wait for ever, or end without a fault.
 */
export class LiveVideo {
  private pool = new FramePool(0, 0);
  private epoch = 0;
  private index = 0;
  private began: number | undefined;
  /** Connections that are not cleared away. */
  private readonly open = new Set<Promise<void>>();

  constructor(
    private readonly camera: Camera,
    private readonly config: LiveConfig,
  ) {}

  /** Errors with CAMERA_REFUSED, or, where it does not connect again, CAMERA_LOST or CAMERA_UNREACHABLE. */
  read(ctx: Context): Observable<Sent> {
    const { reconnect_max_attempts: most, max_frames, timeout: patience, connect_timeout: first } = this.config;
    const { shown } = this.camera;
    const silent = ({ seen }: { seen: number }) =>
      new SluiceError('CAMERA_LOST', `${shown} gave no frame for ${seen === 0 ? first : patience}.`, RETRYABLE);
    return this.connection(ctx).pipe(
      timeout({ first: ms(first), each: ms(patience), scheduler: ctx.scheduler, with: (info) => throwError(() => silent(info)) }),
      retry({
        ...(most === 0 ? {} : { count: most }),
        resetOnSuccess: true,
        delay: (error: unknown, attempt) => this.again(error, attempt, ctx),
      }),
      filter((sent) => sent !== undefined),
      max_frames === 0 ? identity : take(max_frames),
    );
  }

  /** Resolves when no process is left. */
  async close(): Promise<void> {
    await Promise.all(this.open);
  }

  /** Frames that are in use in the graph, and buffers that exist. */
  get buffers(): { used: number; allocated: number } {
    return { used: this.pool.used, allocated: this.pool.allocated };
  }

  /** One connection, to its fault; undefined stands for a frame that came and was dropped. */
  private connection(ctx: Context): Observable<Sent | undefined> {
    return new Observable((out) => {
      const stop = new AbortController();
      const end = () => stop.abort();
      ctx.signal.addEventListener('abort', end, { once: true });
      const work = this.play(stop.signal, ctx, (sent) => out.next(sent)).catch((error: unknown) => out.error(error));
      const gone = work.finally(() => {
        this.open.delete(gone);
        ctx.signal.removeEventListener('abort', end);
      });
      this.open.add(gone);
      return end;
    });
  }

  private async play(signal: AbortSignal, ctx: Context, send: (sent: Sent | undefined) => void): Promise<void> {
    const { fps, width, height, max_in_flight, source_id = ctx.node } = this.config;
    const { shown, meta } = this.camera;
    const { ffmpeg, input } = await this.camera.connect(signal);
    const video = await RawVideo.open(ffmpeg, input, { fps, width, height }, signal).catch((error: unknown) => {
      throw signal.aborted ? error : unreachable(shown, error);
    });
    try {
      if (this.pool.size !== video.frameBytes) this.pool = new FramePool(video.frameBytes, max_in_flight);
      const { pool } = this;
      const spare = new Uint8Array(new SharedArrayBuffer(video.frameBytes));
      const epoch = this.epoch++;
      ctx.count('connected');
      ctx.trouble();
      ctx.log.info(`${shown} gives ${video.format.width}x${video.format.height}.`, { epoch });
      for (;;) {
        const data = pool.tryTake() ?? spare;
        if (!(await video.read(data)) || signal.aborted) {
          pool.give(data);
          break;
        }
        const now = ctx.now();
        this.began ??= now;
        const index = this.index++;
        if (data === spare) {
          ctx.count('dropped');
          send(undefined);
          continue;
        }
        const frame: Frame = { data, ...sizeOf(video), format: 'rgb24', index, time_ms: now - this.began };
        send(
          to('frames', frame, {
            meta: { frame_idx: index, epoch, ...meta },
            key: `frame:${source_id}:${epoch}:${index}`,
            sourceId: source_id,
            time: now,
            epoch,
            done: () => pool.give(data),
          }),
        );
      }
      if (signal.aborted) return;
      // Whatever the exit code: a camera has no end.
      const { code, errors } = await video.end();
      const said = errors.at(-1)?.replace(/\.$/, '') ?? `ffmpeg ended with ${code === null ? 'a signal' : `exit code ${code}`}`;
      throw new SluiceError('CAMERA_LOST', `${shown} gives no more frames: ${said}.`, RETRYABLE);
    } finally {
      await video.stop();
    }
  }

  private again(error: unknown, attempt: number, ctx: Context): Observable<unknown> {
    const known = SluiceError.from(error, 'CAMERA_LOST');
    if (!this.config.reconnect || !known.retryable) return throwError(() => error);
    const full = Math.min(ms(this.config.reconnect_max_backoff), ms(this.config.reconnect_backoff) * 2 ** (attempt - 1));
    const wait = Math.round(full / 2 + (full / 2) * ctx.random());
    ctx.count('reconnects');
    ctx.trouble(known);
    return timer(wait, ctx.scheduler);
  }
}

const RETRYABLE = { retryable: true, hint: 'Look at the camera, its power and its network.' };

function sizeOf({ format: { width, height } }: RawVideo): { width: number; height: number } {
  return { width, height };
}

function unreachable(shown: string, error: unknown): unknown {
  if (!SluiceError.is(error, 'VIDEO_UNREADABLE')) return error;
  const { errors = [] } = error.details as { errors?: readonly string[] };
  if (errors.some((line) => REFUSED.test(line))) {
    return new SluiceError('CAMERA_REFUSED', `${shown} refused user and password.`, { hint: 'Set user and password, and start again.' });
  }
  return new SluiceError(
    'CAMERA_UNREACHABLE',
    `${shown} cannot be opened: ${errors.slice(0, 2).join('; ') || 'ffmpeg got no picture'}.`,
    RETRYABLE,
  );
}
