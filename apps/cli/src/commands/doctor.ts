import { flag, list, ref, shape, text, told } from '@sluice/control/schemas';
import type { Finding } from '@sluice/control';
import { SluiceError } from '@sluice/sdk/catalogue';
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { assets } from '../assets';
import { consoleFolder } from '../console';
import { EXIT, type Exit } from '../exit';
import type { Terminal } from '../terminal';
import { lazy } from '../lazy';
import { type Outputs } from '../outputs';

export const OUTPUTS: Outputs = {
  doctor: shape({ ok: flag, findings: list(ref('Finding')), next_action: told(text, 'What to do next; the same findings give the same.') }),
};

type State = Finding['state'];

/** What it can look at. */
export const TOPICS = ['core', 'vision', 'webcam', 'console', 'postgres', 'nats'] as const;

interface Options {
  readonly for?: string;
  /** The port to try; left out, none is tried. */
  readonly port?: number;
  /** Do what can be done from here. */
  readonly fix?: true;
}

const MARKS: Readonly<Record<State, readonly [string, 'green' | 'yellow' | 'red']>> = {
  ok: ['ok', 'green'],
  warning: ['note', 'yellow'],
  failed: ['FAIL', 'red'],
};

/** What is looked at for each topic, beside Node and the folder. */
const CHECKS: Readonly<Record<string, readonly (() => Promise<Finding>)[]>> = {
  core: [staged],
  vision: [ffmpeg, onnx, sharp, staged],
  webcam: [ffmpeg, webcam],
  console: [page, state],
  postgres: [driver, postgres],
  nats: [nats],
};
const ALL = [ffmpeg, onnx, sharp, staged];

/** What this machine has and lacks. */
export async function findings({ for: topic, port: number, fix }: Options): Promise<readonly Finding[]> {
  const tryPort = number !== undefined && (topic === undefined || topic === 'core' || topic === 'console');
  const checks = [...(tryPort ? [() => port(number)] : []), node, writable, ...(topic === undefined ? ALL : (CHECKS[topic] ?? []))];
  const found: Finding[] = [];
  for (const check of checks) found.push(await check());
  if (fix === true && found.some(({ check, state }) => check === 'assets' && state !== 'ok')) {
    await assets().stage();
    return [...found.filter(({ check }) => check !== 'assets'), await staged()];
  }
  return found;
}

/** `sluice doctor`: exit 4 where something that is needed is not there. */
export async function doctor(terminal: Terminal, options: Options): Promise<Exit> {
  const found = await findings(options);
  const ok = found.every(({ state }) => state !== 'failed');
  const next = nextOf(found, options);
  if (terminal.json) terminal.object({ ok, findings: found, next_action: next });
  else {
    const width = Math.max(...found.map(({ check }) => check.length));
    for (const { check, state, message, fix } of found) {
      const [mark, colour] = MARKS[state];
      const [first = '', ...more] = terminal.table([[mark.padEnd(4), check.padEnd(width), message]]);
      terminal.out(first.replace(mark, terminal.paint(colour, mark, process.stdout)));
      for (const line of [...more, ...(fix === undefined ? [] : terminal.table([['    ', ''.padEnd(width), `fix: ${fix}`]]))])
        terminal.out(line);
    }
    for (const line of terminal.table([['next', next]])) terminal.out(line);
  }
  return ok ? EXIT.ok : EXIT.preflight;
}

/** What to do now: the same findings always give the same. What is needed comes before what only some graphs want. */
function nextOf(found: readonly Finding[], { for: topic, fix }: Options): string {
  const first = found.find(({ state }) => state === 'failed') ?? found.find(({ state }) => state === 'warning');
  if (first === undefined) return 'sluice serve';
  if (first.check === 'assets' && fix !== true) return `sluice doctor${topic === undefined ? '' : ` --for ${topic}`} --fix`;
  return first.fix ?? first.message;
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
    const { FfmpegLocator } = lazy('@sluice/plugin-vision');
    const { path, version } = await new FfmpegLocator().find();
    return { check: 'ffmpeg', state: 'ok', message: `${version} (${path})` };
  } catch (error) {
    return fault('ffmpeg', error, 'Install ffmpeg and put it on PATH, or set FFMPEG_PATH.');
  }
}

