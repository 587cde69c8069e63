import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SLUICE = resolve(__dirname, '../bin/sluice.js');
const ENV = { ...process.env, NO_COLOR: '1' };
const GRAPH = `
version: 2
name: orders
description: Each order is summed, and written down once.
nodes:
  orders:
    type: io/jsonl-in
    config: { path: orders.jsonl }
  sum:
    type: core/map
    config: { fields: { n: payload.n } }
    durability: full
  log:
    type: io/jsonl-out
    config: { path: out.jsonl }
    durability: full
edges:
  - orders -> sum
  - sum -> log
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-orders-'));
  writeFileSync(join(folder, 'orders.yaml'), GRAPH);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const orders = (count: number): void =>
  writeFileSync(join(folder, 'orders.jsonl'), Array.from({ length: count }, (_, i) => `${JSON.stringify({ n: i })}\n`).join(''));
const sluice = (...args: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [SLUICE, ...args], { cwd: folder, encoding: 'utf8', env: ENV, timeout: 60_000 });
const written = (): number[] =>
  existsSync(join(folder, 'out.jsonl'))
    ? readFileSync(join(folder, 'out.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => (JSON.parse(line) as { payload: { n: number } }).payload.n)
    : [];
const json = (...args: string[]): Record<string, never> => JSON.parse(sluice(...args, '--json').stdout) as Record<string, never>;

it('a run is on record with its node runs, and the commands show it', () => {
  orders(5);
  expect(sluice('run', 'orders.yaml').status).toBe(0);
  expect(written()).toEqual([0, 1, 2, 3, 4]);
  const [run] = json('runs', 'list')['runs'] as { id: string; state: string }[];
  expect(run).toMatchObject({ state: 'completed', status: 'ok', graph: 'orders' });
  expect(json('runs', 'show', run!.id)).toMatchObject({
    node_runs: [
      { node: 'log', state: 'succeeded', n: 5 },
      { node: 'sum', state: 'succeeded', n: 5 },
    ],
    open: [],
  });
  expect(json('journal', 'verify')).toMatchObject({ ok: true, rows: 22 });
  expect(sluice('journal', 'reconcile').stdout).toContain('nothing is stuck');
  for (const args of [
    ['journal', 'query'],
    ['runs', 'list'],
    ['runs', 'tail', run!.id],
  ]) {
    const { stdout, status } = sluice(...args);
    expect(status).toBe(0);
    expect(stdout).toContain('orders-');
  }
  expect(sluice('runs', 'show', 'nothing').stderr).toContain('error RUN_UNKNOWN');
}, 120_000);

it('without a store the commands say so and make none', () => {
  expect(sluice('journal', 'verify')).toMatchObject({ status: 4, stderr: expect.stringContaining('error STORE_MISSING') as string });
  expect(existsSync(join(folder, '.sluice'))).toBe(false);
}, 60_000);

it('kill -9 in the middle: the next run goes on, each effect happens once, and a person decides of the one nobody knows of', async () => {
  orders(600);
  const child = spawn(process.execPath, [SLUICE, 'run', 'orders.yaml'], { cwd: folder, env: ENV, stdio: 'ignore' });
  const gone = new Promise((done) => child.once('exit', done));
  while (written().length < 100 && child.exitCode === null) await new Promise((done) => setTimeout(done, 10));
  child.kill('SIGKILL');
  await gone;
  expect(written().length).toBeLessThan(600);
  sluice('run', 'orders.yaml');
  const uncertain = sluice('journal', 'export', '--to', 'uncertain')
    .stdout.split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { entity: string }).entity);
  for (const id of uncertain) {
    const happened = written().includes(Number(/:(\d+)\//.exec(id)![1]));
    const decided = happened ? sluice('runs', 'skip', id, '--actor', 'anna') : sluice('runs', 'retry', id, '--actor', 'anna');
    expect(decided.status).toBe(0);
  }
  if (uncertain.length > 0) expect(sluice('run', 'orders.yaml').status).toBe(0);
  expect(written().sort((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, i) => i));
  expect(json('journal', 'verify')).toMatchObject({ ok: true });
  expect((json('runs', 'list')['runs'] as { state: string }[])[0]!.state).toBe('failed');
  expect(sluice('journal', 'reconcile').status).toBe(0);
}, 240_000);
