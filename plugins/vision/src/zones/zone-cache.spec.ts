import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configIssues, makeConfig } from '@sluice/sdk';
import type { VisionEvent } from '../ports';
import { fakeContext, packet, type FakeContext } from '../testing/context';
import { ZonesConfig, ZonesNode } from '../zones.node';
import { ZoneCache } from './zone-cache';
import { zoneFile, zoneService, type ZoneOrigin } from './zone-origin';

const square = (size: number) => [
  [0, 0],
  [size, 0],
  [size, size],
  [0, size],
];
const zone = (zone_id: string, size = 100) => ({ zone_id, enabled: true, polygon: square(size) });
const LIMITS = { ttl: 30_000, maxFailures: 3, backoff: 5_000 };
const names = (cache: ZoneCache) => cache.current().map(({ id }) => id);

/** Looks, and waits for what that began to fetch. */
async function look(cache: ZoneCache): Promise<string[]> {
  const now = names(cache);
  await cache.settled();
  return now;
}

describe('zones of a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zones-'));
  const path = join(folder, 'zones.json');
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (value: unknown, at: number) => {
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
    utimesSync(path, at, at);
  };

  it('are read again when they are old and the file was written since; a broken file changes nothing', async () => {
    write([zone('a')], 1);
    const ctx = fakeContext();
    const cache = new ZoneCache(zoneFile(path, {}), LIMITS, ctx);
    await cache.first(true);
    write({ zones: [zone('b'), { ...zone('off'), enabled: false }, { zone_id: 'line', polygon: [[0, 0]] }] }, 2);
    expect([await look(cache), await look(cache)]).toEqual([['a'], ['a']]);
    ctx.time += LIMITS.ttl;
    expect([await look(cache), await look(cache)]).toEqual([['a'], ['b']]);
    expect(ctx.logged).toEqual(['ZONES_INVALID_POLYGON: zone 2: line has fewer than three corners.']);
    write('{', 3);
    ctx.time += LIMITS.ttl;
    expect([await look(cache), await look(cache)]).toEqual([['b'], ['b']]);
    write([zone('c')], 4);
    expect([await look(cache), await look(cache)]).toEqual([['b'], ['c']]);
    expect(ctx.counters).toEqual({ zones_loaded: 3, zones_invalid: 1, zones_failed: 2 });
    ctx.time += LIMITS.ttl;
    await look(cache);
    expect(ctx.counters['zones_unchanged']).toBe(1);
  });

  it('of other sites and cameras are passed over', async () => {
    write(
      [
        { ...zone('mine'), site_id: 'S1', camera_id: 'c1' },
        { ...zone('other'), camera_id: 'c2' },
        { ...zone('far'), site_id: 'S2' },
        zone('all'),
      ],
      5,
    );
    const cache = new ZoneCache(zoneFile(path, { site_id: 'S1', camera_id: 'c1' }), LIMITS, fakeContext());
    await cache.first(true);
    expect(names(cache)).toEqual(['mine', 'all']);
  });

  it.each([
    ['missing', undefined, 'ZONES_UNREADABLE'],
    ['no JSON', 'zones', 'ZONES_INVALID'],
    ['no list', '{"zones":1}', 'ZONES_INVALID'],
    ['null', 'null', 'ZONES_INVALID'],
  ])('stop the start where the file is %s', async (_, text, code) => {
    if (text === undefined) rmSync(path, { force: true });
    else write(text, 6);
    const node = new ZonesNode(makeConfig(ZonesConfig, { source: 'file', path }));
    await expect(node.open(fakeContext())).rejects.toMatchObject({ code });
    await node.close();
  });
});

