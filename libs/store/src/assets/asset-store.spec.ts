import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import { pack } from 'tar-stream';

import { AssetStore, type AssetProgress } from './asset-store';
import { loadLock, type Asset, type AssetLock } from './lock';
import type { NpmCommand } from './npm';

const MODEL = randomBytes(3_000_000);
const DATA = Buffer.from('a,b\n1,2\n');
const REPOSITORY = resolve(__dirname, '../../../..');

/** An npm that takes its tarballs from a folder. `hang` writes its own number and a child's, then waits for ever. */
const FAKE_NPM = `
const fs = require('fs'); const path = require('path');
const [mode, tarball, command, spec, , folder] = process.argv.slice(2);
if (command === '--version') process.exit(mode === 'broken' ? 1 : 0);
fs.appendFileSync(path.join(path.dirname(tarball), 'npm.log'), process.argv.slice(4).join(' ') + '\\n');
if (mode === 'offline') { console.error('npm error code ENOTFOUND'); process.exit(1); }
if (mode === 'gone') { console.error('npm error code E404\\nnpm error 404 no such package'); process.exit(1); }
if (mode === 'hang') {
  const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  fs.writeFileSync(path.join(path.dirname(tarball), 'hanging'), process.pid + ' ' + child.pid);
  setInterval(() => {}, 1000);
} else fs.copyFileSync(tarball, path.join(folder, 'p.tgz'));`;

const base = mkdtempSync(join(tmpdir(), 'sluice-assets-'));
const tarball = join(base, 'p.tgz');
const npmLog = join(base, 'npm.log');
let root: string;
let turn = 0;

