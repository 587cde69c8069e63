import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunFigures } from '@sluice/runtime';
import { countersOf, GRAPHS, runShipped, shippedEngine, unbalanced } from '../testing/shipped';

const V2 = join(__dirname, 'v2');
const names = readdirSync(V2).filter((name) => name.endsWith('.yaml'));

interface Printed {
  readonly source_id: string;
  readonly kind: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly meta: Readonly<Record<string, unknown>>;
}
interface Ended {
  readonly figures: RunFigures;
  readonly status: string;
  readonly printed: readonly Printed[];
  readonly prefixes: readonly string[];
  readonly file: (path: string) => string;
}

async function run(graph: string | { readonly text: string }): Promise<Ended> {
  return runShipped(graph, {}, ({ figures, status, folder }) => {
    expect(unbalanced(figures)).toEqual([]);
    const lines = (process.stdout.write as unknown as jest.Mock<unknown, [string]>).mock.calls.map(([line]) => line);
    const files = new Map<string, string>();
    const out = join(folder, 'outputs');
    for (const name of existsSync(out) ? (readdirSync(out, { recursive: true }) as string[]) : [])
      if (/\.jsonl?$/.test(name)) files.set(name.replaceAll('\\', '/'), readFileSync(join(out, name), 'utf8'));
    return {
      figures,
      status,
      printed: lines.map((line) => JSON.parse(line.slice(line.indexOf('{'))) as Printed),
      prefixes: [...new Set(lines.map((line) => line.slice(0, line.indexOf('{'))))],
      file: (path) => files.get(path) ?? `no ${path}, but ${[...files.keys()].join(', ')}`,
    };
  });
}

const total = ({ nodes }: RunFigures, what: 'consumed' | 'produced') => nodes.reduce((sum, node) => sum + node[what], 0);

/** A graph in our dialect, and as the reference platform has it. */
const both = (name: string) => [`reference/${name}.yaml`, `reference/v2/${name}.yaml`];

describe('a graph of the reference platform', () => {
  it.each(names)('%s has no finding, as it is and as one of ours', async (name) => {
    const engine = shippedEngine();
    for (const graph of [join(V2, name), join(__dirname, name)]) expect(await engine.check(graph)).toEqual([]);
    await engine.close();
  });

  it.each(names.filter((name) => !['video-file-frames.yaml', 'video-file-detect.yaml'].includes(name)))(
    '%s is the same plan as ours',
    async (name) => {
      const engine = shippedEngine();
      const [theirs, ours] = [await engine.load(join(V2, name)), await engine.load(join(__dirname, name))];
      await engine.close();
      expect(theirs.hash).toBe(ours.hash);
    },
  );
});

describe('e2e-mock', () => {
  it.each(both('e2e-mock'))('%s: three events, 18 consumed, 21 produced, the same ids in every run', async (graph) => {
    const { figures, status, printed, prefixes } = await run(graph);
    expect([status, total(figures, 'consumed'), total(figures, 'produced')]).toEqual(['ok', 18, 21]);
    expect(prefixes).toEqual(['E2E ']);
    const seen = {
      event_type: 'ZONE_INTRUSION',
      object_type: 'PERSON',
      severity: 'LOW',
      bbox: { x1: 2, y1: 2, x2: 4, y2: 4 },
      confidence: 0.75,
      zone: { zone_id: 'Z1', inside: true },
      site_id: 'S001',
      camera_id: 'cam01',
    };
    expect(printed.map(({ payload }) => payload)).toMatchObject([0, 1, 2].map((track_id) => ({ ...seen, track_id })));
    expect(printed.map(({ payload }) => payload['event_id'])).toEqual([
      '380d9aa3-b76f-500a-bc37-a3de3df06674',
      '4836d9d9-f954-5d82-951e-58f90671639d',
      '74c12dfd-3052-5cfa-84cc-16144abb38fa',
    ]);
    expect(printed.map(({ meta }) => meta['idempotency_key'])).toEqual(
      [0, 1, 2].map((n) => `event:S001:cam01:ZONE_INTRUSION:PERSON:${n}:2026-02-14T00:00:0${n}.000Z:2:2:4:4`),
    );
  });
});

