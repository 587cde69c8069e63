import type { Plan, PlanEdge } from '@sluice/graph';
import {
  nodeSpec,
  parseDuration,
  SluiceError,
  type Fence,
  type Log,
  type Packet,
  type RecordedNode,
  type RunRecord,
  type Session,
  type SessionOptions,
  type Unit,
  type UnitOptions,
} from '@sluice/sdk';
import type { Observable } from 'rxjs';
import type { Input, Output, ReplaceOptions, Run, RunEvent, RunFigures, RunReport, RunState, StartOptions } from './api';
import { CountingClock, type Clock } from './clock';
import type { DurableEdge } from './durable';
import { settle, type DeliveryCounts } from './delivery';
import { OperatorSegment } from './operator';
import { checked } from './output-check';
import { withPolicies } from './policy';
import { RunHealth } from './health';
import { edgeFigures, nodeFigures, reportOf } from './report';
import { Pump, type Scheduler } from './scheduler';
import { GRACE_MS, RunScopes, type ScopesHost } from './run-scopes';
import { MemoryKept, type Kept } from './kept';
import type { Retried } from './retried';
import { Scope } from './scope';
import { InPump } from './in-pump';
import { type Segment, type SegmentHost } from './segment';
import { type Source, type SourceHost } from './source';
import { type Stage } from './stage';
import { Parts, type LiveNode, type RunHost } from './build';
import { beginRecord, bothHooks, recordedNodes, sendAgain } from './record';
import { RunStates } from './state';
import { Sweeper } from './sweeper';
import { stalled } from './stalled';
import { keptNodes, type Handover, type KeptNode } from './swap';
import { tapOf } from './tap';
import { EmissionCount, type Throttle } from './throttle';

const DRAIN = '10s';
/** What is under way gets this long before another run takes over. */
const HANDOVER = '30s';
/** How often a throttle looks at the figures. */
const OBSERVE_MS = 100;

/** Moves nothing, so that the scheduler finds out that nothing moves: the last timer may leave nothing behind that does. */
class Nudge extends Pump {
  override pump(): void {
    // Having been there is all.
  }
}

/** One execution of a plan: segments and edges joined, with their lifecycle and their books. */
export class GraphRun implements Run, SegmentHost, SourceHost, ScopesHost {
  readonly outputs: Record<string, Output<unknown>>;
  readonly events: Observable<RunEvent>;
  readonly done: Promise<RunReport>;
  readonly ready: Promise<void>;
  readonly scope: Scope;
  /** The clock of nodes and policies: what is set on it is work to come. */
  readonly clock: CountingClock;
  private readonly health: RunHealth;

  private state: RunState = 'starting';
  /** Sources that keep a packet until it is acked. */
  private readonly durable: ReadonlySet<string>;
  private readonly startedAt: number;
  private endedAt: number | undefined;
  /** Joins tell by deliveries what can still come, so every source packet has one. */
  readonly tracked: boolean;
  /** What comes of a packet is on record under its key, so every source packet has one. */
  readonly keyed: boolean;
  private readonly recorded: readonly RecordedNode[];
  private record: RunRecord | undefined;
  readonly states: RunStates;
  private readonly sweeper: Sweeper;
  private readonly nudge: Nudge;
  private readonly scopes: RunScopes;
  private readonly parts: Parts;
  /** Sources and segments that have not ended. */
  private live = 0;
  /** Calls under way in all segments. */
  private calls = 0;
  private paused = false;
  /** Some node takes from its edges in turn. */
  private inTurn = false;
  admit: ((source: string) => number | 'stop') | undefined;
  private readonly allEnded: Promise<void>;
  private ended!: () => void;
  private drained: Promise<RunReport> | undefined;
  /** Ends the wait for timers. */
  private readonly waits = new AbortController();
  private memory: MemoryKept | undefined;
  /** Nodes that go on in another run. */
  private left: ReadonlySet<string> = new Set();

