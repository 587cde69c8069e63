import type { RunFigures } from '@sluice/runtime';
import type { QueueSummary } from '@sluice/store';
import type { Registry } from 'prom-client';
import type { Runs } from './runs';
import type { Workspace } from './workspace';

type Labels = Readonly<Record<string, string | number>>;
type Sink = (labels: Labels, value: number) => void;

interface Definition {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  readonly labels: readonly string[];
  readonly read: (run: RunFigures, put: Sink) => void;
}

const NODE = ['graph', 'node'] as const;
const EDGE = ['graph', 'edge'] as const;
/** The metrics of contracts.md, each read from the runs' figures when somebody asks. */
const DEFINITIONS: readonly Definition[] = [
  {
    name: 'sluice_node_packets_total',
    help: 'Packets that a node took (in) and gave (out).',
    kind: 'counter',
    labels: [...NODE, 'direction'],
    read: ({ graph, nodes }, put) => {
      for (const node of nodes) {
        put({ graph, node: node.id, direction: 'in' }, node.consumed);
        put({ graph, node: node.id, direction: 'out' }, node.produced);
      }
    },
  },
  {
    name: 'sluice_node_errors_total',
    help: 'Packets that failed in a node.',
    kind: 'counter',
    labels: NODE,
    read: ({ graph, nodes }, put) => nodes.forEach((node) => put({ graph, node: node.id }, node.errors)),
  },
  {
    name: 'sluice_node_counter_total',
    help: 'Counters that nodes keep themselves.',
    kind: 'counter',
    labels: [...NODE, 'counter'],
    read: ({ graph, nodes }, put) => {
      for (const node of nodes) for (const [counter, value] of Object.entries(node.counters)) put({ graph, node: node.id, counter }, value);
    },
  },
  {
    name: 'sluice_edge_packets_total',
    help: 'Packets that entered (in) and left (out) an edge.',
    kind: 'counter',
    labels: [...EDGE, 'direction'],
    read: ({ graph, edges }, put) => {
      for (const edge of edges) {
        put({ graph, edge: edge.id, direction: 'in' }, edge.in);
        put({ graph, edge: edge.id, direction: 'out' }, edge.out);
      }
    },
  },
  {
    name: 'sluice_edge_depth',
    help: 'Packets that wait in an edge.',
    kind: 'gauge',
    labels: EDGE,
    read: ({ graph, edges }, put) => edges.forEach((edge) => put({ graph, edge: edge.id }, edge.in_flight)),
  },
  {
    name: 'sluice_edge_capacity',
    help: 'Packets that an edge may hold.',
    kind: 'gauge',
    labels: EDGE,
    read: ({ graph, edges }, put) => edges.forEach((edge) => put({ graph, edge: edge.id }, edge.capacity)),
  },
  {
    name: 'sluice_edge_dropped_total',
    help: 'Packets that an edge dropped, by reason.',
    kind: 'counter',
    labels: [...EDGE, 'reason'],
    read: ({ graph, edges }, put) => {
      for (const edge of edges) for (const [reason, count] of Object.entries(edge.dropped)) put({ graph, edge: edge.id, reason }, count);
    },
  },
  {
    name: 'sluice_edge_blocked_seconds_total',
    help: 'Time for which a full edge kept its sender waiting.',
    kind: 'counter',
    labels: EDGE,
    read: ({ graph, edges }, put) => edges.forEach((edge) => put({ graph, edge: edge.id }, edge.blocked_ms / 1000)),
  },
  ...(['acked', 'nacked'] as const).map((outcome): Definition => ({
    name: `sluice_delivery_${outcome}_total`,
    help: `Source packets that were ${outcome}.`,
    kind: 'counter',
    labels: ['graph'],
    read: ({ graph, delivery }, put) => put({ graph }, delivery[outcome]),
  })),
];

const DURATION = {
  name: 'sluice_node_duration_seconds',
  help: 'Duration of calls of a node. A sample: of a node whose calls are quick one call in 256 is measured, so _count is not the number of calls.',
};
const MS = 1000;

interface Sample {
  readonly metricName: string;
  readonly labels: Labels;
  value: number;
}

