// Starts the main job from the build, as a newcomer would, and sees whether it does what it says: people are found, an event is written,
// the picture is a picture, and SIGTERM leaves nothing behind. Only Node's own modules. Last line: `N passed, N failed`.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = resolve(import.meta.dirname, '..');
const CLI = join(ROOT, 'apps', 'cli', 'bin', 'sluice.js');
const GRAPH = resolve(process.argv[2] ?? join(ROOT, 'graphs', 'street-watch.yaml'));
const READY_MS = 30_000;
const WORK_MS = 60_000;
const STOP_MS = 3000;
const FIRST_DETECTION_MS = 5000;

let passed = 0;
let failed = 0;

/** One check: `work` gives what was seen, or throws why not. Gives that, or undefined. */
async function check(what, work) {
  const began = performance.now();
  try {
    const seen = await work();
    passed += 1;
    console.log(`ok    ${what}: ${seen.text ?? seen} [${Math.round(performance.now() - began)} ms]`);
    return seen;
  } catch (error) {
    failed += 1;
    console.log(`FAIL  ${what}: ${error.message} [${Math.round(performance.now() - began)} ms]`);
    return undefined;
  }
}

function demand(good, message) {
  if (!good) throw new Error(message);
}

/** Asks until the answer is right; a fault of the last try is the fault. */
async function until(timeout, ask) {
  const end = performance.now() + timeout;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > end) throw new Error(`${error.message} (after ${timeout / 1000} s)`, { cause: error });
      await sleep(100);
    }
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** All processes below one, as [pid, command]. Nothing on Windows, where the check says so. */
function family(pid) {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  const rows = (stdout ?? '').split('\n').flatMap((line) => {
    const [, own, parent, stat, args] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return own === undefined || stat.startsWith('Z') ? [] : [{ pid: Number(own), parent: Number(parent), args }];
  });
  const found = [];
  for (const queue = [pid]; queue.length > 0;) {
    const parent = queue.shift();
    for (const row of rows.filter((one) => one.parent === parent)) {
      found.push(row);
      queue.push(row.pid);
    }
  }
  return found;
}

