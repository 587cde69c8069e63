import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');
const BIN = join(ROOT, 'apps/cli/bin/sluice.js');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-test-command-'));
  for (const name of ['switch', 'merge']) {
    for (const end of ['yaml', 'test.yaml']) cpSync(join(ROOT, `graphs/behaviour/${name}.${end}`), join(folder, `${name}.${end}`));
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command as a user does. */
async function sluice(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, out, err };
}
const change = (file: string, from: string, to: string): void =>
  writeFileSync(join(folder, file), readFileSync(join(folder, file), 'utf8').replace(from, to));

it('sluice test runs all tests below a folder, and what they print is no part of its output', async () => {
  change('merge.yaml', '  left:\n    type: core/identity', '  left:\n    type: core/identity\n  shown:\n    type: core/print');
  change('merge.yaml', '  - left -> turns', '  - left -> turns\n  - left -> shown');
  // Another project, with plugins of its own.
  mkdirSync(join(folder, 'other'));
  writeFileSync(join(folder, 'other/sluice.config.yaml'), 'version: 1\n');
  writeFileSync(join(folder, 'other/x.test.yaml'), 'graph: nowhere.yaml\n');
  const { code, out, err } = await sluice('test', './...');
  expect([code, out]).toEqual([0, expect.stringMatching(/^4 passed, 0 failed in \d+\.\d s\n$/)]);
  expect(err).toContain('  ok    one of each in turn, whenever they come\n');
}, 60_000);

it('a failed test is shown with its lines and ends with 1; a wrong one with 3; none with 2', async () => {
  change('switch.test.yaml', 'severity: HIGH }]', 'severity: NONE }]');
  const failed = await sluice('test', 'switch.yaml');
  expect([failed.code, failed.out]).toEqual([1, expect.stringMatching(/^0 passed, 1 failed/)]);
  expect(failed.err).toMatch(/switch\.test\.yaml:\d+:\d+ error TEST_FAILED page: packet 1 is not as expected\.\n.*\n.*\n.*\^\n/);
  expect(failed.err).toContain('    - payload.severity: "NONE"\n    + payload.severity: "HIGH"\n');
  change('switch.test.yaml', 'expect:', 'expcet:');
  const wrong = await sluice('test', 'switch.test.yaml');
  expect([wrong.code, wrong.err]).toEqual([3, expect.stringContaining('Did you mean `expect`?')]);
  expect((await sluice('test', 'nowhere')).code).toBe(2);
}, 60_000);

it('machines get one JSON object, and JUnit', async () => {
  const { code, out } = await sluice('test', '--json', '--junit', 'out/j.xml', '--name', 'turn');
  const { ok, passed, files } = JSON.parse(out) as { ok: boolean; passed: number; files: { file: string; tests: { name: string }[] }[] };
  expect([code, ok, passed]).toEqual([0, true, 1]);
  expect(files.flatMap(({ tests }) => tests.map(({ name }) => name))).toEqual(['one of each in turn, whenever they come']);
  expect(readFileSync(join(folder, 'out/j.xml'), 'utf8')).toContain('<testcase name="one of each in turn');
}, 60_000);

it('coverage says what no test went through, and can be asked for', async () => {
  const shown = await sluice('test', 'switch.yaml', '--coverage');
  expect([shown.code, shown.err]).toEqual([0, expect.stringMatching(/nodes {2}1 of 1\n {2}ports {2}2 of 2/)]);
  change('switch.yaml', '  refused: {', '  rest: { from: by_severity.otherwise }\n  refused: {');
  const low = await sluice('test', 'switch.yaml', '--min-coverage', '100');
  expect([low.code, low.err]).toEqual([1, expect.stringContaining('not: by_severity.otherwise')]);
}, 60_000);

// Windows can send no interrupt to a process.
(process.platform === 'win32' ? it.skip : it)(
  'with --watch a change runs the tests that it concerns, and an interrupt ends it',
  async () => {
    const child = spawn(process.execPath, [BIN, 'test', '--watch', 'switch.yaml', 'merge.yaml'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    const seen = (what: () => boolean): Promise<void> =>
      new Promise((done) => {
        const look = (): void => void (what() && done());
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        look();
      });
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    const ended = new Promise<number | null>((done) => child.once('close', done));
    try {
      await seen(() => err.includes('Waiting for changes') && out.startsWith('4 passed, 0 failed'));
      change('switch.test.yaml', 'severity: HIGH }]', 'severity: NONE }]');
      // Of merge.yaml nothing has changed.
      await seen(() => err.split('Waiting for changes').length > 2 && out.includes('\n0 passed, 1 failed'));
      child.kill('SIGINT');
      expect(await ended).toBe(130);
    } finally {
      child.kill('SIGKILL');
    }
  },
  60_000,
);
