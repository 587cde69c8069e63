import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const SCRIPT = resolve(__dirname, '../../bootstrap.mjs');

/** A clone in small: the script, a lockfile of two packages (one optional), and an npm that does as told by `FAKE_NPM`. */
const LOCK = {
  packages: {
    '': { name: 'x' },
    'node_modules/jest': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/other-os': { version: '1.0.0', integrity: 'sha512-b', optional: true },
  },
};
const FAKE_NPM = `
const fs = require('fs'); const path = require('path');
const root = process.cwd(); const modules = path.join(root, 'node_modules');
fs.appendFileSync(path.join(root, 'npm.log'), process.argv.slice(2).join(' ') + '\\n');
fs.rmSync(modules, { recursive: true, force: true });
fs.mkdirSync(path.join(modules, 'jest'), { recursive: true });
const mode = process.env.FAKE_NPM;
if (mode === 'offline') { console.error('npm error code ENOTFOUND'); process.exit(1); }
if (mode === 'slow') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
if (mode === 'hang') { fs.writeFileSync(path.join(root, 'hanging'), ''); setInterval(() => {}, 1000); }
else {
  fs.writeFileSync(path.join(modules, 'jest', 'package.json'), JSON.stringify({ name: 'jest', version: '1.0.0', bin: 'jest.js' }));
  fs.writeFileSync(path.join(modules, 'jest', 'jest.js'), "console.log('JEST ' + process.argv.slice(2)[0]); process.exit(Number(process.env.FAKE_JEST || 0))");
  const { 'node_modules/jest': jest } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8')).packages;
  fs.writeFileSync(path.join(modules, '.package-lock.json'), JSON.stringify({ packages: { 'node_modules/jest': jest } }));
}`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-bootstrap-'));
  mkdirSync(join(root, 'tools'));
  copyFileSync(SCRIPT, join(root, 'tools/bootstrap.mjs'));
  mkdirSync(join(root, 'fake'));
  writeFileSync(join(root, 'fake/npm-cli.js'), FAKE_NPM);
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(LOCK));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const env = (more: Record<string, string> = {}) => ({ ...process.env, npm_execpath: join(root, 'fake/npm-cli.js'), ...more });
const runTest = (more: Record<string, string> = {}, args: string[] = ['test', 'some/spec']) =>
  spawnSync(process.execPath, [join(root, 'tools/bootstrap.mjs'), ...args], {
    env: env(more),
    encoding: 'utf8',
    cwd: tmpdir(),
    timeout: 20_000,
  });
const installs = () => (existsSync(join(root, 'npm.log')) ? readFileSync(join(root, 'npm.log'), 'utf8').trim().split('\n') : []);

/** What an exported function of the script gives, in a process of its own: Jest cannot load ES modules here. */
function evaluate(expression: string): unknown {
  const code = `import * as it from ${JSON.stringify(pathToFileURL(SCRIPT).href)}; console.log(JSON.stringify(${expression}) ?? 'null')`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}

it('says which Node is too old and what to do', () => {
  const problems = evaluate(
    `['v12.22.0', 'v18.20.0', 'v20.18.3', 'v20.19.0', 'v22.0.0', 'v24.11.1'].map((v) => it.nodeProblem(v) ?? 'ok')`,
  );
  expect(problems).toEqual([
    expect.stringContaining('Node 12.22.0 is too old'),
    expect.stringContaining('needs 20.19 or newer'),
    expect.stringContaining('https://nodejs.org'),
    'ok',
    'ok',
    'ok',
  ]);
});

it('installs once, hands the arguments on, and never installs again', () => {
  const first = runTest();
  expect(first.stdout).toMatch(/node_modules is missing; installing .*\n[^]*installed in \d+\.\d s\.\nJEST some\/spec\n/);
  expect(first.status).toBe(0);
  const second = runTest({ FAKE_JEST: '7' });
  expect(second.stdout).toBe('JEST some/spec\n');
  expect(second.status).toBe(7);
  expect(installs()).toEqual([expect.stringMatching(/^ci --prefer-offline /)]);
});