function isAlive({ pid, args }) {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,args=', '-p', String(pid)], { encoding: 'utf8' });
  return (stdout ?? '').includes(args) && !(stdout ?? '').startsWith('Z');
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-smoke-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const get = async (path) => {
    const response = await fetch(url + path, { signal: AbortSignal.timeout(5000) }).catch((error) => {
      throw new Error(`${path} does not answer: ${error.cause?.code ?? error.message}`);
    });
    demand(response.ok, `${path} answers ${response.status}: ${response.ok ? '' : (await response.text()).slice(0, 300)}`);
    return response;
  };

  await check('the build is there', () => {
    demand(existsSync(join(ROOT, 'apps', 'cli', 'dist', 'main.js')), 'apps/cli/dist/main.js is missing: run `npm run build`');
    return 'apps/cli/dist/main.js';
  });

  const began = performance.now();
  const child = spawn(process.execPath, [CLI, 'serve', GRAPH, '--port', String(port)], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => (output = (output + chunk).slice(-8000)));
  let ended;
  const exit = new Promise((done) => {
    child.once('exit', (code, signal) => done((ended = { code, signal, at: performance.now() })));
    child.once('error', (error) => done((ended = { code: null, signal: error.code, at: performance.now() })));
  });
  const running = () => demand(!ended, `the server ended by itself (exit code ${ended?.code ?? ended?.signal})`);
  // Whatever happens here, a failed check must not leave a server behind either.
  process.on('exit', () => child.kill('SIGKILL'));

  try {
    const ready = await check('it is ready', () =>
      Promise.race([until(READY_MS, async () => `/readyz answers ${(await get('/readyz')).status}`), exit.then(() => running())]),
    );
    if (ready) {
      await check('it is alive', async () => `/livez answers ${(await get('/livez')).status}`);
      const run = await check('one run is on', async () => {
        const { runs } = await (await get('/api/v1/runs')).json();
        demand(runs.length === 1, `there are ${runs.length} runs`);
        return { text: `${runs[0].graph}, ${runs[0].state}`, id: runs[0].id };
      });
      if (run) await checkRun(run.id, get, running, began, folder);
    }
    const children = family(child.pid);
    if (!ended) {
      await check('SIGTERM ends it', async () => {
        const asked = performance.now();
        child.kill('SIGTERM');
        const end = await Promise.race([exit, sleep(STOP_MS + 7000)]);
        demand(end, `still running after ${(STOP_MS + 7000) / 1000} s`);
        const took = Math.round(end.at - asked);
        demand(end.code === 0, `exit code ${end.code ?? end.signal} after ${took} ms`);
        demand(took <= STOP_MS, `exit code 0, but after ${took} ms`);
        return `exit code 0 after ${took} ms`;
      });
      await check('no child process is left', () => {
        demand(process.platform !== 'win32', 'not to be seen on Windows');
        demand(children.length > 0, 'there was none to begin with: where is ffmpeg?');
        const left = children.filter(isAlive);
        left.forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
        demand(left.length === 0, left.map(({ pid, args }) => `${pid} ${args.slice(0, 80)}`).join('; '));
        return `${children.length} gone`;
      });
    }
    if (failed > 0) console.log(`\nWhat the server said last:\n${output}`);
  } finally {
    child.kill('SIGKILL');
    await exit;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function checkRun(id, get, running, began, folder) {
  const nodesOf = async (type) => {
    running();
    const { run } = await (await get(`/api/v1/runs/${id}`)).json();
    const nodes = run.nodes.filter((node) => node.type === type);
    demand(nodes.length > 0, `the run has no node ${type}`);
    return nodes;
  };
  const sum = (nodes, counter) => nodes.reduce((total, node) => total + (node.counters[counter] ?? 0), 0);

  await check('people are detected', () =>
    until(WORK_MS, async () => {
      const count = sum(await nodesOf('vision/detect'), 'detections');
      const took = Math.round(performance.now() - began);
      demand(count > 0, 'no detection');
      return { text: `${count} detections, the first at most ${took} ms after the start`, took };
    }).then((seen) => {
      demand(seen.took <= FIRST_DETECTION_MS, `the first took ${seen.took} ms, more than ${FIRST_DETECTION_MS}`);
      return seen;
    }),
  );
  await check('the picture is a picture', () =>
    until(READY_MS, async () => {
      const response = await get('/preview.jpg');
      const bytes = Buffer.from(await response.arrayBuffer());
      demand(response.headers.get('content-type') === 'image/jpeg', `its type is ${response.headers.get('content-type')}`);
      demand(bytes.length > 2000, `it has ${bytes.length} bytes`);
      demand(
        bytes.readUInt16BE(0) === 0xffd8 && bytes.readUInt16BE(bytes.length - 2) === 0xffd9,
        'it does not begin and end as a JPEG does',
      );
      return `${bytes.length} bytes of JPEG`;
    }),
  );
  await check('a person who enters the zone is an event, in the file too', () =>
    until(WORK_MS, async () => {
      const count = sum(await nodesOf('vision/events'), 'events');
      demand(count > 0, 'no event');
      const events = linesBelow(folder);
      demand(events.length > 0, `${count} events, none of them in a file below the working folder`);
      return `${events.length} in ${events[0].file}, such as ${JSON.stringify(events[0].value).slice(0, 160)}`;
    }),
  );
  await check('the report agrees', async () => {
    const { report } = await (await get(`/api/v1/runs/${id}/report`)).json();
    demand(report.status === 'ok', `status ${report.status}: ${(report.reasons ?? []).join('; ')}`);
    const [detect] = await nodesOf('vision/detect');
    demand(
      report.metrics[`node.${detect.id}.produced`] > 0,
      `node.${detect.id}.produced is ${report.metrics[`node.${detect.id}.produced`]}`,
    );
    return `status ok, ${report.metrics['packets.consumed_total']} packets consumed, ${report.metrics[`node.${detect.id}.detections`]} detections`;
  });
  await check('metrics are there', async () => {
    const text = await (await get('/metrics')).text();
    const missing = ['sluice_node_packets_total', 'sluice_edge_depth', 'sluice_edge_dropped_total'].filter((name) => !text.includes(name));
    demand(missing.length === 0, `/metrics has no ${missing.join(', ')}`);
    return `${text.split('\n').filter((line) => line.startsWith('sluice_')).length} series`;
  });
}

/** Every line of every .jsonl file below a folder; a line that is no JSON is a fault. */
function linesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.jsonl') && statSync(join(folder, name)).isFile())
    .flatMap((file) =>
      readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => ({ file, value: JSON.parse(line) })),
    );
}

await main().catch((error) => {
  failed += 1;
  console.log(`FAIL  the smoke test itself: ${error.stack}`);
});
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
