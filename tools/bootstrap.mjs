// `npm start` and `npm test` from a fresh clone: says what is missing, installs it, then hands over to nx or jest.
// Only Node's own modules, and only syntax that an old Node can read: it must live long enough to say that it is too old.
import { spawn, spawnSync } from 'child_process';
import fs from 'fs';
import path from 'path';
import { fileURLToPath, pathToFileURL } from 'url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const WINDOWS = process.platform === 'win32';
const NODE_MIN = [20, 19];
const HEARTBEAT_MS = 15000;
const LOCK_MAX_MS = 15 * 60 * 1000;
const NETWORK =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR|ENOTCACHED|EIDLETIMEOUT)\b/;

/** Why this Node cannot be used, or undefined. */
export function nodeProblem(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return undefined;
  return `Node ${version.replace(/^v/, '')} is too old: Sluice needs ${NODE_MIN.join('.')} or newer. Get it from https://nodejs.org, then try again.`;
}

/** Why this folder cannot be written to, or undefined. Tried for real: permission bits alone do not tell on Windows or a read-only disk. */
export function writeProblem(root) {
  for (const folder of [root, path.join(root, 'node_modules')]) {
    if (!fs.existsSync(folder)) continue;
    try {
      fs.rmdirSync(fs.mkdtempSync(path.join(folder, '.sluice-write-')));
    } catch (error) {
      return `No permission to write in ${folder} (${error.code}). Change its owner or rights, or clone into a folder of your own.`;
    }
  }
  return undefined;
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    return undefined;
  }
}

/**
 * Why `npm ci` is needed, or undefined. npm writes `node_modules/.package-lock.json` last, when all is in place; it is compared with the
 * lockfile, and each package must still have its folder. What is optional may be absent: it did not fit this machine.
 */
export function installReason(root) {
  const wanted = readJson(path.join(root, 'package-lock.json'));
  if (!wanted) throw new Error('package-lock.json is missing or not JSON: restore it with `git checkout package-lock.json`.');
  const modules = path.join(root, 'node_modules');
  if (!fs.existsSync(modules)) return 'node_modules is missing';
  const have = readJson(path.join(modules, '.package-lock.json'));
  if (!have) return 'an earlier install did not finish';
  for (const key of Object.keys(wanted.packages)) {
    const entry = wanted.packages[key];
    if (key === '' || entry.optional || entry.devOptional) continue;
    const there = have.packages[key];
    if (!there || there.version !== entry.version || there.integrity !== entry.integrity) return 'package-lock.json has changed';
    if (!fs.existsSync(path.join(root, key))) return `${key} is missing`;
  }
  return undefined;
}

/** How to start npm: the one that started us, else the one beside this Node, else the one on PATH. */
function npmCommand() {
  const beside = path.dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath || '',
    path.join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    path.join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const script = candidates.find((file) => path.basename(file) === 'npm-cli.js' && fs.existsSync(file));
  return script
    ? { file: process.execPath, args: [script], shell: false }
    : { file: WINDOWS ? 'npm.cmd' : 'npm', args: [], shell: WINDOWS };
}

function end(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // it has ended by itself
  }
}

/** All processes below one; nx gives its tasks groups of their own. */
function descendants(pid) {
  const rows = WINDOWS ? '' : spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).stdout || '';
  const pairs = rows.split('\n').map((row) => row.trim().split(/\s+/).map(Number));
  const found = [pid];
  for (const parent of found) found.push(...pairs.filter((pair) => pair[1] === parent).map((pair) => pair[0]));
  return found.slice(1);
}

/**
 * Runs a child to its end. It leads a process group of its own, so that one Ctrl-C reaches it once, through us, and nothing of its
 * family is left when it is gone. Resolves with its exit code (128 + n after a signal) and what it wrote to stderr, where that is read.
 */
function run(file, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: ROOT,
      env: Object.assign({}, process.env, options.env),
      stdio: ['ignore', 'inherit', options.readErrors ? 'pipe' : 'inherit'],
      shell: options.shell || false,
      detached: !WINDOWS,
    });
    if (options.onStart && child.pid) options.onStart(child.pid);
    let errors = '';
    if (child.stderr) {
      child.stderr.on('data', (chunk) => {
        process.stderr.write(chunk);
        errors = (errors + chunk).slice(-20000);
      });
    }
    const kill = () => {
      if (WINDOWS) spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' });
      else descendants(child.pid).concat(-child.pid).forEach(end);
    };
    // The first signal asks the leader, which knows how to drain; the second one is for the whole family.
    let asked = 0;
    const onSignal = (signal) => {
      asked += 1;
      if (asked > 1) kill();
      else if (!WINDOWS) child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
      else if (signal !== 'SIGINT') kill(); // a Windows console has told the child itself of Ctrl-C
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    signals.forEach((signal) => process.on(signal, onSignal));
    // npm that is told to end ends its shell and not us: then our parent changes, and that is how we hear of it.
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      if (asked === 0) onSignal('SIGTERM'); // else a Ctrl-C has ended it as well, and the drain is on
    }, 250);
    if (WINDOWS || !process.env.npm_lifecycle_event) clearInterval(watch);
    const done = () => {
      clearInterval(watch);
      signals.forEach((signal) => process.off(signal, onSignal));
    };
    child.on('error', (error) => {
      done();
      reject(error);
    });
    child.on('close', (code, signal) => {
      kill();
      done();
      resolve({ code: code === null ? 128 + ({ SIGINT: 2, SIGTERM: 15, SIGKILL: 9 }[signal] || 1) : code, errors, stopped: asked > 0 });
    });
  });
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

