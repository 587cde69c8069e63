import { openStore, type Store } from '@sluice/store';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, TICKS, workbench, type Workbench } from '../test/workbench';

// A store is opened for each, and the machine may be busy.
jest.setTimeout(60_000);

const QUEUE = 'shop/orders.out->send.in';
const AT = `/api/v1/queues/${encodeURIComponent(QUEUE)}`;

let folder: string;
let store: Store;
let bench: Workbench;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-stored-'));
  store = await openStore({ path: join(folder, 'store.db') });
  bench = workbench({ store: async () => store, env: { SLUICE_SECRET_KEY: 'opensesame7' } });
});
afterEach(async () => {
  await bench.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Three orders that nobody could send, and one that waits. */
async function deadLetters(): Promise<void> {
  const queue = await store.queue(QUEUE, { maxAttempts: 1 });
  const order = (n: number) =>
    queue.put({
      payload: { n, card: 'opensesame7' },
      kind: 'order',
      meta: {},
      sourceId: 's',
      time: 0,
      key: `k${n}`,
      id: `o${n}`,
      priority: 0,
    });
  for (const n of [1, 2, 3]) await order(n);
  const reader = queue.read();
  for await (const row of reader) {
    row.settle('nacked', new Error('refused'));
    if (row.seq % 2 ** 40 >= 3) break;
  }
  await reader.close();
  await order(4);
}

const queues = async () => (await bench.call('GET', '/api/v1/queues')).body.queues;
const rows = async (query = '') => (await bench.call('GET', `${AT}/rows${query}`)).body.rows;

describe('queues', () => {
  it('are listed with their dead letters, looked into, and in the metrics', async () => {
    expect(await queues()).toEqual([]);
    await deadLetters();
    expect(await queues()).toMatchObject([{ name: QUEUE, rows: 1, dead: 3, parked: 0 }]);
    expect(await rows('?state=dead&limit=2')).toMatchObject([
      { row: 1, state: 'dead', error: expect.stringContaining('refused'), payload: { n: 1, card: '***' } },
      { row: 2 },
    ]);
    expect(await rows('?after=3')).toMatchObject([{ row: 4, state: 'waiting', why: 'Nobody reads the queue.' }]);
    const { text } = await bench.call('GET', '/metrics');
    expect(text).toContain(`sluice_queue_rows{queue="${QUEUE}"} 1`);
    expect(text).toMatch(/sluice_queue_bytes\{queue="shop.*"\} [1-9]/);
    expect(text).toMatch(/sluice_queue_oldest_seconds\{queue="shop.*"\} \d/);
  });

  it('let dead letters be tried again and dropped, the latter only where it is confirmed; both are on record', async () => {
    await deadLetters();
    expect((await bench.call('POST', `${AT}/retry`, { rows: [2] })).body).toEqual({ ok: true, rows: 1 });
    expect((await rows()).map(({ state }: { state: string }) => state)).toEqual(['dead', 'waiting', 'dead', 'waiting']);
    for (const body of [{ state: 'dead' }, { state: 'dead', confirm: 'shop' }]) {
      expect((await bench.call('POST', `${AT}/drop`, body)).body.error.code).toBe('CONFIRMATION_MISSING');
    }
    expect((await bench.call('POST', `${AT}/drop`, { confirm: QUEUE })).body.error.code).toBe('REQUEST_INVALID');
    expect(await queues()).toMatchObject([{ rows: 2, dead: 2 }]);
    expect((await bench.call('POST', `${AT}/drop`, { state: 'dead', confirm: QUEUE })).body).toEqual({ ok: true, rows: 2 });
    expect(await queues()).toMatchObject([{ rows: 2, dead: 0 }]);
    expect((await bench.call('POST', '/api/v1/queues/none/retry', {})).body.error).toMatchObject({ code: 'QUEUE_UNKNOWN' });
    const { records } = (await bench.call('GET', '/api/v1/audit?action=queue')).body;
    expect(
      records.map(({ action, target, status, reason, meta }: never) => [action, target, status, reason, (meta as { rows?: number }).rows]),
    ).toEqual([
      ['queue.retry', QUEUE, 'ok', 'ok', 1],
      ['queue.drop', QUEUE, 'error', 'CONFIRMATION_MISSING', undefined],
      ['queue.drop', QUEUE, 'error', 'CONFIRMATION_MISSING', undefined],
      ['queue.drop', QUEUE, 'error', 'REQUEST_INVALID', undefined],
      ['queue.drop', QUEUE, 'ok', 'ok', 2],
      ['queue.retry', 'none', 'error', 'QUEUE_UNKNOWN', undefined],
    ]);
  });
});

it('what a request starts is on record under the correlation id of the request', async () => {
  await bench.close();
  const kept = TICKS.replace('{ type: test/sink }', '{ type: test/sink, durability: full }');
  bench = workbench({ store: async () => store, graphs: { kept } });
  const headers = { authorization: `Bearer ${bench.admin}`, 'x-correlation-id': 'corr-9' };
  const { run } = (await bench.call('POST', '/api/v1/runs', { graph: 'kept' }, headers)).body;
  const rows = await eventually(
    async () => (await bench.call('GET', '/api/v1/journal?correlation=corr-9')).body.rows as { machine: string; entity: string }[],
    (all) => all.some(({ machine }) => machine === 'node_run'),
  );
  expect(rows.filter(({ machine }) => machine === 'run').map(({ entity }) => entity)).toEqual([run.id]);
});

it.each(['with', 'without'])('a place that is in no list of actions is refused, %s a store', async (kept) => {
  if (kept === 'without') {
    await bench.close();
    bench = workbench();
  }
  const answer = await bench.call('GET', '/api/v1/actions?after=rubbish');
  expect([answer.status, answer.body.error.code]).toEqual([400, 'REQUEST_INVALID']);
});

it('a graph whose runs are on record starts again after its server did, and takes over from itself', async () => {
  const kept = TICKS.replace('{ type: test/sink }', '{ type: test/sink, durability: full }');
  const begin = async (): Promise<string> => {
    const { run } = (await bench.call('POST', '/api/v1/runs', { graph: 'kept' })).body;
    await eventually(
      async () => (await bench.call('GET', `/api/v1/runs/${run.id}`)).body.run,
      ({ state }) => state === 'running',
    );
    return run.id;
  };
  const again = (): Workbench => workbench({ store: async () => store, graphs: { kept } });
  await bench.close();
  bench = again();
  const ids = [await begin()];
  const swapped = (
    await bench.call('POST', '/api/v1/graphs/kept/deploy', { text: kept.replace('test/ticks', 'test/ticks\n    config: { count: 9000 }') })
  ).body.job;
  const { result } = await eventually(
    async () => (await bench.call('GET', `/api/v1/jobs/${swapped.id}`)).body.job,
    ({ state }) => state !== 'running',
  );
  ids.push(result.run);
  await bench.close();
  bench = again();
  ids.push(await begin());
  const { runs } = (await bench.call('GET', '/api/v1/records')).body;
  expect(runs.map(({ id, state }: never) => [id, state])).toEqual([
    [ids[0], expect.stringMatching(/stopped|completed/)],
    [ids[1], expect.stringMatching(/canceled|stopped/)],
    [ids[2], 'running'],
  ]);
});

describe('the journal', () => {
  const verified = async () => {
    const { job } = (await bench.call('POST', '/api/v1/journal/verify')).body;
    return eventually(
      async () => (await bench.call('GET', `/api/v1/jobs/${job.id}`)).body.job,
      ({ state }) => state !== 'running',
    );
  };

  it('is asked by what was changed, and says where it is damaged', async () => {
    for (const id of ['r1', 'r2']) {
      await store.journal.change({ machine: 'run', id, to: 'running', from: null, run: id, data: { graph: 'shop' } });
      await store.journal.change({ machine: 'run', id, to: 'completed', data: { status: 'ok' } });
    }
    const asked = async (query: string) =>
      (await bench.call('GET', `/api/v1/journal?${query}`)).body.rows.map(({ entity, to_state }: never) => `${entity} ${to_state}`);
    expect(await asked('limit=3')).toEqual(['r1 completed', 'r2 running', 'r2 completed']);
    expect(await asked('entity=r1&to=running')).toEqual(['r1 running']);
    expect(await asked('since=2999-01-01T00:00:00Z')).toEqual([]);
    expect((await bench.call('GET', '/api/v1/records?graph=shop')).body.runs).toMatchObject([
      { id: 'r1', state: 'completed', graph: 'shop', status: 'ok' },
      { id: 'r2', state: 'completed' },
    ]);
    expect(await verified()).toMatchObject({ state: 'done', result: { ok: true, rows: 4, faults: [] } });
    await store.write((tx) => tx.run("UPDATE journal SET actor = 'nobody' WHERE seq = 2"));
    expect(await verified()).toMatchObject({ state: 'done', result: { ok: false, faults: [{ class: 'hash_break', seq: 2 }] } });
  });

  it('lets somebody decide about an effect of which nobody knows, once', async () => {
    const id = 'shop/send/k1';
    await store.journal.change({ machine: 'run', id: 'r1', to: 'running', from: null, run: 'r1', data: { graph: 'shop' } });
    await store.journal.change({
      machine: 'node_run',
      id,
      to: 'running',
      from: null,
      run: 'r1',
      data: { graph: 'shop', node: 'send', effect: true },
    });
    await store.journal.change({ machine: 'node_run', id, to: 'uncertain', reason: 'its process ended' });
    expect((await bench.call('GET', '/api/v1/records/r1')).body).toMatchObject({
      node_runs: [{ node: 'send', state: 'uncertain', n: 1 }],
      open: [{ id, state: 'uncertain' }],
    });
    const waiting = async () => (await bench.call('GET', '/api/v1/actions')).body.actions;
    expect(await waiting()).toEqual([
      {
        id,
        kind: 'uncertain',
        state: 'uncertain',
        run: 'r1',
        graph: 'shop',
        node: 'send',
        since: expect.any(Number),
        reason: 'its process ended',
        links: { decide: '/api/v1/actions/decide', run: '/api/v1/records/r1' },
      },
    ]);
    const decide = (what = id) =>
      bench.call(
        'POST',
        '/api/v1/actions/decide',
        { id: what, happened: true, reason: 'seen in the bank' },
        { authorization: `Bearer ${bench.admin}`, 'x-correlation-id': 'corr-7' },
      );
    expect((await decide()).body.node_run).toMatchObject({ id, state: 'succeeded' });
    expect((await bench.call('GET', '/api/v1/journal?correlation=corr-7')).body.rows).toMatchObject([
      { entity: id, to_state: 'succeeded' },
    ]);
    const again = await decide();
    expect([again.status, again.body.error.code]).toEqual([409, 'CONFLICT']);
    const none = await decide('shop/send/k2');
    expect([none.status, none.body.error.code]).toEqual([404, 'ACTION_UNKNOWN']);
    expect(await waiting()).toEqual([]);
    const { records } = (await bench.call('GET', '/api/v1/audit?action=action')).body;
    expect(records.map(({ target, status, meta }: never) => [target, status, (meta as { happened: boolean }).happened])).toEqual([
      [id, 'ok', true],
      [id, 'error', true],
      ['shop/send/k2', 'error', true],
    ]);
    expect((await bench.call('GET', '/api/v1/records/none')).body.error.code).toBe('RUN_UNKNOWN');
  });
});
