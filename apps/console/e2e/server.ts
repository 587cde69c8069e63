import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type BrowserContext, type BrowserContextOptions } from 'playwright-core';

const CONSOLE = resolve(__dirname, '..');
const ROOT = resolve(CONSOLE, '..', '..');
/** Debian's. */
const CHROMIUM = '/usr/bin/chromium';

/** Tests in a browser, which a machine may not have: then their name says why they are left out. */
export function withBrowser(name: string, tests: () => void): void {
  if (existsSync(CHROMIUM)) describe(name, tests);
  else describe.skip(`${name} (skipped: no ${CHROMIUM}; on Debian \`apt-get install chromium\`)`, tests);
}
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const newest = (folder: string): number =>
  Math.max(
    ...readdirSync(folder, { withFileTypes: true }).map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? newest(path) : statSync(path).mtimeMs;
    }),
  );

/** Builds the console where what is built is older than its sources: what `nx build console` does, for a jest that runs without nx. */
export function build(): void {
  const built = join(CONSOLE, 'dist', 'site', 'index.html');
  if (existsSync(built) && statSync(built).mtimeMs > newest(join(CONSOLE, 'src'))) return;
  execFileSync(process.execPath, [join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn'], {
    cwd: CONSOLE,
    // What users get, also where a test runner has said otherwise.
    env: { ...process.env, NODE_ENV: 'production' },
  });
}

/** `sluice serve`, as a user starts it. */
export class Serving {
  private constructor(
    readonly url: string,
    /** What it prints: with the token. */
    readonly link: string,
    private readonly child: ChildProcess,
    /** Its folder, which another may go on with. */
    readonly state: string,
  ) {}

  static async start(graph: string, state = mkdtempSync(join(tmpdir(), 'sluice-e2e-'))): Promise<Serving> {
    const args = [join(ROOT, 'apps', 'cli', 'bin', 'sluice.js'), 'serve', graph, '--port', '0', '--state', state, '--json'];
    // A store of its own: what an earlier run kept is none of its business.
    const env = { ...process.env, SLUICE_STORE: join(state, 'store.db') };
    const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => (said += String(chunk)));
    for await (const line of createInterface(child.stdout)) {
      said += line;
      const told = line.includes('"link"') ? (JSON.parse(line) as { url: string; link: string }) : undefined;
      if (told === undefined) continue;
      child.stdout.resume();
      return new Serving(told.url, told.link, child, state);
    }
    throw new Error(`The server did not start: ${said}`);
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.state, { recursive: true, force: true });
  }

  /** At once, as a loss of power does; the state stays. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill(signal);
    await ended;
  }
}

/** A browser with a profile of its own. */
export async function browse(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const profile = mkdtempSync(join(tmpdir(), 'sluice-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: FLAGS,
    viewport: { width: 1280, height: 720 },
    locale: 'en-GB',
    ...options,
  });
  // The browser's own processes write into it for a moment after it has closed.
  context.once('close', () => void rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }).catch(() => undefined));
  return context;
}
