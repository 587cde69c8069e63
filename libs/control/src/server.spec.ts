import { createServer as createTcp, connect, type AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeRun } from '../test/fake-run';
import { createServer, Runs, type Server } from './index';
import { Sampler } from './sampler';

const servers: Server[] = [];

function serve(fake = fakeRun(), options: { ready?: boolean; page?: string | false } = {}) {
  const runs = new Runs();
  runs.add(fake.run);
  if (options.ready !== false) runs.phase = 'ready';
  const server = createServer({ runs, port: 0, ...(options.page === undefined ? {} : { page: options.page }) });
  servers.push(server);
  return { ...fake, runs, server, get: (url: string, headers = {}) => server.app.inject({ url, headers }) };
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

describe('health', () => {
  it('is not ready while starting or draining, and alive throughout', async () => {
    const { runs, state, get } = serve(fakeRun(), { ready: false });
    const starting = await get('/readyz');
    expect([starting.statusCode, starting.json().error.details]).toEqual([503, { status: 'starting' }]);
    runs.phase = 'ready';
    expect((await get('/readyz')).statusCode).toBe(200);
    state.state = 'draining';
    expect((await get('/readyz')).json().error.details).toEqual({ status: 'draining' });
    state.state = 'running';
    runs.phase = 'draining';
    expect((await get('/readyz')).statusCode).toBe(503);
    expect((await get('/livez')).statusCode).toBe(200);
  });

  it('gives the metrics of contracts.md, as they are at the scrape', async () => {
    const { state, get } = serve();
    state.packets = 7;
    state.dropped = 3;
    const { body, headers } = await get('/metrics');
    expect(headers['content-type']).toContain('text/plain; version=0.0.4');
    expect(body).toContain('sluice_node_packets_total{graph="street-watch",node="people",direction="in"} 7');
    expect(body).toContain(`# TYPE sluice_node_duration_seconds histogram
sluice_node_duration_seconds_bucket{graph="street-watch",node="camera",le="0.025"} 0
sluice_node_duration_seconds_bucket{graph="street-watch",node="camera",le="0.05"} 7
sluice_node_duration_seconds_bucket{graph="street-watch",node="camera",le="+Inf"} 7
sluice_node_duration_seconds_sum{graph="street-watch",node="camera"} 0.21
sluice_node_duration_seconds_count{graph="street-watch",node="camera"} 7
`);
    expect(body).toMatch(/# HELP sluice_node_duration_seconds .* one call in 256 is measured/);
    expect(body).toContain('sluice_edge_dropped_total{graph="street-watch",edge="camera.frames->people.frames",reason="full"} 3');
    expect(body).toContain('sluice_edge_capacity{graph="street-watch",edge="camera.frames->people.frames"} 1');
    expect(body).toContain('sluice_edge_blocked_seconds_total{graph="street-watch",edge="camera.frames->people.frames"} 0.25');
    expect(body).toContain('sluice_delivery_acked_total{graph="street-watch"} 7');
    state.packets = 9;
    expect((await get('/metrics')).body).toContain('sluice_node_packets_total{graph="street-watch",node="people",direction="in"} 9');
  });
});

describe('runs', () => {
  it('lists runs with their pictures and gives report and live figures', async () => {
    const { state, get } = serve();
    state.packets = 5;
    const { runs } = (await get('/api/v1/runs')).json();
    expect(runs).toMatchObject([
      {
        id: 'run-1',
        graph: 'street-watch',
        state: 'running',
        previews: [{ node: 'draw', url: '/api/v1/runs/run-1/nodes/draw/pictures.jpg' }],
      },
    ]);
    const { run } = (await get('/api/v1/runs/run-1')).json();
    expect(run.nodes[1]).toMatchObject({ id: 'people', consumed: 5, p95_ms: 41.5, counters: { detections: 10 } });
    expect(run.edges[0]).toMatchObject({ from: 'camera.frames', to: 'people.frames', capacity: 1, in_flight: 0 });
    expect((await get('/api/v1/runs/run-1/report')).json().report.metrics).toEqual({ 'packets.consumed_total': 5 });
  });

  it('computes rates from successive samples over two seconds', () => {
    const { run, state } = fakeRun();
    const runs = new Runs();
    runs.add(run);
    let now = 0;
    const sampler = new Sampler(runs, () => now);
    for (let i = 0; i <= 8; i++) {
      now = i * 500;
      state.packets = i * 5;
      state.dropped = i < 6 ? 0 : (i - 5) * 2;
      sampler.sample();
    }
    expect(sampler.live(run).nodes[1]).toMatchObject({ consumed_per_s: 10, errors_per_s: 0 });
    expect(sampler.live(run).edges[0]).toMatchObject({ out_per_s: 10, in_per_s: 13, dropped_per_s: 3 });
  });
});

describe('pictures', () => {
  it('says that there is none yet, then gives the newest', async () => {
    const { picture, get } = serve();
    const early = await get('/preview.jpg');
    expect([early.statusCode, early.json().error.code, early.headers['retry-after']]).toEqual([503, 'PREVIEW_PENDING', '1']);
    picture(Buffer.from('one'));
    picture(Buffer.from('two'));
    const shown = await get('/preview.jpg');
    expect([shown.statusCode, shown.headers['content-type'], shown.body]).toEqual([200, 'image/jpeg', 'two']);
    expect((await get('/api/v1/runs/run-1/nodes/draw/pictures.jpg')).body).toBe('two');
    const wrong = await get('/api/v1/runs/run-1/nodes/people/detections.jpg');
    expect([wrong.statusCode, wrong.json().error]).toMatchObject([
      404,
      { code: 'PREVIEW_NOT_FOUND', hint: 'Pictures come from draw.pictures.' },
    ]);
  });

  it('says that the graph has none', async () => {
    const { get } = serve(fakeRun({ pictures: false }));
    for (const url of ['/preview.jpg', '/preview.mjpeg']) {
      const none = await get(url);
      expect([none.statusCode, none.json().error.code]).toEqual([404, 'PREVIEW_NOT_FOUND']);
    }
  });
});

describe('faults and guards', () => {
  it('answers every fault with the envelope and both ids', async () => {
    const { server, get } = serve();
    const faults = [
      [await get('/nowhere', { 'x-correlation-id': 'order-7' }), 404, 'ROUTE_NOT_FOUND'],
      [await get('/api/v1/runs/none'), 404, 'RUN_NOT_FOUND'],
      [await get('/api/v1/runs/%E0%A4%A'), 400, 'REQUEST_INVALID'],
      [
        await server.app.inject({ method: 'POST', url: '/api/v1/runs', headers: { 'content-type': 'application/json' }, payload: '{bad' }),
        400,
        'BODY_INVALID',
      ],
      [await server.app.inject({ method: 'DELETE', url: '/api/v1/runs' }), 404, 'ROUTE_NOT_FOUND'],
    ] as const;
    for (const [answer, status, code] of faults) {
      expect(answer.statusCode).toBe(status);
      expect(answer.json()).toMatchObject({
        ok: false,
        error: { code, message: expect.any(String), hint: expect.any(String), retryable: false, request_id: expect.any(String) },
      });
    }
    expect(faults[0][0].json().correlation_id).toBe('order-7');
  });

  it('keeps the text of an unexpected error to itself', async () => {
    const { server, get } = serve();
    server.app.get('/broken', () => {
      throw new Error('password 123');
    });
    const { statusCode, body } = await get('/broken');
    expect(statusCode).toBe(500);
    expect(body).toContain('INTERNAL');
    expect(body).not.toContain('password');
  });

  it('refuses foreign host names and sends the security headers', async () => {
    const { get } = serve();
    for (const host of ['evil.example', 'evil.example:7420', '127.0.0.1.evil.example', 'localhost.evil.example:7420']) {
      expect((await get('/livez', { host })).json().error.code).toBe('HOST_REFUSED');
    }
    for (const host of ['localhost:7420', '127.0.0.1:1', '[::1]:7420']) expect((await get('/livez', { host })).statusCode).toBe(200);
    expect((await get('/')).headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('refuses to listen where others can reach it', () => {
    expect(() => createServer({ runs: new Runs(), host: '0.0.0.0' })).toThrow(expect.objectContaining({ code: 'HOST_NOT_LOCAL' }));
  });

  it('names a busy port and the option to take another', async () => {
    const other = createTcp();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as AddressInfo;
    const server = createServer({ runs: new Runs(), port });
    await expect(server.listen()).rejects.toMatchObject({
      code: 'PORT_BUSY',
      message: expect.stringContaining(String(port)),
      hint: expect.stringContaining('--port'),
    });
    await new Promise((done) => other.close(done));
  });

  it('answers what is no HTTP with the envelope too', async () => {
    const { server } = serve();
    const { port } = new URL(await server.listen());
    const raw = (sent: string): Promise<string> =>
      new Promise((done) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(sent));
        let all = '';
        socket.on('data', (chunk) => (all += String(chunk))).on('close', () => done(all));
      });
    for (const [sent, status, code] of [
      ['NONSENSE\r\n\r\n', 400, 'REQUEST_INVALID'],
      ['GET /livez HTTP/1.1\r\nconnection: close\r\n\r\n', 403, 'HOST_REFUSED'],
    ] as const) {
      const text = await raw(sent);
      expect(text).toContain(`HTTP/1.1 ${status}`);
      expect(JSON.parse(text.split('\r\n\r\n')[1]!)).toMatchObject({ ok: false, error: { code } });
    }
  });
});

describe('page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-console-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<p>the console</p>');
  writeFileSync(join(folder, 'assets', 'index-1a2b.js'), 'export {};');
  writeFileSync(join(folder, 'secret.js'), 'not an asset');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is the files of the folder and nothing beside them', async () => {
    const { get } = serve(fakeRun(), { page: folder });
    const page = await get('/');
    expect([page.headers['content-type'], page.headers['cache-control'], page.body]).toEqual([
      'text/html; charset=utf-8',
      'no-store',
      '<p>the console</p>',
    ]);
    const script = await get('/assets/index-1a2b.js');
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    for (const url of ['/assets/..%2Fsecret.js', '/assets/none.js', '/secret.js'])
      expect([url, (await get(url)).statusCode]).toEqual([url, 404]);
  });

  it('says how to build it where it is not built, and can be left out', async () => {
    const told = await serve(fakeRun(), { page: join(folder, 'none') }).get('/');
    expect([told.statusCode, told.body]).toEqual([200, expect.stringContaining('nx run console:build')]);
    expect((await serve(fakeRun(), { page: false }).get('/')).statusCode).toBe(404);
  });
});

