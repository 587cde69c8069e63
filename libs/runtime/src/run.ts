import type { Endpoint, JoinPolicy, Plan, PlanEdge, PlanNode, PlanPort } from '@sluice/graph';
import {
  nodeSpec,
  parseDuration,
  SluiceError,
  type BatchSink,
  type Fence,
  type Log,
  type NodeClass,
  type NodeSpec,
  type Operator,
  type Packet,
  type Sink,
  type Source as SourceNode,
  type Transform,
  type Unit,
  type UnitOptions,
} from '@sluice/sdk';
import { ANY_TYPE } from '@sluice/sdk/catalogue';
import { merge, NEVER, Subject, type Observable } from 'rxjs';
import type { Input, NodeFigures, Output, Run, RunEvent, RunFigures, RunReport, RunState, RunStatus, StartOptions } from './api';
import { asPushed, BorderOutput } from './border';
import type { Circuit } from './circuit';
import { CountingClock, type Clock } from './clock';
import { chainOf, type Chain, type SegmentPlan } from './compile';
import { contextOf } from './context';
import { ContextEdge } from './context-edge';
import { settle, type DeliveryCounts } from './delivery';
import { Edge } from './edge';
import { joined } from './join';
import { loopsOf } from './loops';
import { OperatorSegment } from './operator';
import { withPolicies } from './policy';
import { edgeFigures, nodeFigures, reportOf } from './report';
import { Pump, type Scheduler } from './scheduler';
import { GRACE_MS, RunScopes, type ScopesHost } from './run-scopes';
import { Scope } from './scope';
import { InPump } from './in-pump';
import { Segment, type SegmentHost } from './segment';
import { Source, type SourceHost } from './source';
import { Outlet, Stage } from './stage';
import { Sweeper } from './sweeper';
import { stalled } from './stalled';
import { tapOf } from './tap';
import { EmissionCount, type Throttle } from './throttle';

const DRAIN = '10s';
/** How often a throttle looks at the figures. */
const OBSERVE_MS = 100;

/** What a run gets from its engine. */
export interface RunHost {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly random: () => number;
  /** False leaves an edge between every two nodes. */
  readonly fuse: boolean;
  classOf(type: string): NodeClass;
  /** Makes a node: its config is checked, its services come from a child container of this run. */
  make(node: PlanNode): object;
  path(relative: string): string;
  outPath(relative: string): string;
  /** The run is over: its container goes. */
  over(): Promise<void>;
}

/** A node of the plan, alive. */
export interface LiveNode {
  readonly plan: PlanNode;
  readonly spec: NodeSpec;
  readonly stage: Stage;
  instance: Partial<SourceNode & Transform & Operator & Sink & BatchSink> | undefined;
  state: NodeFigures['state'];
  circuit: Circuit | undefined;
}

/** An edge and the port that it starts from. */
interface Wire {
  readonly edge: Edge;
  readonly from: Outlet;
}

/** Moves nothing, so that the scheduler finds out that nothing moves: the last timer may leave nothing behind that does. */
class Nudge extends Pump {
  override pump(): void {
    // Having been there is all.
  }
}

/** One execution of a plan: segments and edges joined, with their lifecycle and their books. */
export class GraphRun implements Run, SegmentHost, SourceHost, ScopesHost {
  readonly outputs: Record<string, Output<unknown>> = {};
  readonly events: Observable<RunEvent>;
  readonly done: Promise<RunReport>;
  readonly ready: Promise<void>;
  readonly scope: Scope;
  /** The clock of nodes and policies: what is set on it is work to come. */
  readonly clock: CountingClock;
  readonly deliveries: DeliveryCounts = { acked: 0, nacked: 0, cancelled: 0 };

  private state: RunState = 'starting';
  private broken = false;
  private readonly reasons = new Map<string, string>();
  private readonly startedAt: number;
  private endedAt: number | undefined;
  private readonly chain: Chain;
  private readonly nodes = new Map<string, LiveNode>();
  private readonly edges = new Map<string, Edge>();
  private readonly outlets = new Map<string, Outlet>();
  private readonly wires = new Map<string, Wire[]>();
  private readonly sources: Source[] = [];
  private readonly segments: Segment[] = [];
  /** Joins tell by deliveries what can still come, so every source packet has one. */
  readonly tracked: boolean;
  private readonly sweeper: Sweeper;
  private readonly nudge: Nudge;
  /** What context edges show, by node and port. */
  private readonly contexts = new Map<string, ContextEdge>();
  private readonly scopes: RunScopes;
  private readonly happened = new Subject<RunEvent>();
  /** Sources and segments that have not ended. */
  private live = 0;
  /** Calls under way in all segments. */
  private calls = 0;
  private paused = false;
  /** Some node takes from its edges in turn. */
  private inTurn = false;
  private readonly loops: readonly Edge[];
  admit: ((source: string) => number | 'stop') | undefined;
  private readonly allEnded: Promise<void>;
  private ended!: () => void;
  private drained: Promise<RunReport> | undefined;