function onnx(): Promise<Finding> {
  return loads('onnxruntime', 'onnxruntime-node', 'Install again with `npm ci`; it has binaries for Linux, Windows and macOS on arm64.');
}
function sharp(): Promise<Finding> {
  return loads('sharp', 'sharp', 'Install again with `npm ci`, with optional packages.');
}

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

const MEANS: Readonly<Record<string, string>> = {
  linux: 'Attach a camera; in a virtual machine or container pass it through (--device /dev/video0).',
  darwin: 'Attach a camera, and allow this terminal in System Settings, Privacy & Security, Camera; then open it again.',
  win32: 'Attach a camera, and allow desktop apps in Settings, Privacy & security, Camera.',
};

async function webcam(): Promise<Finding> {
  const fix = MEANS[process.platform] ?? MEANS['linux']!;
  if (process.platform !== 'linux') return listed(fix);
  const devices = existsSync('/dev') ? readdirSync('/dev').filter((name) => /^video\d+$/.test(name)) : [];
  if (devices.length === 0) return { check: 'webcam', state: 'failed', message: 'There is no /dev/video*', fix };
  const locked = devices.filter((name) => {
    try {
      accessSync(join('/dev', name), constants.R_OK | constants.W_OK);
      return false;
    } catch {
      return true;
    }
  });
  if (locked.length === devices.length)
    return {
      check: 'webcam',
      state: 'failed',
      message: `/dev/${locked[0]} is there, and this user may not open it`,
      fix: 'sudo usermod -aG video $USER, then log in again.',
    };
  return { check: 'webcam', state: 'ok', message: devices.map((name) => `/dev/${name}`).join(', ') };
}

/** Cameras as ffmpeg names them, where there are no device files. */
async function listed(fix: string): Promise<Finding> {
  try {
    const { FfmpegLocator } = lazy('@sluice/plugin-vision');
    const { path } = await new FfmpegLocator().find();
    const format = process.platform === 'darwin' ? 'avfoundation' : 'dshow';
    const { stderr } = spawnSync(path, ['-hide_banner', '-f', format, '-list_devices', 'true', '-i', format === 'dshow' ? 'dummy' : ''], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    const names = [...stderr.matchAll(format === 'dshow' ? /"([^"]+)" \(video\)/g : /\[\d+\] (?!Capture screen)(.+)/g)].map(
      ([, name]) => name!,
    );
    if (names.length > 0) return { check: 'webcam', state: 'ok', message: names.join(', ') };
    return { check: 'webcam', state: 'failed', message: 'ffmpeg finds no camera', fix };
  } catch (error) {
    return fault('webcam', error, fix);
  }
}

async function page(): Promise<Finding> {
  try {
    readFileSync(join(consoleFolder(), 'index.html'));
    return { check: 'page', state: 'ok', message: 'its files are there' };
  } catch (error) {
    return fault('page', error, 'In a checkout: npx nx run console:build. Else install Sluice again: files of its page are missing.');
  }
}

/** The audit and the tokens are kept here: without it nothing can be changed. */
async function state(): Promise<Finding> {
  try {
    mkdirSync('.sluice', { recursive: true });
    accessSync('.sluice', constants.W_OK);
    return { check: 'state', state: 'ok', message: '.sluice can be written' };
  } catch (error) {
    return {
      check: 'state',
      state: 'failed',
      message: `.sluice cannot be written (${(error as NodeJS.ErrnoException).code})`,
      fix: 'Change its rights, or serve with --state and a folder of your own.',
    };
  }
}

async function driver(): Promise<Finding> {
  try {
    const require = createRequire(__filename);
    require('pg');
    return { check: 'driver', state: 'ok', message: `pg ${versionOf(require.resolve('pg'))} loads` };
  } catch (error) {
    return fault('driver', error, 'Install it: `npm install pg`.');
  }
}

const POSTGRES: Readonly<Record<string, string>> = {
  linux: 'sudo apt install postgresql && sudo systemctl start postgresql',
  darwin: 'brew install postgresql@17 && brew services start postgresql@17',
  win32: 'Install it from https://www.postgresql.org/download/windows and start its service.',
};

