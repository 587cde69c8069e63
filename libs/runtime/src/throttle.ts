import { parseDuration, SluiceError } from '@sluice/sdk';
import type { RunFigures } from './api';
import type { Source } from './source';

/** What a throttle knows when a source wants to emit. */
export interface ThrottleView {
  readonly source: string;
  /** ms since the epoch. */
  readonly now: number;
  /** Packets that all sources have emitted so far, with those that others were let go on with and have not emitted yet. */
  readonly emitted: number;
  /** ms since the run began to emit. */
  readonly running: number;
}

/** A decision that changed something, for the record. */
export type Decided = (reason: string, details: object) => void;

/** Slows or stops sources by what it sees. One belongs to one run. */
export interface Throttle {
  readonly name: string;
  /** Before each packet: 0 to go on, ms to wait, or `stop` to end the source. */
  admit(view: ThrottleView): number | 'stop';
  /** Ten times a second, with the live figures. */
  observe?(figures: RunFigures, decided: Decided): void;
}

/** At most `per_second` packets of each source, evenly spaced. */
export function fixedRate(options: { per_second: number }): Throttle {
  const gap = 1000 / options.per_second;
  const next = new Map<string, number>();
  return { name: 'fixed_rate', admit: (view) => spaced(next, view, gap) };
}

/** Ends the sources after so many packets in all, or after so long. */
export function budget(options: { packets?: number; time?: string }): Throttle {
  const { packets = Infinity } = options;
  const time = options.time === undefined ? Infinity : parseDuration(options.time);
  if (time === undefined) throw new SluiceError('CONFIG_INVALID', `${options.time} is no duration.`, { hint: 'Write it like 10s or 5m.' });
  return { name: 'budget', admit: ({ emitted, running }) => (emitted >= packets || running >= time ? 'stop' : 0) };
}

/** What an adaptive throttle aims at, and between which rates. */
export interface AdaptiveOptions {
  /** Filling of the fullest edge that it aims at, as a part of its capacity; default 0.5. */
  readonly target_fill?: number;
  /** p95 of the slowest node that it aims at, ms; default none. */
  readonly target_latency_ms?: number;
  readonly min_per_second: number;
  readonly max_per_second: number;
}

/** How far beyond its aim a figure must be before the rate is changed. */
const HYSTERESIS = 0.2;
const SLOWER = 0.7;
const FASTER = 1.1;

/** Slows sources while edges are fuller or nodes slower than they should be, and lets them go again when they are not. */
export function adaptive(options: AdaptiveOptions): Throttle {
  const { target_fill = 0.5, target_latency_ms, min_per_second, max_per_second } = options;
  let rate = max_per_second;
  const next = new Map<string, number>();
  return {
    name: 'adaptive',
    admit: (view) => (rate >= max_per_second ? 0 : spaced(next, view, 1000 / rate)),
    observe(figures, decided) {
      const fill = Math.max(0, ...figures.edges.map((edge) => edge.in_flight / edge.capacity)) / target_fill;
      const slow = target_latency_ms === undefined ? 0 : Math.max(0, ...figures.nodes.map((node) => node.p95_ms)) / target_latency_ms;
      const strain = Math.max(fill, slow);
      const before = rate;
      if (strain > 1 + HYSTERESIS) rate = Math.max(min_per_second, rate * SLOWER);
      else if (strain < 1 - HYSTERESIS) rate = Math.min(max_per_second, rate * FASTER);
      if (rate !== before)
        decided(rate < before ? 'slower' : 'faster', { per_second: Math.round(rate * 10) / 10, strain: Math.round(strain * 100) / 100 });
    },
  };
}

function spaced(next: Map<string, number>, { source, now }: ThrottleView, gap: number): number {
  const at = next.get(source) ?? now;
  if (at > now) return at - now;
  next.set(source, Math.max(at, now - gap) + gap);
  return 0;
}

/**
 * What the sources of a run have emitted, and what they may still emit unasked. A source that was let go on may end or fail instead, so
 * being let go on is not counted as a packet for good.
 */
export class EmissionCount {
  private groups: ReadonlyMap<string, readonly Source[]> | undefined;
  /** How much the sources of an id will have emitted when each has given what it was let go on with. */
  private readonly expected = new Map<string, number>();

  constructor(private readonly sources: () => readonly Source[]) {}

  /** Counts for a source that asks: it has nothing under way itself. */
  before(asking: string): number {
    this.groups ??= grouped(this.sources());
    let total = 0;
    for (const [id, group] of this.groups) total += this.of(id, group, id === asking ? 1 : 0);
    return total;
  }

  admitted(source: string): void {
    this.expected.set(source, this.of(source, this.groups!.get(source)!, 1) + 1);
  }

  private of(id: string, group: readonly Source[], asking: number): number {
    let produced = 0;
    let live = -asking;
    for (const source of group) {
      produced += source.stage.produced;
      if (!source.over) live++;
    }
    return produced + Math.max(0, Math.min(live, (this.expected.get(id) ?? 0) - produced));
  }
}

/** The inputs of a graph share an id. */
function grouped(sources: readonly Source[]): ReadonlyMap<string, readonly Source[]> {
  const groups = new Map<string, Source[]>();
  for (const source of sources) groups.set(source.stage.node.id, [...(groups.get(source.stage.node.id) ?? []), source]);
  return groups;
}