describe('what nodes decide', () => {
  it.each(both('policy-demo'))('%s: two of three', async (graph) => {
    const { status, printed } = await run(graph);
    expect(status).toBe('ok');
    expect(printed.map(({ payload }) => [payload['event_id'], payload['severity'], payload['zone']])).toEqual([
      ['e1', 'LOW', { zone_id: 'Z1', inside: true }],
      ['e3', 'HIGH', { zone_id: '', inside: false }],
    ]);
  });

  it.each(both('detection-to-event'))('%s: two sights of one track are one event', async (graph) => {
    const { printed } = await run(graph);
    expect(printed.map(({ kind, payload }) => [kind, payload['track_id'], payload['zone']])).toEqual([
      ['event', 7, { zone_id: 'Z1', inside: true }],
    ]);
  });

  it.each(both('interleave'))('%s: two sources take turns: a1 b1 a2 b2', async (graph) => {
    const { printed } = await run(graph);
    expect(printed.map(({ payload }) => payload)).toEqual(['a1', 'b1', 'a2', 'b2']);
  });

  it.each(both('burst'))('%s: of five into an inbox of two, two are kept and three dropped, which was asked for', async (graph) => {
    const { figures, status, printed } = await run(graph);
    expect(status).toBe('ok');
    expect(printed.map(({ meta }) => meta['burst_seq'])).toEqual([0, 1]);
    expect(figures.edges.find(({ id }) => id.startsWith('burst'))).toMatchObject({ in: 5, out: 2, dropped: { full: 3 } });
  });
});

describe('the command runs a file of the reference platform as it is', () => {
  const sluice = (file: string) => {
    const ran = spawnSync(process.execPath, [join(GRAPHS, '../apps/cli/bin/sluice.js'), 'run', join(V2, file), '--report', 'json'], {
      encoding: 'utf8',
      cwd: tmpdir(),
    });
    const objects = `${ran.stdout}${ran.stderr}`.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Told] : []));
    return {
      exit: ran.status,
      payloads: objects.flatMap(({ packet_id, payload, meta }) => (packet_id === undefined ? [] : [[payload, meta['burst_seq']]])),
      metrics: objects.find(({ metrics }) => metrics !== undefined)?.metrics,
    };
  };
  interface Told {
    readonly packet_id?: string;
    readonly payload: unknown;
    readonly meta: Readonly<Record<string, unknown>>;
    readonly metrics?: Readonly<Record<string, number>>;
  }

  it('a burst of five into an inbox of two: two kept, three dropped', () => {
    const { exit, payloads, metrics } = sluice('burst.yaml');
    expect([exit, payloads]).toEqual([
      0,
      [
        ['x', 0],
        ['x', 1],
      ],
    ]);
    expect(metrics).toMatchObject({ 'packets.dropped_total': 3, 'node.out.consumed': 2 });
  });

  it('two sources take turns', () => {
    expect(sluice('interleave.yaml').payloads.map(([payload]) => payload)).toEqual(['a1', 'b1', 'a2', 'b2']);
  });
});

describe('what comes in and goes out', () => {
  it.each(both('inproc-demo'))('%s prints its packet', async (graph) => {
    const { printed, prefixes } = await run(graph);
    expect(printed).toMatchObject([{ v: 1, kind: 'demo', source_id: 'demo01', payload: { hello: 'world' } }]);
    expect(prefixes).toEqual(['DEV ']);
  });

  it.each(both('jsonl'))('%s writes a line and passes the packet on', async (graph) => {
    const { printed, file } = await run(graph);
    expect(printed).toMatchObject([{ payload: { event_id: 'e1' } }]);
    expect(JSON.parse(file('events.jsonl'))).toMatchObject({ kind: 'event', source_id: 'cam01', payload: { event_id: 'e1' } });
  });

  it.each(both('json-files'))('%s writes a file for each', async (graph) => {
    const { file } = await run(graph);
    expect([0, 1].map((n) => JSON.parse(file(`packets/00000${n}_cam01_event.json`)) as unknown)).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it.each(both('http-event'))('%s tries again with the same key until it is accepted', async (graph) => {
    const keys: unknown[] = [];
    const server = createServer((request, response) => {
      keys.push(request.headers['idempotency-key']);
      request.resume().on('end', () => response.writeHead(keys.length < 3 ? 503 : 200, { 'retry-after': '0' }).end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const text = readFileSync(join(GRAPHS, graph), 'utf8').replace('127.0.0.1:18080', address);
      const { figures, status } = await run({ text });
      expect(status).toBe('ok');
      expect(keys).toEqual(['event:e1', 'event:e1', 'event:e1']);
      expect(countersOf(figures, 'post')).toEqual({ refused: 2, sent: 1 });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it.each(both('video-file-frames'))('%s keeps every tenth frame, with times that every run has', async (graph) => {
    const { printed } = await run(graph);
    expect(printed.map(({ meta }) => meta['frame_idx'])).toEqual([0, 10, 20]);
    expect(printed.map((one) => (one as unknown as { ts: string }).ts)).toEqual([0, 1, 2].map((n) => `2026-02-14T00:00:0${n}.000Z`));
  });
});