  constructor(
    readonly runId: string,
    readonly plan: Plan,
    private readonly host: RunHost,
    inputs: Readonly<Record<string, Input<unknown>>>,
    private readonly options: Pick<StartOptions, 'throttle' | 'deadLetter' | 'watch' | 'correlation'> = {},
    /** What the run that it takes over from left it. */
    private readonly handover: Handover | undefined = undefined,
  ) {
    this.scope = new Scope(runId);
    this.startedAt = host.clock.now();
    this.health = new RunHealth(host.clock, host.log);
    this.nudge = new Nudge(host.scheduler, 1);
    this.clock = new CountingClock(host.clock, () => this.nudge.wake());
    this.sweeper = new Sweeper(host.scheduler, () => this.parts.edges.values());
    this.scopes = new RunScopes(this);
    this.recorded =
      host.store === undefined || host.store === 'none' ? [] : recordedNodes(plan, ({ type }) => nodeSpec(host.classOf(type)));
    this.durable = new Set(plan.nodes.filter(({ type }) => nodeSpec(host.classOf(type)).durable === true).map(({ id }) => id));
    this.keyed = this.recorded.some(({ durability }) => durability === 'full');
    this.tracked = this.recorded.length > 0 || plan.nodes.some(({ policies: { join } }) => join !== undefined && join.by === undefined);
    this.states = new RunStates(
      this.recorded.map(({ id }) => id),
      (source) => this.retried(source) !== undefined,
      () => this.state === 'draining',
    );
    this.events = this.health.events.asObservable();
    this.allEnded = new Promise((resolve) => (this.ended = resolve));
    if (options.throttle !== undefined) this.throttle(options.throttle);
    this.parts = new Parts(plan, host, this, inputs);
    if (options.watch !== undefined) this.parts.watch(options.watch);
    this.outputs = this.parts.outputs;
    this.live = this.parts.sources.length + this.parts.segments.length;
    this.ready = this.start();
    this.done = this.wholeLife();
  }

  get id(): string {
    return this.runId;
  }

  get deliveries(): DeliveryCounts {
    return this.health.deliveries;
  }

  get scheduler(): Scheduler {
    return this.host.scheduler;
  }

  // What a program and an operator do with it.

  figures(): RunFigures {
    const { plan } = this;
    const planned = plan.edges.filter((edge) => edge.to.node !== '$outputs');
    const ids = new Set(planned.map((edge) => edge.id));
    const readers = [...this.parts.edges.values()].filter((edge) => !ids.has(edge.id));
    return {
      id: this.runId,
      graph: plan.name,
      plan_hash: plan.hash,
      state: this.state,
      status: this.health.status,
      reasons: this.health.why(),
      started_at: new Date(this.startedAt).toISOString(),
      duration_ms: Math.round((this.endedAt ?? this.host.clock.now()) - this.startedAt),
      nodes: [...this.parts.nodes.values()].map(nodeFigures),
      edges: [...planned.map((edge) => this.edgeFigures(edge)), ...readers.map(edgeFigures)],
      delivery: { ...this.deliveries },
    };
  }

  report(): RunReport {
    return reportOf(this.figures(), new Date(this.endedAt ?? this.host.clock.now()).toISOString());
  }

  tap(node: string, port: string): Observable<Packet> {
    return tapOf(this.parts.outlet(node, port), this.host.clock);
  }

  pause(): void {
    this.paused = true;
    for (const source of this.parts.sources) source.pause();
    this.event('run:paused');
  }

  resume(): void {
    this.paused = false;
    for (const source of this.parts.sources) source.resume();
    this.event('run:resumed');
  }

  resetCircuit(node: string): void {
    this.parts.nodes.get(node)?.circuit?.reset();
  }

  drain(options: { timeout?: string } = {}): Promise<RunReport> {
    if (this.state === 'done') return this.done;
    return (this.drained ??= this.stopWithin(parseDuration(options.timeout ?? DRAIN) ?? 0));
  }

  replace(plan: Plan, { onFailed, ...own }: ReplaceOptions = {}): Run {
    if (this.state !== 'running' || this.scope.fenced || plan.inputs.length > 0 || this.plan.inputs.length > 0) {
      const why = this.state !== 'running' || this.scope.fenced ? `it is ${this.state}` : 'a program feeds its inputs';
      throw new SluiceError('RUN_NOT_REPLACED', `${this.runId} cannot be changed while it runs: ${why}.`, {
        hint: 'Drain it, then start the other plan.',
      });
    }
    const failed = (back: (plan: Plan, id?: string) => Run): void => onFailed?.((again) => back(this.plan, again));
    return this.host.next(plan, () => ({ ...this.leave(keptNodes(this.plan, plan, this.parts.sources)), failed }), own);
  }

