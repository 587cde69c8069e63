import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openStore } from '@sluice/store';

const SLUICE = resolve(__dirname, '../bin/sluice.js');
const ENV = { ...process.env, NO_COLOR: '1' };
const PUT = `
version: 2
name: put
description: Orders go into a queue.
nodes:
  orders:
    type: io/jsonl-in
    config: { path: orders.jsonl }
  put:
    type: queue/out
    config: { queue: orders, key: payload.who }
edges:
  - orders -> put
`;
// Nothing listens there: each row fails once and is a dead letter.
const TAKE = `
version: 2
name: take
description: Orders are posted to nobody.
nodes:
  take:
    type: queue/in
    config: { queue: orders, max_attempts: 1, at_end: end }
  post:
    type: io/http-out
    config: { url: "http://127.0.0.1:9/orders" }
edges:
  - take -> post
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-queue-'));
  writeFileSync(join(folder, 'put.yaml'), PUT);
  writeFileSync(join(folder, 'take.yaml'), TAKE);
  const lines = Array.from({ length: 5 }, (_, n) => `${JSON.stringify({ n, who: `who-${n}` })}\n`);
  writeFileSync(join(folder, 'orders.jsonl'), lines.join(''));
  expect(sluice('run', 'put.yaml').status).toBe(0);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sluice = (...args: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [SLUICE, ...args], { cwd: folder, encoding: 'utf8', env: ENV, timeout: 60_000 });
const json = (...args: string[]): Record<string, unknown> => JSON.parse(sluice(...args, '--json').stdout) as Record<string, unknown>;
const counts = (): unknown => (json('queue', 'list')['queues'] as { rows: number; dead: number }[]).map(({ rows, dead }) => [rows, dead]);
interface Row {
  readonly row: number;
  readonly state: string;
}
const peeked = (...args: string[]): readonly Row[] => json('queue', 'peek', 'orders', ...args)['rows'] as readonly Row[];

it('shows what waits and what failed, tries it again, and deletes what a person names', () => {
  expect(counts()).toEqual([[5, 0]]);
  expect(sluice('run', 'take.yaml').status).toBe(1);
  const dead = peeked('--state', 'dead');
  expect(dead).toHaveLength(5);
  const text = sluice('queue', 'peek', 'orders', '--state', 'dead').stdout;
  expect(text).toMatch(/ECONNREFUSED|HTTP_/);
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);

  expect(sluice('queue', 'retry', 'orders', '--row', String(dead[0]!.row)).status).toBe(0);
  expect(peeked().map(({ state }) => state)).toEqual(['waiting', 'dead', 'dead', 'dead', 'dead']);
  expect(sluice('queue', 'drop', 'orders').status).toBe(2);
  expect(sluice('queue', 'drop', 'orders', '--row', String(dead[1]!.row)).status).toBe(0);
  expect(counts()).toEqual([[1, 3]]);
  expect(sluice('queue', 'peek', 'nothing').status).toBe(2);
}, 120_000);

it('finds damage, saves what is whole into a new file, and leaves the damaged one as it is', () => {
  expect(json('queue', 'verify')).toMatchObject({ ok: true, rows: 5 });
  expect(sluice('queue', 'compact').status).toBe(0);
  const file = join(folder, '.sluice/store.db');
  const bytes = readFileSync(file);
  const at = bytes.indexOf('"who":"who-3"');
  expect(at).toBeGreaterThan(0);
  bytes.write('"who":"who-9"', at);
  writeFileSync(file, bytes);

  const found = sluice('queue', 'verify');
  expect(found.status).toBe(1);
  expect(found.stdout + found.stderr).toContain('orders');
  expect(sluice('queue', 'repair', '--out', 'saved.db').status).toBe(0);
  expect(readFileSync(file).equals(bytes)).toBe(true);
  expect(existsSync(join(folder, 'saved.db'))).toBe(true);
}, 120_000);

it('shows artifacts with where they come from, writes one into a file, and deletes what is past its time', async () => {
  const store = await openStore({ path: join(folder, '.sluice/store.db') });
  const bytes = (text: string) => new TextEncoder().encode(text);
  const sources = [{ packet_id: 'r1:src:0', key: 'orders/0' }];
  const said = { contentType: 'application/json', graph: 'g', node: 'sum', run: 'r1', sources };
  const { id } = await store.artifacts.keep(bytes('{"total":"\u001b[31m7"}'), { ...said, schema: 'report@1' });
  await store.artifacts.keep(bytes('{}'), { ...said, schema: 'short@1', ttl: 1 });
  await store.close();

  expect((json('artifacts', 'list')['artifacts'] as { schema: string }[]).map(({ schema }) => schema)).toEqual(['report@1']);
  expect(sluice('artifacts', 'list', '--schema', 'other').stdout).toBe('');
  const shown = sluice('artifacts', 'show', id.slice(0, 8));
  for (const part of ['report@1', 'g/sum in run r1', 'r1:src:0 (orders/0)', '{"total":"\\u001b[31m7"}'])
    expect(shown.stdout).toContain(part);
  expect(sluice('artifacts', 'show', id, '--out', 'report.json').status).toBe(0);
  expect(readFileSync(join(folder, 'report.json'), 'utf8')).toBe('{"total":"\u001b[31m7"}');
  expect(sluice('artifacts', 'show', 'nothing')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('ARTIFACT_UNKNOWN') as string,
  });
  expect(json('artifacts', 'gc')).toMatchObject({ artifacts: 1, files: 1 });
  expect(json('queue', 'verify')).toMatchObject({ ok: true, blobs: { files: 1, faults: [] } });
}, 120_000);