/** What to say when npm failed, by what it wrote. */
export function installHint(errors) {
  if (NETWORK.test(errors)) {
    return 'The package registry was not reached. Check the network (behind a proxy: `npm config set proxy ...`) and run the same command again; what was fetched so far is kept. Without network: copy the npm cache folder (`npm config get cache`) of a machine that has installed this once, then run `npm ci --prefer-offline`.';
  }
  if (/\bEUSAGE\b/.test(errors)) return 'package.json and package-lock.json disagree: run `npm install`, then commit package-lock.json.';
  if (/\b(EACCES|EPERM|EROFS)\b/.test(errors))
    return 'A file could not be written: check who owns this folder and the npm cache (`npm config get cache`).';
  if (/\bENOSPC\b/.test(errors)) return 'The disk is full: about 1 GB is needed.';
  return 'What npm wrote above says why; run the same command again when it is mended.';
}

async function install(reason, onStart) {
  const began = Date.now();
  console.log(`sluice: ${reason}; installing the packages named in package-lock.json (npm ci), about a minute ...`);
  const heartbeat = setInterval(() => console.log(`sluice: still installing, ${seconds(began)} ...`), HEARTBEAT_MS);
  const npm = npmCommand();
  // A silent firewall must end in a message, not in the quarter of an hour that npm would try by default.
  const args = [
    'ci',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=5000',
    '--fetch-timeout=60000',
  ];
  let result;
  try {
    result = await run(npm.file, npm.args.concat(args), { readErrors: true, shell: npm.shell, onStart });
  } catch (error) {
    throw new Error(
      `npm could not be started (${error.code}). It comes with Node: install Node from https://nodejs.org, or run npm through its own folder.`,
    );
  } finally {
    clearInterval(heartbeat);
  }
  if (result.stopped) process.exit(result.code || 130);
  if (result.code !== 0)
    throw new Error(`the install failed after ${seconds(began)} (npm ci, exit code ${result.code}). ${installHint(result.errors)}`);
  const left = installReason(ROOT);
  if (left) throw new Error(`npm ci ended well but ${left}. Delete the folder node_modules and run the same command again.`);
  console.log(`sluice: installed in ${seconds(began)}.`);
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    // A dead process that nobody has waited for still takes signals (in containers without an init it does so for ever).
    return process.platform !== 'linux' || !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Two installs in one folder destroy each other, and the two commands of the README are easily run in two windows. The lock names us and
 * our npm, which goes on alone where we are killed.
 */
async function alone(work) {
  const lock = path.join(ROOT, '.sluice', 'install.lock');
  fs.mkdirSync(path.dirname(lock), { recursive: true });
  for (let said = false; ;) {
    try {
      fs.writeFileSync(lock, `${process.pid} `, { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = ownerOf(lock);
    if (owner === 0) fs.rmSync(lock, { force: true });
    else if (owner && !said)
      console.log(`sluice: another install (process ${owner}) is at work here; waiting for it (or delete ${lock}) ...`);
    said = said || Boolean(owner);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const release = () => fs.rmSync(lock, { force: true });
  process.on('exit', release);
  try {
    return await work((pid) => fs.appendFileSync(lock, String(pid)));
  } finally {
    release();
    process.off('exit', release);
  }
}

/** The living process that holds the lock, 0 where it is dead (or so old that its number must be another's), undefined where the lock is gone. */
function ownerOf(lock) {
  try {
    if (Date.now() - fs.statSync(lock).mtimeMs > LOCK_MAX_MS) return 0;
    return (
      fs
        .readFileSync(lock, 'utf8')
        .split(' ')
        .map(Number)
        .find((pid) => pid && alive(pid)) || 0
    );
  } catch (error) {
    return undefined;
  }
}

/** A script of an installed package, run by this very Node: no shell, no PATH, the same on every system. */
function bin(name, command) {
  const folder = path.join(ROOT, 'node_modules', name);
  const entry = readJson(path.join(folder, 'package.json')).bin;
  return path.join(folder, typeof entry === 'string' ? entry : entry[command]);
}

const COMMANDS = {
  install: () => undefined,
  start: (args) => ({
    args: [bin('nx', 'nx'), 'run', 'graph:serve'].concat(args.length ? ['--'].concat(args) : []),
    // Neither a daemon that outlives us, nor a full-screen display, nor a pseudo-terminal, which nx cannot open from a session of its own.
    env: { NX_DAEMON: 'false', NX_TUI: 'false', NX_NATIVE_COMMAND_RUNNER: 'false' },
  }),
  test: (args) => ({
    // Own arguments last: an option that takes a list would swallow a file name behind it.
    args: [bin('jest', 'jest')].concat(args, '--reporters=default', `--reporters=${path.join(ROOT, 'tools', 'summary-reporter.cjs')}`),
    env: {},
  }),
};

async function main(argv) {
  const command = COMMANDS[argv[0]];
  if (!command) throw Object.assign(new Error(`unknown command ${argv[0] || '(none)'}: use start, test or install.`), { exitCode: 2 });
  const problem = nodeProblem(process.version) || writeProblem(ROOT);
  if (problem) throw Object.assign(new Error(problem), { exitCode: 4 });
  if (installReason(ROOT)) {
    await alone(async (onStart) => {
      const reason = installReason(ROOT);
      if (reason) await install(reason, onStart);
    });
  }
  const spec = command(argv.slice(1));
  if (!spec) return;
  const result = await run(process.execPath, spec.args, { env: spec.env });
  process.exitCode = result.code;
}

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(`sluice: ${error.message}`);
    process.exitCode = error.exitCode || 4;
  });
}
