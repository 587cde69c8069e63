import type { Lane, PlanEdge, WhenFull } from '@sluice/graph';
import { field, SluiceError, type Outcome } from '@sluice/sdk';
import { type Meta, Packet } from '@sluice/sdk/packet';
import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import type { Clock } from './clock';
import { settle } from './delivery';
import { FairQueue, KeyedQueue, type PacketQueue } from './keyed';
import { Ring } from './ring';
import { LANES, type LaneIndex, type Pump } from './scheduler';
import { payloadBytes } from './size';
import { variable } from './variable';

/** What an operator or Observable may push beyond capacity before it faults: they cannot be asked to wait. */
export const MAX_BURST = 1024;

/** What a source is told of a dropped packet; where its edge says that it may drop, that is a success. */
const OUTCOMES: Readonly<Record<string, Outcome>> = { cancelled: 'cancelled', ended: 'cancelled', shutdown: 'nacked', left: 'nacked' };

/** What is downstream, where it may take a packet without a stop. */
export interface Passage {
  readonly free: boolean;
  pass(packet: Packet): void;
}

/** A packet before it is handed in has no port yet; only the runtime may set it. */
type Unported = { port: string };

/**
 * The bounded connection between two ports, as one RxJS operator: a subscriber of what is upstream and the source of
 * what is downstream. Between the two stand the packets that wait. It never hands over by itself: the pump of the node
 * downstream does, when that node can work; and what is upstream asks `room` before it works, so that a bound is a bound.
 *
 * At every moment `in = out + dropped + in_flight`. The end of the stream is not a packet: it waits behind them,
 * outside of capacity, and is never dropped.
 */
export class Edge extends Subscriber<Packet> {
  readonly id: string;
  readonly port: string;
  readonly lane: LaneIndex;
  readonly whenFull: WhenFull;
  readonly capacity: number;
  /** Whether upstream must wait for room. */
  readonly blocks: boolean;
  /** It leads out of the graph. */
  private readonly leaves: boolean;

  in = 0;
  out = 0;
  peak = 0;
  /** Credit that was reserved by calls under way upstream. */
  reserved = 0;
  droppedTotal = 0;
  readonly dropped: Record<string, number> = {};
  private blockedMs = 0;
  /** Part of a cycle. */
  loops = false;
  /** No more packets will come in. */
  ended = false;

  /** What waits. */
  readonly queue: PacketQueue;
  /** When each packet came in; only where packets may grow too old. */
  private readonly entered: WeakMap<Packet, number> | undefined;
  private readonly maxAge: number;
  private readonly maxBytes: number;
  private bytes = 0;
  private downstream: Subscriber<Packet> | undefined;
  private consumer: Pump | undefined;
  private direct: Passage | undefined;
  private waiting: Pump[] = [];
  private blockedSince = -1;
  /** Room at which those who wait are woken: half empty, so that a full edge moves in batches. */
  private readonly lowWater: number;
  /** Filling at which it is said to be nearly full. */
  private readonly highWater: number;
  private full = false;
  /** Depth from which on a new packet is worth a second look. */
  private mark = 0;
  /** Whether taking a packet may change more than the depth. */
  private watched: boolean;
  /** Whether age or bytes are looked at. */
  readonly weighed: boolean;
  private endHandedOver = false;

  constructor(
    plan: Pick<PlanEdge, 'id' | 'to' | 'when_full' | 'capacity' | 'lane'> & Partial<PlanEdge>,
    private readonly clock: Clock,
    private readonly onWatermark: ((edge: Edge, high: boolean) => void) | undefined = undefined,
  ) {
    super();
    this.id = plan.id;
    this.port = plan.to.port;
    this.lane = LANES.indexOf(plan.lane) as LaneIndex;
    this.whenFull = plan.when_full;
    this.capacity = plan.when_full === 'latest' && plan.key === undefined ? 1 : plan.capacity;
    this.blocks = plan.when_full === 'block';
    this.leaves = plan.to.node === '$outputs';
    this.maxAge = plan.max_age_ms ?? 0;
    this.maxBytes = plan.max_bytes ?? Infinity;
    this.lowWater = this.capacity >> 1;
    this.highWater = this.capacity < 5 ? -1 : Math.ceil(this.capacity * 0.8);
    this.weighed = this.maxAge > 0 || this.maxBytes !== Infinity;
    this.watched = this.weighed;
    const key = plan.key === undefined ? undefined : field(plan.key);
    if (this.whenFull === 'fair') this.queue = new FairQueue(this.capacity, key ?? field('source_id'));
    else if (this.whenFull === 'latest' && key !== undefined) this.queue = new KeyedQueue(this.capacity, key);
    else this.queue = new Ring<Packet>(Math.min(this.capacity, 64));
    this.entered = this.maxAge > 0 ? new WeakMap() : undefined;
    variable(this, 'ended');
  }

  /** The edge as RxJS: `upstream$.pipe(edge.operator)`. Ends when upstream ended and all packets were handed over. */
  readonly operator: OperatorFunction<Packet, Packet> = (upstream) =>
    new Observable<Packet>((downstream) => {
      this.downstream = downstream;
      const inward = upstream.subscribe(this);
      return () => inward.unsubscribe();
    });

