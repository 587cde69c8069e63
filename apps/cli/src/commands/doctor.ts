import { SluiceError } from '@sluice/sdk/catalogue';
import { existsSync, mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { assets } from '../assets';
import { EXIT, type Exit } from '../exit';
import type { Terminal } from '../terminal';

type State = 'ok' | 'warning' | 'failed';

interface Finding {
  readonly check: string;
  readonly state: State;
  /** What was found, or the cause. */
  readonly message: string;
  /** What to do. */
  readonly fix?: string;
}

interface Options {
  readonly for?: 'core' | 'vision';
  readonly port: number;
}

const MARKS: Readonly<Record<State, readonly [string, 'green' | 'yellow' | 'red']>> = {
  ok: ['ok', 'green'],
  warning: ['note', 'yellow'],
  failed: ['FAIL', 'red'],
};

/** `sluice doctor`: exit 4 where something that is needed is not there. */
export async function doctor(terminal: Terminal, options: Options): Promise<Exit> {
  const checks = [
    ...(options.for === 'vision' ? [] : [() => port(options.port)]),
    node,
    writable,
    ...(options.for === 'core' ? [] : [ffmpeg, onnx, sharp]),
    staged,
  ];
  const findings: Finding[] = [];
  for (const check of checks) findings.push(await check());
  const ok = findings.every(({ state }) => state !== 'failed');
  if (terminal.json) terminal.object({ ok, findings });
  else {
    const width = Math.max(...findings.map(({ check }) => check.length));
    for (const { check, state, message, fix } of findings) {
      const [mark, colour] = MARKS[state];
      const [first = '', ...more] = terminal.table([[mark.padEnd(4), check.padEnd(width), message]]);
      terminal.out(first.replace(mark, terminal.paint(colour, mark, process.stdout)));
      for (const line of [...more, ...(fix === undefined ? [] : terminal.table([['    ', ''.padEnd(width), `fix: ${fix}`]]))])
        terminal.out(line);
    }
  }
  return ok ? EXIT.ok : EXIT.preflight;
}

async function node(): Promise<Finding> {
  return { check: 'node', state: 'ok', message: `${process.versions.node} on ${process.platform} ${process.arch}` };
}

async function writable(): Promise<Finding> {
  const folder = process.cwd();
  try {
    rmdirSync(mkdtempSync('.sluice-write-'));
    return { check: 'folder', state: 'ok', message: `${folder} can be written` };
  } catch (error) {
    return {
      check: 'folder',
      state: 'failed',
      message: `${folder} cannot be written (${(error as NodeJS.ErrnoException).code})`,
      fix: 'Change its rights, or work in a folder of your own: graphs write to out/ there.',
    };
  }
}

function port(number: number): Promise<Finding> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      done({
        check: 'port',
        state: 'failed',
        message: error.code === 'EADDRINUSE' ? `${number} is taken by another program` : `${number} cannot be opened (${error.code})`,
        fix: 'Stop that program, or serve with --port and another number.',
      }),
    );
    probe.listen(number, '127.0.0.1', () => probe.close(() => done({ check: 'port', state: 'ok', message: `${number} is free` })));
  });
}

async function ffmpeg(): Promise<Finding> {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only this check needs the plugin
    const { FfmpegLocator } = require('@sluice/plugin-vision') as typeof import('@sluice/plugin-vision');
    const { path, version } = await new FfmpegLocator().find();
    return { check: 'ffmpeg', state: 'ok', message: `${version} (${path})` };
  } catch (error) {
    return fault('ffmpeg', error, 'Install ffmpeg and put it on PATH, or set FFMPEG_PATH.');
  }
}

const onnx = (): Promise<Finding> =>
  loads('onnxruntime', 'onnxruntime-node', 'Install again with `npm ci`; it has binaries for Linux, Windows and macOS on arm64.');
const sharp = (): Promise<Finding> => loads('sharp', 'sharp', 'Install again with `npm ci`, with optional packages.');

/** Loads a native package as the vision plugin would. */
async function loads(check: string, name: string, fix: string): Promise<Finding> {
  try {
    const require = createRequire(__filename);
    const from = createRequire(require.resolve('@sluice/plugin-vision/package.json'));
    from(name);
    return { check, state: 'ok', message: `${versionOf(from.resolve(name))} loads` };
  } catch (error) {
    return fault(check, error, fix);
  }
}

/** Version of the package that a file belongs to: not every package lets its package.json be imported. */
function versionOf(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    const version = existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as { version?: string }).version : undefined;
    if (version !== undefined) return version;
  }
  return '';
}

async function staged(): Promise<Finding> {
  try {
    const all = await assets().verify();
    const count = (state: string): number => all.filter((one) => one.state === state).length;
    const [missing, damaged] = [count('missing'), count('damaged')];
    if (damaged > 0)
      return {
        check: 'assets',
        state: 'failed',
        message: `${damaged} damaged`,
        fix: '`sluice assets verify` names them, `sluice assets stage` repairs them.',
      };
    const message = `${all.length - missing} of ${all.length} there`;
    if (missing === 0) return { check: 'assets', state: 'ok', message };
    return {
      check: 'assets',
      state: 'warning',
      message,
      fix: '`sluice assets stage` fetches the rest; only graphs that name them need them.',
    };
  } catch (error) {
    if (SluiceError.is(error, 'ASSET_LOCK_NOT_FOUND')) return { check: 'assets', state: 'ok', message: 'no lock file here, none needed' };
    return fault('assets', error, 'Restore assets.lock.yaml from version control.');
  }
}

function fault(check: string, error: unknown, fix: string): Finding {
  const hint = SluiceError.is(error) ? error.hint : undefined;
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  return { check, state: 'failed', message, fix: hint ?? fix };
}
