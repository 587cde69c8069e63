// Calls of a node with `durability: full`, as the runtime makes them: looked up, claimed, committed with a result of 1 KB, 256 at one time.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_META, Origin, Packet } from '@sluice/sdk';
import { openStore } from '@sluice/store';

const IN_FLIGHT = 256;
const NOWHERE = { run: '', node: '', port: '' };
const RESULT = { text: 'x'.repeat(1_000) };

/** @param sync `full`: every commit is on the disk; `normal`: the system writes when it likes */
export async function nodeRuns(sync, count) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-noderuns-'));
  const store = await openStore({ path: join(folder, 'store.db'), sync });
  try {
    const run = await store.runs.begin({ run: 'r', graph: 'g', planHash: 'h', nodes: [{ id: 'n', durability: 'full', effect: true }] });
    const recorder = run.calls('n');
    await some(recorder, 0, 500);
    const since = performance.now();
    await some(recorder, 500, count);
    const seconds = (performance.now() - since) / 1_000;
    const [{ n }] = await store.read(
      "SELECT count(*) AS n FROM entities WHERE machine = 'node_run' AND state = 'succeeded' AND version = 2",
    );
    if (n !== 500 + count) throw new Error(`${n} node runs are on record, not ${500 + count}`);
    await run.end('completed', {});
    return { rate: count / seconds };
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function some(recorder, from, count) {
  let next = from;
  const worker = async () => {
    while (next < from + count) await one(recorder, `k${next++}`);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

async function one(recorder, key) {
  const packet = new Packet(
    key,
    'order',
    NO_META,
    new Origin('r', 'in', 'in', 0, key, null, 0, null),
    'in',
    { run: 'r', node: 'in', port: 'out' },
    1,
    NOWHERE,
    0,
    '',
  );
  const call = { packets: [packet], ctx: {} };
  const end = recorder.trace(call);
  if ((await recorder.recall(call)) !== undefined) throw new Error(`${key} was there already`);
  const over = await recorder.claim(call);
  await recorder.commit(call, RESULT);
  await over();
  end();
}
