import type { EdgeFigures, NodeFigures, Run, RunEvent, RunFigures, RunState } from '@sluice/runtime';
import type { Plan, PlanEdge, PlanNode } from '@sluice/graph';
import { Origin, Packet, type PortEntry } from '@sluice/sdk';
import { Subject } from 'rxjs';

const image: PortEntry = { type: 'sluice/image@1', profile: 'inproc_any', doc: 'Pictures.' };
const frames: PortEntry = { type: 'vision/frame@1', profile: 'inproc_any', doc: 'Frames.' };

function node(id: string, type: string, kind: PlanNode['kind'], ins: PlanNode['in'], outs: PlanNode['out']): PlanNode {
  return {
    id,
    type,
    kind,
    config: {},
    policies: { on_error: 'route', concurrency: 1, ordered: true, placement: 'inline', durability: 'none' },
    in: ins,
    out: outs,
  };
}

function edge(from: string, to: string, when_full: PlanEdge['when_full']): PlanEdge {
  const [a, b] = [from.split('.'), to.split('.')];
  return {
    id: `${from}->${to}`,
    from: { node: a[0]!, port: a[1]! },
    to: { node: b[0]!, port: b[1]! },
    when_full,
    capacity: when_full === 'latest' ? 1 : 64,
    lane: 'data',
    mode: 'trigger',
  };
}

/** camera -> people -> draw (-> pictures), with figures that a test sets. */
export function fakeRun(options: { id?: string; pictures?: boolean } = {}) {
  const id = options.id ?? 'run-1';
  const events = new Subject<RunEvent>();
  const taps = new Map<string, Subject<Packet>>();
  const plan: Plan = {
    version: 1,
    name: 'street-watch',
    description: 'People who enter the zone.',
    hash: 'a'.repeat(64),
    nodes: [
      node('camera', 'vision/video-file', 'source', {}, { frames }),
      node('people', 'vision/detect', 'transform', { frames }, { detections: { ...frames, type: 'vision/detections@1' } }),
      ...(options.pictures === false ? [] : [node('draw', 'vision/annotate', 'transform', { detections: frames }, { pictures: image })]),
    ],
    edges: [
      edge('camera.frames', 'people.frames', 'latest'),
      ...(options.pictures === false ? [] : [edge('people.detections', 'draw.detections', 'block')]),
    ],
    inputs: [],
    outputs: [],
    layers: {},
  };
  const state = { state: 'running' as RunState, packets: 0, dropped: 0 };
  const nodeFigures = (one: PlanNode): NodeFigures => ({
    id: one.id,
    type: one.type,
    kind: one.kind,
    state: 'ok',
    consumed: one.kind === 'source' ? 0 : state.packets,
    produced: state.packets,
    errors: 0,
    p50_ms: 30,
    p95_ms: 41.5,
    p99_ms: 60,
    latency: { bounds_ms: [25, 50], counts: [0, state.packets], sum_ms: 30 * state.packets, count: state.packets },
    busy: 0,
    counters: one.id === 'people' ? { detections: state.packets * 2 } : {},
  });
  const edgeFigures = (one: PlanEdge): EdgeFigures => ({
    id: one.id,
    when_full: one.when_full,
    lane: one.lane,
    capacity: one.capacity,
    in: state.packets + state.dropped,
    out: state.packets,
    in_flight: 0,
    peak: 1,
    dropped: state.dropped > 0 ? { full: state.dropped } : {},
    blocked_ms: 250,
  });
  const figures = (): RunFigures => ({
    id,
    graph: plan.name,
    plan_hash: plan.hash,
    state: state.state,
    status: 'ok',
    reasons: [],
    started_at: '2026-01-01T00:00:00.000Z',
    duration_ms: 1000,
    nodes: plan.nodes.map(nodeFigures),
    edges: plan.edges.map(edgeFigures),
    delivery: { acked: state.packets, nacked: 0, cancelled: 0 },
  });
  const report = () => ({
    ts: '2026-01-01T00:00:01.000Z',
    status: 'ok' as const,
    engine: 'sluice' as const,
    graph: plan.name,
    graph_version: 2 as const,
    plan_hash: plan.hash,
    duration_ms: 1000,
    metrics: { 'packets.consumed_total': state.packets },
    reasons: [],
  });
  const run: Run = {
    id,
    plan,
    outputs: {},
    events,
    done: new Promise(() => undefined),
    ready: Promise.resolve(),
    figures,
    report,
    tap: (of, port) => {
      const key = `${of}.${port}`;
      const tap = taps.get(key) ?? new Subject<Packet>();
      taps.set(key, tap);
      return tap;
    },
    drain: async () => report(),
    pause: () => undefined,
    resume: () => undefined,
    resetCircuit: () => undefined,
    replace: () => run,
    cancelScope: () => undefined,
    cancel: async () => report(),
    [Symbol.asyncDispose]: async () => undefined,
  };
  const origin = new Origin(id, 'camera', 'camera', 0, '', null, 0, null);
  const picture = (data: Uint8Array): void =>
    taps.get('draw.pictures')?.next(Packet.source({ content_type: 'image/jpeg', data }, 'image', {}, origin));
  return { run, state, events, picture };
}
