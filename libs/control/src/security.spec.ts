import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request as httpRequest } from 'node:http';
import { eventually, TICKS, workbench, type Workbench } from '../test/workbench';
import { AuditLog, createServer, Runs, TokenStore } from './index';

// Servers are real, and the machine may be busy.
jest.setTimeout(60_000);

let bench: Workbench;
afterEach(() => bench.close());
const NOBODY = {};

describe('who may what', () => {
  it('lets whoever is on this machine read, and change nothing', async () => {
    bench = workbench();
    const { policy } = (await bench.call('GET', '/api/v1/policy', undefined, NOBODY)).body;
    const changes = policy.routes.filter(
      ({ action, scope }: { action?: string; scope: string }) => action !== undefined && scope !== 'public',
    );
    expect(changes.length).toBeGreaterThan(20);
    for (const { method, url } of changes) {
      const denied = await bench.call(method, url.replace(/:(\w+)/g, 'x'), method === 'DELETE' ? undefined : {}, NOBODY);
      expect([url, denied.status, denied.body.error.code]).toEqual([url, 401, 'TOKEN_MISSING']);
    }
    expect((await bench.call('GET', '/api/v1/runs', undefined, NOBODY)).status).toBe(200);
    // Each of them is in the audit.
    const { records } = (await bench.call('GET', '/api/v1/audit?limit=1000&status=denied')).body;
    expect(records.length).toBe(changes.length);
  });

  it('asks for a token for everything where others can reach it, and does not start without one', async () => {
    expect(() => createServer({ runs: new Runs(), host: '0.0.0.0' })).toThrow(expect.objectContaining({ code: 'HOST_NOT_LOCAL' }));
    const tokens = new TokenStore();
    const { secret } = tokens.create('ci', 'read');
    bench = workbench({ host: '0.0.0.0', tokens, hosts: ['sluice.example'] });
    const at = (headers: Record<string, string>, url = '/api/v1/runs') =>
      bench.call('GET', url, undefined, { host: '10.0.0.7:7420', ...headers });
    expect((await at({})).body.error.code).toBe('TOKEN_MISSING');
    expect((await at({}, '/metrics')).status).toBe(401);
    expect((await at({}, '/livez')).status).toBe(200);
    expect((await at({ authorization: `Bearer ${secret}` })).status).toBe(200);
    expect((await at({ authorization: `Bearer ${secret}`, host: 'sluice.example' })).status).toBe(200);
    expect((await at({ authorization: `Bearer ${secret}`, host: 'evil.example' })).body.error.code).toBe('HOST_REFUSED');
  });

  it('holds a token to its scope, its time and its revocation, and keeps no secret', async () => {
    bench = workbench();
    const make = async (scope: string, ttl?: string) => (await bench.call('POST', '/api/v1/tokens', { name: scope, scope, ttl })).body;
    const [read, operate] = [await make('read'), await make('operate'), await make('admin', '0ms')];
    const as = (secret: string, method: 'GET' | 'POST', url: string, body?: unknown) =>
      bench.call(method, url, body, { authorization: `Bearer ${secret}` });
    expect((await as(read.secret, 'POST', '/api/v1/runs', { graph: 'ticks' })).body.error).toMatchObject({
      code: 'SCOPE_MISSING',
      details: { scope: 'operate' },
    });
    expect((await as(operate.secret, 'POST', '/api/v1/runs', { graph: 'ticks' })).status).toBe(201);
    expect((await as(operate.secret, 'POST', '/api/v1/tokens', { name: 'more', scope: 'admin' })).status).toBe(403);
    const expired = await make('admin', '0ms');
    expect((await as(expired.secret, 'GET', '/api/v1/runs')).body.error.code).toBe('TOKEN_INVALID');
    await bench.call('DELETE', `/api/v1/tokens/${operate.token.id}`);
    expect((await as(operate.secret, 'GET', '/api/v1/runs')).body.error.code).toBe('TOKEN_INVALID');
    const kept = readFileSync(join(bench.folder, 'state', 'tokens.json'), 'utf8');
    for (const { secret } of [read, operate, expired]) expect(kept).not.toContain(secret);
    expect(JSON.parse(kept).tokens[0].hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('bounds how often one asks, and who floods it without a token, or guesses one, locks out nobody else', async () => {
    bench = workbench({ rate: { read: 5, change: 3 } });
    const change = (headers: Record<string, string>) => bench.call('POST', '/api/v1/runs', { graph: 'none' }, headers);
    const statuses = async (headers: Record<string, string>, times: number): Promise<number[]> => {
      const all: number[] = [];
      for (let i = 0; i < times; i++) all.push((await change(headers)).status);
      return all;
    };
    expect(await statuses({}, 2)).toEqual([401, 401]);
    expect(await statuses({ authorization: 'Bearer slc_guessed' }, 3)).toEqual([401, 429, 429]);
    expect(await statuses({ authorization: `Bearer ${bench.admin}` }, 4)).toEqual([404, 404, 404, 429]);
    const { body, headers } = await change({});
    expect(body.error).toMatchObject({ code: 'RATE_LIMITED', retryable: true, details: { retry_after_s: expect.any(Number) } });
    expect(headers['x-request-id']).toBe(body.error.request_id);
    const reads: number[] = [];
    for (let i = 0; i < 6; i++) reads.push((await bench.call('GET', '/api/v1/runs', undefined, {})).status);
    expect(reads).toEqual([200, 200, 200, 200, 200, 429]);
  });

  it('shows the stack of a fault to who operates, and to nobody else', async () => {
    bench = workbench();
    const fault = { node: 'a', code: 'NODE_FAILED', details: { stack: 'Error: at /home/me/secret-path.ts:1', tries: 2 } };
    bench.runs.events.emit('runtime:node:failed', { kind: 'node', id: 'a' }, fault);
    const last = async (headers?: Readonly<Record<string, string>>) =>
      (await bench.call('GET', '/api/v1/events/recent?event=runtime:node', undefined, headers)).body.events.at(-1).payload;
    expect([await last(), await last(NOBODY)]).toEqual([fault, { ...fault, details: { tries: 2 } }]);
    const { secret } = (await bench.call('POST', '/api/v1/tokens', { name: 'look', scope: 'read' })).body;
    expect((await last({ authorization: `Bearer ${secret}` })).details).toEqual({ tries: 2 });
  });

  it('compares a secret with every token, each in constant time', () => {
    bench = workbench();
    const tokens = new TokenStore();
    const [first] = ['a', 'b', 'c'].map((name) => tokens.create(name, 'read'));
    const compared = jest.spyOn(crypto, 'timingSafeEqual');
    const after = (secret: string): [boolean, number] => {
      compared.mockClear();
      return [tokens.verify(secret) !== undefined, compared.mock.calls.length];
    };
    // One that is found first, one that is none, and one that is not even of the shape: all take the same.
    expect([first!.secret, first!.secret.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), 'short', ''].map(after)).toEqual([
      [true, 3],
      [false, 3],
      [false, 3],
      [false, 3],
    ]);
    compared.mockRestore();
  });

  it('sees at once what another process revoked', async () => {
    bench = workbench();
    const { token, secret } = (await bench.call('POST', '/api/v1/tokens', { name: 'ci', scope: 'admin' })).body;
    const headers = { authorization: `Bearer ${secret}` };
    expect((await bench.call('GET', '/api/v1/tokens', undefined, headers)).status).toBe(200);
    new TokenStore(join(bench.folder, 'state', 'tokens.json')).revoke(token.id);
    expect((await bench.call('GET', '/api/v1/tokens', undefined, headers)).status).toBe(401);
  });

  it('exchanges the token of a link for a cookie that scripts and other sites do not get', async () => {
    bench = workbench();
    const opened = await bench.call('POST', '/api/v1/session', { token: bench.admin }, NOBODY);
    expect([opened.status, opened.text]).toEqual([200, expect.stringContaining('admin')]);
    const set = String(opened.headers['set-cookie']);
    expect(set).toMatch(/; HttpOnly/i);
    expect(set).toMatch(/; SameSite=Strict/i);
    const cookie = set.split(';')[0]!;
    const started = await bench.call('POST', '/api/v1/runs', { graph: 'ticks' }, { cookie });
    expect(started.status).toBe(201);
    await bench.call('DELETE', '/api/v1/session', undefined, { cookie });
    expect((await bench.call('POST', '/api/v1/runs', { graph: 'ticks' }, { cookie })).status).toBe(401);
    expect((await bench.call('POST', '/api/v1/session', { token: `slc_${'a'.repeat(43)}` }, NOBODY)).body.error.code).toBe('TOKEN_INVALID');
  });

  it('lets this machine change things for one run where that was asked for, and only where nobody else can reach it', async () => {
    bench = workbench({ allowLocalMutations: true });
    expect((await bench.call('POST', '/api/v1/runs', { graph: 'ticks' }, NOBODY)).status).toBe(201);
    expect((await bench.call('GET', '/api/v1/audit')).body.records[0]).toMatchObject({ actor: 'local', action: 'run.start', status: 'ok' });
    expect((await bench.call('POST', '/api/v1/runs', { graph: 'ticks' }, { origin: 'https://evil.example' })).body.error.code).toBe(
      'ORIGIN_REFUSED',
    );
  });

  it('refuses pages of other sites, and a route that does not say who may', async () => {
    bench = workbench({ origins: ['https://ops.example'] });
    const from = (origin: string) => bench.call('GET', '/api/v1/runs', undefined, { origin });
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1.evil.example', 'http://127.0.0.1:1']) {
      const refused = await from(origin);
      expect([refused.body.error.code, refused.headers['access-control-allow-origin']]).toEqual(['ORIGIN_REFUSED', undefined]);
    }
    expect((await from('http://127.0.0.1')).status).toBe(200);
    expect((await from('https://ops.example')).headers['access-control-allow-origin']).toBe('https://ops.example');
    const { app } = createServer({ runs: new Runs() });
    expect(() => app.post('/api/v1/oops', () => ({}))).toThrow(expect.objectContaining({ code: 'ROUTE_UNGUARDED' }));
    expect(() => app.get('/api/v1/fine', () => ({}))).not.toThrow();
    await app.close();
  });

  it('slows who asks too often, and takes no more than a body should have', async () => {
    bench = workbench({ rate: { read: 5, change: 2 } });
    const codes: number[] = [];
    for (let n = 0; n < 7; n++) codes.push((await bench.call('GET', '/api/v1/runs')).status);
    expect(codes).toEqual([200, 200, 200, 200, 200, 429, 429]);
    const body = await bench.call('POST', '/api/v1/runs', { text: 'x'.repeat(2 * 1024 ** 2) });
    expect(body.body.error.code).toBe('BODY_TOO_LARGE');
  });
});

describe('paths', () => {
  it('are kept in the folder of graphs, whatever their name and wherever links lead', async () => {
    bench = workbench();
    const outside = join(bench.folder, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'secret.yaml'), TICKS);
    symlinkSync(outside, join(bench.folder, 'graphs', 'link'));
    symlinkSync(join(outside, 'secret.yaml'), join(bench.folder, 'graphs', 'file.yaml'));
    for (const name of [
      '../outside/secret',
      'link/secret',
      'file',
      '/etc/passwd',
      'a/../../outside/secret',
      '..',
      'a\0b',
      '.hidden',
      'presets/../../x',
    ]) {
      for (const method of ['GET', 'PUT'] as const) {
        const answer = await bench.call(method, `/api/v1/graphs/${encodeURIComponent(name)}`, method === 'PUT' ? { text: 'x' } : undefined);
        expect([name, answer.body.error.code]).toEqual([
          name,
          expect.stringMatching(/^(GRAPH_NAME_INVALID|PATH_REFUSED|ROUTE_NOT_FOUND)$/),
        ]);
      }
      expect((await bench.call('POST', `/api/v1/presets/${encodeURIComponent(name)}/start`, {})).status).toBeGreaterThanOrEqual(400);
    }
    expect(readFileSync(join(outside, 'secret.yaml'), 'utf8')).toBe(TICKS);
  });
});

