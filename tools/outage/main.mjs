// A graph sends to a service over a durable edge, the service is down for a while and comes back: what became of the packets?
//   npm run test:outage -- [--down 60] [--rate 50] [--json]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const SLUICE = join(here, '..', '..', 'apps', 'cli', 'bin', 'sluice.js');
/** Packets that arrive before the service goes down. */
const BEFORE = 25;
/** Between two looks at the health of the server, ms. */
const LOOK_MS = 100;
/** The longest wait between two tries of a durable edge, and a moment; the first packet must be there by then, ms. */
const FIRST_MS = 15_000;
/** Nothing here takes longer, ms. */
const PATIENCE_MS = 300_000;

const HELP = `A graph sends to a service over a durable edge; the service is down for a while and comes back.

  npm run test:outage -- [options]

  --down S     seconds that the service is down (default 60)
  --rate N     packets a second, before, meanwhile and after (default 50)
  --json       print { packets, down_s, lost, doubled, out_of_order, waited, degraded_after_ms, degraded_share, ready_share,
               first_after_ms, drained_after_ms, ok_after_ms, exit }
  --help       print this

waited            packets in the durable edge when the service came back
degraded_after_ms from the end of the service until /api/v1/health said degraded; degraded_share: part of the looks from then on that said so
ready_share       part of all looks in which /readyz was 200: a graph whose service is down still takes work
first_after_ms    from the return of the service until it was given a packet; drained_after_ms: until nothing waited
ok_after_ms       from then until the health was ok again
exit              code of \`sluice serve\` when it was told to end

It fails where a packet is lost, done twice or out of order, where the health does not become degraded or not ok again, or where the first packet
takes longer than ${FIRST_MS / 1000} s.
`;

