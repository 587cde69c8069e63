import type { Plan } from '@sluice/graph';
import { budget, createEngine, type Run, type RunEvent, type RunFigures, type RunReport, type VirtualClock } from '@sluice/runtime';
import { nodeSpec, SluiceError, type NodeClass, type Packet } from '@sluice/sdk';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drive } from '../drive';
import { doubles, emission, msOf, type Double, type Fault, type Mock, type Stream } from './doubles';
import { seen, type Seen } from './seen';
import type { TestHost } from './types';
import { to, type To } from '@sluice/sdk';

/** Stands for the path of an asset that is not staged; a node that is mocked never looks. */
export const UNSTAGED = 'unstaged asset: ';

export interface PlanRun {
  readonly plan: Plan;
  readonly host: TestHost;
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly streams: ReadonlyMap<string, Stream>;
  readonly mocks: Readonly<Record<string, Mock>>;
  readonly faults: Readonly<Record<string, Fault>>;
  /** Nodes whose inputs are looked at. */
  readonly watched: ReadonlySet<string>;
  readonly until: number | undefined;
  readonly maxPackets: number | undefined;
  readonly actions: readonly { readonly at: number; readonly what: 'drain' | 'cancel' | 'pause' | 'resume' }[];
  /** Told what went wrong with the test itself. */
  said(message: string, hint?: string): void;
}

export interface PlanResult {
  readonly report: RunReport;
  readonly figures: RunFigures;
  readonly events: readonly RunEvent[];
  /** Virtual time, ms. */
  readonly took: number;
  /** What left by each port, `node.port`. */
  readonly out: ReadonlyMap<string, readonly Seen[]>;
  /** What watched nodes took. */
  readonly taken: ReadonlyMap<string, readonly Seen[]>;
  /** Nodes whose own code did not run. */
  readonly mocked: ReadonlySet<string>;
}

/** Runs a plan with its doubles in virtual time; undefined where it could not be run to its end, which `said` says. */
export async function runPlan(wanted: PlanRun): Promise<PlanResult | undefined> {
  const { plan, host, clock, streams, mocks, faults, watched } = wanted;
  const began = clock.now();
  const see = (packet: Packet): Seen => seen(packet, clock.now() - began);
  // An input of the graph may have the name of a node; then the stream is the input's.
  const inputs = new Set(plan.inputs.map(({ name }) => name));
  const streamOf = (id: string): Stream | undefined => (inputs.has(id) ? undefined : streams.get(id));
  const isMocked = (id: string): boolean => mocks[id] !== undefined || streamOf(id) !== undefined;
  const real = plan.nodes.filter(({ id }) => !isMocked(id));
  for (const { id, config } of real) {
    const missing = assetIn(config);
    if (missing === undefined) continue;
    wanted.said(`${id} needs the asset ${missing}, which is not staged.`, `Run \`sluice assets stage ${missing}\`, or mock ${id}.`);
    return undefined;
  }
  const plugins = host.plugins([...new Set(real.map(({ type }) => type))]);
  const classes = new Map<string, NodeClass>(plugins.flatMap(({ nodes }) => nodes.map((cls) => [nodeSpec(cls).type, cls] as const)));
  const taken = new Map<string, Seen[]>();
  const short = new Set<string>();
  const stands = doubles(
    plan.nodes.flatMap((node) => {
      const stream = streamOf(node.id);
      const [mock, fault] = [mocks[node.id], faults[node.id]];
      const note = watched.has(node.id) ? (packet: Seen): void => push(taken, node.id, packet) : undefined;
      const double: Double = {
        ...(stream === undefined ? {} : { given: stream }),
        ...(mock === undefined ? {} : { mock }),
        ...(fault === undefined ? {} : { fault }),
        ...(note === undefined ? {} : { taken: note }),
      };
      return Object.keys(double).length === 0 ? [] : [{ node, double, real: isMocked(node.id) ? undefined : classes.get(node.type) }];
    }),
    see,
    (node, calls) => {
      if (short.has(node)) return;
      short.add(node);
      wanted.said(`The mock of ${node} has no reply for call ${calls}.`, 'Add a reply, or say `returns` for one that is always the same.');
    },
  );
  const out = new Map<string, Seen[]>();
  const events: RunEvent[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  const { fuse = true } = host;
  const engine = createEngine({
    plugins: [...plugins, stands.plugin],
    clock,
    seed: wanted.seed,
    env: {},
    out: folder,
    store: 'none',
    fuse,
  });
  try {
    const changed: Plan = { ...plan, nodes: plan.nodes.map((node) => stands.nodes.get(node.id) ?? node) };
    const run: Run = engine.start(
      { ...changed, io: { in: {}, out: {} } },
      {
        id: 'test',
        inputs: Object.fromEntries(plan.inputs.map(({ name }) => [name, values(streams.get(name), name, clock)])) as never,
        ...(wanted.maxPackets === undefined ? {} : { throttle: budget({ packets: wanted.maxPackets }) }),
        watch: (node, port, packet) => push(out, `${node}.${port}`, see(packet)),
      },
    );
    run.events.subscribe((event) => events.push(event));
    // Nobody reads an output in a test but the watch: what is not read is discarded.
    if (wanted.until !== undefined) clock.after(wanted.until, () => void run.drain());
    for (const { at, what } of wanted.actions) clock.after(at, () => void run[what]());
    run.ready.catch(() => undefined);
    const report = await drive(run, clock);
    return {
      report,
      figures: run.figures(),
      events,
      took: clock.now() - began,
      out,
      taken,
      mocked: new Set(plan.nodes.map(({ id }) => id).filter(isMocked)),
    };
  } catch (error) {
    const known = SluiceError.from(error, 'TEST_FAILED');
    wanted.said(`${known.code}: ${known.message}`, known.hint);
    return undefined;
  } finally {
    await clock.run(engine.close());
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What an input of the graph is fed with, at its times. */
async function* values(stream: Stream | undefined, name: string, clock: VirtualClock): AsyncGenerator<To> {
  if (stream === undefined) return;
  const start = clock.now();
  const step = msOf(stream.every);
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
  for (const [i, one] of stream.packets.entries()) {
    const due = start + (one.at === undefined ? (step > 0 ? i * step : clock.now() - start) : msOf(one.at));
    if (due > clock.now()) await sleep(due - clock.now());
    yield to(name, one.payload, emission(one));
  }
  if (!stream.ends) await new Promise<never>(() => undefined);
}

function push<V>(lists: Map<string, V[]>, key: string, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function assetIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value.startsWith(UNSTAGED) ? value.slice(UNSTAGED.length) : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const item of Object.values(value)) {
    const found = assetIn(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
