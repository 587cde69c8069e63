// The server as somebody starts it: from the start of its process to the first `ready`.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NotAvailable } from '../measure.mjs';
import { ROOT, stale } from '../place.mjs';

const LIMIT_MS = 20_000;

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function status(url) {
  return new Promise((resolve) => {
    get(url, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on('error', () => resolve(0));
  });
}

export async function ready() {
  const older = stale();
  if (older.length > 0) throw new NotAvailable(`not built, so the sources would be measured: ${older.join(', ')}`);
  const port = await freePort();
  const cwd = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const args = [
    join(ROOT, 'apps/cli/bin/sluice.js'),
    'serve',
    join(ROOT, 'graphs/sensor-watch.yaml'),
    '--no-console',
    '--port',
    String(port),
  ];
  const began = performance.now();
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data) => (said += data));
  const closed = new Promise((resolve) => child.on('close', resolve));
  try {
    while ((await status(`http://127.0.0.1:${port}/readyz`)) !== 200) {
      if (child.exitCode !== null || performance.now() - began > LIMIT_MS)
        throw new Error(`Error: it did not become ready: ${said.slice(-300)}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return { ms: performance.now() - began };
  } finally {
    child.kill('SIGKILL');
    await closed;
    rmSync(cwd, { recursive: true, force: true });
  }
}
