import type { Run } from '@sluice/runtime';
import type { Runs } from '../runs';
import { SAMPLE_MS, type LiveRun, type Sampler } from '../sampler';

/** One point is taken every ten samples: five seconds, an hour is 720. */
const EVERY = 10;
const POINTS = 720;
/** Lines of one run that are kept; of a graph with more nodes and edges those of the first ones are. */
const MAX_LINES = 4096;

export const NODE_METRICS = ['consumed_per_s', 'produced_per_s', 'errors_per_s', 'p95_ms'] as const;
export const EDGE_METRICS = ['in_per_s', 'out_per_s', 'dropped_per_s', 'fill'] as const;

/** One line of the last hour; null where nothing was known. */
export interface Line {
  readonly kind: 'node' | 'edge';
  readonly id: string;
  readonly metric: string;
  readonly values: readonly (number | null)[];
}

interface History {
  readonly lines: Map<string, Float32Array>;
  /** Points taken so far. */
  count: number;
}

/** The last hour of each run, in memory: a bounded number of lines, each of a fixed size. */
export class Series {
  readonly step_ms = EVERY * SAMPLE_MS;
  readonly #histories = new WeakMap<Run, History>();
  #tick = 0;

  constructor(
    private readonly runs: Runs,
    private readonly sampler: Sampler,
  ) {
    sampler.onSample(() => {
      if (++this.#tick % EVERY === 0) this.take();
    });
  }

  /** Takes one point of every run that goes. */
  take(): void {
    for (const run of this.runs.list()) {
      const live = this.sampler.live(run);
      if (live.state !== 'done') this.#put(run, live);
    }
  }

  /** Lines of a run, oldest point first; `ids` and `metrics` choose among them. */
  read(run: Run, choice: { readonly ids?: readonly string[]; readonly metrics?: readonly string[] } = {}): readonly Line[] {
    const history = this.#histories.get(run);
    if (history === undefined) return [];
    const { lines, count } = history;
    return [...lines].flatMap(([key, ring]) => {
      const [kind, id, metric] = key.split('\n') as ['node' | 'edge', string, string];
      if (choice.ids !== undefined && !choice.ids.includes(id)) return [];
      if (choice.metrics !== undefined && !choice.metrics.includes(metric)) return [];
      const first = Math.max(0, count - POINTS);
      const values = Array.from({ length: count - first }, (_, i) => {
        const value = ring[(first + i) % POINTS]!;
        return Number.isNaN(value) ? null : Math.round(value * 1000) / 1000;
      });
      return [{ kind, id, metric, values }];
    });
  }

  #put(run: Run, live: LiveRun): void {
    const history = this.#histories.get(run) ?? { lines: new Map<string, Float32Array>(), count: 0 };
    this.#histories.set(run, history);
    const at = history.count++ % POINTS;
    for (const ring of history.lines.values()) ring[at] = Number.NaN;
    const put = (key: string, value: number): void => {
      let ring = history.lines.get(key);
      if (ring === undefined) {
        if (history.lines.size >= MAX_LINES) return;
        history.lines.set(key, (ring = new Float32Array(POINTS).fill(Number.NaN)));
      }
      ring[at] = value;
    };
    for (const node of live.nodes) for (const metric of NODE_METRICS) put(`node\n${node.id}\n${metric}`, node[metric]);
    for (const edge of live.edges) {
      const fill = edge.capacity === 0 ? 0 : edge.in_flight / edge.capacity;
      const figures = { in_per_s: edge.in_per_s, out_per_s: edge.out_per_s, dropped_per_s: edge.dropped_per_s, fill };
      for (const metric of EDGE_METRICS) put(`edge\n${edge.id}\n${metric}`, figures[metric]);
    }
  }
}
