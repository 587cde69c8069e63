import { provide, type Provided, type RunEvent, type RunFigures, type RunReport, type VirtualClock } from '@sluice/runtime';
import {
  Any,
  definePlugin,
  Node,
  nodeEntry,
  port,
  to,
  token,
  type Context,
  type Emission,
  type NodeClass,
  type Outcome,
  type Packet,
  type To,
} from '@sluice/sdk';
import { runGraph } from './run-graph';

/** A packet as a test writes it: a payload, or a payload with what else matters. */
export interface Given {
  readonly payload: unknown;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly kind?: string;
  /** Event time, ms since the epoch. */
  readonly time?: number;
  readonly source_id?: string;
  readonly key?: string;
  /** When it comes, ms of virtual time since the start; default when the one before it was taken. */
  readonly at?: number;
}

/** Says that an input is a packet and not a payload. */
export function given(packet: Given): Given {
  const made = { ...packet };
  GIVEN.add(made);
  return made;
}
const GIVEN = new WeakSet<object>();

/** How one node is run. */
export interface NodeRunOptions {
  readonly config?: Readonly<Record<string, unknown>>;
  /** Payloads, or packets made with `given`: a list for the only input, or lists by port. */
  readonly inputs?: readonly unknown[] | Readonly<Record<string, readonly unknown[]>>;
  readonly services?: readonly Provided[];
  /** What the graph says of the node beside its config: `retry`, `timeout`, `concurrency`, `join` ... */
  readonly policies?: Readonly<Record<string, unknown>>;
  /** What the graph says of the edges in front of the node and behind it: `when_full`, `capacity` ... */
  readonly edge?: Readonly<Record<string, unknown>>;
  /** Virtual time after which the run is drained, such as `10s`: for sources without end. */
  readonly until?: string;
  /** Pause between two inputs of a port, ms; default none. */
  readonly every?: number;
  /** When an input ends, ms of virtual time since the start, by port; default behind its last packet. */
  readonly ends?: Readonly<Record<string, number>>;
  readonly clock?: VirtualClock;
  /** Called when the node is open, with what cancels the run. */
  readonly during?: (cancel: () => void, clock: VirtualClock) => void;
}

/** What came of a run of one node. */
export interface NodeResult {
  /** Packets by output port; failed inputs are at `error`. */
  readonly outputs: Readonly<Record<string, readonly Packet[]>>;
  /** When they came, ms of virtual time since the start, by output port. */
  readonly times: Readonly<Record<string, readonly number[]>>;
  /** Payloads by output port. */
  readonly payloads: Readonly<Record<string, readonly unknown[]>>;
  /** Failures of the node, in order. */
  readonly errors: readonly RunEvent[];
  /** What the node counted. */
  readonly counters: Readonly<Record<string, number>>;
  /** How the delivery of each input ended, by port. */
  readonly outcomes: Readonly<Record<string, readonly Outcome[]>>;
  /** How often each input was settled; anything but 1 is a fault. */
  readonly settled: Readonly<Record<string, readonly number[]>>;
  readonly report: RunReport;
  readonly figures: RunFigures;
  readonly took: number;
}

class Desk {
  readonly inputs = new Map<string, readonly unknown[]>();
  readonly outputs = new Map<string, Packet[]>();
  readonly outcomes = new Map<string, Outcome[]>();
  readonly settled = new Map<string, number[]>();
  readonly times = new Map<string, number[]>();
  ends: Readonly<Record<string, number>> = {};
  every = 0;
  /** When the first feed began. */
  start: number | undefined;
}
const DESK = token<Desk>('testing/desk');

@Node({ type: 'testing/feed', kind: 'source', summary: 'Feeds what a test gives.', inject: [DESK], out: { out: port(Any, 'Anything.') } })
class Feed {
  constructor(
    _config: unknown,
    private readonly desk: Desk,
  ) {}
  async *read(ctx: Context): AsyncGenerator<To<'out', unknown>, void> {
    const { inputs, outcomes, settled, every, ends: endings } = this.desk;
    const start = (this.desk.start ??= ctx.now());
    const until = async (at: number): Promise<void> => {
      if (start + at > ctx.now()) await ctx.sleep(start + at - ctx.now());
    };
    const name = ctx.node.slice('feed-'.length);
    const ends: Outcome[] = [];
    const times: number[] = [];
    outcomes.set(name, ends);
    settled.set(name, times);
    for (const [i, one] of (inputs.get(name) ?? []).entries()) {
      if (every > 0 && i > 0) await ctx.sleep(every);
      if (isGiven(one) && one.at !== undefined) await until(one.at);
      times[i] = 0;
      const done = (outcome: Outcome): void => {
        ends[i] = outcome;
        times[i]!++;
      };
      yield to('out', isGiven(one) ? one.payload : one, { key: `${name}-${i}`, ...(isGiven(one) ? emission(one) : {}), done });
    }
    await until(endings[name] ?? 0);
  }
}

