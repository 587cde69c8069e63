// One life of a process that fills a queue, or takes a chunk out of it:
//   node child.mjs <folder> fill|drain <rows> <bytes> <rows after which it kills itself, 0 for never>
import { appendFileSync, closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { budget, createEngine } from '@sluice/runtime';
import { definePlugin, Node, port, portType, to } from '@sluice/sdk';
import { openStore } from '@sluice/store';
import { queue } from '@sluice/plugin-queue';

const [folder, what] = process.argv.slice(2, 4);
const [rows, bytes, dies] = process.argv.slice(4).map(Number);
const KEYS = 16;
/** Rows between two looks at the memory. */
const LOOK = 250;
const Item = portType('soak/item@1', { profile: 'json_portable' });
const effects = openSync(join(folder, 'effects.log'), 'a');

let seen = 0;
function look() {
  if (seen++ % LOOK === 0) appendFileSync(join(folder, 'memory.log'), `${process.pid}\t${what}\t${seen}\t${process.memoryUsage.rss()}\n`);
}

class Feed {
  *read() {
    const text = 'x'.repeat(bytes);
    for (let n = 0; n < rows; n++) {
      look();
      yield to('out', { n, who: `k${n % KEYS}`, text }, { key: `feed/${n}` });
    }
  }
}
Node({ type: 'soak/feed', kind: 'source', mode: 'pull', summary: 'Numbered packets.', out: { out: port(Item) } })(Feed);

class Effect {
  write({ payload }) {
    look();
    // One line, one system call: after a kill it is there whole or not at all.
    writeSync(effects, `${payload.n}\t${payload.who}\n`);
    if (seen === dies) process.kill(process.pid, 'SIGKILL');
  }
}
Node({ type: 'soak/effect', kind: 'sink', summary: 'Writes down what it was given.', in: { in: port(Item) } })(Effect);

const graphs = {
  fill: `version: 2
name: soak-fill
nodes:
  feed: { type: soak/feed }
  put:
    type: queue/out
    config: { queue: soak, key: payload.who, max_rows: ${rows}, dedup: 1s }
    concurrency: 64
edges:
  - feed -> put
`,
  drain: `version: 2
name: soak-drain
nodes:
  take:
    type: queue/in
    config: { queue: soak, at_end: end }
  effect: { type: soak/effect }
edges:
  - take -> effect
`,
};

const store = openStore({ path: join(folder, 'store.db') });
const engine = createEngine({
  plugins: [definePlugin({ name: 'soak', nodes: [Feed, Effect] }), queue],
  store: () => store,
  log: { debug() {}, info() {}, warn: (message) => console.error(message), error: (message) => console.error(message) },
});
const plan = await engine.load({ text: graphs[what] });
const run = engine.start(plan, { inputs: {}, ...(what === 'drain' ? { throttle: budget({ packets: rows }) } : {}) });
const report = await run.done;
await engine.close();
await (await store).close();
closeSync(effects);
console.log(JSON.stringify({ status: report.status, reasons: report.reasons }));
process.exitCode = report.status === 'ok' ? 0 : 1;
