import { connect, type AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fakeRun } from '../test/fake-run';
import { workbench } from '../test/workbench';
import { createServer, Runs, type Server } from './index';

const HOST = 'host: 127.0.0.1\r\n';
const CHUNKED = `content-type: application/json\r\ntransfer-encoding: chunked\r\n`;
const get = (url: string, headers = HOST): string => `GET ${url} HTTP/1.1\r\n${headers}\r\n`;
const post = (headers: string, body = ''): string => `POST /api/v1/runs HTTP/1.1\r\n${HOST}${headers}\r\n${body}`;

/** What no browser of ours sends. */
const HOSTILE: readonly string[] = [
  // Methods.
  ...['TRACE', 'CONNECT', 'PROPFIND', 'BREW', 'get', 'DELETE', 'OPTIONS', 'PUT'].map(
    (method) => `${method} /livez HTTP/1.1\r\n${HOST}\r\n`,
  ),
  // Addresses.
  ...[
    '../../etc/passwd',
    '%2e%2e/%2e%2e/etc/passwd',
    '..%2f..%2fetc%2fpasswd',
    '%252e%252e%252fpackage.json',
    '..\\..\\package.json',
  ].flatMap((path) => [get(`/${path}`), get(`/api/v1/runs/${path}`)]),
  get('/assets/../../package.json'),
  get('/%00'),
  get('/%E0%A4%A'),
  get('/%c0%ae%c0%ae/'),
  get('//evil.example/'),
  get('http://evil.example/livez'),
  get('?'),
  get('/\u0000'),
  get(`/${'a'.repeat(8_000)}`),
  get(`/${'a'.repeat(100_000)}`),
  get(`/api/v1/runs/${'%41'.repeat(3_000)}`),
  get(`/livez?${'a=1&'.repeat(3_000)}`),
  get('/api/v1/runs/__proto__/report'),
  get('/api/v1/runs/run-1/nodes/constructor/__proto__.jpg'),
  // Names of hosts.
  get('/livez', ''),
  get('/livez', 'host: evil.example\r\n'),
  get('/livez', 'host: 127.0.0.1\r\nhost: evil.example\r\n'),
  get('/livez', 'host: 127.0.0.1@evil.example\r\n'),
  get('/livez', `host: ${'[::1]'.repeat(500)}\r\n`),
  // Headers.
  get('/livez', `${HOST}x: ${'y'.repeat(20_000)}\r\n`),
  get('/livez', `${HOST}${'x: y\r\n'.repeat(3_000)}`),
  get('/livez', `${HOST}no colon\r\n`),
  get('/livez', `${HOST}x: a\u0001b\r\n`),
  get('/nowhere', `${HOST}x-correlation-id: <script>${'z'.repeat(500)}\r\n`),
  get('/api/v1/events', 'host: evil.example\r\nlast-event-id: -1e999\r\n'),
  get('/nowhere', `${HOST}connection: upgrade\r\nupgrade: websocket\r\n`),
  // Bodies.
  post('content-length: -1\r\n'),
  post('content-length: 5\r\ncontent-length: 6\r\n', 'hello'),
  post(`content-length: 3\r\n${CHUNKED}`, '0\r\n\r\n'),
  post(CHUNKED, 'zz\r\nhello\r\n0\r\n\r\n'),
  post(CHUNKED, `ffffffffffffffffff\r\n{}`),
  post(CHUNKED, `5;${'e'.repeat(50_000)}\r\nhello\r\n`),
  post('content-type: application/json\r\ncontent-length: 99999999\r\n', '{'),
  post('content-type: application/json\r\ncontent-length: 30\r\n', '{"__proto__":{"polluted":true}}'),
  post('content-type: text/evil\r\ncontent-length: 2\r\n', '{}'),
  // What is not HTTP at all.
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'GET / HTTP/9.9\r\n\r\n',
  '\r\n\r\n\r\n\r\n',
  'x'.repeat(200_000),
];

/** Sends, and gives what came until the server closed; a request that is whole is followed by the wish to close. */
function send(port: number, text: string): Promise<string> {
  return new Promise((done) => {
    let all = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(text, 'latin1'));
    socket.on('data', (chunk) => (all += String(chunk)));
    // A connection that is cut while we write is an answer, too.
    socket.on('error', () => undefined);
    socket.on('close', () => done(all));
  });
}

/** The parts of an answer that must be there for a fault. */
function verdict(answer: string): unknown {
  if (answer === '') return 'closed';
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
  const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  if (status === 200) return body === '{"ok":true}' ? 'alive' : body;
  const { ok, error } = JSON.parse(body);
  return ok === false && status >= 400 && status < 500 && /^[A-Z_]+$/.test(error.code) && typeof error.message === 'string'
    ? 'envelope'
    : answer;
}

