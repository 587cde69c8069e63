// Builds and packs the libraries, and installs the packages beside each Inversify in an empty folder, as an app would.
// Prints what came of it as JSON: { root, apps, packed } or { offline: reason }.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPO = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const LIBS = ['sdk', 'graph', 'runtime'];
/** The oldest and the newest line that the libraries say they work with. */
const INVERSIFY = { 'inversify-7': '7.11.0', 'inversify-8': '8.2.3' };
/** What an app has besides: the checkout's own, linked one by one so that nothing else of the checkout can be seen. */
const TOOLS = ['typescript', 'tsx', 'jest', '@swc/jest', '@swc/core', '@types/node'];

const QUICK = ['--fetch-retries=1', '--fetch-retry-mintimeout=500', '--fetch-timeout=20000'];

const windows = process.platform === 'win32';

/** Output of a program; rejects with what it said. */
function run(file, args, cwd, shell = false) {
  return new Promise((done, fail) => {
    const child = spawn(file, args, { cwd, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let said = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (said += chunk));
    child.once('error', fail);
    child.once('close', (code) => (code === 0 ? done(out) : fail(new Error(`${args.join(' ')}: ${code}\n${said}${out}`))));
  });
}

function npm(args, cwd) {
  const script = process.env['npm_execpath'] ?? '';
  if (/npm-cli\.[cm]?js$/.test(script)) return run(process.execPath, [script, ...args], cwd);
  return run(windows ? 'npm.cmd' : 'npm', args, cwd, windows);
}

const root = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-consumers-')));
try {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  await run(process.execPath, [tsc, '-b', join(REPO, 'libs', 'runtime')], REPO);

  const packed = JSON.parse(
    await npm(['pack', '--json', '--loglevel=error', '--pack-destination', root, ...LIBS.map((lib) => `./libs/${lib}`)], REPO),
  );
  const list = (Array.isArray(packed) ? packed : Object.values(packed)).map(({ name, filename, size, files }) => ({
    name,
    filename,
    size,
    files: files.map(({ path }) => path),
  }));

  for (const tool of TOOLS) {
    mkdirSync(dirname(join(root, 'node_modules', tool)), { recursive: true });
    symlinkSync(join(REPO, 'node_modules', tool), join(root, 'node_modules', tool), 'junction');
  }
  const apps = Object.fromEntries(Object.keys(INVERSIFY).map((name) => [name, join(root, name)]));
  await Promise.all(
    Object.entries(apps).map(async ([name, app]) => {
      mkdirSync(app);
      const dependencies = {
        ...Object.fromEntries(list.map((pack) => [pack.name, `file:../${pack.filename}`])),
        'class-transformer': '^0.5.1',
        'class-validator': '^0.15.1',
        inversify: INVERSIFY[name],
        'reflect-metadata': '^0.2.2',
        rxjs: '^7.8.2',
      };
      writeFileSync(join(app, 'package.json'), JSON.stringify({ name, private: true, dependencies }, undefined, 2));

      await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...QUICK], app);
    }),
  );
  process.stdout.write(JSON.stringify({ root, apps, packed: list }));
} catch (error) {
  rmSync(root, { recursive: true, force: true });
  // What npm says of an install without network may look like a conflict, so it is asked for one fact.
  const probe = ['view', `inversify@${INVERSIFY['inversify-8']}`, 'version', '--prefer-online', '--loglevel=error', ...QUICK];
  const offline = await npm(probe, tmpdir()).then(
    () => undefined,
    (cause) => cause.message,
  );
  if (offline === undefined) throw error;
  process.stdout.write(JSON.stringify({ offline }));
}