  constructor(
    readonly runId: string,
    readonly plan: Plan,
    private readonly host: RunHost,
    inputs: Readonly<Record<string, Input<unknown>>>,
    private readonly options: Pick<StartOptions, 'throttle' | 'deadLetter'> = {},
  ) {
    this.scope = new Scope(runId);
    this.startedAt = host.clock.now();
    this.nudge = new Nudge(host.scheduler, 1);
    this.clock = new CountingClock(host.clock, () => this.nudge.wake());
    this.sweeper = new Sweeper(host.scheduler, () => this.edges.values());
    this.scopes = new RunScopes(this);
    this.tracked = plan.nodes.some(({ policies: { join } }) => join !== undefined && join.by === undefined);
    this.events = this.happened.asObservable();
    this.allEnded = new Promise((resolve) => (this.ended = resolve));
    if (options.throttle !== undefined) this.throttle(options.throttle);
    const pushed = new Set(Object.keys(inputs).filter((name) => asPushed(inputs[name]!) !== undefined));
    this.chain = chainOf(plan, (type) => host.classOf(type), pushed, host.fuse);
    const failing = new Set(plan.edges.filter((edge) => edge.from.port === 'error').map((edge) => edge.from.node));
    for (const node of plan.nodes) this.addNode(node, failing.has(node.id));
    for (const input of plan.inputs) this.addInput(input, inputs[input.name] ?? []);
    for (const edge of plan.edges) {
      // Each reader of an output brings an edge of its own.
      if (edge.to.node === '$outputs') continue;
      if (this.chain.fused.has(edge)) this.outlet(edge.from.node, edge.from.port).fused = this.node(edge.to.node).stage;
      else if (edge.mode !== 'trigger') this.addContext(edge);
      else this.addEdge(edge, this.outlet(edge.from.node, edge.from.port));
    }
    this.loops = [...loopsOf(plan)].flatMap(({ id }) => this.edges.get(id) ?? []);
    for (const edge of this.loops) edge.loops = true;
    // Sources first, wherever the file names them: what runs right behind one is given to it.
    const { segments } = this.chain;
    for (const segment of segments) if (segment.kind === 'source') this.addSegment(segment);
    for (const segment of segments) if (segment.kind !== 'source') this.addSegment(segment);
    for (const output of plan.outputs) this.addOutput(output);
    this.ready = this.start();
    this.done = this.wholeLife();
  }

  get id(): string {
    return this.runId;
  }

  get scheduler(): Scheduler {
    return this.host.scheduler;
  }

  // What a program and an operator do with it.

  figures(): RunFigures {
    const { plan } = this;
    const planned = plan.edges.filter((edge) => edge.to.node !== '$outputs');
    const ids = new Set(planned.map((edge) => edge.id));
    const readers = [...this.edges.values()].filter((edge) => !ids.has(edge.id));
    return {
      id: this.runId,
      graph: plan.name,
      plan_hash: plan.hash,
      state: this.state,
      status: this.status(),
      reasons: this.why(),
      started_at: new Date(this.startedAt).toISOString(),
      duration_ms: Math.round((this.endedAt ?? this.host.clock.now()) - this.startedAt),
      nodes: [...this.nodes.values()].map(nodeFigures),
      edges: [...planned.map((edge) => this.edgeFigures(edge)), ...readers.map(edgeFigures)],
      delivery: { ...this.deliveries },
    };
  }

  report(): RunReport {
    return reportOf(this.figures(), new Date(this.endedAt ?? this.host.clock.now()).toISOString());
  }

  tap(node: string, port: string): Observable<Packet> {
    return tapOf(this.outlet(node, port), this.host.clock);
  }

  pause(): void {
    this.paused = true;
    for (const source of this.sources) source.pause();
    this.event('run:paused');
  }

