// What a server with twenty consoles costs the graph that runs in it, and how long its API takes to answer meanwhile.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createServer, Runs } from '@sluice/control';
import { createEngine } from '@sluice/runtime';
import { definePlugin } from '@sluice/sdk';
import { median, quantile } from '../statistics.mjs';
import { edges, nodeClass, QUEUED } from './sluice.mjs';

const CONSOLES = 20;
const WINDOW_MS = 1_000;
const CLIENT = fileURLToPath(new URL('./console-client.mjs', import.meta.url));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A server with a run of four nodes: as fast as it goes, or at a rate. */
async function serve(rate) {
  const state = {
    *fast() {
      for (let n = 0; ; n++) yield { n };
    },
    async *paced() {
      for (let began = performance.now(), n = 0; ; n++) {
        if (n % 10 === 0) while (performance.now() - began < (n / rate) * 1000) await sleep(1);
        yield { n };
      }
    },
  };
  const nodes = [
    nodeClass('b/source', 'source', `read() { return f.${rate === undefined ? 'fast' : 'paced'}(); }`, state),
    ...['a', 'b'].map((id) => nodeClass(`b/${id}`, 'transform', 'process(p) { return p.with(p.payload); }')),
    nodeClass('b/sink', 'sink', 'write() {}', state),
  ];
  const engine = createEngine({ plugins: [definePlugin({ name: 'b', nodes })] });
  const ids = ['source', 'a', 'b', 'sink'];
  const plan = await engine.load({
    version: 2,
    name: 'consoles',
    nodes: Object.fromEntries(ids.map((id) => [id, { type: `b/${id}` }])),
    edges: edges(['source -> a', 'a -> b', 'b -> sink'], { capacity: QUEUED }),
  });
  const run = engine.start(plan, { inputs: {} });
  await run.ready;
  const runs = new Runs();
  runs.add(run);
  runs.phase = 'ready';
  const server = createServer({ runs, port: 0, page: false, rate: { read: 1e9 } });
  const url = await server.listen();
  return {
    url,
    run,
    taken: () => run.figures().nodes.at(-1).consumed,
  };
}

/** Twenty pages that listen, in a process of their own: what they do with it is not ours to pay. */
async function open(url, run) {
  const child = spawn(process.execPath, [CLIENT, url, String(CONSOLES), run.id], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value);
  await next();
  return {
    async ask(command) {
      child.stdin.write(`${command}\n`);
      return next();
    },
    close: () => child.kill('SIGKILL'),
  };
}

/** Windows without and with consoles in turn. @returns by how many per cent fewer packets pass, the median of the pairs */
export async function cost({ quick }) {
  const server = await serve();
  const consoles = await open(server.url, server.run);
  const rate = async () => {
    const [before, began] = [server.taken(), performance.now()];
    await sleep(WINDOW_MS);
    return (server.taken() - before) / (performance.now() - began);
  };
  try {
    await sleep(2_000);
    const ratios = [];
    let frames = 0;
    for (let pair = 0; pair < (quick ? 5 : 9); pair++) {
      const one = {};
      for (const connected of pair % 2 === 0 ? [false, true] : [true, false]) {
        frames += (await consoles.ask(connected ? 'connect' : 'leave')).frames;
        one[connected] = await rate();
      }
      ratios.push(one.true / one.false);
    }
    frames += (await consoles.ask('leave')).frames;
    if (frames < CONSOLES * ratios.length) throw new Error(`the consoles got ${frames} frames`);
    return { percent: (1 - median(ratios)) * 100, frames };
  } finally {
    // The server ends with this process.
    consoles.close();
  }
}

/** Answers of the API, one after the other, while twenty consoles listen and 5,000 packets a second pass. @returns ms */
export async function answers({ quick }) {
  const server = await serve(5_000);
  const consoles = await open(server.url, server.run);
  try {
    await consoles.ask('connect');
    const { took, frames } = await consoles.ask(`ask ${quick ? 600 : 2_000}`);
    if (frames < CONSOLES) throw new Error(`the consoles got ${frames} frames`);
    const steady = took.slice(100);
    return { p99: quantile(steady, 0.99), p50: quantile(steady, 0.5), n: steady.length };
  } finally {
    // The server ends with this process.
    consoles.close();
  }
}
