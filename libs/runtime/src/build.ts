import type { Endpoint, JoinPolicy, Plan, PlanEdge, PlanNode, PlanPort } from '@sluice/graph';
import {
  nodeSpec,
  SluiceError,
  type BatchSink,
  type DurableStore,
  type Log,
  type NodeClass,
  type NodeSpec,
  type Operator,
  type Packet,
  type Sink,
  type Source as SourceNode,
  type Transform,
} from '@sluice/sdk';
import { ANY_TYPE } from '@sluice/sdk/catalogue';
import { merge, NEVER } from 'rxjs';
import type { Input, NodeFigures, Output, Run, RunEvent, StartOptions } from './api';
import { asPushed, BorderOutput } from './border';
import type { Circuit } from './circuit';
import type { Clock, CountingClock } from './clock';
import { chainOf, type Chain, type SegmentPlan } from './compile';
import type { CallHooks } from './policy';
import { contextOf, type ContextHost } from './context';
import { ContextEdge } from './context-edge';
import { Edge } from './edge';
import { joined } from './join';
import { DurableEdge, PUTS } from './durable';
import { loopsOf } from './loops';
import { OperatorSegment } from './operator';
import type { Scheduler } from './scheduler';
import type { Scope } from './scope';
import { InPump } from './in-pump';
import { Segment, type SegmentHost } from './segment';
import { Source, type SourceHost } from './source';
import { Outlet, Stage } from './stage';
import type { RunStates } from './state';
import type { Handover } from './swap';

/** What a run gets from its engine. */
export interface RunHost {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly random: () => number;
  /** False leaves an edge between every two nodes. */
  readonly fuse: boolean;
  /** What stands around the calls of a node, from outside. */
  readonly hooks?: (node: PlanNode) => CallHooks | undefined;
  /** Keeps durable edges; `none` keeps them in memory, undefined refuses them. */
  readonly store?: (() => Promise<DurableStore>) | 'none';
  classOf(type: string): NodeClass;
  /** Makes a node: its config is checked, its services come from a child container of this run. */
  make(node: PlanNode): object | Promise<object>;
  path(relative: string): string;
  outPath(relative: string): string;
  /** Starts the run that takes over. @throws SluiceError NODE_UNKNOWN */
  next(plan: Plan, handover: () => Handover, own?: Pick<StartOptions, 'id' | 'correlation'>): Run;
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
  /** What the run before left of what it reads. */
  rest?: Iterable<unknown> | AsyncIterable<unknown> | undefined;
}

/** An edge and the port that it starts from. */
interface Wire {
  readonly edge: Edge;
  readonly from: Outlet;
}

/** What building asks of the run that it is for; most of it is for the parts, which know their run by it. */
export interface BuildHost extends SegmentHost, SourceHost, ContextHost {
  readonly scheduler: Scheduler;
  readonly clock: CountingClock;
  readonly scope: Scope;
  readonly runId: string;
  readonly states: RunStates;
  event(event: string, more?: Partial<RunEvent>): void;
}

/** All that a plan becomes, joined with each other; nothing of it runs before the run starts it. */
export class Parts {
  readonly nodes = new Map<string, LiveNode>();
  readonly edges = new Map<string, Edge>();
  readonly sources: Source[] = [];
  readonly segments: Segment[] = [];
  readonly outputs: Record<string, Output<unknown>> = {};
  /** Edges that are part of a cycle. */
  readonly loops: readonly Edge[];
  /** Edges that live in a store, by id. */
  readonly durables = new Map<string, DurableEdge>();
  /** What context edges show, by node and port. */
  readonly contexts = new Map<string, ContextEdge>();
  private readonly stores = new Map<Segment, DurableEdge>();
  private readonly chain: Chain;
  private readonly outlets = new Map<string, Outlet>();
  private readonly wires = new Map<string, Wire[]>();

  constructor(
    plan: Plan,
    private readonly host: RunHost,
    private readonly run: BuildHost,
    inputs: Readonly<Record<string, Input<unknown>>>,
  ) {
    const pushed = new Set(Object.keys(inputs).filter((name) => asPushed(inputs[name]!) !== undefined));
    this.chain = chainOf(
      plan,
      (type) => host.classOf(type),
      pushed,
      host.fuse,
      (node) => host.hooks?.(node) !== undefined,
    );
    const failing = new Set(plan.edges.filter((edge) => edge.from.port === 'error').map((edge) => edge.from.node));
    // A node with several inputs may be fused by the one that has an edge.
    const into = new Map([...this.chain.fused].map(({ to }) => [to.node, to.port]));
    for (const node of plan.nodes) this.addNode(node, failing.has(node.id), into.get(node.id));
    for (const input of plan.inputs) this.addInput(input, inputs[input.name] ?? []);
    for (const edge of plan.edges) {
      // Each reader of an output brings an edge of its own.
      if (edge.to.node === '$outputs') continue;
      if (this.chain.fused.has(edge)) this.outlet(edge.from.node, edge.from.port).fused = this.node(edge.to.node).stage;
      else if (edge.mode !== 'trigger') this.addContext(edge);
      else if (edge.durable !== undefined && host.store !== 'none') this.addDurable(edge, plan.name);
      else this.addEdge(edge, this.outlet(edge.from.node, edge.from.port));
    }
    this.loops = [...loopsOf(plan)].flatMap(({ id }) => this.edges.get(id) ?? []);
    for (const edge of this.loops) edge.loops = true;
    // Sources first, wherever the file names them: what runs right behind one is given to it.
    const { segments } = this.chain;
    for (const segment of segments) if (segment.kind === 'source') this.addSegment(segment);
    for (const segment of segments) if (segment.kind !== 'source') this.addSegment(segment);
    for (const output of plan.outputs) this.addOutput(output);
  }