@Node({
  type: 'testing/collect',
  kind: 'sink',
  summary: 'Keeps what comes for a test.',
  inject: [DESK],
  in: { in: port(Any, 'Anything.') },
})
class Collect {
  constructor(
    _config: unknown,
    private readonly desk: Desk,
  ) {}
  write(packet: Packet, ctx: Context): void {
    const name = ctx.node.slice('out-'.length);
    const list = this.desk.outputs.get(name);
    const at = ctx.now() - (this.desk.start ?? ctx.now());
    if (list === undefined) {
      this.desk.outputs.set(name, [packet]);
      this.desk.times.set(name, [at]);
    } else {
      list.push(packet);
      this.desk.times.get(name)!.push(at);
    }
  }
}

/** Whether a value was made with `given`. */
export function isGiven(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && GIVEN.has(value);
}

function emission({ meta, kind, time, source_id, key }: Given): Emission {
  return {
    ...(meta === undefined ? {} : { meta }),
    ...(kind === undefined ? {} : { kind }),
    ...(time === undefined ? {} : { time }),
    ...(source_id === undefined ? {} : { sourceId: source_id }),
    ...(key === undefined ? {} : { key }),
  };
}

const bench = definePlugin({ name: 'testing', nodes: [Feed, Collect] });

/** Runs one node in virtual time with the inputs given, as a graph would run it. */
export async function runNode(cls: NodeClass, options: NodeRunOptions = {}): Promise<NodeResult> {
  const { config = {}, inputs = [], services = [], policies = {}, until, every = 0, ends = {}, clock, during } = options;
  const entry = nodeEntry(cls);
  const desk = new Desk();
  desk.every = every;
  desk.ends = ends;
  const ports = Object.keys(entry.in);
  const byPort = Array.isArray(inputs)
    ? { [ports[0] ?? '']: inputs as readonly unknown[] }
    : (inputs as Readonly<Record<string, readonly unknown[]>>);
  const fed = ports.filter((name) => byPort[name] !== undefined);
  for (const name of fed) desk.inputs.set(name, byPort[name]!);
  const outs = [...new Set([...Object.keys(entry.out), ...(entry.kind === 'source' ? [] : ['error'])])];
  const { edge = entry.mode === 'push' ? { when_full: 'drop_oldest', capacity: 1_000_000 } : undefined } = options;
  const joined = (text: string): unknown => (edge === undefined ? text : { [text]: edge });
  const graph = {
    version: 2,
    name: 'node-test',
    nodes: {
      ...Object.fromEntries(fed.map((name) => [`feed-${name}`, { type: 'testing/feed' }])),
      node: { type: entry.type, config, ...policies },
      ...Object.fromEntries(outs.map((name) => [`out-${name}`, { type: 'testing/collect' }])),
    },
    edges: [
      ...fed.map((name) => joined(`feed-${name}.out -> node.${name}`)),
      ...outs.map((name) => joined(`node.${name} -> out-${name}.in`)),
    ],
  };
  const own = definePlugin({ name: entry.type.slice(0, entry.type.indexOf('/')), nodes: [cls] });
  const result = await runGraph(graph, {
    plugins: [bench, own],
    services: [provide(DESK, desk), ...services],
    ...(until === undefined ? {} : { until }),
    ...(clock === undefined ? {} : { clock }),
    during: (run, time) => {
      if (during !== undefined)
        void run.ready.then(
          () => during(() => void run.cancel(), time),
          () => undefined,
        );
    },
  });
  const figures = result.figures.nodes.find(({ id }) => id === 'node')!;
  return {
    outputs: Object.fromEntries(outs.map((name) => [name, desk.outputs.get(name) ?? []])),
    times: Object.fromEntries(outs.map((name) => [name, desk.times.get(name) ?? []])),
    payloads: Object.fromEntries(outs.map((name) => [name, (desk.outputs.get(name) ?? []).map(({ payload }) => payload)])),
    errors: result.events.filter(({ event, node }) => event === 'node:failed' && node === 'node'),
    counters: figures.counters,
    outcomes: Object.fromEntries(desk.outcomes),
    settled: Object.fromEntries(desk.settled),
    report: result.report,
    figures: result.figures,
    took: result.took,
  };
}
