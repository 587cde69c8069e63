import Ajv from 'ajv';
import { openStore } from '@sluice/store';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import { eventually, TICKS, workbench, type Workbench } from '../test/workbench';

// Servers are real, and the machine may be busy.
jest.setTimeout(60_000);

let bench: Workbench;
beforeEach(() => void (bench = workbench()));
afterEach(() => bench.close());

const job = (id: string) =>
  eventually(
    async () => (await bench.call('GET', `/api/v1/jobs/${id}`)).body.job,
    ({ state }) => state !== 'running',
  );

describe('graphs', () => {
  it('are saved as they were written, and not over a text that was not read', async () => {
    const { graph } = (await bench.call('GET', '/api/v1/graphs/ticks')).body;
    expect([graph.text, graph.valid]).toEqual([TICKS, true]);
    const text = TICKS.replace('# and ends', '# and stops');
    expect((await bench.call('PUT', '/api/v1/graphs/ticks', { text, base: '0'.repeat(64) })).body.error.code).toBe('GRAPH_CHANGED');
    const saved = await bench.call('PUT', '/api/v1/graphs/ticks', { text, base: graph.sha256, layout: { a: { x: 1, y: 2 } } });
    expect([saved.status, saved.body.graph.valid]).toEqual([200, true]);
    expect(readFileSync(join(bench.folder, 'graphs', 'ticks.yaml'), 'utf8')).toBe(text);
    expect((await bench.call('GET', '/api/v1/graphs/ticks')).body.graph).toMatchObject({ text, layout: { a: { x: 1, y: 2 } } });
  });

  it('are published, compared and put back, and a version never changes', async () => {
    const changed = TICKS.replace('type: test/ticks', 'type: test/ticks\n    config: { count: 7 }');
    const first = (await bench.call('POST', '/api/v1/graphs/ticks/publish', { note: 'the first' })).body.version;
    await bench.call('PUT', '/api/v1/graphs/ticks', { text: changed });
    const second = (await bench.call('POST', '/api/v1/graphs/ticks/publish', {})).body.version;
    expect([first.version, second.version, first.note]).toEqual([1, 2, 'the first']);
    const { diff } = (await bench.call('GET', '/api/v1/graphs/ticks/diff?from=1&to=2')).body;
    expect(diff).toMatchObject({
      same: false,
      nodes: [
        { id: 'a', change: 'restarted', differences: [{ path: 'config.count', after: 7 }] },
        { id: 'b', change: 'kept' },
      ],
    });
    await bench.call('POST', '/api/v1/graphs/ticks/rollback', { version: 1 });
    expect((await bench.call('GET', '/api/v1/graphs/ticks')).body.graph.text).toBe(TICKS);
    writeFileSync(join(bench.folder, 'state', 'graphs', 'ticks', '2.yaml'), 'version: 2', { flag: 'r+' });
    expect((await bench.call('GET', '/api/v1/graphs/ticks/versions/2')).body.error.code).toBe('VERSION_DAMAGED');
  });

  it('are refused with every finding, and nothing of them is kept', async () => {
    const bad = await bench.call('POST', '/api/v1/graphs/ticks/deploy', { text: TICKS.replace('test/sink', 'test/sunk') });
    expect([bad.status, bad.body.error.code, bad.body.error.details[0]]).toMatchObject([422, 'GRAPH_INVALID', { line: 9, node: 'b' }]);
    expect((await bench.call('GET', '/api/v1/graphs/ticks')).body.graph.text).toBe(TICKS);
  });

  it('are deployed as they were confirmed', async () => {
    const { plan_hash } = (await bench.call('POST', '/api/v1/graphs/validate', { name: 'ticks' })).body;
    const other = TICKS.replace('test/ticks', 'test/ticks\n    config: { count: 7 }');
    expect((await bench.call('POST', '/api/v1/graphs/ticks/deploy', { text: other, plan_hash })).body.error.code).toBe('PLAN_CHANGED');
    const deployed = await bench.call('POST', '/api/v1/graphs/ticks/deploy', { plan_hash });
    expect((await job(deployed.body.job.id)).result).toMatchObject({ mode: 'started' });
    const again = await bench.call('POST', '/api/v1/graphs/ticks/deploy', { plan_hash });
    expect((await job(again.body.job.id)).result).toMatchObject({ mode: 'unchanged', kept: ['a', 'b'] });
    const swapped = await bench.call('POST', '/api/v1/graphs/ticks/deploy', { text: other });
    expect((await job(swapped.body.job.id)).result).toMatchObject({ run: 'ticks-2', mode: 'swapped', kept: ['b'], replaced: ['a'] });
  });

  it('keep the parameters that their run was given, in what is shown and in what is deployed', async () => {
    const counted = (count: string): string =>
      TICKS.replace('nodes:', 'params:\n  count: { type: integer }\nnodes:').replace(
        'test/ticks',
        `test/ticks\n    config: { count: ${count} }`,
      );
    const text = counted('"${params.count}"');
    await bench.call('PUT', '/api/v1/graphs/ticks', { text });
    const { run } = (await bench.call('POST', '/api/v1/runs', { graph: 'ticks', params: { count: 900_000 } })).body;
    // Without them the graph would not even be valid: the parameter has no default.
    expect((await bench.call('POST', '/api/v1/graphs/validate', { name: 'ticks' })).body).toMatchObject({
      valid: true,
      plan_hash: run.plan_hash,
    });
    const changed = text.replace('b: { type: test/sink }', 'c: { type: test/sink }').replace('b.in', 'c.in');
    const asked = { name: 'ticks', before: { run: run.id }, after: { name: 'ticks', text: changed } };
    const { diff } = (await bench.call('POST', '/api/v1/graphs/diff', asked)).body;
    expect(diff.nodes.map(({ id, change }: { id: string; change: string }) => [id, change])).toEqual([
      ['a', 'kept'],
      ['c', 'added'],
      ['b', 'removed'],
    ]);
    const deployed = await bench.call('POST', '/api/v1/graphs/ticks/deploy', { text: changed, plan_hash: diff.after.hash });
    expect([deployed.status, (await job(deployed.body.job.id)).result]).toMatchObject([202, { mode: 'swapped', kept: ['a'] }]);
    // A text that has the parameter no more is no fault of who deploys it.
    const without = await bench.call('POST', '/api/v1/graphs/ticks/deploy', { text: TICKS });
    expect([without.status, (await job(without.body.job.id)).state]).toEqual([202, 'done']);
  });

  it('start from presets, which are those of the program around the server', async () => {
    const { presets } = (await bench.call('GET', '/api/v1/presets')).body;
    expect(presets).toMatchObject([{ name: 'few', description: 'A few.', params: [], assets: [{ name: 'model', there: false }] }]);
    expect((await bench.call('POST', '/api/v1/presets/few/validate', {})).body).toMatchObject({ valid: true });
    expect((await bench.call('POST', '/api/v1/presets/few/start', {})).body.run).toMatchObject({ graph: 'ticks', graph_name: 'ticks' });
    expect((await bench.call('POST', '/api/v1/presets/many/start', {})).body.error.code).toBe('PRESET_NOT_FOUND');
  });

  it('go on as they ran where a changed node cannot open, and take work all the while', async () => {
    const door = (config: string): string =>
      TICKS.replace('b: {', `d: { type: test/door${config} }\n  b: {`).replace('a.out -> b.in', 'a.out -> d.in\n  - d.out -> b.in');
    const deployed = async (text: string) => job((await bench.call('POST', '/api/v1/graphs/ticks/deploy', { text })).body.job.id);
    expect((await deployed(door(''))).state).toBe('done');
    const ready: number[] = [];
    const phases = new Set<string>();
    const events = bench.runs.need('ticks-1').events.subscribe(() => {
      phases.add(bench.runs.phase);
      void bench.call('GET', '/readyz').then(({ status }) => ready.push(status));
    });
    const failed = await deployed(door(', config: { shut: true }'));
    events.unsubscribe();
    expect(failed).toMatchObject({
      state: 'failed',
      error: {
        code: 'DEPLOY_FAILED',
        message: expect.stringContaining('the door is shut'),
        details: { code: 'DOOR_SHUT', run: 'ticks-3' },
      },
    });
    const now = bench.runs.need('ticks-3');
    const { produced } = now.figures().nodes[0]!;
    await eventually(
      async () => now.figures().nodes[0]!.produced,
      (more) => more > produced,
    );
    expect([now.plan.hash, now.figures().state]).toEqual([bench.runs.need('ticks-1').plan.hash, 'running']);
    expect((await bench.call('GET', '/api/v1/health')).body.status).toBe('ok');
    expect([[...phases], new Set(ready)]).toEqual([['ready'], new Set([200])]);
  });

  it('are tried on given input', async () => {
    const tried = await bench.call('POST', '/api/v1/nodes/try', {
      type: 'test/login',
      config: { password: 'x' },
      inputs: { in: [{ n: 0 }, { n: 1 }] },
    });
    expect(tried.body.trial).toMatchObject({
      outputs: { out: [{ n: 0, password: 'x' }] },
      errors: [{ code: 'LOGIN_FAILED' }],
      timed_out: false,
    });
    const endless = await bench.call('POST', '/api/v1/graphs/try', { name: 'ticks', timeout_ms: 50 });
    expect(endless.body.trial.timed_out).toBe(true);
  });
});

