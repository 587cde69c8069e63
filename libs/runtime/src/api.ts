import type { Diagnostic, Plan as GraphPlan, WhenFull } from '@sluice/graph';
import type { Packet, PayloadOf, PortType, SluiceError } from '@sluice/sdk';
import type { Observable } from 'rxjs';
import type { Histogram } from './figures';
import type { Throttle } from './throttle';

/** Port types by name. */
export type Types = Readonly<Record<string, PortType<unknown>>>;
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- a graph without inputs has none
export type NoTypes = {};

/** What a program expects of a graph's inputs and outputs. */
export interface Contract<I extends Types, O extends Types> {
  readonly in: I;
  readonly out: O;
}

/** A checked graph with what a program knows of its border. */
export interface Plan<I extends Types = Types, O extends Types = Types> extends GraphPlan {
  readonly io: Contract<I, O>;
}

/** Ways to lose packets. */
export type Lossy = 'drop_oldest' | 'drop_newest' | 'latest';
/** How something that cannot wait loses packets. */
export interface Loss {
  readonly when_full: Lossy | 'error';
  /** Items; default 64, 1 for `latest`. */
  readonly capacity?: number;
}

/** A graph output. `for await` is lossless: the loop's body is the ack. */
export interface Output<V> extends AsyncIterable<V> {
  /** What its subscriber buffers is outside the books, so the loss must be named. */
  observe(loss: Loss): Observable<V>;
}

/** Where a run stands in its life. */
export type RunState = 'starting' | 'running' | 'draining' | 'done';
/** How a run went: `degraded` lost or failed something unasked, `error` did not end as it should. */
export type RunStatus = 'ok' | 'degraded' | 'error';

/** What happened in a run, as events for logs and consoles. */
export interface RunEvent {
  /** `domain:entity:action`, such as `node:camera:restarted`. */
  readonly event: string;
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly node?: string;
  readonly code?: string;
  readonly message?: string;
  readonly details?: unknown;
}

/** Live figures of one node. Latency is of one call, in ms, from a sampled histogram. */
export interface NodeFigures {
  readonly id: string;
  readonly type: string;
  readonly kind: string;
  readonly state: 'starting' | 'ok' | 'failing' | 'ended' | 'closed' | 'stuck';
  readonly consumed: number;
  readonly produced: number;
  readonly errors: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly p99_ms: number;
  /** The calls that were measured, by how long they took: of quick calls one in 256, so `count` is not the number of calls. */
  readonly latency: Histogram;
  /** Calls under way. */
  readonly busy: number;
  /** The node's own counters, from `ctx.count`. */
  readonly counters: Readonly<Record<string, number>>;
  /** State of its circuit, where it has one. */
  readonly circuit?: 'closed' | 'open' | 'half_open';
  readonly last_error?: { readonly code: string; readonly message: string; readonly at: string };
}

/** Live figures of one edge; in = out + dropped + in_flight at every moment. */
export interface EdgeFigures {
  readonly id: string;
  readonly when_full: WhenFull;
  readonly lane: string;
  readonly capacity: number;
  readonly in: number;
  readonly out: number;
  /** Waiting in the edge now. */
  readonly in_flight: number;
  readonly peak: number;
  /** By reason: full, age, bytes, shutdown, cancelled, epoch, unread ... */
  readonly dropped: Readonly<Record<string, number>>;
  readonly blocked_ms: number;
}

/** Live figures of a run: its state, its nodes, its edges. */
export interface RunFigures {
  readonly id: string;
  readonly graph: string;
  readonly plan_hash: string;
  readonly state: RunState;
  readonly status: RunStatus;
  /** Why the status is not ok, a sentence each. */
  readonly reasons: readonly string[];
  /** ISO-8601 UTC. */
  readonly started_at: string;
  readonly duration_ms: number;
  readonly nodes: readonly NodeFigures[];
  readonly edges: readonly EdgeFigures[];
  readonly delivery: { readonly acked: number; readonly nacked: number; readonly cancelled: number };
}

/** Shape of contracts.md: flat integer metrics with the keys `packets.consumed_total`, `node.<id>.consumed` ... */
export interface RunReport {
  readonly ts: string;
  readonly status: RunStatus;
  readonly engine: 'sluice';
  readonly graph: string;
  readonly graph_version: 2;
  readonly plan_hash: string;
  readonly duration_ms: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** Why the status is not ok. */
  readonly reasons: readonly string[];
}

