import { Packet } from '@sluice/sdk/packet';
import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import { addressed } from './addressed';
import { settle } from './delivery';
import type { Edge } from './edge';
import { Gate } from './gate';
import { Pump, type LaneIndex, type Scheduler } from './scheduler';
import type { Outlet, Stage } from './stage';
import { straight, type Straight } from './straight';

/** The first calls are all timed, later ones are sampled: a clock read costs as much as a short node. */
const SAMPLE_AFTER = 64;
const SAMPLE_MASK = 63;
/** Packets after which straight code is worth making. */
const HOT = 256;

/** Packets between two looks at the clock, less one, by how long a call took: a look costs as much as a short call. */
function lookAfter(ms: number): number {
  return ms > 0.1 ? 0 : ms > 0.01 ? 7 : 63;
}

/** What a segment tells the run that it is part of. */
export interface SegmentHost {
  readonly scheduler: Scheduler;
  /** A call failed for good. @returns whether somebody took the failure: an error port, a dead letter */
  failed(stage: Stage, packet: Packet | undefined, error: unknown): void;
  /** A call did not return at once. */
  entered(): void;
  /** It came back. */
  returned(): void;
  /** All that went in has come out, and no more will go in. */
  finished(segment: Segment): void;
}

/** A call that keeps its place while others overtake it. */
interface Ticket {
  readonly packet: Packet;
  /** Room for one packet is kept for it. */
  reserved: boolean;
  finish: (() => void | Promise<void>) | undefined;
}

/**
 * A node, or a fused run of nodes, as one RxJS operator. Inside is a plain loop over the stages: no queue, no
 * subscription, no promise between them. Takes a packet only when every blocking edge that it may feed has room for
 * what comes of it; a call that does not return at once keeps that room reserved.
 */
export class Segment extends Subscriber<Packet> {
  readonly pumps: Pump[] = [];
  /** Calls under way. */
  busy = 0;
  /** Mask of packets between two looks at the clock. */
  look = 63;
  protected readonly gate = new Gate();
  private count = 0;
  private straight: Straight | undefined;
  private ended = false;
  private finishing = false;
  private tickets: Ticket[] = [];
  private batch: Packet[] | undefined;
  protected readonly last: Stage;

  constructor(
    readonly stages: readonly Stage[],
    readonly concurrency: number,
    private readonly ordered: boolean,
    protected readonly host: SegmentHost,
    private readonly writeBatch: ((packets: readonly Packet[]) => unknown) | undefined = undefined,
  ) {
    super();
    this.last = stages[stages.length - 1]!;
    if (writeBatch !== undefined) this.batch = [];
  }

  get id(): string {
    return this.stages.map((stage) => stage.node.id).join(' > ');
  }

  /** The segment as RxJS: `merge(...edges).pipe(segment.operator)`. Emits what leaves by its last node's only port. */
  readonly operator: OperatorFunction<Packet, Packet> = (input) =>
    new Observable<Packet>((out) => {
      const { main } = this;
      const reader = main === undefined || out === (main as Subscriber<Packet>) ? undefined : main.packets$.subscribe(out);
      const inward = input.subscribe(this);
      return () => {
        inward.unsubscribe();
        reader?.unsubscribe();
      };
    });

  /** The port that the segment's Observable emits from; undefined for a sink and where there are several. */
  get main(): Outlet | undefined {
    return this.last.only;
  }

  /** All outlets, those of stages in the middle included. */
  *outlets(): Iterable<Outlet> {
    for (const stage of this.stages) {
      for (const outlet of Object.values(stage.outlets)) if (outlet.fused === undefined) yield outlet;
    }
  }

  /** To be called when edges were connected or removed. */
  rewire(): void {
    this.gate.watch(this.outlets());
  }

  /** How many packets may be taken now. Where none may, the pump is woken when that changes. */
  credit(pump: Pump): number {
    return this.gate.credit(pump);
  }