describe('runs', () => {
  it('are started, paused, resumed and drained, and both ids of the request are in all that comes of it', async () => {
    const headers = { authorization: `Bearer ${bench.admin}`, 'x-correlation-id': 'order-7' };
    const started = await bench.call('POST', '/api/v1/runs', { graph: 'ticks' }, headers);
    const { id } = started.body.run;
    expect([started.status, started.headers['x-correlation-id']]).toEqual([201, 'order-7']);
    await eventually(
      async () => bench.runs.need(id).figures(),
      ({ state }) => state === 'running',
    );
    for (const step of ['pause', 'resume']) expect((await bench.call('POST', `/api/v1/runs/${id}/${step}`)).status).toBe(200);
    const drained = await bench.call('POST', `/api/v1/runs/${id}/drain`, { timeout: '5s' }, headers);
    expect(await job(drained.body.job.id)).toMatchObject({
      state: 'done',
      progress: 1,
      correlation_id: 'order-7',
      result: { report: { status: 'ok' } },
    });
    expect((await bench.call('POST', `/api/v1/runs/${id}/pause`)).body.error.code).toBe('RUN_ENDED');
    const { events } = (await bench.call('GET', '/api/v1/events/recent')).body;
    const names = events.map(({ event }: { event: string }) => event);
    expect(names).toEqual(expect.arrayContaining(['runtime:run:started', 'runtime:run:paused', 'control:job:done']));
    expect(events.every(({ correlation_id }: { correlation_id: string }) => correlation_id === 'order-7')).toBe(true);
    const { records } = (await bench.call('GET', '/api/v1/audit?action=run')).body;
    expect(
      records
        .filter((record: { correlation_id: string }) => record.correlation_id === 'order-7')
        .map(({ action }: { action: string }) => action),
    ).toEqual(['run.start', 'run.drain', 'run.drain.ended']);
  });

  it('have a last hour that is bounded', async () => {
    const { id } = (await bench.call('POST', '/api/v1/runs', { graph: 'ticks' })).body.run;
    const { lines, step_ms } = (await bench.call('GET', `/api/v1/runs/${id}/series?id=a&metric=produced_per_s`)).body;
    expect([lines, step_ms]).toEqual([[], 5000]);
  });

  it('cancel one unit, then the session that it was part of, and the rest goes on', async () => {
    const text = TICKS.replace('test/ticks', 'test/turns')
      .replace('b: {', 'd: { type: test/door }\n  b: {')
      .replace('a.out -> b.in', 'a.out -> d.in\n  - d.out -> b.in');
    const { id } = (await bench.call('POST', '/api/v1/runs', { text })).body.run;
    const run = bench.runs.need(id);
    /** Of which turns the next packets are that a node passes on. */
    const seen = async (): Promise<Set<number>> => {
      const numbers: number[] = [];
      const tap = run.tap('d', 'out').subscribe(({ payload }) => numbers.push((payload as { n: number }).n % 2));
      await eventually(
        async () => numbers.length,
        (length) => length >= 8,
      );
      tap.unsubscribe();
      return new Set(numbers);
    };
    await run.ready;
    expect(await seen()).toEqual(new Set([0, 1]));
    const one = await bench.call('POST', `/api/v1/runs/${id}/cancel`, { scope: 'turn-0', reason: 'barge-in' });
    expect([one.status, (await job(one.body.job.id)).state, one.body.job.target]).toEqual([202, 'done', `${id}/turn-0`]);
    expect(await seen()).toEqual(new Set([1]));
    const events = bench.runs.events.after(0).map(({ event }) => event);
    const aborted = events.find(({ event }) => event === 'runtime:unit:aborted');
    expect(aborted).toMatchObject({ entity: { kind: 'unit', id: 'turn-0' }, payload: { run: id, message: 'barge-in' } });
    await job((await bench.call('POST', `/api/v1/runs/${id}/cancel`, { scope: 'call' })).body.job.id);
    expect((await bench.call('POST', `/api/v1/runs/${id}/cancel`, { scope: 'turn-1' })).body.error.code).toBe('SCOPE_UNKNOWN');
    expect(run.figures().state).toBe('running');
  });

  it('cancel a scope that is there, and say so where it is not', async () => {
    const { id } = (await bench.call('POST', '/api/v1/runs', { graph: 'ticks' })).body.run;
    expect((await bench.call('POST', `/api/v1/runs/${id}/cancel`, { scope: 'none' })).body.error.code).toBe('SCOPE_UNKNOWN');
    const whole = await bench.call('POST', `/api/v1/runs/${id}/cancel`, { scope: id });
    await job(whole.body.job.id);
    expect(
      (
        await eventually(
          async () => bench.runs.need(id).figures(),
          ({ state }) => state === 'done',
        )
      ).state,
    ).toBe('done');
  });
});

