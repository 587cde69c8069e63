import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@sluice/store';
import { GRAPHS } from './testing/shipped';

const BIN = join(GRAPHS, '..', 'apps', 'cli', 'bin', 'sluice.js');
const GRAPH = join(GRAPHS, 'street-watch-durable.yaml');
const CLOSED = 'http://127.0.0.1:1/events';

interface Event {
  readonly event_id: string;
}

describe('street-watch-durable', () => {
  let folder: string;
  const children = new Set<ChildProcess>();

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sluice-durable-'))));
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (url: string, loop: boolean): ChildProcess => {
    const set = { loop, pace: false, frames: 'block', start_ts: '2026-01-01T00:00:00Z', cooldown: '1s', url };
    const args = Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    const child = spawn(process.execPath, [BIN, 'run', GRAPH, ...args], { cwd: folder, stdio: 'ignore' });
    children.add(child);
    return child;
  };
  const ended = (child: ChildProcess) => new Promise((resolve) => child.once('close', resolve));
  const logged = (): string[] => {
    const file = join(folder, 'out', 'events.jsonl');
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => (JSON.parse(line) as { payload: Event }).payload.event_id);
  };
  /** What waits for the service, in order. */
  const waiting = async (): Promise<string[]> => {
    const store = await openStore({ path: join(folder, '.sluice', 'store.db') });
    const rows = await store.read<{ packet: string }>(
      "SELECT packet FROM queue_rows WHERE state = 0 AND queue IN (SELECT id FROM queues WHERE name LIKE '%send%') ORDER BY seq",
    );
    await store.close();
    return rows.map(({ packet }) => (JSON.parse(packet) as { payload: Event }).payload.event_id);
  };

  it('is killed while its service is down, and then sends all that waited, once and in order', async () => {
    const first = run(CLOSED, true);
    for (let n = 0; n < 900 && logged().length < 3; n++) await new Promise((resolve) => setTimeout(resolve, 100));
    first.kill('SIGKILL');
    await ended(first);
    const left = await waiting();
    expect(left.length).toBeGreaterThanOrEqual(3);
    // All that was written down was stored before, and the service has had none of it.
    for (const id of logged()) expect(left).toContain(id);

    const keys = new Set<string>();
    const got: string[] = [];
    const service = createServer((request, response) => {
      let body = '';
      request.on('data', (data) => (body += String(data)));
      request.on('end', () => {
        const key = String(request.headers['idempotency-key']);
        if (!keys.has(key)) got.push((JSON.parse(body) as Event).event_id);
        keys.add(key);
        response.end();
      });
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    try {
      await ended(run(`http://127.0.0.1:${(service.address() as AddressInfo).port}/events`, false));
    } finally {
      service.closeAllConnections();
      service.close();
    }
    expect(got.slice(0, left.length)).toEqual(left);
    expect(await waiting()).toEqual([]);
  }, 240_000);
});
