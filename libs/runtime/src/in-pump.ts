import type { Packet } from '@sluice/sdk/packet';
import type { Edge } from './edge';
import type { Gate } from './gate';
import { Pump, type LaneIndex, type Scheduler } from './scheduler';
import type { Segment } from './segment';

/** Takes from the edges of one lane that lead into one segment, round-robin. */
export class InPump extends Pump {
  /** One packet of each edge in turn: an edge that has none yet is waited for, one that has ended is passed over. */
  private inTurn = false;
  private turn = 0;
  /** Edges that come back to where they started: taken first, so that a loop empties before more comes in. */
  private readonly back: readonly Edge[];
  /** Whether packets may go in without a stop, now or later. */
  passable: boolean;
  private readonly gate: Gate;

  constructor(
    scheduler: Scheduler,
    lane: LaneIndex,
    readonly segment: Segment,
    readonly edges: readonly Edge[],
  ) {
    super(scheduler, lane);
    this.back = edges.filter((edge) => edge.loops);
    this.passable = lane !== 0 && segment.passable;
    this.gate = segment.gate;
    for (const edge of edges) edge.reader = this;
  }

  /** Nothing waits on its edges, and none has ended. */
  get dry(): boolean {
    for (const edge of this.edges) if (edge.depth > 0 || edge.ended) return false;
    return true;
  }

  takeInTurn(): void {
    this.inTurn = true;
    this.passable = false;
  }

  /** The next packet in turn, for a loop that does not hand over. */
  takeOne(): Packet | undefined {
    if (this.edges.length === 1) return this.edges[0]!.take();
    const packet = this.next()?.take();
    if (this.inTurn && packet !== undefined) this.turned();
    return packet;
  }

  /**
   * Whether a packet may go in without waiting for its turn: nothing waits before it, the segment is idle and has room
   * for what comes of it, no control packet waits, and not too many edges have been passed like this already.
   */
  get free(): boolean {
    return !this.queued && this.scheduler.slack > 0 && this.segment.engaged === 0 && this.gate.open && this.passable;
  }

  pass(packet: Packet): void {
    const { scheduler } = this;
    scheduler.slack--;
    this.segment.next(packet);
    scheduler.slack++;
  }

  /** While the segment is at work it takes by itself when it is done. */
  override wakeNext(): void {
    if (this.lane === 0 || this.segment.busy < this.segment.concurrency) super.wakeNext();
  }

  /** Control packets are taken under a gate of their own: full data edges and calls under way never stop them. */
  private get open(): boolean {
    return this.lane === 0 || (this.segment.wanting === 0 && this.segment.busy < this.segment.concurrency);
  }

  override pump(): void {
    const { segment, edges } = this;
    const only = edges.length === 1 ? edges[0]! : undefined;
    let taken = 0;
    while (this.open) {
      let credit = this.lane === 0 ? Infinity : segment.credit(this);
      if (credit <= 0) break;
      let moved = 0;
      do {
        const edge = only ?? this.next();
        if (edge === undefined) {
          moved = 0;
          break;
        }
        // From a single edge in one go; with several, one from each in turn.
        moved = segment.drain(edge, only === undefined ? 1 : Math.min(credit, this.look + 1 - (taken & this.look)));
        if (this.inTurn && moved > 0) this.turned();
        credit -= moved;
        const before = taken;
        taken += moved;
        if ((before | this.look) !== (taken | this.look) && this.spent()) {
          segment.flush();
          this.wake();
          return;
        }
        // Where all that waited on one of several was too old, the others still have their turn.
      } while (credit > 0 && (moved > 0 || only === undefined) && this.open);
      segment.flush();
      if (moved === 0) {
        this.end();
        return;
      }
    }
  }

  /** The next edge in turn that has a packet. */
  private next(): Edge | undefined {
    const { edges, inTurn } = this;
    if (!inTurn) for (const edge of this.back) if (edge.depth > 0) return edge;
    for (let n = edges.length; n > 0; n--) {
      const edge = edges[this.turn]!;
      if (inTurn && (edge.depth > 0 || !edge.ended)) return edge.depth > 0 ? edge : undefined;
      this.turned();
      if (edge.depth > 0) return edge;
    }
    return undefined;
  }

  private turned(): void {
    this.turn = (this.turn + 1) % this.edges.length;
  }

  private end(): void {
    for (const edge of this.edges) edge.handOverEnd();
  }
}

/** Waits for room on behalf of a call that has more to send. */
export class RoomPump extends Pump {
  private over = false;

  constructor(
    { scheduler, lane }: Pump,
    private readonly goOn: (pump: Pump) => boolean,
  ) {
    super(scheduler, lane);
  }
  override pump(): void {
    // Several edges may have been waited for; each wakes it.
    if (!this.over) this.over = this.goOn(this);
  }
}
