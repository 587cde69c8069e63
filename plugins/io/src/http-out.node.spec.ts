import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { configIssues, makeConfig, type SluiceError } from '@sluice/sdk';
import { FakeContext, packet } from '@sluice/testing';
import { HttpOutConfig, HttpOutNode } from './http-out.node';

interface Got {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
let server: Server;
let got: Got[];
let answer: { status: number; headers?: Record<string, string> } | 'never';
let base: string;

beforeEach(async () => {
  got = [];
  answer = { status: 204 };
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      got.push({ url: request.url ?? '', headers: request.headers, body });
      if (answer !== 'never') response.writeHead(answer.status, answer.headers).end('said');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function send(config: object, ctx = new FakeContext()): Promise<FakeContext> {
  const node = new HttpOutNode(makeConfig(HttpOutConfig, { url: `http://${base}/api?token=hidden`, ...config }));
  node.open();
  try {
    await node.write(packet({ a: 1 }, { meta: { idempotency_key: 'ключ 1' } }), ctx);
  } finally {
    await node.close();
  }
  return ctx;
}
async function fault(config: object, ctx?: FakeContext): Promise<SluiceError> {
  return send(config, ctx).then(
    () => {
      throw new Error('it was accepted');
    },
    (error: unknown) => error as SluiceError,
  );
}

test('a payload is sent as JSON with its key', async () => {
  const ctx = await send({ url: `http://user:p%40ss@${base}/api?x=1`, headers: { 'x-own': 'yes' } });
  expect(got).toMatchObject([
    {
      url: '/api?x=1',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json', 'idempotency-key': encodeURIComponent('ключ 1'), 'x-own': 'yes' },
    },
  ]);
  expect(got[0]!.headers.authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`);
  expect(ctx.counters).toEqual({ sent: 1 });
});

test('a packet is sent with its header, and without a key where none is wanted', async () => {
  await send({ body: 'packet', idempotency_header: '' });
  expect(JSON.parse(got[0]!.body)).toMatchObject({ v: 1, kind: 'value', payload: { a: 1 } });
  expect(got[0]!.headers['idempotency-key']).toBeUndefined();
});

test.each([
  [503, true, 'unknown'],
  [429, true, 'none'],
  [404, false, 'none'],
  [302, false, 'none'],
  [501, false, 'unknown'],
])('an answer of %i: retryable %s, effect %s', async (status, retryable, effectState) => {
  answer = { status };
  expect(await fault({})).toMatchObject({ code: 'HTTP_REFUSED', retryable, effectState, details: { status } });
});

test('Retry-After is passed on, in seconds and as a date', async () => {
  answer = { status: 429, headers: { 'retry-after': '7' } };
  expect((await fault({})).details).toEqual({ status: 429, retry_after_ms: 7_000 });
  answer = { status: 503, headers: { 'retry-after': new Date(30_000).toUTCString() } };
  const ctx = new FakeContext();
  ctx.advance(10_000);
  expect((await fault({}, ctx)).details).toEqual({ status: 503, retry_after_ms: 20_000 });
});

test('no answer in time is retryable, and whether it had an effect is unknown', async () => {
  answer = 'never';
  expect(await fault({ timeout: '50ms' })).toMatchObject({ code: 'HTTP_TIMEOUT', retryable: true, effectState: 'unknown' });
});

test('a cancel ends the request at once, and is no timeout', async () => {
  answer = 'never';
  const stop = new AbortController();
  const ctx = Object.assign(new FakeContext(), { signal: stop.signal });
  const failed = fault({ timeout: '60s' }, ctx);
  while (got.length === 0) await new Promise((resolve) => setImmediate(resolve));
  stop.abort(new Error('cancelled'));
  expect(await failed).toMatchObject({ code: 'CANCELLED', effectState: 'unknown' });
});

test('nobody there: retryable, without an effect, and no secret in the message', async () => {
  server.close();
  const error = await fault({ url: 'http://user:secret@127.0.0.1:1/hook?token=secret' });
  expect(error).toMatchObject({ code: 'HTTP_UNREACHABLE', retryable: true, effectState: 'none' });
  expect(`${error.message} ${JSON.stringify(error.details)} ${error.hint}`).not.toContain('secret');
  expect(error.message).toContain('http://127.0.0.1:1/hook?...');
});

test.each(['ftp://x/y', 'example', '', 'http://'])('%j is no address', (url) =>
  expect(configIssues(HttpOutConfig, { url })).not.toEqual([]),
);