let server: Server;
let port: number;
beforeEach(async () => {
  const runs = new Runs();
  runs.add(fakeRun().run);
  runs.phase = 'ready';
  server = createServer({ runs, port: 0, requestTimeout: 300 });
  await server.listen();
  ({ port } = server.app.server.address() as AddressInfo);
});
afterEach(() => server.close());

const connections = (): Promise<number> => new Promise((done) => server.app.server.getConnections((_, count) => done(count)));

it('answers what is hostile with an envelope or a closed connection, keeps nothing of it, and lives', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const heaps: number[] = [];
  expect(HOSTILE.length).toBeGreaterThanOrEqual(50);
  for (let round = 0; round < 6; round++) {
    const verdicts = await Promise.all(HOSTILE.map(async (text) => [text.slice(0, 60), verdict(await send(port, text))] as const));
    // Some are merely odd: a query of 3000 parts is a query.
    expect(verdicts.filter(([, said]) => said !== 'envelope' && said !== 'closed' && said !== 'alive')).toEqual([]);
    expect(verdicts.filter(([, said]) => said === 'envelope').length).toBeGreaterThan(40);
    expect(verdict(await send(port, get('/livez')))).toBe('alive');
    gc();
    heaps.push(process.memoryUsage().heapUsed);
  }
  expect(heaps[5]! - heaps[1]!).toBeLessThan(4 * 1024 ** 2);
  expect(await connections()).toBe(0);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

/** Values for what a route takes in its address, its query and its body. */
const ODD = ['%00', '..%2f..%2fetc%2fpasswd', '__proto__', "'%20OR%201=1--", '%F0%9F%92%A9', `${'a'.repeat(900)}`, '%25', '-1e999'];
const BODIES: readonly string[] = [
  '',
  'null',
  '[]',
  '"x"',
  '{"__proto__":{"polluted":true}}',
  '{"confirm":1,"rows":[-1]}',
  '{"rows":"all","state":"gone"}',
  `{"text":${'['.repeat(5_000)}`,
  '{"unknown":true}',
];

it('answers what is hostile on every route that there is with its own envelope, and never as a fault of its own', async () => {
  const bench = workbench({ rate: { read: 1e6, change: 1e6 } });
  try {
    const { policy } = (await bench.call('GET', '/api/v1/policy')).body;
    let sent = 0;
    const wrong: unknown[] = [];
    for (const { method, url } of policy.routes as readonly { method: 'GET' | 'POST' | 'PUT' | 'DELETE'; url: string }[]) {
      if (/events$|tap$|mjpeg$|shutdown|session$|^\/assets/.test(url)) continue;
      const shapes =
        method === 'GET'
          ? ODD.map((odd) => [url.replace(/:\w+/g, odd) + `?limit=${odd}&after=${odd}&since=${odd}`, undefined] as const)
          : BODIES.map((body, i) => [url.replace(/:\w+/g, ODD[i % ODD.length]!), body] as const);
      for (const [address, payload] of shapes) {
        sent++;
        const answer = await bench.server.app.inject({
          method,
          url: address,
          headers: {
            host: '127.0.0.1',
            authorization: `Bearer ${bench.admin}`,
            ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(payload === undefined ? {} : { payload }),
        });
        const told = answer.statusCode < 400 || (answer.json() as { error: { code: string } }).error.code !== 'INTERNAL';
        if (answer.statusCode >= 500 || !told)
          wrong.push([method, address.slice(0, 80), payload?.slice(0, 40), answer.statusCode, answer.body.slice(0, 200)]);
      }
    }
    expect(wrong).toEqual([]);
    expect(sent).toBeGreaterThan(400);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  } finally {
    await bench.close();
  }
}, 180_000);

it('does not let who sends a byte now and then keep a connection', async () => {
  const slow = [
    'GET /livez HTTP/1.1\r\n',
    post('content-type: application/json\r\ncontent-length: 1000\r\n', '{'),
    post(CHUNKED, '5\r\n'),
  ].map(
    (begin) =>
      new Promise<string>((done) => {
        let all = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(begin));
        const drip = setInterval(() => socket.write('a'), 50);
        socket.on('data', (chunk) => (all += String(chunk))).on('error', () => undefined);
        socket.on('close', () => {
          clearInterval(drip);
          done(all);
        });
      }),
  );
  const [head, ...bodies] = await Promise.all(slow);
  expect(head).toContain('"code":"REQUEST_TIMEOUT"');
  for (const body of bodies) expect(['envelope', 'closed']).toContain(verdict(body));
  expect(await connections()).toBe(0);
});