/** The histograms of all nodes as the lines of one metric; runs of the same graph are added up. */
function durations(runs: readonly RunFigures[]): readonly Sample[] {
  const samples = new Map<string, Sample>();
  const add = (suffix: string, labels: Labels, value: number): void => {
    const key = `${suffix} ${Object.values(labels).join(' ')}`;
    const known = samples.get(key);
    if (known === undefined) samples.set(key, { metricName: `${DURATION.name}_${suffix}`, labels, value });
    else known.value += value;
  };
  for (const { graph, nodes } of runs) {
    for (const { id: node, latency } of nodes) {
      for (const [at, bound] of latency.bounds_ms.entries()) add('bucket', { graph, node, le: bound / MS }, latency.counts[at] ?? 0);
      add('bucket', { graph, node, le: '+Inf' }, latency.count);
      add('sum', { graph, node }, latency.sum_ms / MS);
      add('count', { graph, node }, latency.count);
    }
  }
  return [...samples.values()];
}

type QueueFigures = Pick<QueueSummary, 'name' | 'rows' | 'bytes' | 'oldest_ms'>;

const QUEUES: readonly { readonly name: string; readonly help: string; readonly read: (queue: QueueFigures) => number }[] = [
  { name: 'sluice_queue_rows', help: 'Rows of a queue that wait or are under way.', read: ({ rows }) => rows },
  { name: 'sluice_queue_bytes', help: 'Their bytes.', read: ({ bytes }) => bytes },
  {
    name: 'sluice_queue_oldest_seconds',
    help: 'Age of the oldest of them; 0 where none waits.',
    read: ({ oldest_ms }) => (oldest_ms ?? 0) / MS,
  },
];

/** The exposition of all runs and of this process, in the text format of Prometheus. */
export class Metrics {
  readonly #runs: Runs;
  #registry: Promise<Registry> | undefined;
  /** As they were when somebody asked last: read once for all metrics, as each reading goes through all nodes. */
  #figures: readonly RunFigures[] = [];
  #queues: readonly QueueFigures[] = [];

  constructor(
    runs: Runs,
    private readonly store: Workspace['store'] = undefined,
  ) {
    this.#runs = runs;
  }

  /** Content type and text. */
  async text(): Promise<{ type: string; text: string }> {
    this.#registry ??= this.#make();
    this.#queues = await this.#look();
    const registry = await this.#registry;
    this.#figures = this.#runs.list().map((run) => run.figures());
    return { type: registry.contentType, text: await registry.metrics() };
  }

  /** A store that cannot be read must not take the other figures with it. */
  async #look(): Promise<readonly QueueFigures[]> {
    try {
      const store = await this.store?.();
      if (store === undefined) return [];
      const { listQueues } = await import('@sluice/store');
      return await listQueues(store);
    } catch {
      return [];
    }
  }

  /** Loaded at the first scrape: a start-up that nobody scrapes does not pay for it. */
  async #make(): Promise<Registry> {
    const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import('prom-client');
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const figures = (): readonly RunFigures[] => this.#figures;
    for (const { name, help, kind, labels, read } of DEFINITIONS) {
      const labelNames = [...labels];
      if (kind === 'counter') {
        new Counter({
          name,
          help,
          labelNames,
          registers: [registry],
          collect() {
            this.reset();
            for (const run of figures()) read(run, (of, value) => this.inc(of, value));
          },
        });
      } else {
        new Gauge({
          name,
          help,
          labelNames,
          registers: [registry],
          collect() {
            this.reset();
            for (const run of figures()) read(run, (of, value) => this.set(of, value));
          },
        });
      }
    }
    const queues = (): readonly QueueFigures[] => this.#queues;
    for (const { name, help, read } of QUEUES) {
      new Gauge({
        name,
        help,
        labelNames: ['queue'],
        registers: [registry],
        collect() {
          this.reset();
          for (const queue of queues()) this.set({ queue: queue.name }, read(queue));
        },
      });
    }
    // A histogram of the library's is fed call by call; this one is there already when somebody asks.
    class Durations extends Histogram {
      async getForPromString() {
        return { ...DURATION, type: 'histogram', values: durations(figures()) };
      }
    }
    new Durations({ ...DURATION, labelNames: [...NODE], registers: [registry] });
    return registry;
  }
}
