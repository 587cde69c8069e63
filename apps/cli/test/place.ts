import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand } from '../src/main';

const BIN = join(__dirname, '..', 'bin', 'sluice.js');

/** Ends by itself, and has a parameter. */
export const GOOD = `version: 2
name: good
params:
  n: { type: integer, default: 3 }
nodes:
  numbers:
    type: core/values
    config: { items: [1, 2, 3], repeat: "\${params.n}" }
  end:
    type: core/discard
edges:
  - numbers -> end
`;

/** Without end and as fast as it goes. */
export const LOAD = `version: 2
name: load
nodes:
  numbers:
    type: core/values
    config: { items: [1, 2, 3], repeat: 0 }
  many:
    type: core/burst
  end:
    type: core/discard
edges:
  - numbers -> many
  - many -> end
`;

/** Goes on for ever, slowly. */
export const TICKS = `version: 2
name: ticks
nodes:
  tick:
    type: core/interval
    config: { every: 20ms }
  end:
    type: core/discard
edges:
  - tick -> end
`;

/** A command that is over. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that goes. */
export interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  /** Waits until it says this; fails where it ends without. */
  saw(text: RegExp): Promise<RegExpExecArray>;
}

/** A folder of its own in which the tests of a file run commands. */
export function place(files: Readonly<Record<string, string>> = {}): Place {
  const made = new Place();
  beforeAll(() => {
    for (const [name, text] of Object.entries(files)) made.write(name, text);
  });
  afterAll(() => made.clear());
  return made;
}

export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
  readonly #running = new Set<ChildProcessWithoutNullStreams>();

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  /** Starts the binary. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
    const child = spawn(process.execPath, [BIN, ...args], { cwd: this.folder, env: { ...process.env, NO_COLOR: '1', ...env } });
    this.#running.add(child);
    const said = { out: '', err: '' };
    const watchers = new Set<() => void>();
    for (const [name, stream] of [
      ['out', child.stdout],
      ['err', child.stderr],
    ] as const)
      stream.on('data', (chunk) => {
        said[name] += String(chunk);
        for (const watcher of watchers) watcher();
      });
    const ended = new Promise<Ended>((done) =>
      child.once('close', (code) => {
        this.#running.delete(child);
        done({ code, ...said });
      }),
    );
    const saw = (text: RegExp): Promise<RegExpExecArray> =>
      new Promise((done, fail) => {
        const look = (): void => {
          const match = text.exec(said.out) ?? text.exec(said.err);
          if (match !== null) done(match);
        };
        watchers.add(look);
        void ended.then(() => fail(new Error(`ended without ${text}: ${said.out}${said.err}`)));
        look();
      });
    return { child, ended, saw };
  }

  /** Runs the binary to its end. */
  sluice(args: readonly string[], input = ''): Promise<Ended> {
    const { child, ended } = this.start(args);
    child.stdin.end(input);
    return ended;
  }

  /** The same in this process: for commands that only read and print. */
  async inside(...args: readonly string[]): Promise<Ended> {
    const home = process.cwd();
    const said = { out: '', err: '' };
    const spies = (['stdout', 'stderr'] as const).map((name) =>
      jest.spyOn(process[name], 'write').mockImplementation((chunk) => {
        said[name === 'stdout' ? 'out' : 'err'] += String(chunk);
        return true;
      }),
    );
    process.chdir(this.folder);
    try {
      return { code: await runCommand(args), ...said };
    } finally {
      process.chdir(home);
      for (const spy of spies) spy.mockRestore();
    }
  }

  async insideAll<const C extends readonly (readonly string[])[]>(...commands: C): Promise<{ [K in keyof C]: Ended }> {
    const all: Ended[] = [];
    for (const args of commands) all.push(await this.inside(...args));
    return all as { [K in keyof C]: Ended };
  }

  clear(): void {
    for (const child of this.#running) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
