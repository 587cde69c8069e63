// One life of a graph with two durable edges and an effect on the world outside: it may be killed at any moment.
import { appendFileSync, closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '@sluice/runtime';
import { definePlugin, Node, port, portType, to } from '@sluice/sdk';
import { openStore } from '@sluice/store';

const [folder, kept, offset] = process.argv.slice(2, 5);
const [count, pace, keys, back, recorded, end] = process.argv.slice(5).map(Number);
const Item = portType('crash/item@1', { profile: 'json_portable' });
const offsets = join(folder, offset);
const effects = openSync(join(folder, 'effects.log'), 'a');

/** Like a log that is read from an offset: what was not acked to the front is sent again, under the same keys. */
class Feed {
  async *read(ctx) {
    let front = existsSync(offsets) ? (readFileSync(offsets, 'utf8').match(/\n/g) ?? []).length : 0;
    const acked = new Set();
    for (let n = front; n < count; n++) {
      const done = (outcome) => {
        if (outcome !== 'acked') return;
        acked.add(n);
        for (; acked.delete(front); front++) appendFileSync(offsets, '.\n');
      };
      yield to('out', { n, who: `k${n % keys}` }, { key: `feed/${n}`, done });
      if (pace > 0 && n % 8 === 7) await ctx.sleep(pace);
    }
  }
}
Node({ type: 'crash/feed', kind: 'source', mode: 'pull', summary: 'Numbered packets.', out: { out: port(Item) } })(Feed);

class Work {
  process({ payload }) {
    return { ...payload, worked: payload.n + 1 };
  }
}
Node({ type: 'crash/work', kind: 'transform', summary: 'Adds one.', in: { in: port(Item) }, out: { out: port(Item) } })(Work);

class Effect {
  constructor() {
    this.calls = 0;
  }

  write({ payload, key }) {
    // It may end in the middle of an effect of which nobody can tell: before it happened, or after.
    const last = end !== 0 && ++this.calls >= Math.abs(end) && payload.n % 2 === 1;
    if (last && end < 0) process.kill(process.pid, 'SIGKILL');
    // One line, one system call: after a kill it is there whole or not at all.
    writeSync(effects, `${key}\t${payload.n}\t${payload.who}\t${payload.worked}\t${Date.now()}\n`);
    if (last) process.kill(process.pid, 'SIGKILL');
  }

  /** Of each second packet somebody can tell afterwards whether it was done; of the others nobody can. */
  async probe({ payload, key }) {
    if (payload.n % 2 === 1) return 'unknown';
    return readFileSync(join(folder, 'effects.log'), 'utf8').includes(`${key}\t`) ? 'applied' : 'none';
  }
}
Node({ type: 'crash/effect', kind: 'sink', summary: 'Does something outside.', in: { in: port(Item) } })(Effect);

const clock = {
  now: () => Date.now() - back,
  after: (ms, fn) =>
    (
      (timer) => () =>
        clearTimeout(timer)
    )(setTimeout(fn, ms)),
};
const store = openStore({ path: join(kept, 'store.db'), clock });
const plugin = definePlugin({ name: 'crash', nodes: [Feed, Work, Effect] });
const engine = createEngine({
  plugins: [plugin],
  store: () => store,
  log: { debug() {}, info() {}, warn: (message) => console.error(message), error: (message) => console.error(message) },
});
const plan = await engine.load({
  text: `version: 2
name: crash
nodes:
  feed: { type: crash/feed }
  work: { type: crash/work }
  effect: { type: crash/effect${recorded === 1 ? ', durability: full' : ''} }
edges:
  - feed.out -> work: { durable: true, key: payload.who }
  - work.out -> effect: { durable: true, key: payload.who }
`,
});
const run = engine.start(plan, { inputs: {} });
await run.ready;
console.log('ready');
const report = await run.done;
await engine.close();
const opened = await store;
const named = await opened.read("SELECT id FROM entities WHERE machine = 'node_run' AND state = 'uncertain' ORDER BY id");
await opened.close();
closeSync(effects);
const uncertain = named.map(({ id }) => id);
console.log(JSON.stringify({ status: report.status, reasons: report.reasons, uncertain, edges: run.figures().edges }));
// What nobody can decide makes it degraded, and nothing else may.
process.exitCode = report.status === 'ok' || (report.status === 'degraded' && uncertain.length > 0) ? 0 : 1;