  resume(): void {
    this.paused = false;
    for (const source of this.sources) source.resume();
    this.event('run:resumed');
  }

  resetCircuit(node: string): void {
    this.nodes.get(node)?.circuit?.reset();
  }

  drain(options: { timeout?: string } = {}): Promise<RunReport> {
    if (this.state === 'done') return this.done;
    return (this.drained ??= this.stopWithin(parseDuration(options.timeout ?? DRAIN) ?? 0));
  }

  async cancel(reason = 'cancelled'): Promise<RunReport> {
    this.abandon('cancelled', reason);
    return this.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  // What nodes at work tell it.

  failed(stage: Stage, packet: Packet | undefined, error: unknown): void {
    const { node } = stage;
    if (packet?.origin.scope?.fenced === true) return settle(packet, 'cancelled');
    const known = SluiceError.from(error, 'NODE_FAILED', { node: node.id });
    this.note(stage, known);
    if (packet !== undefined && stage.error !== undefined) {
      const { code, message, retryable, effectState } = known;
      const told = packet.with({ code, message, retryable, effect_state: effectState, node: node.id, payload: packet.payload });
      try {
        const out = stage.packetOf(told, stage.error, packet);
        if (stage.error.taps !== undefined) stage.error.tapped(out);
        stage.error.next(out);
        return;
      } catch (full) {
        this.note(stage, SluiceError.from(full, 'EDGE_FULL', { node: node.id }));
      }
    }
    if (packet !== undefined && this.kept(stage, packet, known)) return settle(packet, 'acked');
    if (packet !== undefined) settle(packet, 'nacked', known);
    this.reasons.set(node.id, `${node.id} failed: ${known.message}`);
    if (node.policies.on_error === 'stop') {
      this.broken = true;
      this.abandon('error', `${node.id} failed, and says on_error: stop`);
    }
  }

  /** Whether the dead letter took it. */
  private kept(stage: Stage, packet: Packet, error: SluiceError): boolean {
    try {
      return this.options.deadLetter?.(packet, error) === true;
    } catch (failure) {
      this.note(stage, SluiceError.from(failure, 'DEAD_LETTER', { node: stage.node.id }));
      return false;
    }
  }

  sourceFailed(stage: Stage, error: unknown, epoch: number): number | undefined {
    const { node } = stage;
    const known = SluiceError.from(error, 'SOURCE_FAILED', { node: node.id });
    this.note(stage, known);
    this.reasons.set(node.id, `${node.id} failed: ${known.message}`);
    const { retry } = node.policies;
    if (retry !== undefined && epoch < retry.max_attempts && known.retryable) {
      return Math.min(retry.max_backoff_ms, retry.backoff_ms * 2 ** (epoch - 1));
    }
    this.broken = true;
    return undefined;
  }

  sourceEnded(source: Source): void {
    const { id } = source.stage.node;
    const live = this.nodes.get(id);
    if (live !== undefined) live.state = 'ended';
    this.event('node:ended', { node: id });
    this.oneEnded();
  }

  entered(): void {
    this.calls++;
  }

  returned(): void {
    this.calls--;
    this.scopes.returned();
  }

  unit(id: string, options: UnitOptions): Unit {
    return this.scopes.unit(id, options);
  }

  session(id: string): Fence {
    return this.scopes.session(id);
  }

  async cancelScope(scope: Fence, reason: string): Promise<void> {
    if (scope === this.scope) this.abandon('cancelled', reason);
    else await this.scopes.cancel(scope, reason);
  }

  sweep(): Promise<void> {
    return this.sweeper.sweep();
  }

  working(scope: Scope): readonly Segment[] {
    return this.segments.filter((segment) => segment.working((packet) => scope.holds(packet.origin.scope)));
  }

  stuck(segment: Segment): void {
    for (const { node, busy } of segment.stages) {
      if (busy === 0) continue;
      this.node(node.id).state = 'stuck';
      this.event('node:stuck', { node: node.id });
      this.reasons.set(node.id, `${node.id} did not return within ${GRACE_MS} ms of its cancel.`);
    }
  }

  finished(segment: Segment): void {
    for (const { node } of segment.stages) {
      const live = this.nodes.get(node.id);
      if (live !== undefined) live.state = 'ended';
    }
    this.oneEnded();
  }

  // Building.

  private addNode(node: PlanNode, failing: boolean): void {
    const spec = nodeSpec(this.host.classOf(node.type));
    const outlets = Object.entries(spec.out ?? {}).map(([port, { type }]) => this.addOutlet(node.id, port, type.kind));
    if (failing && spec.out?.['error'] === undefined) outlets.push(this.addOutlet(node.id, 'error', 'error'));
    const ports = Object.keys(spec.in ?? {});
    const counters: Record<string, number> = {};
    const ctx = contextOf(node.id, counters, this);
    const stage = new Stage(node, ports.length === 1 ? ports[0]! : '', ctx, this.scope, outlets, counters);
    const live: LiveNode = { plan: node, spec, stage, instance: undefined, state: 'starting', circuit: undefined };
    this.nodes.set(node.id, live);
  }

  private addOutlet(node: string, port: string, kind: string | undefined): Outlet {
    const outlet = new Outlet(this.runId, node, port, kind);
    this.outlets.set(`${node}.${port}`, outlet);
    return outlet;
  }

  private addEdge(plan: Pick<PlanEdge, 'id' | 'to' | 'when_full' | 'capacity' | 'lane'> & Partial<PlanEdge>, from: Outlet): Edge {
    if (plan.durable !== undefined) {
      throw new SluiceError('EDGE_DURABLE', `Edge ${plan.id} is durable, and this runtime has no store to keep it in.`, {
        hint: 'Remove `durable`: the edge is then kept in memory.',
      });
    }
    const edge = new Edge(plan, this.host.clock, (full, high) =>
      this.event(high ? 'edge:high' : 'edge:low', { details: { edge: full.id } }),
    );
    this.edges.set(edge.id, edge);
    this.wires.set(plan.to.node, [...(this.wires.get(plan.to.node) ?? []), { edge, from }]);
    return edge;
  }

  private throttle(throttle: Throttle): void {
    const count = new EmissionCount(() => this.sources);
    let since: number | undefined;
    this.admit = (source) => {
      const now = this.clock.now();
      const verdict = throttle.admit({ source, now, emitted: count.before(source), running: now - (since ??= now) });
      if (verdict === 0) count.admitted(source);
      return verdict;
    };
    if (throttle.observe === undefined) return;
    const look = (): void => {
      if (this.state === 'done' || this.scope.fenced) return;
      throttle.observe!(this.figures(), (reason, details) =>
        this.event('throttle:decided', { message: `${throttle.name}: ${reason}`, details }),
      );
      this.host.clock.after(OBSERVE_MS, look);
    };
    this.host.clock.after(OBSERVE_MS, look);
  }

  private addContext(plan: PlanEdge): void {
    const edge = new ContextEdge(plan, this.host.clock);
    this.edges.set(edge.id, edge);
    this.contexts.set(`${plan.to.node}.${plan.to.port}`, edge);
    this.outlet(plan.from.node, plan.from.port).packets$.pipe(edge.operator).subscribe();
  }

  /** A join stands before its node, with an edge of its own between the two. */
  private addJoin(node: LiveNode, policy: JoinPolicy): void {
    const { id } = node.plan;
    const ports = Object.keys(node.spec.in ?? {}).filter((port) => (this.wires.get(id) ?? []).some(({ edge }) => edge.port === port));
    const outlet = this.addOutlet(`${id}.$join`, 'out', 'joined');
    const stage = this.borderStage(`${id}.$join`, outlet);
    const operator = joined(
      policy,
      ports,
      node.stage.ctx,
      (ms, fn) => this.clock.after(ms, fn),
      (packet, error) => this.failed(node.stage, packet, error),
    );
    this.join(new OperatorSegment(stage, operator, true, this), this.wires.get(id) ?? []);
    this.wires.delete(id);
    this.addEdge({ id: `${id}.$join->${id}`, to: { node: id, port: 'joined' }, when_full: 'block', capacity: 64, lane: 'data' }, outlet);
  }

  private addSegment(plan: SegmentPlan): void {
    const head = this.node(plan.nodes[0]!.id);
    const { ctx } = head.stage;
    if (plan.kind === 'source') {
      this.addSource(new Source(head.stage, () => head.instance!.read!(ctx), this));
      return;
    }
    const { concurrency, ordered } = head.plan.policies;
    const batch = head.plan.kind === 'sink' && 'writeBatch' in (this.host.classOf(head.plan.type).prototype as object);
    const segment =
      plan.kind === 'operator'
        ? new OperatorSegment(head.stage, (input) => head.instance!.apply!(input as never, ctx), head.spec.delivery === 'explicit', this)
        : new Segment(
            plan.nodes.map((node) => this.node(node.id).stage),
            concurrency,
            ordered,
            this,
            batch ? (packets) => head.instance!.writeBatch!(packets as never, ctx) : undefined,
          );
    if (head.plan.policies.join !== undefined) this.addJoin(head, head.plan.policies.join);
    const direct = plan.edgesIn.find((edge) => this.chain.fused.has(edge));
    this.join(
      segment,
      this.wires.get(head.plan.id) ?? [],
      direct === undefined ? undefined : this.outlet(direct.from.node, direct.from.port),
    );
  }

  /** `merge(...edges).pipe(segment)`, subscribed by the segment's port, which the next edges subscribe to. */
  private join(segment: Segment, wires: readonly Wire[], direct?: Outlet): void {
    this.segments.push(segment);
    this.live++;
    for (const outlet of segment.outlets()) {
      outlet.changed = () => {
        segment.rewire();
        for (const pump of segment.pumps) pump.wake();
      };
    }
    // Who reads from it may have been there before it.
    segment.rewire();
    const streams = wires.map(({ edge, from }) => from.packets$.pipe(edge.operator));
    const input$ = direct !== undefined ? NEVER : streams.length === 1 ? streams[0]! : merge(...streams);
    const joined = input$.pipe(segment.operator);
    this.sources.find(({ stage }) => direct !== undefined && stage.outlets[direct.port] === direct)?.fuse(segment);
    if (segment.main === undefined) joined.subscribe();
    else joined.subscribe(segment.main);
    for (const lane of [0, 1, 2] as const) {
      const own = wires.map(({ edge }) => edge).filter((edge) => edge.lane === lane);
      if (own.length > 0) segment.pumps.push(new InPump(this.scheduler, lane, segment, own));
    }
    const [pump] = segment.pumps;
    if (segment.pumps.length === 1 && pump instanceof InPump) segment.puller = pump;
  }

  private addSource(source: Source): void {
    this.sources.push(source);
    this.live++;
    for (const outlet of source.outlets())
      outlet.changed = () => {
        source.rewire();
        source.wake();
      };
    source.rewire();
  }

  /** A graph input is a source that stands outside; a pushed one has an edge of its own, which names the loss. */
  private addInput(input: PlanPort, values: Input<unknown>): void {
    const given = asPushed(values);
    const kind = input.type === ANY_TYPE ? undefined : input.type.slice(input.type.indexOf('/') + 1, input.type.lastIndexOf('@'));
    const start = this.addOutlet('$inputs', input.name, kind);
    if (given === undefined) {
      this.addSource(new Source(this.borderStage('$inputs', start), () => values as Iterable<unknown>, this));
      return;
    }
    const pushing = this.addOutlet('$pushed', input.name, kind);
    this.addSource(new Source(this.borderStage('$pushed', pushing), () => given.source, this));
    const { when_full, capacity = 64 } = given.loss;
    const id = `$pushed.${input.name}->$inputs.${input.name}`;
    const edge = this.addEdge({ id, to: { node: '$inputs', port: input.name }, when_full, capacity, lane: 'data' }, pushing);
    this.join(new Segment([this.borderStage('$inputs', start)], 1, true, this), [{ edge, from: pushing }]);
  }

  /** What stands at the border in a node's place; it passes on what it gets. */
  private borderStage(id: string, outlet: Outlet): Stage {
    const policies = { on_error: 'route', concurrency: 1, ordered: true, placement: 'inline', durability: 'none' } as const;
    const out = { [outlet.port]: { type: ANY_TYPE, profile: 'inproc_any', doc: '' } } as const;
    const node: PlanNode = { id, type: 'sluice/border', kind: 'transform', config: {}, policies, in: {}, out };
    const stage = new Stage(node, outlet.port, contextOf(id, {}, this), this.scope, [outlet], {});
    stage.callee = { process: (packet) => packet };
    return stage;
  }

  private addOutput(output: PlanPort): void {
    const [{ node, port }] = output.at as [Endpoint];
    const outlet = this.outlet(node, port);
    this.outputs[output.name] = new BorderOutput(output.name, this.host.clock, this.scheduler, (edge) => {
      this.edges.set(edge.id, edge);
      const reader = outlet.packets$.pipe(edge.operator).subscribe();
      return () => {
        reader.unsubscribe();
        edge.purge('unread');
      };
    });
  }

  // Living.

  private async start(): Promise<void> {
    // The program that started it gets to read its outputs first.
    await Promise.resolve();
    const opened = await Promise.allSettled([...this.nodes.values()].map((live) => this.open(live)));
    const failed = opened.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    if (this.state !== 'starting') return;
    this.state = 'running';
    this.event('run:started');
    for (const segment of this.segments) if (segment instanceof OperatorSegment) segment.start();
    for (const source of this.sources) source.start();
    if (this.live === 0) this.ended();
    const stopLooking = this.scheduler.whenIdle(() => this.quiet());
    void this.allEnded.then(stopLooking);
  }

  private async open(live: LiveNode): Promise<void> {
    const { plan, stage } = live;
    try {
      live.instance = this.host.make(plan) as NonNullable<LiveNode['instance']>;
      const { callee, circuit } = withPolicies(plan, live.instance, this.clock, (state) =>
        this.event('node:circuit', { node: plan.id, message: state }),
      );
      stage.callee = callee;
      live.circuit = circuit;
      if (live.instance.order === 'round_robin') this.takeInTurn(stage);
      await live.instance.open?.(stage.ctx);
      live.state = 'ok';
    } catch (error) {
      const known = SluiceError.from(error, 'NODE_OPEN', { node: plan.id });
      this.note(stage, known);
      throw known;
    }
  }

  private takeInTurn(stage: Stage): void {
    this.inTurn = true;
    const pumps = this.segments.find(({ stages }) => stages[0] === stage)?.pumps ?? [];
    for (const pump of pumps) if (pump instanceof InPump) pump.takeInTurn();
  }

  /** From start to report. */
  private async wholeLife(): Promise<RunReport> {
    try {
      await this.ready;
    } catch (error) {
      this.broken = true;
      const known = SluiceError.from(error, 'NODE_OPEN');
      this.reasons.set('start', known.node === undefined ? known.message : `${known.node} did not open: ${known.message}`);
      this.abandon('error', 'the run did not start');
    }
    await this.allEnded;
    await Promise.all([...this.nodes.values()].map((live) => this.close(live)));
    await this.host.over();
    this.endedAt = this.host.clock.now();
    this.state = 'done';
    this.event('run:done', { message: this.status() });
    this.happened.complete();
    return this.report();
  }

  private async close(live: LiveNode): Promise<void> {
    try {
      const closing = Promise.resolve(live.instance?.close?.());
      if (!(await this.within(closing, GRACE_MS))) {
        live.state = 'stuck';
        this.reasons.set(live.plan.id, `${live.plan.id} did not close within ${GRACE_MS} ms.`);
        return;
      }
      live.state = 'closed';
    } catch (error) {
      this.note(live.stage, SluiceError.from(error, 'NODE_CLOSE', { node: live.plan.id }));
      this.reasons.set(live.plan.id, `${live.plan.id} failed to close: ${String(error)}`);
    }
  }

  private async stopWithin(ms: number): Promise<RunReport> {
    this.state = 'draining';
    this.event('run:draining');
    for (const source of this.sources) source.stop();
    if (this.live === 0) this.ended();
    if (!(await this.within(this.allEnded, ms))) this.abandon('shutdown', 'the drain took too long');
    return this.done;
  }

  /** Everything stops now: what waits is dropped and counted, what is under way gets a grace. */
  private abandon(reason: 'shutdown' | 'cancelled' | 'error', message: string): void {
    if (this.state === 'done' || this.scope.fenced) return;
    this.event('run:cancelled', { message });
    this.scope.raise(new SluiceError('CANCELLED', message));
    for (const source of this.sources) source.stop();
    let lost = 0;
    for (const edge of this.edges.values()) lost += edge.purge(reason === 'cancelled' ? 'cancelled' : 'shutdown');
    for (const edge of this.loops) edge.complete();
    if (reason === 'shutdown') {
      const what = lost > 0 ? `${lost} packets were dropped` : 'Calls under way were cut off';
      this.reasons.set('drain', `${what} because the drain took too long.`);
    }
    for (const segment of this.segments) if (segment instanceof OperatorSegment) segment.stop();
    void this.within(this.allEnded, GRACE_MS).then((over) => {
      if (over) return;
      for (const segment of this.segments) this.stuck(segment);
      this.ended();
    });
  }

  /**
   * No pump can move anything. With nothing under way either, and nobody outside who reads, what waits would wait for
   * ever: that is a fault, and said. With nothing waiting, a graph with a cycle has ended when its sources have.
   */
  private quiet(): void {
    // A call that waits for room, or for those before it, moves nothing by itself.
    const held = this.segments.reduce((sum, segment) => sum + segment.held, 0);
    if (this.calls > held || this.clock.pending > 0 || this.paused || this.scope.fenced || this.live === 0) return;
    const waiting = [...this.edges.values()].filter((edge) => edge.depth > 0);
    if (waiting.length === 0) {
      if (this.loops.length > 0 && this.sources.every((source) => source.over)) for (const edge of this.loops) edge.complete();
      return;
    }
    if (waiting.some((edge) => edge.id.startsWith('$outputs'))) return;
    // Whose turn it is not waits for what a source has yet to give.
    if (this.inTurn && this.sources.some((source) => source.awaited)) return;
    const error = stalled(waiting, this.loops);
    this.broken = true;
    this.reasons.set(error.code, `${error.code}: ${error.message}`);
    this.host.log.error(error.message, { code: error.code, hint: error.hint });
    this.event('run:stalled', { code: error.code, message: error.message });
    this.abandon('error', error.message);
  }

  private oneEnded(): void {
    if (--this.live === 0) this.ended();
    else this.nudge.wake();
  }

  /** @returns whether it settled in time */
  within(promise: Promise<unknown>, ms: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const cancel = this.host.clock.after(ms, () => resolve(false));
      promise.then(
        () => (cancel(), resolve(true)),
        (error: unknown) => (cancel(), reject(error as Error)),
      );
    });
  }

  private status(): RunStatus {
    if (this.broken) return 'error';
    return this.why().length > 0 ? 'degraded' : 'ok';
  }

  private why(): string[] {
    const { nacked } = this.deliveries;
    return [...this.reasons.values(), ...(nacked > 0 ? [`${nacked} packets could not be delivered.`] : [])];
  }

  private note(stage: Stage, error: SluiceError): void {
    stage.errors++;
    const at = new Date(this.host.clock.now()).toISOString();
    stage.lastError = { code: error.code, message: error.message, at };
    this.event('node:failed', { node: stage.node.id, code: error.code, message: error.message });
    // The first and then ever rarer ones: a node that throws on each packet must not drown the log.
    if ((stage.errors & (stage.errors - 1)) === 0) {
      this.host.log.error(`${stage.node.id}: ${error.message}`, {
        code: error.code,
        node: stage.node.id,
        count: stage.errors,
        hint: error.hint,
      });
    }
  }

  event(event: string, more: Partial<RunEvent> = {}): void {
    if (this.happened.observed) this.happened.next({ event, at: new Date(this.host.clock.now()).toISOString(), ...more });
  }

  private edgeFigures(plan: PlanEdge) {
    const edge = this.edges.get(plan.id);
    if (edge !== undefined) return edgeFigures(edge);
    const { consumed } = this.node(plan.to.node).stage;
    const { id, when_full, lane, capacity } = plan;
    const { refused: dropped = {} } = this.outlet(plan.from.node, plan.from.port);
    const came = Object.values(dropped).reduce((sum, n) => sum + n, consumed);
    return { id, when_full, lane, capacity, in: came, out: consumed, in_flight: 0, peak: 0, dropped: { ...dropped }, blocked_ms: 0 };
  }

  private node(id: string): LiveNode {
    return this.nodes.get(id)!;
  }

  private outlet(node: string, port: string): Outlet {
    const outlet = this.outlets.get(`${node}.${port}`);
    if (outlet !== undefined) return outlet;
    throw new SluiceError('PORT_UNKNOWN', `There is no output ${node}.${port}.`, {
      hint: 'See `sluice plan show` for the nodes and ports of the graph.',
    });
  }

  // The context of nodes reads these.

  get log(): Log {
    return this.host.log;
  }

  get random(): () => number {
    return this.host.random;
  }

  latest(node: string, port: string): Packet | undefined {
    return this.contexts.get(`${node}.${port}`)?.packet;
  }

  path(relative: string): string {
    return this.host.path(relative);
  }

  outPath(relative: string): string {
    return this.host.outPath(relative);
  }
}