beforeAll(async () => {
  writeFileSync(join(base, 'npm.js'), FAKE_NPM);
  const tar = pack();
  tar.entry({ name: 'package/package.json' }, Buffer.from('{}'));
  tar.entry({ name: 'package/model/m.onnx' }, MODEL);
  tar.entry({ name: 'package/data/d.csv' }, DATA);
  tar.finalize();
  await pipeline(tar, createGzip({ level: 1 }), createWriteStream(tarball));
});
beforeEach(() => {
  root = join(base, `root-${(turn += 1)}`);
  rmSync(npmLog, { force: true });
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const model: Asset = {
  name: 'model',
  origin: { npm: 'p@1.0.0', path: 'model/m.onnx' },
  sha256: sha(MODEL),
  size: MODEL.length,
  licence: 'MIT',
  category: 'model',
};
const data: Asset = {
  name: 'data',
  origin: { npm: 'p@1.0.0', path: 'data/d.csv' },
  sha256: sha(DATA),
  size: DATA.length,
  licence: 'MIT',
  category: 'data',
};
const lockOf = (...assets: Asset[]): AssetLock => ({
  file: join(base, 'assets.lock.yaml'),
  assets: new Map(assets.map((asset) => [asset.name, asset])),
});
const npm = (mode = 'good'): NpmCommand => ({ file: process.execPath, args: [join(base, 'npm.js'), mode, tarball] });
const store = (assets: Asset[] = [model, data], mode?: string): AssetStore =>
  new AssetStore({ lock: lockOf(...assets), root, npm: npm(mode) });
const states = (from: AssetStore): Record<string, string> => Object.fromEntries(from.list().map(({ name, state }) => [name, state]));
const leftovers = (): string[] => readdirSync(root).filter((name) => name.startsWith('.tmp'));
const calls = (): string[] => (existsSync(npmLog) ? readFileSync(npmLog, 'utf8').trim().split('\n') : []);

it('stages what is missing: fetched once per package, verified, in its place', async () => {
  const assets = store();
  expect(states(assets)).toEqual({ data: 'missing', model: 'missing' });
  expect(assets.path('model')).toBeUndefined();
  const seen: AssetProgress[] = [];
  const results = await assets.stage(undefined, { onProgress: (progress) => seen.push(progress) });
  expect(results.map(({ name, action }) => [name, action])).toEqual([
    ['data', 'staged'],
    ['model', 'staged'],
  ]);
  expect(states(assets)).toEqual({ data: 'staged', model: 'staged' });
  expect(assets.path('model')).toBe(join(root, model.sha256.slice(0, 16), 'm.onnx'));
  expect(readFileSync(assets.path('model')!).equals(MODEL)).toBe(true);
  expect(calls()).toEqual([expect.stringMatching(/^pack p@1\.0\.0 --pack-destination /)]);
  expect(leftovers()).toEqual([]);
  expect(seen.filter(({ name }) => name === 'model').map(({ phase }) => phase)).toEqual(
    expect.arrayContaining(['fetch', 'receive', 'staged']),
  );
  expect(seen.at(-1)).toMatchObject({ phase: 'staged', bytes: DATA.length, size: DATA.length });
});

it('writes nothing when staged twice, and fetches again only what it is told to', async () => {
  const assets = store();
  await assets.stage();
  const before = statSync(assets.path('data')!).ino;
  expect((await assets.stage()).map(({ action }) => action)).toEqual(['kept', 'kept']);
  expect(calls()).toHaveLength(1);
  expect((await assets.stage(undefined, { restage: 'model' })).map(({ action }) => action)).toEqual(['kept', 'staged']);
  expect(statSync(assets.path('data')!).ino).toBe(before);
  await assets.stage(['data'], { restage: true });
  expect(statSync(assets.path('data')!).ino).not.toBe(before);
});

it('says what it would do without doing it', async () => {
  expect((await store().stage(['data'], { dryRun: true })).map(({ action }) => action)).toEqual(['would_stage']);
  expect(existsSync(root)).toBe(false);
});

it('sees a damaged file, by its size at once and by its sha256 when it verifies, and mends it', async () => {
  const assets = store();
  await assets.stage();
  const path = assets.path('data')!;
  writeFileSync(path, 'x'.repeat(DATA.length));
  expect(states(assets)['data']).toBe('staged');
  expect((await assets.verify()).map(({ state }) => state)).toEqual(['damaged', 'staged']);
  writeFileSync(path, 'half');
  expect(states(assets)['data']).toBe('damaged');
  expect(assets.path('data')).toBeUndefined();
  expect((await assets.stage()).map(({ action }) => action)).toEqual(['staged', 'kept']);
  expect((await assets.verify()).map(({ state }) => state)).toEqual(['staged', 'staged']);
});

it.each([
  ['another sha256', { sha256: 'b'.repeat(64) }, 'sha256'],
  ['fewer bytes than the file has', { size: MODEL.length - 1 }, 'more than'],
  ['more bytes than the file has', { size: MODEL.length + 1 }, `${MODEL.length} bytes`],
])('refuses a file when the lock names %s, and the old one stays', async (_what, change, word) => {
  const wrong = { ...model, ...change };
  const assets = store([wrong]);
  const { place } = assets.list()[0]!;
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, 'old');
  await expect(assets.stage()).rejects.toMatchObject({
    code: 'ASSET_CHECKSUM',
    message: expect.stringContaining(word),
    hint: expect.any(String),
  });
  await expect(assets.stage()).rejects.toThrow(/asset model /);
  expect(readFileSync(place, 'utf8')).toBe('old');
  expect(leftovers()).toEqual([]);
});

it('finds a bad name, a bad category and a missing npm before it touches anything', async () => {
  await expect(store().stage(['modle'])).rejects.toMatchObject({ code: 'ASSET_UNKNOWN', hint: expect.stringContaining('model') });
  await expect(store().stage(undefined, { restage: 'music' })).rejects.toMatchObject({ code: 'ASSET_CATEGORY_UNKNOWN' });
  await expect(store(undefined, 'broken').stage()).rejects.toMatchObject({ code: 'ASSET_TOOL_MISSING' });
  const absent = new AssetStore({ lock: lockOf(model), root, npm: { file: join(base, 'no-npm'), args: [] } });
  await expect(absent.stage()).rejects.toMatchObject({ code: 'ASSET_TOOL_MISSING', hint: expect.stringContaining('npm --version') });
  expect(existsSync(root)).toBe(false);
  expect(calls()).toEqual([]);
});

it('tells no network, nothing in the cache, no such package and no such file apart', async () => {
  await expect(store([data], 'offline').stage()).rejects.toMatchObject({ code: 'ASSET_NETWORK', retryable: true });
  await expect(store([data], 'offline').stage(undefined, { offline: true })).rejects.toMatchObject({ code: 'ASSET_OFFLINE' });
  expect(calls().at(-1)).toContain(' --offline');
  await expect(store([data], 'gone').stage()).rejects.toMatchObject({ code: 'ASSET_ORIGIN', message: expect.stringContaining('E404') });
  await expect(store([{ ...data, origin: { npm: 'p@1.0.0', path: 'data/e.csv' } }]).stage()).rejects.toMatchObject({
    code: 'ASSET_ORIGIN',
    message: expect.stringContaining('data/e.csv'),
  });
});

it('names a tarball that cannot be unpacked', async () => {
  const broken = join(base, 'broken.tgz');
  writeFileSync(broken, readFileSync(tarball).subarray(0, 100_000));
  const assets = new AssetStore({
    lock: lockOf(model),
    root,
    npm: { file: process.execPath, args: [join(base, 'npm.js'), 'good', broken] },
  });
  await expect(assets.stage()).rejects.toMatchObject({ code: 'ASSET_ORIGIN', message: expect.stringContaining('cannot be unpacked') });
  expect(states(assets)).toEqual({ model: 'missing' });
});

it('fetches over HTTP, never more than the lock names', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/d.csv') response.end(DATA);
    else if (request.url === '/endless') for (let i = 0; i < 64; i += 1) response.write(DATA);
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const at = (path: string): Asset => ({ ...data, origin: { url: `http://127.0.0.1:${port}${path}` } });
  try {
    await store([at('/d.csv')]).stage();
    expect(states(store([at('/d.csv')]))).toEqual({ data: 'staged' });
    await expect(store([at('/none')]).stage()).rejects.toMatchObject({ code: 'ASSET_ORIGIN', message: expect.stringContaining('404') });
    await expect(store([at('/endless')]).stage()).rejects.toMatchObject({ code: 'ASSET_CHECKSUM' });
    await expect(store([at('/none')]).stage(undefined, { offline: true })).rejects.toMatchObject({ code: 'ASSET_OFFLINE' });
  } finally {
    server.closeAllConnections();
    server.close();
  }
  await expect(store([at('/gone')]).stage()).rejects.toMatchObject({ code: 'ASSET_NETWORK' });
});

