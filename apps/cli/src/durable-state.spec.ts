import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SLUICE = resolve(__dirname, '../bin/sluice.js');
const ENV = { ...process.env, NO_COLOR: '1' };
const COUNT = 300;
const GRAPH = `
version: 2
name: keeps
description: What is counted, remembered and put together below durable edges.
nodes:
  orders:
    type: io/jsonl-in
    config: { path: orders.jsonl }
  invoices:
    type: io/jsonl-in
    config: { path: invoices.jsonl }
  tens:
    type: core/window
    config: { count: 10, field: payload.n }
    durability: state
  firsts:
    type: core/dedup
    config: { key: [payload.kind], change: payload.kind, cooldown: 1h, time: clock }
    durability: state
  pairs:
    type: core/join
    join: { on: all, by: payload.n, timeout: 30s }
  sums:
    type: io/jsonl-out
    config: { path: sums.jsonl }
  kinds:
    type: io/jsonl-out
    config: { path: kinds.jsonl }
  joined:
    type: io/jsonl-out
    config: { path: joined.jsonl }
edges:
  - orders -> tens: { durable: true }
  - orders -> firsts: { durable: true }
  - orders -> pairs.a: { durable: true }
  - invoices -> pairs.b: { durable: true }
  - tens -> sums
  - firsts -> kinds
  - pairs -> joined
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-keeps-'));
  writeFileSync(join(folder, 'keeps.yaml'), GRAPH);
  const lines = (shift: number): string =>
    Array.from({ length: COUNT }, (_, i) => `${JSON.stringify({ n: (i + shift) % COUNT, kind: `k${Math.floor(i / 6)}` })}\n`).join('');
  writeFileSync(join(folder, 'orders.jsonl'), lines(0));
  writeFileSync(join(folder, 'invoices.jsonl'), lines(20));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Whole lines only: the one that a kill cut off is written again. */
const payloads = <P>(file: string): P[] =>
  existsSync(join(folder, file))
    ? readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => (JSON.parse(line) as { payload: P }).payload)
    : [];
const distinct = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);

it('kill -9, twice: windows, a dedup and a join below durable edges count each packet once and lose none', async () => {
  for (const until of [50, 150]) {
    const child = spawn(process.execPath, [SLUICE, 'run', 'keeps.yaml'], { cwd: folder, env: ENV, stdio: 'ignore' });
    const gone = new Promise((done) => child.once('exit', done));
    while (payloads('joined.jsonl').length < until && child.exitCode === null) await new Promise((done) => setTimeout(done, 5));
    child.kill('SIGKILL');
    await gone;
  }
  expect(distinct(payloads<{ a: { n: number } }>('joined.jsonl').map(({ a }) => a.n)).length).toBeLessThan(COUNT);
  const { status, stderr } = spawnSync(process.execPath, [SLUICE, 'run', 'keeps.yaml'], { cwd: folder, encoding: 'utf8', env: ENV });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  // A sink may be given the same once more; what it is given is right.
  const windows = payloads<{ sum: number; packets: number }>('sums.jsonl');
  expect(new Set(windows.map(({ packets }) => packets))).toEqual(new Set([10]));
  expect(distinct(windows.map(({ sum }) => sum))).toEqual(Array.from({ length: COUNT / 10 }, (_, i) => 100 * i + 45));
  const kinds = payloads<{ n: number }>('kinds.jsonl').map(({ n }) => n);
  expect(distinct(kinds)).toEqual(Array.from({ length: COUNT / 6 }, (_, i) => 6 * i));
  const joined = payloads<{ a: { n: number }; b: { n: number } }>('joined.jsonl');
  expect(joined.every(({ a, b }) => a.n === b.n)).toBe(true);
  expect(distinct(joined.map(({ a }) => a.n))).toEqual(Array.from({ length: COUNT }, (_, i) => i));
}, 120_000);