function options() {
  try {
    const text = (value) => ({ type: 'string', default: value });
    const { values } = parseArgs({ options: { down: text('60'), rate: text('50'), json: { type: 'boolean' }, help: { type: 'boolean' } } });
    const [down, rate] = [values.down, values.rate].map(Number);
    if (!(down > 0) || !(rate > 0 && rate <= 1000)) throw new Error('--down and --rate are numbers above 0; no more than 1000 a second.');
    return { ...values, down, rate };
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`);
    process.exit(2);
  }
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something is so. @returns ms that it took */
async function until(what, holds) {
  const began = Date.now();
  while (!(await holds())) {
    if (Date.now() - began > PATIENCE_MS) throw new Error(`Waited in vain until ${what}.`);
    await wait(20);
  }
  return Date.now() - began;
}

/** The service: it does what has one key once, and can be away. */
class Service {
  /** Numbers of packets in the order in which they came first. */
  got = [];
  keys = new Set();
  port = 0;

  async up() {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (data) => (body += data));
      request.on('end', () => {
        const key = String(request.headers['idempotency-key']);
        if (!this.keys.has(key)) this.got.push(JSON.parse(body).n);
        this.keys.add(key);
        response.end();
      });
    });
    await new Promise((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = this.server.address().port;
  }

  /** Answers that are under way are cut off, too. */
  async down() {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}

const graph = (port, rate, count) => `version: 2
name: outage
description: Numbers go to a service that is not always there.
nodes:
  ticks:
    type: core/interval
    config:
      every: ${1000 / rate}ms
      count: ${count}
  send:
    type: io/http-out
    config:
      url: http://127.0.0.1:${port}/numbers
      timeout: 2s
edges:
  # One key for all: each waits for the one before it.
  - ticks -> send: { durable: true, key: source_id }
`;

/** `sluice serve` on a graph. @returns where it is, and how to end it */
async function serve(folder) {
  const child = spawn(process.execPath, [SLUICE, 'serve', 'outage.yaml', '--port', '0', '--no-console', '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => (out += data));
  child.stderr.on('data', (data) => (err += data));
  const ended = new Promise((resolve) => child.once('close', resolve));
  await until('the server was there', () => {
    if (child.exitCode !== null) throw new Error(`The server did not start:\n${err}`);
    return out.includes('\n');
  });
  const { url } = JSON.parse(out.split('\n', 1)[0]);
  const get = async (path) => fetch(`${url}${path}`).then((answer) => (answer.ok ? answer.json() : undefined));
  const end = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { get, end, kill: () => child.kill('SIGKILL') };
}

async function outage(folder, { down, rate }) {
  const service = new Service();
  await service.up();
  // Half as long again after it as before: enough to see that what is new goes on behind what waited.
  const packets = BEFORE + Math.ceil(rate * down) + 2 * BEFORE;
  writeFileSync(join(folder, 'outage.yaml'), graph(service.port, rate, packets));
  const server = await serve(folder);
  const looks = [];
  let looking = true;
  const look = async () => {
    for (; looking; await wait(LOOK_MS)) {
      const [health, ready] = await Promise.all([server.get('/api/v1/health'), server.get('/readyz')]);
      looks.push({ at: Date.now(), status: health?.status, ready: ready !== undefined });
    }
  };
  const figures = async () => {
    const { runs } = await server.get('/api/v1/runs');
    return (await server.get(`/api/v1/runs/${runs[0].id}`)).run;
  };
  try {
    const watching = look();
    await until('the first packets were there', () => service.got.length >= BEFORE);
    await service.down();
    const gone = Date.now();
    await wait(down * 1000);
    await until('its health was degraded', () => looks.at(-1)?.status === 'degraded');
    const before = service.got.length;
    const waited = (await figures()).edges[0].in_flight;
    await service.up();
    const back = Date.now();
    const first_after_ms = await until('the service was given a packet again', () => service.got.length > before);
    await until('nothing waited', async () => (await figures()).edges[0].in_flight < rate);
    const drained = Date.now();
    const ok_after_ms = await until('its health was ok again', () => looks.at(-1)?.status === 'ok');
    await until('all was there', () => service.got.length >= packets);
    looking = false;
    await watching;
    const exit = await server.end();
    const meanwhile = looks.filter(({ at }) => at > gone && at < back);
    const from = meanwhile.slice(meanwhile.findIndex(({ status }) => status === 'degraded'));
    const share = (list, holds) => Math.floor((100 * list.filter(holds).length) / list.length) / 100;
    return {
      ...{ packets, down_s: down, ...judge(service.got, packets), waited },
      degraded_after_ms: from[0].at - gone,
      degraded_share: share(from, ({ status }) => status === 'degraded'),
      ready_share: share(looks, ({ ready }) => ready),
      ...{ first_after_ms, drained_after_ms: drained - back, ok_after_ms, exit },
    };
  } finally {
    looking = false;
    server.kill();
    await service.down().catch(() => undefined);
  }
}

function judge(got, packets) {
  const seen = new Set(got);
  return {
    lost: packets - seen.size,
    doubled: got.length - seen.size,
    out_of_order: got.filter((n, at) => at > 0 && n < got[at - 1]).length,
  };
}

function faults(result) {
  const { lost, doubled, out_of_order, degraded_share, ready_share, first_after_ms, exit } = result;
  return [
    ...(lost === 0 ? [] : [`${lost} packets were lost.`]),
    ...(doubled === 0 ? [] : [`${doubled} packets were done twice.`]),
    ...(out_of_order === 0 ? [] : [`${out_of_order} packets were out of order.`]),
    ...(degraded_share < 1 ? ['The run was not degraded all the time.'] : []),
    ...(ready_share === 1 ? [] : ['The server was not ready all the time.']),
    ...(first_after_ms <= FIRST_MS ? [] : [`The first packet took ${first_after_ms} ms after the service was back.`]),
    ...(exit === 0 ? [] : [`The server ended with ${exit}, though nothing was lost.`]),
  ];
}

const asked = options();
if (asked.help) {
  console.log(HELP);
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'sluice-outage-'));
try {
  const result = await outage(folder, asked);
  const wrong = faults(result);
  if (asked.json) console.log(JSON.stringify(result));
  else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(18)} ${value}`);
  for (const fault of wrong) console.error(fault);
  if (!asked.json) console.log(wrong.length === 0 ? 'ok' : 'failed');
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