  /** A packet goes in. */
  override next(packet: Packet): void {
    const n = ++this.count;
    // Samples are timed by the loop; the others take the straight way, once it is worth making.
    if (n <= SAMPLE_AFTER || (n & SAMPLE_MASK) === 0 || this.straight === undefined) this.slow(packet, n);
    else this.straight.one(packet);
  }

  /**
   * Takes up to `n` packets from an edge.
   * @returns how many it took; fewer where there were no more or a call did not return at once
   */
  drain(edge: Edge, n: number): number {
    if (this.straight === undefined || n === 1) return edge.handOver() ? 1 : 0;
    // One of these 64 is timed.
    const first = edge.handOver() ? 1 : 0;
    if (first === 0 || this.busy > 0) return first;
    this.count += Math.min(n - 1, SAMPLE_MASK);
    return 1 + this.straight.many(edge, Math.min(n - 1, SAMPLE_MASK));
  }

  private slow(packet: Packet, n: number): void {
    if (this.batch !== undefined) this.batch.push(packet);
    else {
      if (n === HOT && this.writeBatch === undefined) this.straight = straight(this.stages, this);
      void this.run(packet, 0, true);
    }
  }

  /** Where the straight code meets what is not one packet: a promise, several, an address; or a packet of a unit. */
  onward(packet: Packet, at: number, result?: unknown): void | Promise<void> {
    if (result === undefined) return this.run(packet, at, false);
    const stage = this.stages[at]!;
    const kind = stage.resultKind(result);
    return kind === 'one' ? this.emit(stage, at, packet, result) : this.later(stage, at, packet, kind, result);
  }

  failed(stage: Stage, packet: Packet, error: unknown): void {
    this.host.failed(stage, packet, error);
  }

  /** What was taken in one go is written in one go. */
  flush(): void {
    if (this.batch === undefined || this.batch.length === 0) return;
    const packets = this.batch;
    this.batch = [];
    void this.runBatch(packets);
  }

  /** No more packets will go in. */
  override complete(): void {
    this.ended = true;
    this.maybeFinish();
  }

  protected maybeFinish(): void {
    if (!this.ended || this.busy > 0 || this.finishing) return;
    this.finishing = true;
    for (const outlet of this.outlets()) outlet.complete();
    this.host.finished(this);
  }

  /** Runs stages from `at` on. A promise only where a stage did not return at once. */
  protected run(packet: Packet, at: number, sampled: boolean): void | Promise<void> {
    const { stages } = this;
    for (;;) {
      const stage = stages[at]!;
      try {
        stage.consumed++;
        const result = sampled ? this.timed(stage, packet) : stage.call(packet);
        if (result === undefined) return settle(packet, 'acked');
        const kind = stage.resultKind(result);
        if (kind !== 'one') return this.later(stage, at, packet, kind, result);
        const { scope } = packet.origin;
        if (scope !== null && scope.fenced) return settle(packet, 'cancelled');
        const outlet = stage.outletOf(result);
        const out = stage.packetOf(result, outlet, packet);
        stage.produced++;
        if (outlet.taps !== undefined) outlet.tapped(out);
        const { fused } = outlet;
        if (fused === undefined) return outlet.next(out);
        packet = addressed(out, fused.port);
        at++;
      } catch (error) {
        return this.host.failed(stage, packet, error);
      }
    }
  }

  private timed(stage: Stage, packet: Packet): unknown {
    const start = performance.now();
    const result = stage.call(packet);
    const took = performance.now() - start;
    stage.latency.record(took);
    this.look = lookAfter(took);
    return result;
  }

