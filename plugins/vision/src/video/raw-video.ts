import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { SluiceError } from '@sluice/sdk';
import type { Ffmpeg } from './ffmpeg';

export interface VideoFormat {
  readonly width: number;
  readonly height: number;
  /** Frames a second of media time; 0 where a live one does not say. */
  readonly fps: number;
  /** As the container says; undefined where it does not. */
  readonly durationMs: number | undefined;
}

/** What is decoded. */
export interface VideoInput {
  /** Options of ffmpeg up to and with `-i`. */
  readonly args: readonly string[];
  /** How people are told of it: without secrets. */
  readonly shown: string;
  /** Every frame as it comes; else they are evenly spaced, so that the number of a frame says its time. */
  readonly live: boolean;
  /** Takes out of a line of ffmpeg what must not be seen. */
  readonly clean?: (line: string) => string;
}

export function fileInput(path: string): VideoInput {
  // A name alone could be an option or a URL.
  return { args: ['-i', `file:${path}`], shown: path, live: false };
}

export interface VideoOptions {
  readonly fps?: number | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

/** How a video came to its end. */
export interface VideoEnd {
  /** Exit code; null where a signal ended it. */
  readonly code: number | null;
  /** Bytes of a frame that was begun and not finished. */
  readonly partialBytes: number;
  /** The last complaints of ffmpeg, at most KEPT. */
  readonly errors: readonly string[];
}

const KEPT = 20;
/** Rates of broadcast, which ffmpeg prints rounded. */
const BROADCAST: Readonly<Record<string, number>> = {
  '23.98': 24000 / 1001,
  '29.97': 30000 / 1001,
  '47.95': 48000 / 1001,
  '59.94': 60000 / 1001,
  '119.88': 120000 / 1001,
};

const running = new Set<ChildProcess>();
// A process that is ended by process.exit() runs no finally: nothing may stay behind all the same.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/**
 * The frames of one video as raw RGB, from an ffmpeg process. The pipe is read only as `read` is called, so a slow
 * reader makes ffmpeg wait.
 */
export class RawVideo {
  private readonly chunks: AsyncIterator<Buffer>;
  private readonly gone: Promise<{ code: number | null }>;
  private rest: Buffer = Buffer.alloc(0);
  private partial = 0;

  private constructor(
    private readonly child: ChildProcess & { readonly stdout: Readable },
    private readonly errors: readonly string[],
    gone: Promise<{ code: number | null }>,
    readonly format: VideoFormat,
  ) {
    this.gone = gone;
    this.chunks = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /**
   * Starts ffmpeg and waits until it knows the picture.
   * @throws SluiceError VIDEO_UNREADABLE naming the input (`details.errors` is what ffmpeg said), FFMPEG_FAILED where ffmpeg does not start
   */
  static async open(ffmpeg: Ffmpeg, input: VideoInput, options: VideoOptions = {}, signal?: AbortSignal): Promise<RawVideo> {
    signal?.throwIfAborted();
    const child = spawn(ffmpeg.path, commandLine(ffmpeg, input, options), { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    running.add(child);
    const errors: string[] = [];
    const stop = () => void child.kill('SIGKILL');
    signal?.addEventListener('abort', stop, { once: true });
    const failed = new Promise<Error | undefined>((resolve) => {
      child.once('error', resolve);
      child.once('exit', () => resolve(undefined));
    });
    const lines = createInterface({ input: child.stderr });
    const heard = once(lines, 'close');
    const gone = Promise.all([failed, heard]).then(() => {
      running.delete(child);
      signal?.removeEventListener('abort', stop);
      return { code: child.exitCode };
    });
    const format = await new Promise<VideoFormat | undefined>((resolve) => {
      const seen: { output: boolean; durationMs: number | undefined } = { output: false, durationMs: undefined };
      lines.on('line', (line) => {
        const text = line.replace(/^(?:\[[^\]]* @ [^\]]*\] )?\[(\w+)\] /, '');
        if (/^(?:\[[^\]]* @ [^\]]*\] )?\[(?:error|fatal|panic)\] /.test(line)) {
          errors.push(input.clean?.(text) ?? text);
          if (errors.length > KEPT) errors.shift();
        } else if (text.startsWith('Input #0, tty')) {
          // ffmpeg draws text files as terminal art.
          errors.push('it is a text file');
          stop();
        } else if (text.startsWith('Output #0')) seen.output = true;
        else if (seen.output) {
          const made = formatOf(text, seen.durationMs);
          if (made !== undefined) resolve(made);
        } else seen.durationMs ??= durationOf(text);
      });
      void gone.then(() => resolve(undefined));
    });
    if (format !== undefined) return new RawVideo(child, errors, gone, format);
    child.stdout.destroy();
    signal?.throwIfAborted();
    const broken = await failed;
    if (broken !== undefined) {
      throw new SluiceError('FFMPEG_FAILED', `ffmpeg (${ffmpeg.path}) did not start: ${broken.message}.`, {
        hint: 'Set FFMPEG_PATH to an ffmpeg that runs.',
      });
    }
    throw new SluiceError('VIDEO_UNREADABLE', `${input.shown} cannot be read as a video: ${reason(errors)}.`, {
      details: { errors },
      hint: 'Check that the file is a video and complete: `ffmpeg -i` shows what is in it.',
    });
  }

