import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { budget, type Engine } from '@sluice/runtime';
import { openStore, type Store } from '@sluice/store';
import { GRAPHS, shippedEngine } from '../testing/shipped';

const QUEUE = 'outputs/queues/demo.sqlite3';
const graph = (name: string) => join(GRAPHS, 'reference', name);
const both = (name: string) => [[`${name}.yaml`], [`v2/${name}.yaml`]];

let folder: string;
let printed: unknown[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-durable-'));
  printed = [];
  jest.spyOn(process.stdout, 'write').mockImplementation(((text: string, done: () => void) => {
    printed.push((JSON.parse(text.slice(text.indexOf('{'))) as { payload: unknown }).payload);
    done();
    return true;
  }) as typeof process.stdout.write);
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** What each process does that uses a store: opens it, works, and closes it, by which all that was settled is written. */
async function opened<V>(work: (store: Store, engine: Engine) => Promise<V>): Promise<V> {
  const store = await openStore({ path: join(folder, 'store.db') });
  const engine = shippedEngine(() => Promise.resolve(store));
  try {
    return await work(store, engine);
  } finally {
    await engine.close();
    await store.close();
  }
}
const rows = (): Promise<number> => opened(async (store) => (await store.queue(QUEUE)).figures.rows);
const put = (values: readonly unknown[]): Promise<void> =>
  opened(async (store) => {
    const queue = await store.queue(QUEUE);
    const item = { kind: 'event', meta: {}, sourceId: 's', time: 0, key: '', id: '', priority: 0 };
    await Promise.all(values.map((payload) => queue.put({ ...item, payload })));
  });
const run = (name: string, limits: { packets?: number } = {}): Promise<string> =>
  opened(async (_, engine) => {
    const plan = await engine.load(graph(name));
    const throttle = limits.packets === undefined ? {} : { throttle: budget({ packets: limits.packets }) };
    return (await engine.start(plan, { inputs: {}, ...throttle }).done).status;
  });

it.each(both('durable-enqueue'))('%s: the same key twice is one row', async (name) => {
  expect(await run(name)).toBe('ok');
  expect(await rows()).toBe(2);
  expect(await run('durable-drain-ack.yaml')).toBe('ok');
  expect(printed).toEqual([{ n: 1 }, { n: 2 }]);
});

it.each(both('durable-drain-ack'))('%s: what is acked is gone, and nothing comes twice', async (name) => {
  await put([1, 2, 3]);
  expect([await run(name), await rows(), printed]).toEqual(['ok', 0, [1, 2, 3]]);
  expect([await run(name), await rows(), printed]).toEqual(['ok', 0, [1, 2, 3]]);
});

it.each(both('durable-drain-ack'))('%s: 125 rows in chunks of 20 are drained to zero', async (name) => {
  const all = Array.from({ length: 125 }, (_, i) => i);
  await put(all);
  const depths: number[] = [];
  for (let n = 0; n < 7; n++) {
    expect(await run(name, { packets: 20 })).toBe('ok');
    depths.push(await rows());
  }
  expect(depths).toEqual([105, 85, 65, 45, 25, 5, 0]);
  expect(printed).toEqual(all);
});

it('what was not acked comes again, and only that', async () => {
  await put([1, 2, 3, 4, 5]);
  const text = `version: 2
name: part
nodes:
  queue: { type: queue/in, config: { queue: "${QUEUE}", at_end: end, backoff: 1ms } }
outputs:
  rows: { from: queue }
`;
  const taken = (count: number): Promise<unknown[]> =>
    opened(async (_, engine) => {
      const plan = await engine.load({ text, file: join(GRAPHS, 'part.yaml') });
      const running = engine.start(plan, { inputs: {} });
      const seen: unknown[] = [];
      for await (const row of running.outputs['rows']!) if (seen.push(row) === count) break;
      await running.cancel('enough');
      await running.done;
      return seen;
    });
  // The body that was left by a break has not acked its packet.
  expect(await taken(3)).toEqual([1, 2, 3]);
  expect(await rows()).toBe(3);
  expect(new Set(await taken(3))).toEqual(new Set([3, 4, 5]));
});