  /** A result that takes time or is several: the call stays under way, with room reserved for one packet. */
  private async later(stage: Stage, at: number, packet: Packet, kind: string, result: unknown): Promise<void> {
    const ticket = this.enter(stage, packet);
    const start = performance.now();
    let finish: () => void | Promise<void>;
    try {
      let value = result;
      let what = kind;
      if (kind === 'promise') {
        value = await result;
        what = stage.resultKind(value);
        stage.latency.record(performance.now() - start);
      }
      finish =
        what === 'none'
          ? () => settle(packet, 'acked')
          : what === 'one'
            ? () => this.emit(stage, at, packet, value)
            : () => this.several(stage, at, packet, what, value, ticket);
    } catch (error) {
      finish = () => this.host.failed(stage, packet, error);
    }
    ticket.finish = finish;
    if (!this.ordered) {
      const done = finish();
      if (done !== undefined) await done;
      this.tickets.splice(this.tickets.indexOf(ticket), 1);
      return this.left(stage, ticket);
    }
    if (this.tickets[0] !== ticket) return;
    // Those behind that were ready first go out now, each after the one before it.
    while (this.tickets[0]?.finish !== undefined) {
      const head = this.tickets[0];
      const done = head.finish!();
      if (done !== undefined) await done;
      this.tickets.shift();
      this.left(stage, head);
    }
  }

  /** Whether a call for one of these packets is under way. */
  working(on: (packet: Packet) => boolean): boolean {
    return this.tickets.some((ticket) => on(ticket.packet));
  }

  private enter(stage: Stage, packet: Packet): Ticket {
    this.host.entered();
    this.busy++;
    stage.busy++;
    this.gate.reserve();
    const ticket: Ticket = { packet, reserved: true, finish: undefined };
    this.tickets.push(ticket);
    return ticket;
  }

  private unreserve(ticket: Ticket): void {
    ticket.reserved = false;
    this.gate.release();
  }

  private left(stage: Stage, ticket?: Ticket): void {
    this.busy--;
    stage.busy--;
    if (ticket?.reserved === true) this.unreserve(ticket);
    for (const pump of this.pumps) pump.wake();
    this.host.returned();
    this.maybeFinish();
  }

  /** Sends one result on, from a call that took time. */
  private emit(stage: Stage, at: number, input: Packet, result: unknown): void | Promise<void> {
    const { scope } = input.origin;
    if (scope !== null && scope.fenced) return settle(input, 'cancelled');
    try {
      const outlet = stage.outletOf(result);
      const out = stage.packetOf(result, outlet, input);
      stage.produced++;
      if (outlet.taps !== undefined) outlet.tapped(out);
      if (outlet.fused === undefined) outlet.next(out);
      else return this.run(addressed(out, outlet.fused.port), at + 1, false);
    } catch (error) {
      this.host.failed(stage, input, error);
    }
  }

  /** Sends several results on. Iterables are pulled with credit for each; an Observable pushes, its edges take a burst. */
  private async several(stage: Stage, at: number, input: Packet, kind: string, results: unknown, ticket: Ticket): Promise<void> {
    const { delivery, key } = input.origin;
    let n = 0;
    const send = (value: unknown): void | Promise<void> => {
      if (value === undefined) return;
      if (delivery !== null) delivery.hold(1);
      // From the second on the path tells them apart, so that keys stay unique and stable.
      const cause = n++ === 0 || key === '' ? input : withPath(input, `${input.path}/${stage.node.id}/${n - 1}`);
      return this.emit(stage, at, cause, value);
    };
    try {
      if (kind === 'observable') {
        await new Promise<void>((resolve, reject) => {
          const subscription = (results as Observable<unknown>).subscribe({ next: (v) => void send(v), error: reject, complete: resolve });
          stage.ctx.signal.addEventListener('abort', () => (subscription.unsubscribe(), resolve()), { once: true });
        });
      } else {
        const iterator = results as Iterator<unknown> | AsyncIterator<unknown>;
        for (;;) {
          if (!ticket.reserved) {
            const room = this.roomFor();
            if (room !== undefined) await room;
          }
          const pulled = iterator.next();
          const step = kind === 'iterable' ? (pulled as IteratorResult<unknown>) : await pulled;
          if (step.done === true) break;
          const { scope } = input.origin;
          if ((scope !== null && scope.fenced) || stage.ctx.signal.aborted) {
            await iterator.return?.();
            break;
          }
          // The room that was kept is this first result's.
          if (ticket.reserved) this.unreserve(ticket);
          const sent = send(step.value);
          if (sent !== undefined) await sent;
        }
      }
      settle(input, 'acked');
    } catch (error) {
      this.host.failed(stage, input, error);
    }
  }