  /** This one did not start: what was left to it goes on in another run, when all that it had opened is closed. */
  private handBack({ nodes }: Handover, plan: Plan, id?: string): Run {
    this.left = new Set(nodes.keys());
    return this.host.next(plan, () => ({ nodes, after: this.done }), {
      ...(id === undefined ? {} : { id }),
      ...(this.options.correlation === undefined ? {} : { correlation: this.options.correlation }),
    });
  }

  /** Lets all that is under way flow out, as a drain does, and leaves what is kept as it is. */
  private leave(keep: ReadonlySet<string>): Handover {
    const nodes = new Map<string, KeptNode>();
    this.left = keep;
    this.state = 'draining';
    this.event('run:replaced', { details: { kept: [...keep] } });
    const rests = new Map(this.parts.sources.map((source) => [source, keep.has(source.stage.node.id) ? source.release() : undefined]));
    for (const id of keep) {
      const { instance, stage } = this.parts.node(id);
      const source = this.parts.sources.find((one) => one.stage === stage);
      nodes.set(id, { instance: instance!, ctx: stage.ctx, rest: source === undefined ? undefined : rests.get(source) });
    }
    this.drained ??= this.stopWithin(parseDuration(HANDOVER) ?? 0);
    return { nodes, after: this.done };
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
    this.health.failed(stage, known);
    if (packet !== undefined && stage.error !== undefined) {
      const { code, message, retryable, effectState } = known;
      const told = packet.with({ code, message, retryable, effect_state: effectState, node: node.id, payload: packet.payload });
      try {
        const out = stage.packetOf(told, stage.error, packet);
        if (stage.error.taps !== undefined) stage.error.tapped(out);
        stage.error.next(out);
        return;
      } catch (full) {
        this.health.failed(stage, SluiceError.from(full, 'EDGE_FULL', { node: node.id }));
      }
    }
    if (packet !== undefined && this.kept(stage, packet, known)) return settle(packet, 'acked');
    const message = `${node.id} failed: ${known.message}`;
    const again = packet === undefined || packet.origin.delivery === null ? undefined : this.retried(packet.origin.node);
    if (again === undefined) this.health.degrade(node.id, message);
    else again.at(node.id, message);
    if (packet !== undefined) settle(packet, 'nacked', known);
    if (node.policies.on_error === 'stop') {
      this.health.break();
      this.abandon('error', `${node.id} failed, and says on_error: stop`);
    }
  }

  /** Whether the dead letter took it. */
  private kept(stage: Stage, packet: Packet, error: SluiceError): boolean {
    try {
      return this.options.deadLetter?.(packet, error) === true;
    } catch (failure) {
      this.health.failed(stage, SluiceError.from(failure, 'DEAD_LETTER', { node: stage.node.id }));
      return false;
    }
  }

  sourceFailed(stage: Stage, error: unknown, failures: number): number | undefined {
    const { node } = stage;
    const known = SluiceError.from(error, 'SOURCE_FAILED', { node: node.id });
    this.health.failed(stage, known);
    this.health.degrade(node.id, `${node.id} failed: ${known.message}`);
    const { retry } = node.policies;
    if (retry !== undefined && failures < retry.max_attempts && known.retryable) {
      return Math.min(retry.max_backoff_ms, retry.backoff_ms * 2 ** (failures - 1));
    }
    this.health.break();
    return undefined;
  }

  retried(source: string): Retried | undefined {
    return source.endsWith('.$rows') || this.durable.has(source) ? this.health.again : undefined;
  }

