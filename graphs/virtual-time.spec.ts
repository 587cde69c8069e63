import { core } from '@sluice/plugin-core';
import { io } from '@sluice/plugin-io';
import { vision } from '@sluice/plugin-vision';
import { definePlugin, Node, port, portType, type Context } from '@sluice/sdk';
import { runGraph, type GraphResult } from '@sluice/testing';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { parse } from 'yaml';
import { GRAPHS } from './testing/shipped';

interface Frame {
  readonly data: Uint8Array<SharedArrayBuffer>;
  readonly width: number;
  readonly height: number;
  readonly format: 'rgb24';
  readonly index: number;
  readonly time_ms: number;
}
const FrameType = portType<Frame>('vision/frame@1', { profile: 'inproc_any' });

@Node({
  type: 'test/camera',
  kind: 'source',
  summary: 'Ten grey frames a second, for six seconds.',
  out: { frames: port(FrameType, 'Frames.') },
})
class Camera {
  async *read(ctx: Context): AsyncGenerator<Frame, void> {
    const [width, height] = [512, 384];
    const data = new Uint8Array(new SharedArrayBuffer(width * height * 3)).fill(128);
    for (let index = 0; index < 60; index++) {
      yield { data, width, height, format: 'rgb24', index, time_ms: index * 100 };
      await ctx.sleep(100);
    }
  }
}

/** What two runs must have in common: all but how long calls took. */
interface Seen {
  readonly nodes: readonly object[];
  readonly edges: readonly object[];
  /** Digests: pictures are large, and a difference is not to be read anyway. */
  readonly outputs: Readonly<Record<string, readonly string[]>>;
  readonly events: readonly object[];
  readonly took: number;
  readonly files: Readonly<Record<string, string>>;
  readonly printed: string;
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A run in virtual time in a working folder of its own, with what it wrote. */
async function seen(graph: object, fuse = true): Promise<Seen & { readonly result: GraphResult }> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-virtual-'));
  const before = process.cwd();
  process.chdir(folder);
  let printed = '';
  const stdout = jest
    .spyOn(process.stdout, 'write')
    .mockImplementation(((text: unknown, done: () => void) => ((printed += String(text)), done(), true)) as typeof process.stdout.write);
  try {
    const result = await runGraph(graph, { plugins: [core, io, vision, definePlugin({ name: 'test', nodes: [Camera] })], fuse });
    const { figures, events, took } = result;
    const outputs = Object.fromEntries(
      Object.entries(result.outputs).map(([name, payloads]) => [name, payloads.map((one) => digest(serialize(one)))]),
    );
    const nodes = figures.nodes.map(({ p50_ms: _a, p95_ms: _b, p99_ms: _c, latency: _d, ...rest }) => rest);
    const files = Object.fromEntries(
      readdirSync(join(folder, 'out'))
        .sort()
        .map((name) => [name, readFileSync(join(folder, 'out', name), 'utf8')]),
    );
    return { nodes, edges: figures.edges, outputs, events, took, files, printed, result };
  } finally {
    stdout.mockRestore();
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What fusion must leave as it is; when something happened, and how long a packet waited where, is not part of it. */
function unfused({ nodes, outputs, files, printed }: Seen): object {
  const figures = nodes.map((node) => {
    const { id, consumed, produced, errors, counters } = node as GraphResult['figures']['nodes'][number];
    return { id, consumed, produced, errors, counters };
  });
  return { figures, outputs, files, printed };
}

/** A shipped graph with other nodes in the place of some. */
function shipped(name: string, nodes: Readonly<Record<string, object>>): object {
  const text = readFileSync(join(GRAPHS, name), 'utf8');
  const graph = parse(text) as { nodes: Record<string, object> };
  return { text: JSON.stringify({ ...graph, nodes: { ...graph.nodes, ...nodes } }), file: join(GRAPHS, name) };
}

test('street-watch runs in virtual time, the same twice and without fusion, from a made-up camera and a made-up detector', async () => {
  const graph = shipped('street-watch.yaml', {
    camera: { type: 'test/camera' },
    people: { type: 'vision/mock-detect', config: { track_id: 1, bbox: { x1: 20, y1: 100, x2: 60, y2: 250 }, bbox_dx: 10 } },
  });
  const { result, ...one } = await seen(graph);
  const { result: _other, ...other } = await seen(graph);
  expect(other).toEqual(one);
  // FUSE-1 is the same of random graphs.
  expect(unfused(await seen(graph, false))).toEqual(unfused(one));
  expect([result.report.status, result.report.reasons]).toEqual(['ok', []]);
  expect(one.took).toBeGreaterThanOrEqual(5_900);
  // Encoding takes longer than the pause between two frames does in virtual time: it is waited for, so none is missing.
  expect(one.outputs['preview']).toHaveLength(60);
  const events = one.files['events.jsonl']!.trim().split('\n');
  expect(events.length).toBeGreaterThan(0);
  expect(JSON.parse(events[0]!)).toMatchObject({ payload: { event_type: 'ZONE_INTRUSION' } });
}, 60_000);

test('sensor-watch runs in virtual time, the same twice and without fusion', async () => {
  const graph = shipped('sensor-watch.yaml', {});
  const { result, ...one } = await seen(graph);
  const { result: _other, ...other } = await seen(graph);
  expect(other).toEqual(one);
  // FUSE-1 is the same of random graphs.
  expect(unfused(await seen(graph, false))).toEqual(unfused(one));
  expect([result.report.status, result.report.reasons]).toEqual(['ok', []]);
  expect(one.files['anomalies.jsonl']!.length).toBeGreaterThan(0);
  expect(one.printed).not.toBe('');
}, 120_000);