  node(id: string): LiveNode {
    return this.nodes.get(id)!;
  }

  /** @throws SluiceError PORT_UNKNOWN */
  outlet(node: string, port: string): Outlet {
    const outlet = this.outlets.get(`${node}.${port}`);
    if (outlet !== undefined) return outlet;
    throw new SluiceError('PORT_UNKNOWN', `There is no output ${node}.${port}.`, {
      hint: 'See `sluice plan show` for the nodes and ports of the graph.',
    });
  }

  /** Shows all that leaves by any port, as it passes. */
  watch(see: (node: string, port: string, packet: Packet) => void): void {
    for (const outlet of this.outlets.values()) {
      const tap = (packet: Packet | undefined): void => (packet === undefined ? undefined : see(outlet.node, outlet.port, packet));
      outlet.taps = [...(outlet.taps ?? []), tap];
    }
  }

  private addNode(node: PlanNode, failing: boolean, fusedBy: string | undefined): void {
    const spec = nodeSpec(this.host.classOf(node.type));
    const outlets = Object.entries(spec.out ?? {}).map(([port, { type }]) => this.addOutlet(node.id, port, type.kind));
    if (failing && spec.out?.['error'] === undefined) outlets.push(this.addOutlet(node.id, 'error', 'error'));
    const ports = Object.keys(spec.in ?? {});
    const counters: Record<string, number> = {};
    const ctx = contextOf(node.id, counters, this.run);
    const stage = new Stage(node, fusedBy ?? (ports.length === 1 ? ports[0]! : ''), ctx, this.run.scope, outlets, counters);
    const live: LiveNode = { plan: node, spec, stage, instance: undefined, state: 'starting', circuit: undefined };
    this.nodes.set(node.id, live);
  }

  private addOutlet(node: string, port: string, kind: string | undefined): Outlet {
    const outlet = new Outlet(this.run.runId, node, port, kind);
    this.outlets.set(`${node}.${port}`, outlet);
    return outlet;
  }

  private addEdge(plan: Pick<PlanEdge, 'id' | 'to' | 'when_full' | 'capacity' | 'lane'> & Partial<PlanEdge>, from: Outlet): Edge {
    const edge = new Edge(plan, this.host.clock, (full, high) =>
      this.run.event(high ? 'edge:high' : 'edge:low', { details: { edge: full.id } }),
    );
    this.edges.set(edge.id, edge);
    this.wires.set(plan.to.node, [...(this.wires.get(plan.to.node) ?? []), { edge, from }]);
    return edge;
  }

  private addContext(plan: PlanEdge): void {
    const edge = new ContextEdge(plan, this.host.clock);
    this.edges.set(edge.id, edge);
    this.contexts.set(`${plan.to.node}.${plan.to.port}`, edge);
    this.outlet(plan.from.node, plan.from.port).packets$.pipe(edge.operator).subscribe();
  }

  /** What is upstream ends at a sink that stores, what is downstream begins at a source that reads; both are the run's own. */
  private addDurable(plan: PlanEdge, graph: string): void {
    if (this.host.store === undefined) {
      throw new SluiceError('EDGE_DURABLE', `Edge ${plan.id} is durable, and this engine has no store to keep it in.`, {
        hint: 'Name a store: createEngine({ store: () => openStore({ path }) }), or remove `durable`.',
      });
    }
    const durable = new DurableEdge(plan, `${graph}/${plan.id}`);
    this.durables.set(plan.id, durable);
    const from = this.outlet(plan.from.node, plan.from.port);
    const stored = this.addOutlet(`${plan.id}.$store`, 'in', undefined);
    const sink = this.borderStage(`${plan.id}.$store`, stored, 'sink');
    sink.callee = { write: (packet) => durable.write(packet) };
    const lossless = { when_full: 'block', capacity: 64, lane: plan.lane } as const;
    const edge = this.addEdge({ ...lossless, id: `${plan.id}.$in`, to: { node: sink.node.id, port: 'in' } }, from);
    const segment = new Segment([sink], PUTS, true, this.run);
    this.stores.set(segment, durable);
    this.join(segment, [{ edge, from }]);
    const start = this.addOutlet(`${plan.id}.$rows`, 'out', undefined);
    const { scheduler, clock, runId, scope, deliveries, tracked, keyed } = this.run;
    // What is read again was admitted once already.
    const admit = undefined;
    const host: SourceHost = {
      ...{ scheduler, clock, runId, scope, deliveries, tracked, keyed, admit },
      retried: (source) => this.run.retried(source),
      sourceFailed: (stage, error, epoch) => this.run.sourceFailed(stage, error, epoch),
      sourceEnded: (source) => this.run.sourceEnded(source),
    };
    this.addSource(new Source(this.borderStage(`${plan.id}.$rows`, start), () => durable.read('out'), host));
    this.addEdge({ ...lossless, id: `${plan.id}.$out`, to: plan.to }, start);
  }