describe('live data', () => {
  /** Reads until it has so many events, then goes away. */
  const read = (url: string, cursor: string | undefined, count: number): Promise<{ seqs: number[]; cursor: string }> =>
    new Promise((done, fail) => {
      const seqs: number[] = [];
      const asked = httpRequest(url, { headers: cursor === undefined ? {} : { 'last-event-id': cursor } }, (answer) => {
        let rest = '';
        answer.on('data', (chunk) => {
          const parts = (rest + String(chunk)).split('\n\n');
          rest = parts.pop()!;
          for (const part of parts) {
            const data = /^id: \S+\nevent: event\ndata: (.*)$/.exec(part)?.[1];
            if (data === undefined) continue;
            const event = JSON.parse(data);
            seqs.push(event.seq);
            if (seqs.length === count) {
              asked.destroy();
              done({ seqs, cursor: event.cursor });
              return;
            }
          }
        });
      });
      asked.on('error', (error) => (seqs.length < count ? fail(error) : undefined)).end();
    });

  it('goes on after a reconnect with no event missing and none twice', async () => {
    const url = `${await bench.server.listen()}/api/v1/events?figures=false`;
    const { events } = bench.runs;
    const emit = (): void => events.emit('test:thing:done', { kind: 'thing', id: 'x' }, {});
    for (let n = 0; n < 20; n++) emit();
    const seen: number[] = [];
    let cursor: string | undefined;
    for (let round = 0; round < 5; round++) {
      const part = await read(url, cursor, 7);
      seen.push(...part.seqs);
      ({ cursor } = part);
      // While nobody listens.
      for (let n = 0; n < 5; n++) emit();
    }
    expect(seen).toEqual(Array.from({ length: 35 }, (_, i) => i + 1));
  });

  it('begins anew for a cursor of another process', async () => {
    bench.runs.events.emit('test:thing:done', { kind: 'thing', id: 'x' }, {});
    const { seqs } = await read(`${await bench.server.listen()}/api/v1/events?figures=false`, '00000000-500', 1);
    expect(seqs).toEqual([1]);
  });

  it('makes the text of the figures once for everybody', async () => {
    const url = await bench.server.listen();
    await bench.call('POST', '/api/v1/runs', { graph: 'ticks' });
    const run = bench.runs.list()[0]!;
    const before = jest.spyOn(run, 'figures');
    const readers = Array.from({ length: 20 }, () =>
      httpRequest(`${url}/api/v1/events`, (answer) => answer.resume()).on('error', () => undefined),
    );
    for (const reader of readers) reader.end();
    await eventually(
      async () => before.mock.calls.length,
      (calls) => calls >= 6,
    );
    // Two for each sample, however many read: 20 readers would make it 20 at once.
    expect(before.mock.calls.length).toBeLessThan(20);
    for (const reader of readers) reader.destroy();
  });

  it('taps an output: bounded, sampled, ended by its limit', async () => {
    const url = await bench.server.listen();
    const { id } = (await bench.call('POST', '/api/v1/runs', { graph: 'ticks' })).body.run;
    const text = await new Promise<string>((done, fail) =>
      httpRequest(`${url}/api/v1/runs/${id}/tap?edge=${encodeURIComponent('a.out->b.in')}&hz=25&limit=2`, (answer) => {
        let all = '';
        answer.on('data', (chunk) => (all += String(chunk)));
        answer.on('end', () => done(all));
      })
        .on('error', fail)
        .end(),
    );
    expect([...text.matchAll(/event: (\w+)/g)].map(([, name]) => name)).toEqual(['open', 'packet', 'packet', 'end']);
    expect(JSON.parse(/event: packet\ndata: (.*)/.exec(text)![1]!).packet).toMatchObject({
      v: 1,
      kind: 'count',
      payload: { n: expect.any(Number) },
    });
    expect((await bench.call('GET', `/api/v1/runs/${id}/tap?node=a&port=none`)).body.error).toMatchObject({
      code: 'PORT_UNKNOWN',
      hint: 'a has out.',
    });
  });
});