  /** Resolves when one more packet may be sent beyond what is reserved; undefined where it may now. */
  protected roomFor(): Promise<void> | undefined {
    if (this.gate.open) return undefined;
    return new Promise<void>((resolve) => new RoomPump(this, resolve).pump());
  }

  private async runBatch(packets: readonly Packet[]): Promise<void> {
    const stage = this.last;
    stage.consumed += packets.length;
    this.host.entered();
    this.busy++;
    stage.busy++;
    const start = performance.now();
    try {
      const result = this.writeBatch!(packets);
      if (result !== undefined) await result;
      for (const packet of packets) settle(packet, 'acked');
    } catch (error) {
      for (const packet of packets) this.host.failed(stage, packet, error);
    }
    stage.latency.record(performance.now() - start);
    this.left(stage);
  }
}

/** Takes from the edges of one lane that lead into one segment, round-robin. */
export class InPump extends Pump {
  private turn = 0;
  /** Edges that come back to where they started: taken first, so that a loop empties before more comes in. */
  private readonly back: readonly Edge[];

  constructor(
    scheduler: Scheduler,
    lane: LaneIndex,
    private readonly segment: Segment,
    readonly edges: readonly Edge[],
  ) {
    super(scheduler, lane);
    this.back = edges.filter((edge) => edge.loops);
    for (const edge of edges) edge.reader = this;
  }

  /** Control packets are taken under a gate of their own: full data edges and calls under way never stop them. */
  private get open(): boolean {
    return this.lane === 0 ? true : this.segment.busy < this.segment.concurrency;
  }

  override pump(): void {
    const { segment, edges, scheduler } = this;
    const only = edges.length === 1 ? edges[0]! : undefined;
    let taken = 0;
    while (this.open) {
      let credit = this.lane === 0 ? Infinity : segment.credit(this);
      if (credit <= 0) break;
      let moved = 0;
      do {
        const edge = only ?? this.next();
        if (edge === undefined) break;
        // From a single edge in one go; with several, one from each in turn.
        moved = segment.drain(edge, only === undefined ? 1 : Math.min(credit, segment.look + 1 - (taken & segment.look)));
        credit -= moved;
        const before = taken;
        taken += moved;
        if ((before | segment.look) !== (taken | segment.look) && scheduler.over()) {
          segment.flush();
          this.wake();
          return;
        }
      } while (credit > 0 && moved > 0 && this.open);
      segment.flush();
      if (moved === 0) {
        this.end();
        return;
      }
    }
  }

  /** The next edge in turn that has a packet. */
  private next(): Edge | undefined {
    const { edges } = this;
    for (const edge of this.back) if (edge.depth > 0) return edge;
    for (let n = edges.length; n > 0; n--) {
      const edge = edges[this.turn]!;
      this.turn = (this.turn + 1) % edges.length;
      if (edge.depth > 0) return edge;
    }
    return undefined;
  }

  private end(): void {
    for (const edge of this.edges) edge.handOverEnd();
  }
}

/** Waits for room on behalf of a call that has more to send. */
class RoomPump extends Pump {
  constructor(
    private readonly segment: Segment,
    private readonly resolve: () => void,
  ) {
    super(segment.pumps[0]!.scheduler, segment.pumps[0]!.lane);
  }
  override pump(): void {
    if (this.segment.credit(this) > 0) this.resolve();
  }
}

function withPath(packet: Packet, path: string): Packet {
  const { payload, kind, meta, origin, port, from, seq, causeFrom, causeSeq } = packet;
  return new Packet(payload, kind, meta, origin, port, from, seq, causeFrom, causeSeq, path);
}