describe('secrets', () => {
  const SECRET = 'hunter2 "quoted" / ümlaut';
  const GRAPH = `version: 2
name: login
nodes:
  a: { type: test/ticks }
  b:
    type: test/login
    config: { password: "\${secret.PASS}" }
  c: { type: test/sink }
edges:
  - a.out -> b.in
  - b.out -> c.in
`;

  it('are in no answer, event, figure, tap, trial or record', async () => {
    bench = workbench({ env: { SLUICE_SECRET_PASS: SECRET }, graphs: { login: GRAPH } });
    const url = await bench.server.listen();
    const { id } = (await bench.call('POST', '/api/v1/runs', { graph: 'login' })).body.run;
    await eventually(
      async () => bench.runs.need(id).figures(),
      ({ nodes }) => nodes.some(({ last_error }) => last_error !== undefined),
    );
    const texts: string[] = [];
    const { policy } = (await bench.call('GET', '/api/v1/policy')).body;
    for (const { method, url: path } of policy.routes) {
      if (method !== 'GET' || /events$|tap$|mjpeg$/.test(path)) continue;
      texts.push((await bench.call('GET', path.replace(':id', id).replace(':name', 'login'))).text);
    }
    for (const [path, body] of [
      ['/api/v1/graphs/plan', { name: 'login' }],
      ['/api/v1/graphs/validate', { text: `${GRAPH}  - a.out -> "\${secret.PASS}"\n` }],
      ['/api/v1/graphs/try', { name: 'login', timeout_ms: 100 }],
      ['/api/v1/nodes/try', { type: 'test/login', config: { password: SECRET }, inputs: { in: [{ n: 0 }, { n: 1 }] } }],
      ['/api/v1/runs', { graph: SECRET }],
    ] as const) {
      texts.push((await bench.call('POST', path, body)).text);
    }
    for (const path of ['/api/v1/events', `/api/v1/runs/${id}/tap?node=b&port=out&limit=2&hz=25`]) {
      texts.push(
        await new Promise<string>((done) => {
          let all = '';
          const asked = httpRequest(`${url}${path}`, (answer) =>
            answer.on('data', (chunk) => {
              all += String(chunk);
              if (/event: (figures|end)/.test(all)) {
                asked.destroy();
                done(all);
              }
            }),
          );
          asked.on('error', () => undefined).end();
        }),
      );
    }
    texts.push(readFileSync(join(bench.folder, 'state', 'audit', 'control.jsonl'), 'utf8'));
    const all = texts.join('\n');
    // It was there to be seen: what stands in its place is.
    expect(all).toContain('the server refused ***');
    expect(all).toContain('"password":"***"');
    expect(all.split('\n').filter((line) => line.includes('hunter2'))).toEqual([]);
  });
});