it('knows an asset that ships in a plugin, and never fetches it', async () => {
  const folder = join(base, 'node_modules/@x/plugin');
  mkdirSync(join(folder, 'models'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"name":"@x/plugin"}');
  writeFileSync(join(folder, 'models/d.csv'), DATA);
  const shipped: Asset = { ...data, origin: { plugin: '@x/plugin', path: 'models/d.csv' }, recipe: 'npm run rebuild' };
  expect(states(store([shipped]))).toEqual({ data: 'shipped' });
  expect((await store([shipped], 'broken').stage(undefined, { restage: true })).map(({ action }) => action)).toEqual(['kept']);
  writeFileSync(join(folder, 'models/d.csv'), 'x'.repeat(DATA.length));
  await expect(store([shipped]).stage()).rejects.toMatchObject({
    code: 'ASSET_SHIPPED_DAMAGED',
    hint: expect.stringContaining('npm run rebuild'),
  });
  expect((await store([{ ...shipped, origin: { plugin: '@x/none', path: 'a' } }]).verify()).map(({ state }) => state)).toEqual(['missing']);
});

const onPosix = process.platform === 'win32' ? it.skip : it;
const gone = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return true;
  }
};

onPosix('aborted while npm works, it ends npm and its children and leaves nothing', async () => {
  const controller = new AbortController();
  const staging = store([model], 'hang').stage(undefined, { signal: controller.signal });
  const watched = expect(staging).rejects.toMatchObject({ code: 'ASSET_ABORTED', retryable: true });
  const hanging = join(base, 'hanging');
  while (!existsSync(hanging)) await new Promise((wake) => setTimeout(wake, 10));
  const pids = readFileSync(hanging, 'utf8').split(' ').map(Number);
  expect(pids.map(gone)).toEqual([false, false]);
  controller.abort();
  await watched;
  expect(pids.map(gone)).toEqual([true, true]);
  expect(leftovers()).toEqual([]);
});

