// The same four stages in Node-RED's runtime, without its editor: as nodes of its own (`native`) or as function nodes (`function`).
// Messages are its own, `{ payload }`, at most 64 under way: it has no backpressure.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Laps, NotAvailable } from '../measure.mjs';

const NATIVE = {
  'b-first': '(msg, send, done) => { send({ payload: { v: msg.payload.v + 1 } }); done(); }',
  'b-keep': '(msg, send, done) => { if (msg.payload.v % 8 !== 0) send(msg); else globalThis.bench.gone(); done(); }',
  'b-second': '(msg, send, done) => { send({ payload: { v: msg.payload.v * 1 } }); done(); }',
  'b-count': '(msg, send, done) => { globalThis.bench.take(msg.payload.v); done(); }',
};
const FUNCTIONS = [
  'return { payload: { v: msg.payload.v + 1 } };',
  "if (msg.payload.v % 8 !== 0) return msg; global.get('bench').gone();",
  'return { payload: { v: msg.payload.v * 1 } };',
  "global.get('bench').take(msg.payload.v);",
];

export async function nodered(kind, { n, peers }) {
  if (peers === undefined) throw new NotAvailable('only with --peers');
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const nodesDir = join(folder, 'own');
  mkdirSync(nodesDir);
  for (const [type, body] of Object.entries({ ...NATIVE, 'b-source': '() => undefined' })) {
    const start = type === 'b-source' ? 'globalThis.bench.send = (msg) => this.send(msg);' : `this.on('input', ${body});`;
    writeFileSync(
      join(nodesDir, `${type}.js`),
      `module.exports = (RED) => RED.nodes.registerType('${type}', function (c) { RED.nodes.createNode(this, c); ${start} });\n`,
    );
    writeFileSync(
      join(nodesDir, `${type}.html`),
      `<script type="text/javascript">RED.nodes.registerType('${type}', { defaults: {} });</script>\n`,
    );
  }
  const laps = new Laps({ n });
  const sink = { n: 0, sum: 0 };
  let done = 0;
  let wake;
  const bench = (globalThis.bench = {
    gone: () => {
      if (++done % 64 === 0) wake?.();
    },
    take: (v) => {
      sink.n++;
      sink.sum += v;
      bench.gone();
    },
  });
  const names = Object.keys(NATIVE);
  const flow = [
    { id: 'tab', type: 'tab', label: 'bench' },
    { id: 's', z: 'tab', type: 'b-source', wires: [['n0']] },
    ...names.map((type, i) => ({
      id: `n${i}`,
      z: 'tab',
      type: kind === 'native' ? type : 'function',
      ...(kind === 'native' ? {} : { func: FUNCTIONS[i], outputs: 1 }),
      wires: [i === 3 ? [] : [`n${i + 1}`]],
    })),
  ];
  writeFileSync(join(folder, 'flows.json'), JSON.stringify(flow));
  const RED = createRequire(join(peers['node-red'], 'package.json'))('node-red');
  RED.init(createServer(), {
    httpAdminRoot: false,
    httpNodeRoot: false,
    userDir: folder,
    flowFile: 'flows.json',
    nodesDir,
    functionGlobalContext: { bench },
    logging: { console: { level: 'off' } },
  });
  try {
    const started = new Promise((resolve) => RED.runtime.events.once('flows:started', resolve));
    await RED.start();
    await started;
    for (const length of laps.lengths) {
      const whole = Math.floor(length / 64) * 64;
      if (whole !== length) throw new Error('laps are multiples of 64');
      for (let i = 0; i < length;) {
        const drained = new Promise((resolve) => (wake = resolve));
        for (const end = i + 64; i < end; i++) {
          laps.made();
          bench.send({ payload: { v: i } });
        }
        await drained;
      }
    }
    return laps.result(sink);
  } finally {
    await RED.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