describe('the audit', () => {
  const entry = (n: number) => ({
    actor: 'token:1',
    action: 'run.start',
    target: `r${n}`,
    status: 'ok' as const,
    reason: 'ok',
    request_id: 'q',
    correlation_id: 'c',
    meta: {},
  });

  it('is rotated by size and count, goes on after a restart, and finds what was changed or taken out', () => {
    bench = workbench();
    const file = join(bench.folder, 'audit.jsonl');
    const options = { maxBytes: 2_000, maxFiles: 3 };
    for (let part = 0; part < 4; part++) {
      const log = new AuditLog(file, options);
      for (let n = 0; n < 5; n++) log.write(entry(part * 5 + n));
    }
    const log = new AuditLog(file, options);
    const { ok, files, records } = log.verify();
    expect([ok, files]).toEqual([true, 3]);
    expect(log.tail({ limit: 3 }).map(({ target }) => target)).toEqual(['r17', 'r18', 'r19']);
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.replace('"status":"ok"', '"status":"denied"'));
    expect(new AuditLog(file, options).verify()).toMatchObject({
      ok: false,
      fault: expect.stringContaining('line 1: the record was changed'),
    });
    writeFileSync(file, whole.split('\n').slice(1).join('\n'));
    expect(new AuditLog(file, options).verify()).toMatchObject({ ok: false, fault: expect.stringContaining('missing') });
    writeFileSync(file, whole);
    // A crash cut the last line off: the next one is whole, and the chain goes on.
    appendFileSync(file, '{"event_id":"cut');
    new AuditLog(file, options).write(entry(20));
    expect(new AuditLog(file, options).tail({ limit: 1 })[0]).toMatchObject({ target: 'r20' });
    expect(new AuditLog(file, options).verify()).toMatchObject({ ok: true, torn: 1 });
    // A whole record that was cut short is damage: the next one follows it.
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, [lines[0]!.slice(0, 40), ...lines.slice(1)].join('\n'));
    expect(new AuditLog(file, options).verify()).toMatchObject({ ok: false, fault: expect.stringContaining('missing') });
    expect(records).toBeGreaterThan(5);
  });

  it('is one chain where two servers write to one folder', async () => {
    bench = workbench();
    const file = join(bench.folder, 'shared.jsonl');
    const script = `
      const { AuditLog } = require(${JSON.stringify(join(__dirname, 'access', 'audit-log'))});
      const log = new AuditLog(${JSON.stringify(file)});
      for (let n = 0; n < 100; n++)
        log.write({ actor: process.argv[1], action: 'a.b', target: String(n), status: 'ok', reason: 'ok', request_id: '', correlation_id: '', meta: {} });
    `;
    const root = join(__dirname, '..', '..', '..');
    const one = (name: string): Promise<number | null> =>
      new Promise((done) =>
        spawn(process.execPath, ['-C', '@sluice/source', '-r', '@swc-node/register', '-e', script, name], {
          cwd: root,
          env: { ...process.env, SWC_NODE_PROJECT: join(root, 'tsconfig.base.json') },
          stdio: 'inherit',
        }).once('close', done),
      );
    expect(await Promise.all([one('a'), one('b')])).toEqual([0, 0]);
    expect(new AuditLog(file).verify()).toEqual({ ok: true, records: 200, files: 1, torn: 0 });
  });

  it('keeps things from being changed while it cannot be written, and says so', async () => {
    bench = workbench();
    mkdirSync(join(bench.folder, 'state'), { recursive: true });
    // A file where its folder should be.
    writeFileSync(join(bench.folder, 'state', 'audit'), '');
    expect((await bench.call('POST', '/api/v1/runs', { graph: 'ticks' })).body.error.code).toBe('AUDIT_UNWRITABLE');
    expect(bench.runs.list()).toEqual([]);
    expect((await bench.call('GET', '/api/v1/health')).body).toMatchObject({
      status: 'degraded',
      reasons: [expect.stringContaining('audit')],
    });
  });
});

describe('health', () => {
  it('says what is wrong with what runs', async () => {
    bench = workbench({
      env: { SLUICE_SECRET_PASS: 'long enough' },
      graphs: { login: TICKS.replace('type: test/sink', 'type: test/login') },
    });
    const status = async () => (await bench.call('GET', '/api/v1/health')).body;
    expect(await status()).toMatchObject({ status: 'ok', reasons: [] });
    bench.runs.phase = 'starting';
    expect((await status()).status).toBe('starting');
    bench.runs.phase = 'ready';
    await bench.call('POST', '/api/v1/runs', { graph: 'login' });
    const sick = await eventually(status, ({ status: now }) => now === 'degraded');
    expect(sick.reasons[0]).toMatch(/^ticks-1: b failed: the server refused/);
    bench.runs.phase = 'draining';
    expect((await status()).status).toBe('draining');
  });
});
