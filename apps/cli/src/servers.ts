import { SluiceError } from '@sluice/sdk/catalogue';
import type { Command } from 'commander';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseStore, DEFAULT_STATE } from './store';

/** A server that runs here. */
export interface RunningServer {
  readonly pid: number;
  readonly url: string;
  /** A token that holds as long as it runs. */
  readonly token: string;
  readonly graph: string;
  readonly started_at: string;
}

/** Where to find a server, as the options of a command say. */
export interface ServerChoice {
  readonly url?: string;
  readonly token?: string;
  readonly state: string;
}

/** The option that says where all that is kept lies. */
export const withState = (command: Command): Command =>
  command
    .option('--state <folder>', 'folder of what is kept: store, tokens, versions, audit', DEFAULT_STATE)
    .hook('preAction', () => chooseStore({ state: command.opts<{ state: string }>().state }));

/** The options that say which server a command is about. */
export const atServer = (command: Command): Command =>
  withState(
    command
      .option('--url <url>', 'address of the server (default: the one that runs here)')
      .option('--token <token>', 'a token, where the server asks for one (default: SLUICE_TOKEN)'),
  );

/** Writes down where this process serves, in a file that only its owner reads. @returns what takes it away */
export function note(state: string, server: Pick<RunningServer, 'url' | 'token' | 'graph'>): () => void {
  const folder = join(state, 'serve');
  const file = join(folder, `${process.pid}.json`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const known: RunningServer = { pid: process.pid, started_at: new Date().toISOString(), ...server };
    writeFileSync(file, `${JSON.stringify(known)}\n`, { mode: 0o600 });
  } catch {
    // A folder that cannot be written: the server runs, the other commands need --url.
    return () => undefined;
  }
  return () => rmSync(file, { force: true });
}

/** Servers that were noted here and whose process is there, newest last. */
export function running(state: string): readonly RunningServer[] {
  let files: string[] = [];
  try {
    files = readdirSync(join(state, 'serve')).filter((file) => /^\d+\.json$/.test(file));
  } catch {
    return [];
  }
  return files
    .flatMap((file) => {
      const path = join(state, 'serve', file);
      try {
        const server = JSON.parse(readFileSync(path, 'utf8')) as RunningServer;
        process.kill(server.pid, 0);
        return [server];
      } catch (error) {
        // Its process was killed: nobody took the note away.
        if ((error as NodeJS.ErrnoException).code === 'ESRCH') rmSync(path, { force: true });
        return [];
      }
    })
    .sort((a, b) => (a.started_at < b.started_at ? -1 : 1));
}

/**
 * The server that a command is about.
 * @throws SluiceError SERVER_NOT_RUNNING
 */
export function theServer({ url, token, state }: ServerChoice): { readonly url: string; readonly token: string | undefined } {
  const given = token ?? process.env['SLUICE_TOKEN'];
  if (url !== undefined) {
    const bare = url.replace(/\/+(#.*)?$/, '');
    return { url: bare, token: given ?? /#token=(\S+)$/.exec(url)?.[1] ?? running(state).find((one) => one.url === bare)?.token };
  }
  const newest = running(state).at(-1);
  if (newest !== undefined) return { url: newest.url, token: given ?? newest.token };
  throw new SluiceError('SERVER_NOT_RUNNING', 'No server runs from this folder.', {
    hint: 'Start one with `sluice serve`, or name another with --url.',
  });
}

/** A server as it is asked. */
export type AskedServer = ReturnType<typeof theServer>;

/** Long work of a server, as far as a command looks at it. */
export interface Job<Result> {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly result: Result | null;
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string } | null;
}

const JOB_MS = 100;

/**
 * Waits until a job has ended.
 * @throws SluiceError why it failed
 */
export async function ended<Result>(server: AskedServer, begun: Job<Result>): Promise<Job<Result>> {
  let job = begun;
  while (job.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, JOB_MS));
    ({ job } = await ask<{ job: Job<Result> }>(server, `/api/v1/jobs/${job.id}`));
  }
  if (job.error === null) return job;
  throw new SluiceError(job.error.code, job.error.message, { hint: job.error.hint ?? 'The log of the server says more.' });
}

/**
 * Asks a server.
 * @throws SluiceError what the server answered, or SERVER_NOT_REACHED
 */
export async function ask<T>(server: AskedServer, path: string, method = 'GET', body?: object): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        ...(server.token === undefined ? {} : { authorization: `Bearer ${server.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw notReached(server.url, cause);
  }
  const said = (await answer.json()) as { ok: boolean; error?: { code: string; message: string; hint?: string; details: unknown } };
  if (answer.ok) return said as T;
  const { code = 'INTERNAL', message = 'The server failed.', hint, details } = said.error ?? {};
  throw new SluiceError(code, message, { ...(hint === undefined ? {} : { hint }), details });
}

export function notReached(url: string, cause: unknown): SluiceError {
  return new SluiceError('SERVER_NOT_REACHED', `Nothing answers at ${url}.`, { hint: 'Is it running? `sluice serve` says where.', cause });
}