const OWN_POSTGRES = 'postgres://127.0.0.1:5432/postgres';
const SHAPE = 'postgres://user:password@host:5432/database';

/** The database that SLUICE_STORE names, or the one that an installation has. */
async function postgres(): Promise<Finding> {
  const named = process.env['SLUICE_STORE'] ?? '';
  const address = /^postgres(ql)?:/.test(named) ? named : OWN_POSTGRES;
  const at = addressOf(address, 5432);
  try {
    const { Client } = lazy('pg');
    const client = new Client({ connectionString: address, connectionTimeoutMillis: 3_000 });
    try {
      await client.connect();
      const { rows } = await client.query<{ server_version: string }>('show server_version');
      return { check: 'postgres', state: 'ok', message: `${rows[0]?.server_version ?? ''} at ${at.host}:${at.port}` };
    } finally {
      await client.end().catch(() => undefined);
    }
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const failed = (what: string, fix: string): Finding => ({
      check: 'postgres',
      state: 'failed',
      message: `${at.host}:${at.port}: ${what}`,
      fix,
    });
    if (code === 'ECONNREFUSED')
      return failed('nothing listens there', `${POSTGRES[process.platform] ?? POSTGRES['linux']}; or name another in SLUICE_STORE.`);
    if (code === '28P01' || code === '28000') return failed('it refuses this user or password', `Correct both in SLUICE_STORE: ${SHAPE}.`);
    if (code === '3D000') return failed('this database does not exist', 'Make it with `createdb`, or name another in SLUICE_STORE.');
    if (code === 'ENOTFOUND') return failed('this host is not known', 'Correct it in SLUICE_STORE.');
    return failed(
      message === '' ? (code ?? 'it cannot be reached') : message.split('\n')[0]!,
      `Name a database that can be reached in SLUICE_STORE: ${SHAPE}.`,
    );
  }
}

const NATS: Readonly<Record<string, string>> = {
  linux: 'sudo apt install nats-server, then `nats-server -js`',
  darwin: 'brew install nats-server, then `nats-server -js`',
  win32: 'winget install NATSAuthors.NATSServer, then `nats-server -js`',
};

/** A NATS server greets with what it is: that says whether it keeps messages, too. */
function nats(): Promise<Finding> {
  const at = addressOf(process.env['NATS_URL'] ?? 'nats://127.0.0.1:4222', 4222);
  return new Promise((done) => {
    const socket = connect({ host: at.host, port: at.port, timeout: 3_000 });
    const failed = (what: string, fix: string): void => {
      socket.destroy();
      done({ check: 'nats', state: 'failed', message: `${at.host}:${at.port}: ${what}`, fix });
    };
    let greeting = '';
    socket.on('timeout', () => failed('no answer in 3 s', 'Check the address in NATS_URL, and the firewall.'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      failed(
        error.code === 'ECONNREFUSED' ? 'nothing listens there' : (error.code ?? error.message),
        `${NATS[process.platform] ?? NATS['linux']}; or set NATS_URL.`,
      ),
    );
    socket.on('data', (chunk) => {
      greeting += String(chunk);
      if (!greeting.includes('\n')) return;
      const [, json] = /^INFO (\{.*\})/.exec(greeting) ?? [];
      if (json === undefined) return failed('what answers is no NATS server', 'Correct the address in NATS_URL.');
      const { version, jetstream } = JSON.parse(json) as { version?: string; jetstream?: boolean };
      if (jetstream !== true) return failed(`${version ?? 'it'} runs without JetStream`, 'Start it with `nats-server -js`.');
      socket.destroy();
      done({ check: 'nats', state: 'ok', message: `${version ?? ''} with JetStream at ${at.host}:${at.port}` });
    });
  });
}

function addressOf(text: string, port: number): { readonly host: string; readonly port: number } {
  try {
    const url = new URL(text);
    return { host: url.hostname === '' ? '127.0.0.1' : url.hostname, port: url.port === '' ? port : Number(url.port) };
  } catch {
    return { host: '127.0.0.1', port };
  }
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