  /** Who hands over: it is woken when there is something to take. */
  set reader(pump: Pump & Partial<Passage>) {
    this.consumer = pump;
    // Between nodes, where something may be lost, nothing goes through before it waited: what one call sends meets the bound as one.
    const passes = (this.blocks || this.leaves) && !this.weighed && !this.loops;
    this.direct = passes && pump.pass !== undefined ? (pump as Pump & Passage) : undefined;
    if (this.depth > 0 || this.ended) pump.wake();
  }

  /** What is downstream, where a packet may go through without a stop. */
  get passage(): Passage | undefined {
    return this.direct;
  }

  get laneName(): Lane {
    return LANES[this.lane]!;
  }

  /** How long those upstream had to wait for room, in ms, until now. */
  get blockedFor(): number {
    return this.blockedMs + (this.blockedSince < 0 ? 0 : this.clock.elapsed() - this.blockedSince);
  }

  get depth(): number {
    return this.queue.size;
  }

  /** How many more packets may be sent now; reserved credit is not room. */
  get room(): number {
    if (!this.blocks) return MAX_BURST;
    return this.bytes >= this.maxBytes ? 0 : this.capacity - this.queue.size - this.reserved;
  }

  /** How many more packets fit in, reserved or not. */
  get vacancy(): number {
    return this.bytes >= this.maxBytes ? 0 : this.capacity - this.queue.size;
  }

  /** Whether one more packet may be sent now. */
  get takes(): boolean {
    return this.queue.size + this.reserved < this.capacity && this.bytes < this.maxBytes;
  }

  /** Wakes `pump` once when there is room again. */
  waitForRoom(pump: Pump): void {
    if (this.blockedSince < 0) this.blockedSince = this.clock.elapsed();
    if (!this.waiting.includes(pump)) this.waiting.push(pump);
    this.watched = true;
  }

  /**
   * A packet comes in. Where the edge is full its policy decides who goes; a blocking edge takes up to MAX_BURST more,
   * from nodes that cannot be asked to wait.
   * @throws SluiceError EDGE_FULL with `when_full: error`, NODE_OVERRUN beyond the burst
   */
  override next(packet: Packet): void {
    if (this.ended) return this.refuse(packet, 'ended');
    if (this.direct !== undefined && this.queue.size === 0 && this.direct.free) return this.pass(packet, this.direct);
    let waiting = this.queue.size;
    if (waiting >= this.capacity) {
      if (!this.makeRoom(packet)) return;
      waiting = this.queue.size;
    }
    if (this.maxBytes !== Infinity && !this.fits(packet)) return;
    if (packet.port !== this.port) packet = this.addressed(packet);
    this.in++;
    if (this.queue.push(packet) === false) this.dropQueued(this.queue.replaced as Packet, 'full');
    else if (waiting >= this.mark) this.rose(waiting + 1);
    if (this.weighed) this.weigh(packet);
    if (waiting === 0 && this.consumer !== undefined) this.consumer.wakeNext();
  }

  /** Nothing waits here and what is downstream is free: the packet goes through without a stop. */
  private pass(packet: Packet, direct: Passage): void {
    this.in++;
    const { scope } = packet.origin;
    if (scope !== null && (scope.fenced || packet.origin.epoch < scope.epoch))
      return this.drop(packet, scope.fenced ? 'cancelled' : 'epoch');
    this.out++;
    direct.pass(packet.port === this.port ? packet : this.addressed(packet));
  }

  override complete(): void {
    if (this.ended) return;
    this.ended = true;
    this.consumer?.wake();
  }

  /** Gives the oldest packet to what is downstream. @returns false where there was none to give */
  handOver(): boolean {
    const packet = this.take();
    if (packet === undefined) return false;
    this.downstream!.next(packet);
    return true;
  }

  /** Takes the oldest packet that may still be taken: neither too old nor fenced. */
  take(): Packet | undefined {
    for (;;) {
      const packet = this.queue.shift();
      if (packet === undefined) return undefined;
      if (this.watched) this.fell(packet);
      const { scope } = packet.origin;
      if (scope !== null && (scope.fenced || packet.origin.epoch < scope.epoch)) this.drop(packet, scope.fenced ? 'cancelled' : 'epoch');
      else if (this.entered !== undefined && this.clock.now() - this.entered.get(packet)! > this.maxAge) this.drop(packet, 'age');
      else {
        this.out++;
        return packet;
      }
    }
  }

  private rose(depth: number): void {
    if (depth > this.peak) this.peak = depth;
    if (depth >= this.highWater && !this.full && this.highWater > 0) {
      this.full = true;
      this.watched = true;
      this.onWatermark?.(this, true);
    }
    this.mark = this.full || this.highWater < 0 ? this.peak : Math.min(this.peak, this.highWater - 1);
  }