describe('streams', () => {
  const open = (url: string, headers = {}): Promise<IncomingMessage> =>
    new Promise((done, fail) => request(url, { headers }, done).on('error', fail).end());
  const until = (stream: IncomingMessage, text: string): Promise<string> =>
    new Promise((done) => {
      let all = '';
      stream.on('data', (chunk) => {
        all += String(chunk);
        if (all.includes(text)) done(all);
      });
      stream.on('error', () => undefined);
    });

  it('sends events from the cursor on, pictures as they come, and ends both when the server closes', async () => {
    const { server, events, picture, runs } = serve();
    picture(Buffer.from('first picture'));
    events.next({ event: 'node:camera:opened', at: '2026-01-01T00:00:00.000Z', node: 'camera' });
    events.next({ event: 'node:camera:restarted', at: '2026-01-01T00:00:01.000Z', node: 'camera', code: 'VIDEO_LOST' });
    const url = await server.listen();
    const sse = await open(`${url}/api/v1/events`, { 'last-event-id': runs.events.cursor(1) });
    expect(sse.headers['content-type']).toContain('text/event-stream');
    const text = await until(sse, 'event: figures');
    expect(text).not.toContain('node:camera:opened');
    expect(JSON.parse(/id: \S+-2\nevent: event\ndata: (.*)/.exec(text)![1]!)).toMatchObject({
      v: 1,
      cursor: runs.events.cursor(2),
      event: 'node:camera:restarted',
      entity: { id: 'camera' },
      payload: { code: 'VIDEO_LOST' },
    });
    const film = await open(`${url}/preview.mjpeg`);
    expect(film.headers['content-type']).toBe('multipart/x-mixed-replace; boundary=sluice-frame');
    await until(film, 'first picture\r\n--sluice-frame');
    picture(Buffer.from('second picture'));
    await until(film, 'second picture\r\n--sluice-frame');
    const ended = Promise.all([sse, film].map((stream) => new Promise((done) => stream.once('close', done))));
    await Promise.all([server.close(), ended]);
  });

  it('keeps only the newest picture for a reader that does not read', async () => {
    const { server, picture } = serve();
    const url = await server.listen();
    const film = await open(`${url}/preview.mjpeg`);
    film.pause();
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 200; i++) picture(new Uint8Array(1_000_000).fill(97));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40_000_000);
    picture(Buffer.from('the newest'));
    film.resume();
    await until(film, 'the newest');
  });
});