describe('the description', () => {
  it('is what the routes answer', async () => {
    await bench.close();
    const folder = mkdtempSync(join(tmpdir(), 'sluice-described-'));
    const store = await openStore({ path: join(folder, 'store.db') });
    bench = workbench({ store: async () => store });
    await store.queue('ticks');
    const api = (await bench.call('GET', '/api/v1/openapi.json')).body;
    const { id } = (await bench.call('POST', '/api/v1/runs', { graph: 'ticks' })).body.run;
    await store.journal.change({ machine: 'run', id, to: 'running', from: null, run: id, data: { graph: 'ticks' } });
    await eventually(
      async () => bench.runs.need(id).figures(),
      ({ state }) => state === 'running',
    );
    await bench.call('POST', '/api/v1/graphs/ticks/publish', {});
    const { job: made } = (await bench.call('POST', '/api/v1/doctor', {})).body;
    await job(made.id);
    await bench.call('POST', '/api/v1/tokens', { name: 'ci' });
    const values: Record<string, string> = { id, name: 'ticks', pack: 'test', version: '1' };
    const ajv = new Ajv({ strict: false, formats: { 'date-time': true } });
    ajv.addSchema({ $id: 'api', components: api.components });
    const looked: string[] = [];
    for (const [path, methods] of Object.entries<
      Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>
    >(api.paths)) {
      const schema = methods['get']?.responses['200']?.content?.['application/json']?.schema;
      if (schema === undefined) continue;
      const own = path.startsWith('/api/v1/jobs/')
        ? { ...values, id: made.id }
        : path.startsWith('/api/v1/nodes/')
          ? { ...values, name: 'ticks' }
          : values;
      const url = path.replace(/\{(\w+)\}/g, (_, name: string) => own[name]!) + (path.endsWith('/{name}/diff') ? '?from=1' : '');
      const answer = await bench.call('GET', url);
      const valid = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"api#/components')));
      expect([url, answer.status, valid(answer.body), valid.errors]).toEqual([url, 200, true, null]);
      looked.push(path);
    }
    expect(looked.length).toBeGreaterThan(30);
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is the one that is committed, and so are the policy and the types of the client', () => {
    const root = join(__dirname, '..', '..', '..');
    const args = ['-C', '@sluice/source', '-r', '@swc-node/register', join(root, 'libs', 'control', 'generate.mjs'), '--check'];
    execFileSync(process.execPath, args, {
      cwd: root,
      env: { ...process.env, SWC_NODE_PROJECT: join(root, 'tsconfig.base.json') },
      stdio: 'pipe',
    });
  });
});