  private fell(packet: Packet): void {
    if (this.maxBytes !== Infinity) this.bytes -= payloadBytes(packet.payload);
    const { size } = this.queue;
    if (size > this.lowWater) return;
    // Room that is reserved may not come free before there is more of it: an empty edge is low enough.
    if (this.waiting.length > 0 && (size === 0 || this.room > 0)) this.wakeWaiting();
    if (this.full) {
      this.full = false;
      this.mark = Math.min(this.peak, this.highWater - 1);
      this.onWatermark?.(this, false);
    }
    this.watched = this.weighed || this.waiting.length > 0;
  }

  /** Passes the end on, once, when nothing waits any more. @returns whether it has been passed on */
  handOverEnd(): boolean {
    if (!this.ended || this.queue.size > 0) return false;
    if (!this.endHandedOver) {
      this.endHandedOver = true;
      this.downstream?.complete();
    }
    return true;
  }

  reserve(): void {
    this.reserved++;
  }

  release(): void {
    this.reserved--;
    if (this.waiting.length > 0 && this.queue.size <= this.lowWater && this.room > 0) this.wakeWaiting();
  }

  /** Drops all that waits and fails `keep`. */
  purge(reason: string, keep: (packet: Packet) => boolean = () => false): number {
    const gone = this.queue.sweep(keep);
    for (const packet of gone) {
      this.fell(packet);
      this.drop(packet, reason);
    }
    if (gone.length > 0 && this.waiting.length > 0) this.wakeWaiting();
    return gone.length;
  }

  /** Counts a packet that came in and will not go out; it is done for its source. */
  private drop(packet: Packet, reason: string): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + 1;
    this.droppedTotal++;
    settle(packet, OUTCOMES[reason] ?? 'acked');
  }

  private dropQueued(packet: Packet, reason: string): void {
    if (this.maxBytes !== Infinity) this.bytes -= payloadBytes(packet.payload);
    this.drop(packet, reason);
  }

  /** Decides who goes where the edge is full. @returns whether the packet may come in */
  private makeRoom(packet: Packet): boolean {
    switch (this.whenFull) {
      case 'drop_newest':
        this.refuse(packet, 'full');
        return false;
      case 'drop_oldest':
        this.dropQueued(this.queue.shift() as Packet, 'full');
        return true;
      case 'latest':
      case 'fair': {
        const victim = this.queue instanceof Ring ? this.queue.shift() : this.queue.makeRoom!(packet);
        if (victim === packet) {
          this.refuse(packet, 'full');
          return false;
        }
        if (victim !== undefined) this.dropQueued(victim, 'full');
        return true;
      }
      case 'error':
        throw this.tooFull(this.capacity);
      case 'block':
        if (this.queue.size < this.capacity + MAX_BURST) return true;
        throw new SluiceError('NODE_OVERRUN', `A node pushed more than ${MAX_BURST} packets beyond the capacity of ${this.id}.`, {
          hint: 'Return an iterable instead of an Observable, or make the edge lossy.',
        });
    }
  }

  /** Where bytes are short, `drop_newest` drops what comes, and with `error` its sender hears of it. */
  private fits(packet: Packet): boolean {
    if (this.queue.size === 0 || this.bytes + payloadBytes(packet.payload) <= this.maxBytes) return true;
    if (this.whenFull === 'error') throw this.tooFull(`${this.maxBytes} bytes`);
    if (this.whenFull === 'drop_newest') this.refuse(packet, 'bytes');
    return this.whenFull !== 'drop_newest';
  }

  /** Counts a packet that came and was not let in. */
  private refuse(packet: Packet, reason: string): void {
    this.in++;
    this.drop(packet, reason);
  }

  private tooFull(limit: number | string): SluiceError {
    return new SluiceError('EDGE_FULL', `Edge ${this.id} is full (${limit}).`, {
      retryable: true,
      hint: 'Raise its capacity, or choose another when_full.',
    });
  }

  private weigh(packet: Packet): void {
    this.entered?.set(packet, this.clock.now());
    if (this.maxBytes === Infinity) return;
    this.bytes += payloadBytes(packet.payload);
    if (this.blocks || this.whenFull === 'error') return;
    while (this.bytes > this.maxBytes && this.queue.size > 1) this.dropQueued(this.queue.shift() as Packet, 'bytes');
  }

  /** The packet as this edge's port sees it: a fresh one is marked, one that other ports see too is copied. */
  private addressed(packet: Packet): Packet {
    if (packet.port === '') {
      (packet as Unported).port = this.port;
      return packet;
    }
    return new Packet<unknown>(
      packet.payload,
      packet.kind,
      packet.meta as Meta,
      packet.origin,
      this.port,
      packet.from,
      packet.seq,
      packet.causeFrom,
      packet.causeSeq,
      packet.path,
    );
  }

  private wakeWaiting(): void {
    if (this.blockedSince >= 0) {
      this.blockedMs += this.clock.elapsed() - this.blockedSince;
      this.blockedSince = -1;
    }
    const pumps = this.waiting;
    this.waiting = [];
    for (const pump of pumps) pump.wake();
  }
}