  /** Bytes of one frame. */
  get frameBytes(): number {
    return this.format.width * this.format.height * 3;
  }

  /** Fills `into` with the next frame; false at the end. */
  async read(into: Uint8Array): Promise<boolean> {
    for (let filled = 0; filled < into.length;) {
      if (this.rest.length === 0) {
        const next = await this.chunks.next();
        if (next.done === true) {
          this.partial = filled;
          return false;
        }
        this.rest = next.value;
      }
      const n = Math.min(this.rest.length, into.length - filled);
      into.set(this.rest.subarray(0, n), filled);
      this.rest = this.rest.subarray(n);
      filled += n;
    }
    return true;
  }

  /** How it ended; call it after `read` gave false. */
  async end(): Promise<VideoEnd> {
    const { code } = await this.gone;
    return { code, partialBytes: this.partial, errors: [...this.errors] };
  }

  /** Kills ffmpeg where it still runs and waits until it is gone. */
  async stop(): Promise<void> {
    this.child.stdout.destroy();
    this.child.kill('SIGKILL');
    await this.gone;
  }
}

function commandLine(ffmpeg: Ffmpeg, { args, live }: VideoInput, { fps, width, height }: VideoOptions): string[] {
  const filters = [
    ...(fps === undefined ? [] : [`fps=${fps}`]),
    ...(width === undefined && height === undefined ? [] : [`scale=${width ?? -2}:${height ?? -2}:flags=bilinear`]),
  ];
  return [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+info'],
    ...[...args, '-map', '0:v:0', '-an', '-sn', '-dn'],
    ...(filters.length === 0 ? [] : ['-vf', filters.join(',')]),
    ...[ffmpeg.fpsMode ? '-fps_mode' : '-vsync', live ? 'passthrough' : 'cfr', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
  ];
}

function formatOf(text: string, durationMs: number | undefined): VideoFormat | undefined {
  // Titles of a stream are printed, too.
  const size = /^\s*Stream #0:0.*Video: rawvideo\b.*\brgb24\b.*?, (\d+)x(\d+)[ ,]/.exec(text);
  const rate = /, ([\d.]+)(k?) fps/.exec(text);
  if (size === null) return undefined;
  const fps = rate === null ? 0 : (BROADCAST[rate[1]!] ?? Number(rate[1]) * (rate[2] === 'k' ? 1000 : 1));
  return { width: Number(size[1]), height: Number(size[2]), fps, durationMs };
}

function durationOf(text: string): number | undefined {
  const found = /^\s*Duration: (\d+):(\d+):([\d.]+)/.exec(text);
  return found === null ? undefined : ((Number(found[1]) * 60 + Number(found[2])) * 60 + Number(found[3])) * 1000;
}

/** The complaint that says most; ffmpeg ends with the name of the file and a general one. */
function reason(errors: readonly string[]): string {
  if (errors.some((line) => line.includes('matches no streams'))) return 'it has no video stream';
  return (
    errors
      .slice(0, 2)
      .map((line) => line.replace(/^file:.*?: /, '').replace(/\.$/, ''))
      .join('; ') || 'ffmpeg found no frame in it'
  );
}
