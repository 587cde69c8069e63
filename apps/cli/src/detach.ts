import { SluiceError } from '@sluice/sdk/catalogue';
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, exitOf, type Exit } from './exit';
import { running } from './servers';
import type { Terminal } from './terminal';

/** Set for the process in the background. */
export const DETACHED = 'SLUICE_DETACHED';
/** Models are opened before it is ready. */
const READY_MS = 60_000;
const LOOK_MS = 100;
const EXITS: readonly Exit[] = Object.values(EXIT);

/**
 * Starts this very command again in the background and waits until it is ready.
 * Where it does not come to that the end of its log is told, and its exit code is the one given.
 */
export async function detach(terminal: Terminal, state: string): Promise<Exit> {
  const folder = join(state, 'log');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = join(folder, `serve-${new Date().toISOString().replace(/[:.]/g, '-')}.log`);
  const out = openSync(log, 'a', 0o600);
  const args = process.argv.slice(1).filter((arg) => arg !== '--detach');
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', out, out], env: { ...process.env, [DETACHED]: '1' } });
  closeSync(out);
  let ended: number | null | undefined;
  child.once('exit', (code) => (ended = code));
  const server = await ready(child.pid, state, () => ended !== undefined);
  if (server === undefined) {
    if (ended === undefined) child.kill('SIGTERM');
    const error = new SluiceError(
      'SERVE_NOT_STARTED',
      ended === undefined ? 'The server was not ready in a minute.' : `The server ended (exit code ${ended}).`,
      { hint: `Its log is ${log}; it ends with: ${readFileSync(log, 'utf8').trim().split('\n').slice(-3).join(' ')}` },
    );
    terminal.error(error);
    // As it would have been in the foreground.
    return EXITS.find((exit) => exit === ended && exit !== EXIT.ok) ?? exitOf(error);
  }
  child.unref();
  const link = `${server.url}/#token=${server.token}`;
  if (terminal.json) terminal.object({ ok: true, pid: server.pid, url: server.url, link, graph: server.graph, log });
  else {
    terminal.out(`${server.graph} runs: ${link}`);
    terminal.note(terminal.paint('dim', `In the background, process ${server.pid}, log ${log}. \`sluice stop\` ends it.`));
  }
  return EXIT.ok;
}

async function ready(pid: number | undefined, state: string, over: () => boolean) {
  for (const until = performance.now() + READY_MS; performance.now() < until && !over();) {
    const server = running(state).find((one) => one.pid === pid);
    const answer = server === undefined ? undefined : await fetch(`${server.url}/readyz`).catch(() => undefined);
    if (answer?.ok === true) return server;
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
  return undefined;
}
