import type { Plugin } from '@sluice/sdk';
import {
  createEngine,
  provide,
  VirtualClock,
  type EngineOptions,
  type Run,
  type RunEvent,
  type RunFigures,
  type RunReport,
  type StartOptions,
  type Types,
} from '../src';
import { core, Ledger, LEDGER, t } from './nodes';

export interface Seen {
  readonly ledger: Ledger;
  readonly report: RunReport;
  readonly figures: RunFigures;
  readonly events: readonly RunEvent[];
  readonly clock: VirtualClock;
  /** Virtual time that it took, ms. */
  readonly took: number;
}

export interface VirtualOptions {
  readonly plugins?: readonly Plugin[];
  readonly engine?: Partial<EngineOptions>;
  readonly start?: Partial<StartOptions>;
  /** Called when the run stands, before the first packet. */
  readonly during?: (run: Run<Types>, clock: VirtualClock) => void | Promise<void>;
  /** Steps of a virtual minute after which a run that has not ended counts as hanging. */
  readonly steps?: number;
}

/** Timers after which a run counts as hanging although its time moves, or stands. */
const MAX_TIMERS = 100_000;

class WatchedClock extends VirtualClock {
  private set = 0;
  private give!: () => void;
  readonly spent = new Promise<void>((resolve) => (this.give = resolve));

  override after(ms: number, fn: () => void): () => void {
    if (++this.set > MAX_TIMERS) this.give();
    return super.after(ms, fn);
  }
}

/** A run of a graph in virtual time, to its end; a run that hangs is an error that shows where. */
export async function inVirtualTime(spec: object, options: VirtualOptions = {}): Promise<Seen> {
  const ledger = new Ledger();
  const clock = new WatchedClock(0);
  const engine = createEngine({
    plugins: [t, core, ...(options.plugins ?? [])],
    services: [provide(LEDGER, ledger)],
    clock,
    seed: 1,
    ...options.engine,
  });
  const plan = await engine.load(spec);
  const run = engine.start(plan, { inputs: {}, id: 'r', ...options.start }) as unknown as Run<Types>;
  const events: RunEvent[] = [];
  run.events.subscribe((event) => events.push(event));
  const acting = Promise.resolve(options.during?.(run, clock));
  let over = false;
  void run.done.then(() => (over = true));
  let spent = false;
  void clock.spent.then(() => (spent = true));
  for (let step = 0; !over; step++) {
    if (spent || step === (options.steps ?? 100))
      throw new Error(`It hangs.\n${JSON.stringify(spec)}\n${JSON.stringify(run.figures(), undefined, 1)}`);
    await clock.advance(60_000, Promise.race([run.done, clock.spent]));
  }
  await acting;
  const report = await run.done;
  return { ledger, report, figures: run.figures(), events, clock, took: clock.now() };
}

/** Every edge's books. Empty where all balance. */
export function unbalanced(figures: RunFigures): string[] {
  return figures.edges.flatMap((edge) => {
    const dropped = Object.values(edge.dropped).reduce((sum, n) => sum + n, 0);
    return edge.in === edge.out + dropped + edge.in_flight ? [] : [`${edge.id}: ${JSON.stringify(edge)}`];
  });
}

/** What must be the same when a run is repeated: latencies are measured, all else is not. */
export function fingerprint({ ledger, report, figures, events, took }: Seen): string {
  const nodes = figures.nodes.map(({ p50_ms: _a, p95_ms: _b, p99_ms: _c, latency: _d, ...rest }) => rest);
  // Where an error came from names code that was made for this run.
  const told = events.map(({ details, ...event }) => ({ ...event, details: { ...(details as object | undefined), stack: undefined } }));
  return JSON.stringify({ seen: [...ledger.seen], settled: [...ledger.settled], report, nodes, edges: figures.edges, events: told, took });
}