  /** All that went in has come out of a segment: where it stores, nothing more comes. */
  finished(segment: Segment): void {
    this.stores.get(segment)?.finish();
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
      (ms, fn) => this.run.clock.after(ms, fn),
      (packet, error) => this.run.failed(node.stage, packet, error),
    );
    this.join(new OperatorSegment(stage, operator, true, this.run, false), this.wires.get(id) ?? []);
    this.wires.delete(id);
    this.addEdge({ id: `${id}.$join->${id}`, to: { node: id, port: 'joined' }, when_full: 'block', capacity: 64, lane: 'data' }, outlet);
  }

  private addSegment(plan: SegmentPlan): void {
    const head = this.node(plan.nodes[0]!.id);
    const { ctx } = head.stage;
    if (plan.kind === 'source') {
      const read = () => {
        const { rest } = head;
        head.rest = undefined;
        return rest ?? head.instance!.read!(ctx);
      };
      this.addSource(new Source(head.stage, read, this.run));
      return;
    }
    const { concurrency, ordered } = head.plan.policies;
    const batch = head.plan.kind === 'sink' && 'writeBatch' in (this.host.classOf(head.plan.type).prototype as object);
    const segment =
      plan.kind === 'operator'
        ? new OperatorSegment(
            head.stage,
            (input) => head.instance!.apply!(input as never, ctx),
            head.spec.delivery === 'explicit',
            this.run,
            true,
            this.run.states.operator(head.plan.id, head.spec.delivery === 'explicit'),
          )
        : new Segment(
            plan.nodes.map((node) => this.node(node.id).stage),
            concurrency,
            ordered,
            this.run,
            batch ? (packets) => head.stage.callee.writeBatch!(packets, ctx) : undefined,
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
      if (own.length > 0) segment.pumps.push(new InPump(this.run.scheduler, lane, segment, own));
    }
    const [pump] = segment.pumps;
    if (segment.pumps.length === 1 && pump instanceof InPump) segment.puller = pump;
  }

  private addSource(source: Source): void {
    this.sources.push(source);
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
    const kind =
      input.type === ANY_TYPE || !input.type.includes('@')
        ? undefined
        : input.type.slice(input.type.indexOf('/') + 1, input.type.lastIndexOf('@'));
    const start = this.addOutlet('$inputs', input.name, kind);
    if (given === undefined) {
      this.addSource(new Source(this.borderStage('$inputs', start), () => values as Iterable<unknown>, this.run));
      return;
    }
    const pushing = this.addOutlet('$pushed', input.name, kind);
    this.addSource(new Source(this.borderStage('$pushed', pushing), () => given.source, this.run));
    const { when_full, capacity = 64 } = given.loss;
    const id = `$pushed.${input.name}->$inputs.${input.name}`;
    const edge = this.addEdge({ id, to: { node: '$inputs', port: input.name }, when_full, capacity, lane: 'data' }, pushing);
    this.join(new Segment([this.borderStage('$inputs', start)], 1, true, this.run), [{ edge, from: pushing }]);
  }

  /** What stands at the border in a node's place; it passes on what it gets. */
  private borderStage(id: string, outlet: Outlet, kind: 'transform' | 'sink' = 'transform'): Stage {
    const policies = { on_error: 'route', concurrency: 1, ordered: true, placement: 'inline', durability: 'none' } as const;
    const out = { [outlet.port]: { type: ANY_TYPE, profile: 'inproc_any', doc: '' } } as const;
    const node: PlanNode = { id, type: 'sluice/border', kind, config: {}, policies, in: {}, out };
    const stage = new Stage(node, outlet.port, contextOf(id, {}, this.run), this.run.scope, [outlet], {});
    stage.callee = { process: (packet) => packet };
    return stage;
  }

  private addOutput(output: PlanPort): void {
    const [{ node, port }] = output.at as [Endpoint];
    const outlet = this.outlet(node, port);
    this.outputs[output.name] = new BorderOutput(output.name, this.host.clock, this.run.scheduler, (edge) => {
      this.edges.set(edge.id, edge);
      const reader = outlet.packets$.pipe(edge.operator).subscribe();
      return () => {
        reader.unsubscribe();
        edge.purge(edge.blocks ? 'left' : 'unread');
      };
    });
  }
}