/** One execution of a plan. */
export interface Run<O extends Types = Types> {
  readonly id: string;
  readonly plan: GraphPlan;
  readonly outputs: { readonly [K in keyof O]: Output<PayloadOf<O[K]>> };
  readonly events: Observable<RunEvent>;
  /** Resolves when all ended and every node is closed. Never rejects: a failed run has status `error`. */
  readonly done: Promise<RunReport>;
  /** Resolves when every node is open. Rejects with the SluiceError that kept the run from starting. */
  readonly ready: Promise<void>;
  figures(): RunFigures;
  report(): RunReport;
  /** The packets of an output port as they pass, the newest only; costs nothing without a subscriber. */
  tap(node: string, port: string): Observable<Packet>;
  /** Stops sources, lets the rest flow out; past the timeout (default `10s`) what is left is counted as dropped. */
  drain(options?: { timeout?: string }): Promise<RunReport>;
  /** Stops taking from sources until resumed. */
  pause(): void;
  resume(): void;
  /** Closes a node's circuit by hand. */
  resetCircuit(node: string): void;
  /**
   * Another plan takes over in a run of its own. All that was taken flows out first, so no packet is lost on an edge that blocks; nodes that
   * did not change go on with their instance, sources with what they read. What works over time (operators, joins), pushes, or is kept
   * in a store is drained and made anew.
   * @throws SluiceError RUN_NOT_REPLACED, NODE_UNKNOWN
   */
  replace(plan: GraphPlan, options?: ReplaceOptions): Run;
  /** Fences one session or unit of the run now, and sweeps what waits of it; undefined where it has none of this id. */
  cancelScope(id: string, reason?: string): Promise<void> | undefined;
  /** Fences and purges everything now. */
  cancel(reason?: string): Promise<RunReport>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How another plan takes over from a run. */
export interface ReplaceOptions {
  /** Of the run that takes over. */
  readonly id?: string;
  readonly correlation?: string;
  /**
   * Called at once where a node of the new plan cannot open: `back` lets the plan that was replaced take over again, with the nodes that
   * were kept as they are. Where it is not called they are closed.
   */
  readonly onFailed?: (back: (id?: string) => Run) => void;
}

/** What a program expects of a graph that it loads. */
export interface LoadOptions<I extends Types = Types, O extends Types = Types> {
  readonly contract?: Contract<I, O>;
  /** Values of the graph's params; they win over env and file. */
  readonly params?: Readonly<Record<string, unknown>>;
}

/** What goes into a run, and how it is paced and watched. */
export interface StartOptions<I extends Types = Types> {
  readonly inputs: { readonly [K in keyof I]: Input<PayloadOf<I[K]>> };
  readonly id?: string;
  /** Of what asks for it: the journal's rows of this run carry it. */
  readonly correlation?: string;
  /** Slows or ends sources: fixedRate, budget, adaptive, or one of your own. */
  readonly throttle?: Throttle;
  /**
   * Where packets go that failed for good and have no error port. True says that it is kept: then it counts as handled.
   * A throw, or anything else, hands it back to its source.
   */
  readonly deadLetter?: (packet: Packet, error: SluiceError) => boolean;
  /** Shown every packet that leaves a port, before any edge takes it: for tests and recordings. It must be quick and must not throw. */
  readonly watch?: (node: string, port: string, packet: Packet) => void;
}

declare const PUSHED: unique symbol;
/** A pushed input cannot wait, so its loss was named. */
export interface Pushed<out V> {
  readonly [PUSHED]: V;
}
/** What an input is fed with: iterables are pulled, which is lossless; `pushed` names its loss. */
export type Input<V> = Iterable<V> | AsyncIterable<V> | Pushed<V>;

/** Node types, services and a clock; checks, loads and starts graphs. Made by `createEngine`. */
export interface Engine {
  /** Every finding on a graph (a path, YAML text is `{ text }`), errors and warnings. */
  check(graph: string | object, options?: { params?: Readonly<Record<string, unknown>> }): Promise<readonly Diagnostic[]>;
  /** @throws SluiceError GRAPH_INVALID with the diagnostics in `details`, or GRAPH_NOT_FOUND */
  load<const I extends Types = NoTypes, const O extends Types = NoTypes>(
    graph: string | object,
    options?: LoadOptions<I, O>,
  ): Promise<Plan<I, O>>;
  start<I extends Types, O extends Types>(plan: Plan<I, O>, options: StartOptions<I>): Run<O>;
  /** Closes what its runs shared; running runs are cancelled first. */
  close(): Promise<void>;
}
