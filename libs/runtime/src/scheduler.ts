import type { Lane } from '@sluice/graph';
import type { Clock } from './clock';
import { Ring } from './ring';
import { variable } from './variable';

/** Something that can move packets now. It moves some and returns; if it could move more it wakes itself again. */
export abstract class Pump {
  queued = false;
  constructor(
    readonly scheduler: Scheduler,
    readonly lane: LaneIndex,
  ) {
    variable(this, 'queued');
  }
  /** Mask of packets between two looks at the clock: a look costs as much as a short call, a slice must not wait for one. */
  protected look = 0;
  private lookedAt = 0;

  abstract pump(): void;
  /** Looks at the clock, and whether the slice is used up; the next look comes later where the last were early. */
  protected spent(): boolean {
    const now = this.scheduler.clock.elapsed();
    const took = now - this.lookedAt;
    this.lookedAt = now;
    if (took > EARLY_MS * 4) this.look >>= 1;
    else if (took < EARLY_MS && this.look < MAX_LOOK) this.look = this.look * 2 + 1;
    return this.scheduler.over(now);
  }
  /** Behind all that are ready. */
  wake(): void {
    if (!this.queued) this.scheduler.ready(this, false);
  }
  /** Before all that are ready: what was just sent is still at hand, and does not pile up. */
  wakeNext(): void {
    if (!this.queued) this.scheduler.ready(this, true);
  }
}

export type LaneIndex = 0 | 1 | 2;
export const LANES: readonly Lane[] = ['control', 'data', 'telemetry'];

/** A look at the clock after less than this came early; at most MAX_LOOK packets pass between two. */
const EARLY_MS = 0.1;
const MAX_LOOK = 255;

/** Edges that may be passed one inside the other. */
const PASSES = 24;

/** Work of one turn of the event loop, in ms; then timers and sockets get their turn. */
export const SLICE_MS = 2;

/**
 * One per engine. Serves pumps that are ready: control first, then data, then telemetry, each lane in turn.
 * All runs share its slice, so that ten busy graphs hold the event loop no longer than one.
 */
export class Scheduler {
  private readonly lanes: readonly Ring<Pump>[] = LANES.map(() => new Ring<Pump>(64));
  /** Served before their lane's others, the last first. */
  private readonly next: readonly Pump[][] = LANES.map(() => []);
  /** Pumps are being served. */
  private running = false;
  /**
   * How many more edges a packet may pass without a stop, one inside the other: the stack must not grow with the graph.
   * None while no pump is being served, or control packets wait.
   */
  slack = 0;
  /** A turn of ours is under way or was asked for: work in it shares one slice. */
  private turning = false;
  private end = 0;
  private spentSlice = false;
  private readonly idlers = new Set<() => void>();

  constructor(readonly clock: Clock) {}

  /** Calls `look` whenever no pump is ready any more; returns what ends that. */
  whenIdle(look: () => void): () => void {
    this.idlers.add(look);
    return () => this.idlers.delete(look);
  }

  ready(pump: Pump, next: boolean): void {
    pump.queued = true;
    if (pump.lane === 0) this.slack = -Infinity;
    if (next) this.next[pump.lane]!.push(pump);
    else this.lanes[pump.lane]!.push(pump);
    if (this.running) return;
    if (!this.turning) this.newTurn();
    else if (this.spentSlice) return;
    this.running = true;
    queueMicrotask(this.run);
  }

  /** Whether this turn's slice is used up. Pumps ask every few packets. */
  over(now = this.clock.elapsed()): boolean {
    // Asked outside of a turn, by a loop of awaits: one begins.
    if (!this.turning) this.newTurn();
    return this.spentSlice || (this.spentSlice = now >= this.end);
  }

  /** A loop of awaits sends a packet: within a turn that has time left it may pass edges as from a pump. */
  enter(): void {
    if (!this.running && this.turning && !this.spentSlice && this.slack === 0) this.slack = PASSES;
  }

  /** Something happened outside of a pump: when the turn ends there is a look at whether all is idle. */
  touch(): void {
    if (!this.turning) this.newTurn();
  }

  leave(): void {
    if (!this.running && this.slack > 0) this.slack = 0;
  }

  get idle(): boolean {
    const { lanes, next } = this;
    for (let lane = 0; lane < 3; lane++) if (lanes[lane]!.size + next[lane]!.length > 0) return false;
    return true;
  }

  private newTurn(): void {
    this.turning = true;
    this.spentSlice = false;
    this.end = this.clock.elapsed() + SLICE_MS;
    this.clock.turn(this.endTurn);
  }

  private readonly endTurn = (): void => {
    this.turning = false;
    this.spentSlice = false;
    if (this.idle) {
      for (const look of this.idlers) look();
      return;
    }
    this.newTurn();
    this.running = true;
    this.run();
  };

  private readonly run = (): void => {
    const [control, data, telemetry] = this.lanes as [Ring<Pump>, Ring<Pump>, Ring<Pump>];
    const [control1, data1, telemetry1] = this.next as [Pump[], Pump[], Pump[]];
    try {
      for (;;) {
        const first = control1.pop() ?? control.shift();
        const pump = first ?? data1.pop() ?? data.shift() ?? telemetry1.pop() ?? telemetry.shift();
        if (pump === undefined) break;
        pump.queued = false;
        this.slack = PASSES;
        pump.pump();
        if (this.over()) return;
      }
      for (const look of this.idlers) look();
    } finally {
      this.running = false;
      this.slack = 0;
      // A pump that threw (which none should) must not strand the others.
      if (!this.idle && !this.spentSlice) this.spentSlice = true;
    }
  };
}