it('installs again when the lockfile has changed, a folder is gone, or an install was cut short', () => {
  runTest();
  writeFileSync(
    join(root, 'package-lock.json'),
    JSON.stringify({ packages: { ...LOCK.packages, 'node_modules/jest': { version: '2.0.0' } } }),
  );
  expect(runTest().stdout).toContain('package-lock.json has changed; installing');
  rmSync(join(root, 'node_modules/jest'), { recursive: true });
  expect(runTest().stdout).toContain('node_modules/jest is missing; installing');
  rmSync(join(root, 'node_modules/.package-lock.json'));
  expect(runTest().stdout).toContain('an earlier install did not finish; installing');
  expect(installs()).toHaveLength(4);
});

it('names a missing network and how to go without', () => {
  const { status, stderr } = runTest({ FAKE_NPM: 'offline' });
  expect(status).toBe(4);
  expect(stderr).toContain('The package registry was not reached');
  expect(stderr).toContain('npm ci --prefer-offline');
  expect(stderr).not.toMatch(/\n {4}at /);
});

it('tells a lockfile that disagrees, a full disk and a forbidden file from a missing network', () => {
  const hints = evaluate(`['npm error code EUSAGE', 'ENOSPC: no space', 'npm error code EACCES', 'boom'].map(it.installHint)`);
  expect(hints).toEqual([
    expect.stringContaining('npm install'),
    expect.stringContaining('disk is full'),
    expect.stringContaining('who owns'),
    expect.stringContaining('npm wrote above'),
  ]);
});

const kill = process.platform === 'win32' ? it.skip : it;

kill(
  'stopped or killed while installing, it leaves no child and the next run repairs',
  async () => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
      const child = spawn(process.execPath, [join(root, 'tools/bootstrap.mjs'), 'test'], {
        env: env({ FAKE_NPM: 'hang' }),
        stdio: 'ignore',
      });
      while (!existsSync(join(root, 'hanging'))) await new Promise((wake) => setTimeout(wake, 20));
      const npm = spawnSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { encoding: 'utf8' }).stdout.trim();
      child.kill(signal);
      const [code] = (await once(child, 'exit')) as [number | null];
      if (signal === 'SIGKILL') process.kill(Number(npm), 'SIGKILL');
      else expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
      expect(spawnSync('ps', ['-o', 'stat=', '-p', npm], { encoding: 'utf8' }).stdout.replace(/^Z.*/, '').trim()).toBe('');
      rmSync(join(root, 'hanging'));
    }
    const next = runTest();
    expect(next.stdout).toContain('an earlier install did not finish; installing');
    expect(next.status).toBe(0);
    expect(readdirSync(join(root, '.sluice'))).toEqual([]);
  },
  30_000,
);

kill(
  'two at once install once',
  async () => {
    const both = [1, 2].map(() => spawn(process.execPath, [join(root, 'tools/bootstrap.mjs'), 'test'], { env: env(), stdio: 'ignore' }));
    const codes = await Promise.all(both.map((child) => once(child, 'exit')));
    expect(codes.map(([code]) => code as number)).toEqual([0, 0]);
    expect(installs()).toHaveLength(1);
  },
  30_000,
);

kill(
  'killed for good, its npm goes on, and the next run waits for that one',
  async () => {
    const child = spawn(process.execPath, [join(root, 'tools/bootstrap.mjs'), 'test'], { env: env({ FAKE_NPM: 'slow' }), stdio: 'ignore' });
    while (installs().length === 0) await new Promise((wake) => setTimeout(wake, 20));
    child.kill('SIGKILL');
    const next = runTest();
    expect(next.stdout).toMatch(/another install \(process \d+\) is at work here; waiting for it .*\.\.\.\nJEST/);
    expect(installs()).toHaveLength(1);
  },
  30_000,
);

const asUser = process.platform !== 'win32' && process.getuid?.() === 0 ? it : it.skip;

asUser('says which folder cannot be written to', () => {
  chmodSync(root, 0o755);
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'tools/bootstrap.mjs'), 'test'], {
    uid: 65534,
    gid: 65534,
    encoding: 'utf8',
  });
  expect(stderr).toContain(`No permission to write in ${root}`);
  expect(status).toBe(4);
});

it('knows its commands', () => {
  expect(runTest({}, ['install'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/installed in \d+\.\d s\.\n$/) });
  expect(runTest({}, ['dance'])).toMatchObject({ status: 2, stderr: 'sluice: unknown command dance: use start, test or install.\n' });
});