/** A process of its own that stages again and again, as the CLI does. */
function stagingProcess(rounds: number): ChildProcess {
  const code = `
    const { AssetStore } = require('@sluice/store/assets');
    const lock = { file: '', assets: new Map([['model', ${JSON.stringify(model)}]]) };
    const store = new AssetStore({ lock, root: ${JSON.stringify(root)}, npm: ${JSON.stringify(npm())} });
    (async () => { for (let i = 0; i < ${rounds}; i += 1) { await store.stage(undefined, { restage: true }); if (i === 0) process.send('once'); } })();`;
  return spawn(process.execPath, ['-C', '@sluice/source', '-r', '@swc-node/register', '-e', code], {
    cwd: join(REPOSITORY, 'libs/store'),
    env: { ...process.env, SWC_NODE_PROJECT: join(REPOSITORY, 'tsconfig.base.json') },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

onPosix(
  'killed at any moment, it leaves the old or the new file, and the next run cleans up',
  async () => {
    const { place } = store([model]).list()[0]!;
    let swept = 0;
    // Half of the kills come at any time, half as soon as there is something half-made; the latter until one leaves something.
    for (let round = 0; round < 10 || (swept === 0 && round < 40); round += 1) {
      const child = stagingProcess(1000);
      await once(child, 'message');
      writeFileSync(place, 'old');
      if (round % 2 === 0) await new Promise((wake) => setTimeout(wake, Math.random() * 150));
      else while (leftovers().length === 0) await new Promise(setImmediate);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const found = readFileSync(place);
      expect(found.toString('latin1', 0, 4) === 'old' || found.equals(MODEL)).toBe(true);
      swept += leftovers().length;
    }
    expect(swept).toBeGreaterThan(0);
    await store([model]).stage(undefined, { restage: true });
    expect(leftovers()).toEqual([]);
  },
  60_000,
);

onPosix(
  'two processes may stage the same at once',
  async () => {
    const children = [stagingProcess(5), stagingProcess(5)];
    const codes = await Promise.all(children.map((child) => once(child, 'exit')));
    expect(codes.map(([code]) => code as number)).toEqual([0, 0]);
    expect((await store([model]).verify()).map(({ state }) => state)).toEqual(['staged']);
    expect(leftovers()).toEqual([]);
  },
  60_000,
);

const asRoot = process.getuid?.() === 0;
(asRoot || process.platform === 'win32' ? it.skip : it)('says where it may not write', async () => {
  mkdirSync(root);
  chmodSync(root, 0o500);
  await expect(store([data]).stage()).rejects.toMatchObject({ code: 'ASSET_WRITE', hint: expect.stringContaining('SLUICE_HOME') });
});

it('says so where the folder is a file', async () => {
  writeFileSync(root, '');
  await expect(store([data]).stage()).rejects.toMatchObject({ code: 'ASSET_WRITE', message: expect.stringContaining(root) });
});

it('stages from the real registry what the lock file of this repository names', async () => {
  const assets = new AssetStore({ lock: loadLock(join(REPOSITORY, 'assets.lock.yaml')), root });
  const names = ['blazeface', 'sensor-series'];
  try {
    await assets.stage(names);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ASSET_NETWORK') throw error;
    process.stderr.write('\nSKIPPED: no package registry within reach, so real staging was not tested.\n');
    return;
  }
  expect((await assets.verify()).filter(({ name }) => names.includes(name)).map(({ state }) => state)).toEqual(['staged', 'staged']);
}, 120_000);