  sourceEnded(source: Source): void {
    const { id } = source.stage.node;
    const live = this.parts.nodes.get(id);
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

  session(id: string, options: SessionOptions): Session {
    return this.scopes.session(id, options);
  }

  cancelScope(scope: Fence, reason: string, from?: string): Promise<void>;
  cancelScope(id: string, reason?: string): Promise<void> | undefined;
  cancelScope(scope: Fence | string, reason = 'cancelled', from?: string): Promise<void> | undefined {
    const found = typeof scope === 'string' ? this.scope.find(scope) : scope;
    if (found !== this.scope) return found === undefined ? undefined : this.scopes.cancel(found, reason, from);
    this.abandon('cancelled', reason);
    return Promise.resolve();
  }

  sweep(): Promise<void> {
    return this.sweeper.sweep();
  }

  get idleClock(): Clock {
    return this.host.clock;
  }

  working(scope: Scope, from?: string): readonly Segment[] {
    let own = from;
    return this.parts.segments.filter((segment) => {
      for (const node of segment.working((packet) => scope.holds(packet.origin.scope))) {
        if (node !== own) return true;
        own = undefined;
      }
      return false;
    });
  }

  stuck(segment: Segment): void {
    for (const { node, busy } of segment.stages) {
      if (busy === 0) continue;
      this.parts.node(node.id).state = 'stuck';
      this.event('node:stuck', { node: node.id });
      this.health.degrade(node.id, `${node.id} did not return within ${GRACE_MS} ms of its cancel.`);
    }
  }

  finished(segment: Segment): void {
    for (const { node } of segment.stages) {
      const live = this.parts.nodes.get(node.id);
      if (live !== undefined) live.state = 'ended';
    }
    this.parts.finished(segment);
    this.oneEnded();
  }

  // Living.

  private async start(): Promise<void> {
    await this.handover?.after;
    // The program that started it gets to read its outputs first.
    await Promise.resolve();
    this.record = await beginRecord(this.plan, this.runId, this.recorded, this.host.store, this.options.correlation);
    this.states.begin(this.record);
    if (this.host.store === undefined) this.forgets();
    await this.openDurables();
    const opened = await Promise.allSettled([...this.parts.nodes.values()].map((live) => this.open(live)));
    const failed = opened.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    if (this.state !== 'starting') return;
    this.state = 'running';
    this.event('run:started');
    for (const segment of this.parts.segments) if (segment instanceof OperatorSegment) segment.start();
    await this.sendAgain();
    for (const source of this.parts.sources) source.start();
    if (this.live === 0) this.ended();
    const stopLooking = this.scheduler.whenIdle(() => this.quiet());
    void this.allEnded.then(stopLooking);
  }

  /** What is asked to outlive the process and will not is said. */
  private forgets(): void {
    const nodes = this.plan.nodes.filter(({ policies }) => policies.durability !== 'none').map(({ id }) => id);
    if (nodes.length === 0) return;
    const message = `No store is open: ${nodes.join(', ')} ${nodes.length === 1 ? 'keeps' : 'keep'} nothing over a crash.`;
    this.event('run:not_durable', { message });
    this.host.log.warn(message, { run: this.runId });
  }

  /** What earlier runs committed and could not send. */
  private async sendAgain(): Promise<void> {
    if (this.record === undefined) return;
    for (const { id } of this.recorded) {
      const left = await this.record.leftOver(id);
      const way = this.plan.edges.find(({ to, mode }) => to.node === id && mode === 'trigger')?.id ?? '';
      const edge = this.parts.edges.get(`${id}.$join->${id}`) ?? this.parts.edges.get(way);
      if (left.length === 0 || edge === undefined) continue;
      this.event('node:sent_again', { node: id, details: { packets: left.length } });
      sendAgain(left, edge, this.runId, this.deliveries);
    }
  }

  /** Only a run with a durable edge opens the store. */
  private async openDurables(): Promise<void> {
    const { store } = this.host;
    if (this.parts.durables.size === 0 || store === undefined || store === 'none') return;
    const opened = await store();
    const open = (edge: DurableEdge): Promise<void> => edge.open(opened, (error) => this.troubled({ edge: edge.plan.id }, error));
    await Promise.all([...this.parts.durables.values()].map(open));
  }

  private async open(live: LiveNode): Promise<void> {
    const { plan, stage } = live;
    try {
      const kept = this.handover?.nodes.get(plan.id);
      live.instance = kept?.instance ?? ((await this.host.make(plan)) as NonNullable<LiveNode['instance']>);
      const instance = this.states.around(plan, checked(live.spec, plan.id, live.instance, stage));
      const { callee, circuit } = withPolicies(
        plan,
        instance,
        stage,
        {
          clock: this.clock,
          circuit: (state) => this.event('node:circuit', { node: plan.id, message: state }),
          budget: (message, details) => this.event('node:budget', { node: plan.id, message, details }),
        },
        bothHooks(
          this.host.hooks?.(plan),
          this.record?.calls(plan.id, live.instance.probe?.bind(live.instance), (packet) => this.states.turnOf(packet)),
        ),
      );
      stage.callee = callee;
      live.circuit = circuit;
      if (live.instance.order === 'round_robin') this.takeInTurn(stage);
      if (kept === undefined) {
        await this.states.restore(plan.id, stage.ctx);
        await live.instance.open?.(stage.ctx);
      } else {
        Object.assign(stage.ctx, { state: kept.ctx.state });
        // What it was given when it was opened is of this run from now on.
        Object.assign(kept.ctx, stage.ctx);
        live.rest = kept.rest;
      }
      live.state = 'ok';
    } catch (error) {
      const known = SluiceError.from(error, 'NODE_OPEN', { node: plan.id });
      this.health.failed(stage, known);
      throw known;
    }
  }

  private throttle(throttle: Throttle): void {
    const count = new EmissionCount(() => this.parts.sources.filter(({ stage }) => !stage.node.id.endsWith('.$rows')));
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

  private takeInTurn(stage: Stage): void {
    this.inTurn = true;
    const pumps = this.parts.segments.find(({ stages }) => stages[0] === stage)?.pumps ?? [];
    for (const pump of pumps) if (pump instanceof InPump) pump.takeInTurn();
  }

  /** From start to report. */
  private async wholeLife(): Promise<RunReport> {
    try {
      await this.ready;
    } catch (error) {
      const known = SluiceError.from(error, 'NODE_OPEN');
      this.health.break('start', known.node === undefined ? known.message : `${known.node} did not open: ${known.message}`);
      const { handover } = this;
      handover?.failed?.((plan, id) => this.handBack(handover, plan, id));
      this.abandon('error', 'the run did not start');
    }
    await this.allEnded;
    this.waits.abort();
    this.scopes.close();
    await Promise.all([...this.parts.nodes.values()].map((live) => this.close(live)));
    await this.states.settled();
    await Promise.all([...this.parts.durables.values()].map((edge) => edge.close()));
    await this.host.over();
    this.endedAt = this.host.clock.now();
    await this.recordEnd();
    this.state = 'done';
    this.event('run:done', { message: this.health.status });
    this.health.events.complete();
    return this.report();
  }

  private async recordEnd(): Promise<void> {
    const { status } = this.health;
    const reasons = this.health.why();
    const outcome = status === 'error' ? 'failed' : this.scope.fenced ? 'canceled' : this.drained === undefined ? 'completed' : 'stopped';
    try {
      await this.record?.end(outcome, { status, ...(reasons.length === 0 ? {} : { reasons }) });
    } catch (error) {
      const { message } = SluiceError.from(error, 'RUN_RECORD');
      this.health.degrade('record', `Its end could not be put on record: ${message}`);
    }
  }

  private async close(live: LiveNode): Promise<void> {
    if (this.left.has(live.plan.id)) {
      live.state = 'closed';
      return;
    }
    try {
      const closing = Promise.resolve(live.instance?.close?.());
      if (!(await this.within(closing, GRACE_MS))) {
        live.state = 'stuck';
        this.health.degrade(live.plan.id, `${live.plan.id} did not close within ${GRACE_MS} ms.`);
        return;
      }
      live.state = 'closed';
    } catch (error) {
      this.health.failed(live.stage, SluiceError.from(error, 'NODE_CLOSE', { node: live.plan.id }));
      this.health.degrade(live.plan.id, `${live.plan.id} failed to close: ${String(error)}`);
    }
  }

  private async stopWithin(ms: number): Promise<RunReport> {
    this.state = 'draining';
    this.event('run:draining');
    this.waits.abort();
    for (const source of this.parts.sources) source.stop();
    if (this.live === 0) this.ended();
    if (!(await this.within(this.allEnded, ms))) this.abandon('shutdown', 'the drain took too long');
    return this.done;
  }

  /** Everything stops now: what waits is dropped and counted, what is under way gets a grace. */
  private abandon(reason: 'shutdown' | 'cancelled' | 'error', message: string): void {
    if (this.state === 'done' || this.scope.fenced) return;
    this.event('run:cancelled', { message });
    this.scope.raise(new SluiceError('CANCELLED', message));
    this.waits.abort();
    for (const source of this.parts.sources) source.stop();
    let lost = 0;
    for (const edge of this.parts.edges.values()) lost += edge.purge(reason === 'cancelled' ? 'cancelled' : 'shutdown');
    for (const edge of this.parts.loops) edge.complete();
    if (reason === 'shutdown') {
      const what = lost > 0 ? `${lost} packets were dropped` : 'Calls under way were cut off';
      this.health.degrade('drain', `${what} because the drain took too long.`);
    }
    for (const segment of this.parts.segments) if (segment instanceof OperatorSegment) segment.stop();
    void this.within(this.allEnded, GRACE_MS).then((over) => {
      if (over) return;
      for (const segment of this.parts.segments) this.stuck(segment);
      this.ended();
    });
  }

  /**
   * No pump can move anything. With nothing under way either, and nobody outside who reads, what waits would wait for
   * ever: that is a fault, and said. With nothing waiting, a graph with a cycle has ended when its sources have.
   */
  private quiet(): void {
    // A call that waits for room, or for those before it, moves nothing by itself.
    const held = this.parts.segments.reduce((sum, segment) => sum + segment.held, 0);
    if (this.calls > held || this.clock.pending > 0 || this.paused || this.scope.fenced || this.live === 0) return;
    const waiting = [...this.parts.edges.values()].filter((edge) => edge.depth > 0);
    if (waiting.length === 0) {
      if (this.parts.loops.length > 0 && this.parts.sources.every((source) => source.over))
        for (const edge of this.parts.loops) edge.complete();
      return;
    }
    if (waiting.some((edge) => edge.id.startsWith('$outputs'))) return;
    // Whose turn it is not waits for what a source has yet to give.
    if (this.inTurn && this.parts.sources.some((source) => source.awaited)) return;
    const error = stalled(waiting, this.parts.loops);
    this.health.stalled(error);
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

  troubled(of: { readonly node: string } | { readonly edge: string }, error: Error | undefined): void {
    this.health.troubled(of, error);
  }

  event(event: string, more?: Partial<RunEvent>): void {
    this.health.event(event, more);
  }

  private edgeFigures(plan: PlanEdge) {
    const durable = this.parts.durables.get(plan.id);
    if (durable !== undefined) return durable.figures();
    const edge = this.parts.edges.get(plan.id);
    if (edge !== undefined) return edgeFigures(edge);
    const { consumed } = this.parts.node(plan.to.node).stage;
    const { id, when_full, lane, capacity } = plan;
    const { refused: dropped = {} } = this.parts.outlet(plan.from.node, plan.from.port);
    const came = Object.values(dropped).reduce((sum, n) => sum + n, consumed);
    return { id, when_full, lane, capacity, in: came, out: consumed, in_flight: 0, peak: 0, dropped: { ...dropped }, blocked_ms: 0 };
  }

  // The context of nodes reads these.

  get graph(): string {
    return this.plan.name;
  }

  get over(): AbortSignal {
    return this.waits.signal;
  }

  async opened(): Promise<Kept> {
    const { store } = this.host;
    if (store === 'none') return (this.memory ??= new MemoryKept(this.host.clock));
    if (store !== undefined) return store();
    throw new SluiceError('STORE_NEEDED', 'Artifacts and timers outlive the run, and this engine has no store to keep them in.', {
      hint: "Name one: createEngine({ store: () => openStore({ path }) }), or store: 'none' in a test.",
    });
  }

  get log(): Log {
    return this.host.log;
  }

  get random(): () => number {
    return this.host.random;
  }

  latest(node: string, port: string): Packet | undefined {
    return this.parts.contexts.get(`${node}.${port}`)?.packet;
  }

  path(relative: string): string {
    return this.host.path(relative);
  }

  outPath(relative: string): string {
    return this.host.outPath(relative);
  }
}
