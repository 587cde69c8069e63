import type { EdgeFigures, NodeFigures, RunFigures, RunReport } from './api';
import type { Edge } from './edge';
import type { LiveNode } from './build';

export function nodeFigures({ plan, stage, state, circuit }: LiveNode): NodeFigures {
  const { consumed, produced, errors, busy, latency, counters, lastError } = stage;
  return {
    id: plan.id,
    type: plan.type,
    kind: plan.kind,
    state: state === 'ok' && lastError !== undefined && errors * 2 > consumed ? 'failing' : state,
    consumed,
    produced,
    errors,
    busy,
    p50_ms: latency.quantile(0.5),
    p95_ms: latency.quantile(0.95),
    p99_ms: latency.quantile(0.99),
    latency: latency.histogram(),
    counters: { ...counters },
    ...(circuit === undefined ? {} : { circuit: circuit.state }),
    ...(lastError === undefined ? {} : { last_error: lastError }),
  };
}

export function edgeFigures(edge: Edge): EdgeFigures {
  return {
    id: edge.id,
    when_full: edge.whenFull,
    lane: edge.laneName,
    capacity: edge.capacity,
    in: edge.in,
    out: edge.out,
    in_flight: edge.depth,
    peak: edge.peak,
    dropped: { ...edge.dropped },
    blocked_ms: edge.blockedFor,
  };
}

/** The run report of contracts.md: its keys keep the names that monitors already know. */
export function reportOf(figures: RunFigures, ts: string): RunReport {
  const metrics: Record<string, number> = {};
  let consumed = 0;
  let produced = 0;
  let emitted = 0;
  const lost = new Map<string, number>();
  for (const edge of figures.edges) {
    const to = edge.id.slice(edge.id.indexOf('->') + 2).split('.', 1)[0]!;
    lost.set(to, (lost.get(to) ?? 0) + total(edge.dropped));
  }
  for (const node of figures.nodes) {
    consumed += node.consumed;
    produced += node.produced;
    if (node.kind === 'source') emitted += node.produced;
    metrics[`node.${node.id}.consumed`] = node.consumed;
    metrics[`node.${node.id}.produced`] = node.produced;
    metrics[`node.${node.id}.errors`] = node.errors;
    metrics[`node.${node.id}.is_source`] = Number(node.kind === 'source');
    metrics[`node.${node.id}.is_sink`] = Number(node.kind === 'sink');
    metrics[`node.${node.id}.inbox_dropped_total`] = lost.get(node.id) ?? 0;
    for (const [name, value] of Object.entries(node.counters)) metrics[`node.${node.id}.${name}`] = value;
  }
  const { acked, nacked, cancelled } = figures.delivery;
  return {
    ts,
    status: figures.status,
    engine: 'sluice',
    graph: figures.graph,
    graph_version: 2,
    plan_hash: figures.plan_hash,
    duration_ms: figures.duration_ms,
    reasons: figures.reasons,
    metrics: {
      'packets.consumed_total': consumed,
      'packets.produced_total': produced,
      'packets.source_emitted_total': emitted,
      'packets.dropped_total': figures.edges.reduce((sum, edge) => sum + total(edge.dropped), 0),
      'delivery.acked_total': acked,
      'delivery.nacked_total': nacked,
      'delivery.cancelled_total': cancelled,
      ...metrics,
    },
  };
}

function total(dropped: Readonly<Record<string, number>>): number {
  return Object.values(dropped).reduce((sum, n) => sum + n, 0);
}
