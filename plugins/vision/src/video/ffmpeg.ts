import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { SluiceError, token, type Token } from '@sluice/sdk';

export interface Ffmpeg {
  readonly path: string;
  /** As it names itself. */
  readonly version: string;
  /** Whether it knows `-fps_mode`, which took the place of `-vsync` in 5.1. */
  readonly fpsMode: boolean;
  /** Whether it was built against the libraries of a system: others crash when they look up a name in the network. */
  readonly shared: boolean;
}

const HOW_TO_GET: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'Install it with your package manager (apt-get install ffmpeg, dnf install ffmpeg)',
  darwin: 'Install it with `brew install ffmpeg`',
  win32: 'Install it with `winget install ffmpeg`',
};

/** Where ffmpeg is, looked for once. */
export class FfmpegLocator {
  private found: Promise<Ffmpeg> | undefined;

  constructor(
    private readonly env: NodeJS.ProcessEnv = process.env,
    private readonly load: (name: string) => unknown = createRequire(__filename),
  ) {}

  /**
   * FFMPEG_PATH, else the package ffmpeg-static where its file exists, else PATH, else the package @ffmpeg-installer/ffmpeg.
   * @throws SluiceError FFMPEG_NOT_FOUND, or FFMPEG_INVALID where FFMPEG_PATH names something else
   */
  find(): Promise<Ffmpeg> {
    this.found ??= this.search();
    return this.found;
  }

  private async search(): Promise<Ffmpeg> {
    const named = this.env['FFMPEG_PATH'];
    if (named !== undefined && named !== '') {
      const made = await this.probe(named);
      if (typeof made !== 'string') return made;
      throw new SluiceError('FFMPEG_INVALID', `FFMPEG_PATH is ${named}, and that is no ffmpeg that runs: ${made}.`, {
        hint: 'Set FFMPEG_PATH to an ffmpeg binary, or unset it.',
      });
    }
    const tried: string[] = [];
    for (const path of [this.ofPackage('ffmpeg-static'), 'ffmpeg', this.ofPackage('@ffmpeg-installer/ffmpeg')]) {
      if (path === undefined) continue;
      const made = await this.probe(path);
      if (typeof made !== 'string') return made;
      tried.push(`${path}: ${made}`);
    }
    throw new SluiceError('FFMPEG_NOT_FOUND', `There is no ffmpeg that runs here (${tried.join('; ')}).`, {
      hint: `${HOW_TO_GET[process.platform] ?? 'Install ffmpeg'}, or run \`npm install @ffmpeg-installer/ffmpeg\`, or set FFMPEG_PATH.`,
    });
  }

  /** Both packages are optional, and their download may have failed. */
  private ofPackage(name: string): string | undefined {
    try {
      const made = this.load(name) as string | { path?: string } | null;
      const path = typeof made === 'string' ? made : made?.path;
      return path !== undefined && existsSync(path) ? path : undefined;
    } catch {
      return undefined;
    }
  }

  /** What it is, or why it does not run. */
  private probe(path: string): Promise<Ffmpeg | string> {
    return new Promise((resolve) => {
      execFile(path, ['-version'], { timeout: 10_000, windowsHide: true, env: this.env }, (error, stdout) => {
        const version = /^ffmpeg version (\S+)/.exec(stdout)?.[1];
        if (version !== undefined)
          resolve({ path, version, fpsMode: knowsFpsMode(version, stdout), shared: stdout.includes('--enable-shared') });
        else resolve(error === null ? 'it does not say its version' : (error.code?.toString() ?? error.signal ?? error.message));
      });
    });
  }
}

/** Builds from git have no number: their year of copyright tells. */
function knowsFpsMode(version: string, banner: string): boolean {
  const number = /^n?(\d+)\.(\d+)/.exec(version);
  if (number !== null) return Number(number[1]) > 5 || (number[1] === '5' && Number(number[2]) >= 1);
  return Number(/Copyright \(c\) \d+-(\d+)/.exec(banner)?.[1] ?? 0) >= 2023;
}

export const FFMPEG: Token<FfmpegLocator> = token('vision/ffmpeg');
