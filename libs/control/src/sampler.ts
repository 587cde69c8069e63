import type { EdgeFigures, NodeFigures, Run, RunFigures } from '@sluice/runtime';
import type { Runs } from './runs';

/** Figures of a node with what happened per second lately. */
export interface LiveNode extends Omit<NodeFigures, 'latency'> {
  readonly consumed_per_s: number;
  readonly produced_per_s: number;
  readonly errors_per_s: number;
}

/** Figures of an edge with what happened per second lately. */
export interface LiveEdge extends EdgeFigures {
  /** `node.port` that it comes from. */
  readonly from: string;
  readonly to: string;
  readonly in_per_s: number;
  readonly out_per_s: number;
  readonly dropped_per_s: number;
}

/** Figures of a run, live. */
export interface LiveRun extends Omit<RunFigures, 'nodes' | 'edges'> {
  readonly nodes: readonly LiveNode[];
  readonly edges: readonly LiveEdge[];
}

interface Sample {
  /** Milliseconds on a steady clock. */
  readonly at: number;
  readonly figures: RunFigures;
}

/** Twice a second is what a person can read. */
export const SAMPLE_MS = 500;
/** Rates are over the last two seconds: steady enough to read, quick enough to see a stall. */
const WINDOW = 5;

/** Takes the figures of all runs twice a second, once for everybody who watches. */
export class Sampler {
  readonly #runs: Runs;
  readonly #now: () => number;
  readonly #history = new WeakMap<Run, Sample[]>();
  readonly #watchers = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(runs: Runs, now: () => number = () => performance.now()) {
    this.#runs = runs;
    this.#now = now;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.sample(), SAMPLE_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#watchers.clear();
  }

  /** Takes one sample of every run and tells the watchers. */
  sample(): void {
    for (const run of this.#runs.list()) this.#take(run);
    for (const watcher of this.#watchers) watcher();
  }

  onSample(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Figures as of now; rates as of the last sample. */
  live(run: Run): LiveRun {
    const history = this.#history.get(run) ?? this.#take(run);
    const first = history[0]!;
    const last = history[history.length - 1]!;
    const seconds = (last.at - first.at) / 1000;
    const now = run.figures();
    const rate = (after: number, before: number | undefined): number =>
      before === undefined || seconds <= 0 ? 0 : Math.round(((after - before) / seconds) * 10) / 10;
    const before = { nodes: byId(first.figures.nodes), edges: byId(first.figures.edges) };
    const after = { nodes: byId(last.figures.nodes), edges: byId(last.figures.edges) };
    const planned = byId(run.plan.edges);
    return {
      ...now,
      nodes: now.nodes.map(({ latency: _, ...node }) => {
        const [a, b] = [after.nodes.get(node.id) ?? node, before.nodes.get(node.id)];
        return {
          ...node,
          consumed_per_s: rate(a.consumed, b?.consumed),
          produced_per_s: rate(a.produced, b?.produced),
          errors_per_s: rate(a.errors, b?.errors),
        };
      }),
      edges: now.edges.map((edge) => {
        const [a, b] = [after.edges.get(edge.id) ?? edge, before.edges.get(edge.id)];
        const ends = planned.get(edge.id);
        return {
          ...edge,
          from: ends === undefined ? edge.id : `${ends.from.node}.${ends.from.port}`,
          to: ends === undefined ? '' : `${ends.to.node}.${ends.to.port}`,
          in_per_s: rate(a.in, b?.in),
          out_per_s: rate(a.out, b?.out),
          dropped_per_s: rate(lost(a), b === undefined ? undefined : lost(b)),
        };
      }),
    };
  }

  #take(run: Run): Sample[] {
    const history = this.#history.get(run) ?? [];
    history.push({ at: this.#now(), figures: run.figures() });
    if (history.length > WINDOW) history.shift();
    this.#history.set(run, history);
    return history;
  }
}

function byId<T extends { readonly id: string }>(list: readonly T[]): Map<string, T> {
  return new Map(list.map((item) => [item.id, item]));
}

function lost(edge: EdgeFigures): number {
  return Object.values(edge.dropped).reduce((sum, count) => sum + count, 0);
}
