import type { Lane } from '@sluice/graph';
import type { Clock } from './clock';
import { Ring } from './ring';

/** Something that can move packets now. It moves some and returns; if it could move more it wakes itself again. */
export abstract class Pump {
  queued = false;
  constructor(
    readonly scheduler: Scheduler,
    readonly lane: LaneIndex,
  ) {}
  abstract pump(): void;
  wake(): void {
    if (!this.queued) this.scheduler.ready(this);
  }
}

export type LaneIndex = 0 | 1 | 2;
export const LANES: readonly Lane[] = ['control', 'data', 'telemetry'];

/** Work of one turn of the event loop, in ms; then timers and sockets get their turn. */
const SLICE_MS = 2;

/**
 * One per engine. Serves pumps that are ready: control first, then data, then telemetry, each lane in turn.
 * All runs share its slice, so that ten busy graphs hold the event loop no longer than one.
 */
export class Scheduler {
  private readonly lanes: readonly Ring<Pump>[] = LANES.map(() => new Ring<Pump>(64));
  private running = false;
  /** A turn of ours is under way or was asked for: work in it shares one slice. */
  private turning = false;
  private end = 0;
  private spent = false;
  private readonly idlers = new Set<() => void>();

  constructor(readonly clock: Clock) {}

  /** Calls `look` whenever no pump is ready any more; returns what ends that. */
  whenIdle(look: () => void): () => void {
    this.idlers.add(look);
    return () => this.idlers.delete(look);
  }

  ready(pump: Pump): void {
    pump.queued = true;
    this.lanes[pump.lane]!.push(pump);
    if (this.running) return;
    if (!this.turning) this.newTurn();
    else if (this.spent) return;
    this.running = true;
    queueMicrotask(this.run);
  }

  /** Whether this turn's slice is used up. Pumps ask every few packets. */
  over(): boolean {
    return this.spent || (this.spent = this.clock.elapsed() >= this.end);
  }

  get idle(): boolean {
    return this.lanes[0]!.size + this.lanes[1]!.size + this.lanes[2]!.size === 0;
  }

  private newTurn(): void {
    this.turning = true;
    this.spent = false;
    this.end = this.clock.elapsed() + SLICE_MS;
    this.clock.turn(this.endTurn);
  }

  private readonly endTurn = (): void => {
    this.turning = false;
    this.spent = false;
    if (this.idle) return;
    this.newTurn();
    this.running = true;
    this.run();
  };

  private readonly run = (): void => {
    const [control, data, telemetry] = this.lanes as [Ring<Pump>, Ring<Pump>, Ring<Pump>];
    try {
      for (;;) {
        const pump = control.shift() ?? data.shift() ?? telemetry.shift();
        if (pump === undefined) break;
        pump.queued = false;
        pump.pump();
        if (this.over()) return;
      }
      for (const look of this.idlers) look();
    } finally {
      this.running = false;
      // A pump that threw (which none should) must not strand the others.
      if (!this.idle && !this.spent) this.spent = true;
    }
  };
}
