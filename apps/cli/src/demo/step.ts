import { SluiceError } from '@sluice/sdk/catalogue';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { redact } from '../secrets';

/** The command itself: each step is a process of its own, so that one that crashes ends nothing but its scenario. */
const BIN = join(__dirname, '..', '..', 'bin', 'sluice.js');
/** Longer than any step takes on a slow machine. */
const TIMEOUT_MS = 180_000;
/** Lines of what a step wrote on stderr that are kept. */
const TAIL = 20;

/** A command that was run, as a person could run it again. */
export interface Step {
  readonly command: string;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly duration_ms: number;
  /** The end of what it wrote on stderr. */
  readonly log: readonly string[];
}

export interface StepOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is piped in. */
  readonly input?: string;
  /** Kills it, as a power cut would. */
  readonly kill?: AbortSignal;
}

/** What a command answers with `--json`. */
export type Answer = Readonly<Record<string, unknown>>;

/**
 * Runs `sluice <args> --json` to its end.
 * @param steps gets the step, however it ends
 * @returns the last line of its stdout; undefined where it was killed as asked
 * @throws SluiceError what the command itself says, or DEMO_STEP_FAILED
 */
export async function sluice(steps: Step[], args: readonly string[], options: StepOptions): Promise<Answer | undefined> {
  const command = `sluice ${args.map(quoted).join(' ')}`;
  const began = performance.now();
  const child = spawn(process.execPath, [BIN, ...args, '--json'], {
    cwd: options.cwd,
    env: { ...process.env, SLUICE_STORE: join(options.cwd, 'store.db'), ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let late = false;
  const kill = (): void => void child.kill('SIGKILL');
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, TIMEOUT_MS);
  options.kill?.addEventListener('abort', kill);
  let last = '';
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (last = `${last}${String(chunk)}`.split('\n').slice(-2).join('\n')));
  child.stderr.on(
    'data',
    (chunk: Buffer) =>
      (log = `${log}${String(chunk)}`
        .split('\n')
        .slice(-TAIL - 1)
        .join('\n')),
  );
  // One that ends before it has read all says why by its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const [exit_code, signal] = await new Promise<[number | null, string | null]>((done) => {
    child.once('error', (error) => {
      log += error.message;
      done([null, null]);
    });
    child.once('close', (code, by) => done([code, by]));
  });
  clearTimeout(timer);
  options.kill?.removeEventListener('abort', kill);
  const lines = redact(log)
    .split('\n')
    .filter((line) => line !== '');
  steps.push({ command, exit_code, signal, duration_ms: Math.round(performance.now() - began), log: lines });
  if (options.kill?.aborted === true) return undefined;
  const answer = parsed(last);
  if (exit_code === 0 && answer !== undefined) return answer;
  throw fault(command, answer, lines, late ? `It did not end in ${TIMEOUT_MS / 1000} s.` : ended(exit_code, signal));
}

/** The cause as the command told it: its answer, its report, the newest fault in its log; where it said nothing, how it ended. */
function fault(command: string, answer: Answer | undefined, log: readonly string[], how: string): SluiceError {
  const { code, message, hint } = (answer?.['error'] ?? {}) as { code?: string; message?: string; hint?: string };
  if (code !== undefined && message !== undefined) return new SluiceError(code, message, hint === undefined ? {} : { hint });
  const { reasons = [] } = (answer?.['report'] ?? {}) as { reasons?: readonly string[] };
  const hinted = { hint: 'The end of its log is in the report.' };
  const logged = log.map(parsed).findLast((line) => typeof line?.['code'] === 'string');
  if (logged !== undefined) return new SluiceError(String(logged['code']), String(logged['message']), hinted);
  const why = reasons.length === 0 ? how : `The run says: ${reasons.join('; ')}.`;
  return new SluiceError('DEMO_STEP_FAILED', `\`${command}\` failed. ${why}`, hinted);
}

function ended(code: number | null, signal: string | null): string {
  if (signal !== null) return `It was ended by ${signal}.`;
  return code === null ? 'It could not be started.' : `Its exit code is ${code}, and it did not say why.`;
}

function parsed(text: string): Answer | undefined {
  try {
    return JSON.parse(text.trim().split('\n').at(-1) ?? '') as Answer;
  } catch {
    return undefined;
  }
}

const quoted = (arg: string): string => (/^[\w./:=@,-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`);