describe('zones of a service', () => {
  let server: Server;
  let base: string;
  let answer: { status: number; body?: string; etag?: string } | 'never';
  const got: { url: string; headers: IncomingHttpHeaders }[] = [];
  beforeEach(async () => {
    got.length = 0;
    server = createServer((request, response) => {
      got.push({ url: request.url ?? '', headers: request.headers });
      if (answer === 'never') return;
      response
        .writeHead(answer.status, answer.etag === undefined ? {} : { etag: answer.etag })
        .end(answer.status === 304 ? undefined : answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const ok = (id: string, etag?: string) => ({
    status: 200,
    body: JSON.stringify({ zones: [zone(id)] }),
    ...(etag === undefined ? {} : { etag }),
  });
  const cacheOf = async (
    ctx: FakeContext,
    timeout = 1000,
    origin: ZoneOrigin = zoneService(new URL(`http://${base}/z`), {}, timeout, {}),
  ) => {
    const cache = new ZoneCache(origin, LIMITS, ctx);
    await cache.first(false);
    return cache;
  };

  it('are asked for anew only when they are old, with the ETag of the last answer', async () => {
    answer = ok('a', '"1"');
    const ctx = fakeContext();
    const cache = await cacheOf(ctx);
    await look(cache);
    ctx.time += LIMITS.ttl;
    answer = { status: 304 };
    await look(cache);
    ctx.time += LIMITS.ttl;
    answer = ok('b', '"2"');
    expect([await look(cache), await look(cache)]).toEqual([['a'], ['b']]);
    expect(got.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"', '"1"']);
    expect(ctx.counters).toEqual({ zones_loaded: 2, zones_unchanged: 1 });
  });

  it('hold while the service fails; after three failures in a row it is left alone for a while, then tried once', async () => {
    answer = ok('a');
    const ctx = fakeContext();
    const cache = await cacheOf(ctx);
    ctx.time += LIMITS.ttl;
    answer = { status: 500 };
    for (let i = 0; i < 10; i++) expect(await look(cache)).toEqual(['a']);
    expect(got).toHaveLength(1 + 3);
    ctx.time += LIMITS.backoff;
    for (let i = 0; i < 10; i++) await look(cache);
    expect(got).toHaveLength(1 + 3 + 1);
    ctx.time += LIMITS.backoff;
    answer = ok('b');
    expect([await look(cache), await look(cache)]).toEqual([['a'], ['b']]);
    expect(ctx.counters).toEqual({ zones_loaded: 2, zones_failed: 4 });
    expect(ctx.logged.at(-1)).toBe('Zones can be read again.');
  });

  it('may be missing at the start: nothing is inside until they come', async () => {
    answer = { status: 503 };
    const ctx = fakeContext();
    const node = new ZonesNode(
      makeConfig(ZonesConfig, {
        source: 'api',
        api: { url: `http://user:p%40ss@${base}/{site_id}/{camera_id}/zones?token=t` },
        site_id: 'S 1',
        camera_id: 'c/1',
        rule_map: { HEAD: 'bbox_center' },
      }),
    );
    await node.open(ctx);
    const event = (event_type: string) =>
      packet({ event_type, bbox: { x1: 40, y1: 40, x2: 60, y2: 120 } } as unknown as VisionEvent, 'events');
    const zoneOf = (type: string) => (node.process(event(type), ctx).payload.payload as VisionEvent).zone;
    expect(zoneOf('HEAD')).toEqual({ zone_id: '', inside: false });
    answer = ok('a');
    const before = got.length;
    while (zoneOf('HEAD').zone_id === '') await new Promise((resolve) => setImmediate(resolve));
    expect(zoneOf('HEAD')).toEqual({ zone_id: 'a', inside: true });
    // Its feet are outside.
    expect(zoneOf('BODY')).toEqual({ zone_id: '', inside: false });
    expect(before).toBeGreaterThanOrEqual(1);
    expect(got[0]).toMatchObject({
      url: '/S%201/c%2F1/zones?token=t',
      headers: { authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}` },
    });
    expect(ctx.logged.join('\n')).not.toMatch(/p@ss|p%40ss|token=t/);
    await node.close();
  });

  it('are not waited for: a service that hangs is given up after its timeout, and at once when the graph closes', async () => {
    answer = 'never';
    const ctx = fakeContext();
    const cache = await cacheOf(ctx, 50);
    expect(ctx.counters).toEqual({ zones_failed: 1 });
    await cache.close();
    const slow = new ZoneCache(zoneService(new URL(`http://${base}/z`), {}, 60_000, {}), LIMITS, ctx);
    expect(names(slow)).toEqual([]);
    await slow.close();
    expect(ctx.counters).toEqual({ zones_failed: 1 });
  });

  it('are refused where the answer is too large, or the address needs a camera that is not named', async () => {
    answer = { status: 200, body: `[${' '.repeat(1_100_000)}]` };
    await expect(zoneService(new URL(`http://${base}/z`), {}, 1000, {})(new AbortController().signal)).rejects.toMatchObject({
      code: 'ZONES_INVALID',
    });
    const node = new ZonesNode(makeConfig(ZonesConfig, { source: 'api', api: { url: `http://${base}/{camera_id}` } }));
    await expect(node.open(fakeContext())).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

test.each([
  ['zones', {}],
  ['path', { source: 'file' }],
  ['api', { source: 'api' }],
  ['api.url', { source: 'api', api: { url: 'ftp://x' } }],
  ['rule_map', { zones: [{ id: 'z', polygon: square(1) }], rule_map: { A: 'top' } }],
])('a config without a fit %s is refused', (path, config) => {
  expect(configIssues(ZonesConfig, config).map((issue) => issue.path)).toContain(path);
});
