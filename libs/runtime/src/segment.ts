import { SluiceError } from '@sluice/sdk';
import { Packet } from '@sluice/sdk/packet';
import { Observable, Subscriber, Subscription, type OperatorFunction } from 'rxjs';
import { addressed } from './addressed';
import type { Clock } from './clock';
import { settle } from './delivery';
import { MAX_BURST, type Edge } from './edge';
import { Gate } from './gate';
import { RoomPump, type InPump } from './in-pump';
import type { Pump, Scheduler } from './scheduler';
import type { Outlet, ResultKind, Stage } from './stage';
import { SAMPLE_MASK, straight, straightAfter, tuning, type Straight } from './straight';

/** Calls that take time are timed more often: a clock read costs little beside them. */
const SLOW_SAMPLE_MASK = 63;

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

/** A call under way. */
interface Call {
  /** Room for one packet is kept for it. */
  reserved: boolean;
}

/** A call that keeps its place while others overtake it. */
interface Ticket extends Call {
  readonly stage: Stage;
  readonly packet: Packet;
  finish: (() => void | Promise<void>) | undefined;
}

/** Calls one after the other: the one under way, kept in one place so that a call costs no object. */
class Serving implements Call {
  active = false;
  reserved = false;
  stage!: Stage;
  at = 0;
  packet!: Packet;
  kind: ResultKind = 'none';
  result: unknown;
  /** A call was begun that it goes on with. */
  pending = false;
  /** It waits, or sends the results of one call: what begins meanwhile is not its to go on with. */
  several = false;
  calls = 0;
  /** When a call that is timed began; negative for others. */
  since = -1;

  constructor(public last: Stage) {}
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
  readonly gate = new Gate();
  /** Latencies are measured on the run's clock: what depends on them must be the same in each virtual-time run. */
  private readonly clock: Clock;
  /** Packets that went in. */
  count = 0;
  private straight: Straight | undefined;
  /** What follows on awaited results, by stage; null where there is no code for it. */
  private after: (((packet: Packet, result: unknown) => void) | null | undefined)[] = [];
  /** Straight code was tried, for the readers that there are. */
  private tried = false;
  private ended = false;
  private finishing = false;
  /** Calls beside the one that is being served, in the order in which they came: those behind it, or all where several may be under way. */
  private tickets: Ticket[] = [];
  private readonly serving: Serving;
  /** The call whose several results are being sent at this moment. */
  private parent: Call | undefined;
  /** Calls under way that wait for room: they come before new ones, which would take it and then wait behind them. */
  wanting = 0;
  /** Where the loop of awaits takes from: the pump of the only lane. */
  puller: InPump | undefined;
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
    this.serving = new Serving(this.last);
    this.clock = host.scheduler.clock;
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
    this.straight = undefined;
    this.after = [];
    this.tried = false;
  }

  /** Calls under way, and those of them that wait for room. */
  get engaged(): number {
    return this.busy + this.wanting;
  }

  /** What is written together, and what is RxJS over time, takes its packets from the pump only. */
  get passable(): boolean {
    return this.batch === undefined;
  }

  /** How many packets may be taken now. Where none may, the pump is woken when that changes. */
  credit(pump: Pump): number {
    return this.gate.credit(pump);
  }

  /** A packet goes in. */
  override next(packet: Packet): void {
    const n = ++this.count;
    // Samples are timed by the loop; the others take the straight way, once it is worth making.
    if (n <= tuning.sampleAfter || (n & SAMPLE_MASK) === 0 || this.straight === undefined || (this.busy > 0 && this.concurrency > 1))
      this.slow(packet, n);
    else this.straight.one(packet);
  }

  /**
   * Takes up to `n` packets from an edge.
   * @returns how many it took; fewer where there were no more or a call did not return at once
   */
  drain(edge: Edge, n: number): number {
    if (this.straight === undefined || n === 1) return edge.handOver() ? 1 : 0;
    // One of these 256 is timed.
    const first = edge.handOver() ? 1 : 0;
    if (first === 0 || this.busy > 0) return first;
    this.count += Math.min(n - 1, SAMPLE_MASK);
    return 1 + this.straight.many(edge, Math.min(n - 1, SAMPLE_MASK));
  }

  private slow(packet: Packet, n: number): void {
    if (this.batch !== undefined) this.batch.push(packet);
    else {
      if (!this.tried && n >= tuning.hot) {
        this.tried = true;
        this.straight = straight(this);
      }
      void this.run(packet, 0, true);
    }
  }

  /** Where the straight code meets what is not one packet: a promise, several, an address; or a packet of a unit. */
  onward(packet: Packet, at: number, result?: unknown): void | Promise<void> {
    if (result === undefined) return this.run(packet, at, false);
    const stage = this.stages[at]!;
    const kind = stage.resultKind(result);
    return kind === 'one' ? this.emit(stage, at, packet, result) : this.pend(stage, at, packet, kind, result);
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
        if (kind !== 'one') return this.pend(stage, at, packet, kind, result);
        // An answer at once waits for those before it that took time.
        if (this.ordered && this.concurrency > 1 && this.tickets.length > 0) return this.later(stage, at, packet, kind, result);
        const { scope } = packet.origin;
        if (scope !== null && scope.fenced) return settle(packet, 'cancelled');
        const outlet = stage.outletOf(result);
        const out = stage.packetOf(result, outlet, packet);
        stage.produced++;
        if (outlet.taps !== undefined) outlet.tapped(out);
        const { fused } = outlet;
        if (fused === undefined) return outlet.next(out);
        if (out.origin.scope !== stage.runScope && outlet.refuses(out)) return;
        packet = addressed(out, fused.port);
        at++;
      } catch (error) {
        return this.host.failed(stage, packet, error);
      }
    }
  }

  private timed(stage: Stage, packet: Packet): unknown {
    const start = this.clock.elapsed();
    const result = stage.call(packet);
    const took = this.clock.elapsed() - start;
    stage.latency.record(took);
    return result;
  }

  /** A result that takes time or is several. */
  pend(stage: Stage, at: number, packet: Packet, kind: ResultKind, result: unknown): void | Promise<void> {
    if (this.parent !== undefined) return this.inside(this.parent, stage, at, packet, kind, result);
    if (this.concurrency > 1) return this.later(stage, at, packet, kind, result);
    const { serving } = this;
    if (kind === 'promise') stage.awaited = true;
    if (serving.active ? serving.several : this.tickets.length > 0) return this.later(stage, at, packet, kind, result);
    serving.stage = stage;
    serving.at = at;
    serving.packet = packet;
    serving.kind = kind;
    serving.pending = true;
    if (kind === 'promise') (result instanceof Promise ? result : Promise.resolve(result)).then(this.came, this.broke);
    else serving.result = result;
    if (!serving.active) this.serve();
  }

  /**
   * One call after the other, for as long as there is something to take and room for what comes of it: each answer takes
   * the next packet, which costs a fraction of what a call through the scheduler does.
   */
  private serve(): void {
    const { serving } = this;
    serving.active = true;
    serving.calls = 0;
    serving.last = serving.stage;
    this.enter(serving.stage, serving);
    this.await();
  }

  /** Waits for the call that was begun. */
  private await(): void {
    const { serving } = this;
    const { stage, kind } = serving;
    serving.pending = false;
    serving.calls++;
    if (stage !== serving.last) {
      serving.last.busy--;
      stage.busy++;
      serving.last = stage;
    }
    serving.several = true;
    if (kind !== 'promise') return this.sendSeveral(kind, serving.result);
    const timed = this.count <= tuning.sampleAfter || (this.count & SLOW_SAMPLE_MASK) === 0;
    serving.since = timed ? this.clock.elapsed() : -1;
  }

  /** A call gave its result. */
  private readonly came = (value: unknown): void => {
    const { stage, at, packet, since } = this.serving;
    const after = this.after[at];
    if (since >= 0) stage.latency.record(this.clock.elapsed() - since);
    else if (after) {
      const { scope } = packet.origin;
      if (scope === null || scope === stage.runScope) {
        const { scheduler } = this.host;
        this.serving.several = false;
        scheduler.enter();
        after(packet, value);
        scheduler.leave();
        return this.goOn();
      }
    } else if (after === undefined && this.count >= tuning.hot) this.after[at] = straightAfter(this, at) ?? null;
    const kind = stage.resultKind(value);
    if (kind === 'none') settle(packet, 'acked');
    else if (kind === 'one') {
      const { scheduler } = this.host;
      this.serving.several = false;
      scheduler.enter();
      void this.emit(stage, at, packet, value);
      scheduler.leave();
    } else return this.sendSeveral(kind, value);
    this.goOn();
  };

  private readonly broke = (error: unknown): void => {
    this.host.failed(this.serving.stage, this.serving.packet, error);
    this.goOn();
  };

  private sendSeveral(kind: ResultKind, results: unknown): void {
    const { stage, at, packet } = this.serving;
    void this.several(stage, at, packet, kind, results, this.serving).then(this.goOn, this.broke);
  }

  /** Takes the next packet, or leaves. */
  private readonly goOn = (): void => {
    const { serving } = this;
    serving.several = false;
    let dry = false;
    while (!serving.pending && this.mayServe(serving)) {
      const taken = this.puller?.takeOne();
      if (taken === undefined) {
        // What comes next wakes the pump by itself.
        dry = this.puller?.dry === true;
        break;
      }
      this.next(taken);
    }
    if (serving.pending) return this.await();
    serving.active = false;
    this.left(serving.last, serving, !dry);
    if (this.tickets.length > 0) void this.flushTickets();
  };

  /** Whether the next packet may be taken without the scheduler: nobody is before it, there is room, and time left. */
  private mayServe(serving: Serving): boolean {
    if (this.tickets.length > 0 || this.ended) return false;
    if (!serving.reserved) {
      if (!this.gate.open) return false;
      this.gate.reserve();
      serving.reserved = true;
    } else if (!this.gate.roomBeside(1)) return false;
    return (serving.calls & 15) !== 0 || !this.host.scheduler.over();
  }

  /** A call that one of several results led to: who sends those waits for it, so it needs no place in the order of its own. */
  private async inside(parent: Call, stage: Stage, at: number, packet: Packet, kind: ResultKind, result: unknown): Promise<void> {
    stage.busy++;
    try {
      const value = kind === 'promise' ? await result : result;
      const what = kind === 'promise' ? stage.resultKind(value) : kind;
      if (what === 'none') settle(packet, 'acked');
      else if (what === 'one') await this.under(parent, () => this.emit(stage, at, packet, value));
      else await this.several(stage, at, packet, what, value, parent);
    } catch (error) {
      this.host.failed(stage, packet, error);
    }
    stage.busy--;
  }

  /** What `send` starts belongs to the call of `parent`. */
  private under(parent: Call, send: () => void | Promise<void>): void | Promise<void> {
    const before = this.parent;
    this.parent = parent;
    try {
      return send();
    } finally {
      this.parent = before;
    }
  }

  /** The call stays under way beside others, with room reserved for one packet. */
  private async later(stage: Stage, at: number, packet: Packet, kind: ResultKind, result: unknown): Promise<void> {
    const ticket: Ticket = { stage, packet, reserved: false, finish: undefined };
    this.tickets.push(ticket);
    this.enter(stage, ticket);
    const start = this.clock.elapsed();
    let finish: () => void | Promise<void>;
    try {
      let value = result;
      let what = kind;
      if (kind === 'promise') {
        value = await result;
        what = stage.resultKind(value);
        stage.latency.record(this.clock.elapsed() - start);
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
    if (!this.ordered) {
      const done = finish();
      if (done !== undefined) await done;
      this.tickets.splice(this.tickets.indexOf(ticket), 1);
      return this.left(stage, ticket);
    }
    ticket.finish = finish;
    if (this.tickets[0] === ticket && !this.serving.active) await this.flushTickets();
  }

  /** Those behind that were ready first go out, each after the one before it. */
  private async flushTickets(): Promise<void> {
    while (this.tickets[0]?.finish !== undefined) {
      const head = this.tickets[0];
      // One before it may have sent more than was kept for it.
      if (this.ordered && !this.gate.vacant) await this.waitForRoom(() => undefined);
      const done = head.finish!();
      if (done !== undefined) await done;
      this.tickets.shift();
      this.left(head.stage, head);
    }
  }

  /** Calls that go on only when something else moves: when there is room, or when those before them are done. */
  get held(): number {
    let n = this.wanting;
    for (let i = this.serving.active ? 0 : 1; i < this.tickets.length; i++) if (this.tickets[i]!.finish !== undefined) n++;
    return n;
  }

  /** Calls under way for one of these packets, by the node that they are in. */
  *working(on: (packet: Packet) => boolean): Iterable<string> {
    if (this.serving.active && on(this.serving.packet)) yield this.serving.stage.node.id;
    for (const ticket of this.tickets) if (on(ticket.packet)) yield ticket.stage.node.id;
  }

  private enter(stage: Stage, call: Call): void {
    this.host.entered();
    this.busy++;
    stage.busy++;
    // A control packet is taken without room; what it would keep, those before it may need to end.
    call.reserved = this.gate.open;
    if (call.reserved) this.gate.reserve();
  }

  private unreserve(call: Call): void {
    call.reserved = false;
    this.gate.release();
  }

  private left(stage: Stage, call?: Call, wake = true): void {
    this.busy--;
    stage.busy--;
    if (call?.reserved === true) this.unreserve(call);
    if (wake) for (const pump of this.pumps) pump.wake();
    else this.host.scheduler.touch();
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
      else if (out.origin.scope === stage.runScope || !outlet.refuses(out))
        return this.run(addressed(out, outlet.fused.port), at + 1, false);
    } catch (error) {
      this.host.failed(stage, input, error);
    }
  }

  /** Sends several results on. Iterables are pulled with credit for each; an Observable pushes, its edges take a burst. */
  private async several(stage: Stage, at: number, input: Packet, kind: string, results: unknown, call: Call): Promise<void> {
    const { delivery, key } = input.origin;
    let n = 0;
    const send = (value: unknown): void | Promise<void> => {
      if (value === undefined) return;
      if (delivery !== null) delivery.hold(1);
      // From the second on the path tells them apart, so that keys stay unique and stable.
      const cause = n++ === 0 || key === '' ? input : withPath(input, `${input.path}/${stage.node.id}/${n - 1}`);
      return this.under(call, () => this.emit(stage, at, cause, value));
    };
    const { signal } = input.origin.scope ?? stage.ctx;
    try {
      if (kind === 'observable') await pushedTo(results as Observable<unknown>, send, signal, stage);
      else {
        const iterator = results as Iterator<unknown> | AsyncIterator<unknown>;
        for (;;) {
          if (!call.reserved) {
            const room = this.roomFor(call);
            if (room !== undefined) await room;
          }
          const pulled = iterator.next();
          const step = kind === 'iterable' ? (pulled as IteratorResult<unknown>) : await pulled;
          if (step.done === true) break;
          if (signal.aborted) {
            await iterator.return?.();
            break;
          }
          // The room that was kept is this result's.
          if (call.reserved) this.unreserve(call);
          const sent = send(step.value);
          if (sent !== undefined) await sent;
        }
      }
      settle(input, signal.aborted ? 'cancelled' : 'acked');
    } catch (error) {
      this.host.failed(stage, input, error);
    }
  }

  /** Keeps room for one more packet of a call; a promise where there is none now. */
  protected roomFor(call: Call): Promise<void> | undefined {
    const reserve = (): void => {
      this.gate.reserve();
      call.reserved = true;
    };
    // In order only one call sends at a time: what is kept for those behind it is not room that it must leave.
    if (this.ordered ? this.gate.vacant : this.gate.open) return void reserve();
    return this.waitForRoom(reserve);
  }

  private waitForRoom(then: () => void): Promise<void> {
    this.wanting++;
    return new Promise<void>((resolve) =>
      new RoomPump(this.pumps[0]!, (pump) => {
        if ((this.ordered ? this.gate.vacancy(pump) : this.gate.credit(pump)) <= 0) return false;
        this.wanting--;
        then();
        resolve();
        return true;
      }).wake(),
    );
  }

  private async runBatch(packets: readonly Packet[]): Promise<void> {
    const stage = this.last;
    stage.consumed += packets.length;
    this.host.entered();
    this.busy++;
    stage.busy++;
    const start = this.clock.elapsed();
    try {
      const result = this.writeBatch!(packets);
      if (result !== undefined) await result;
      // One that was fenced meanwhile may have been left out by a later attempt.
      for (const packet of packets) settle(packet, packet.origin.scope?.fenced === true ? 'cancelled' : 'acked');
    } catch (error) {
      for (const packet of packets) this.host.failed(stage, packet, error);
    }
    stage.latency.record(this.clock.elapsed() - start);
    this.left(stage);
  }
}

/** Sends on what an Observable pushes, each after the one before it; it cannot be asked to wait, so what waits is bounded. */
function pushedTo(
  results: Observable<unknown>,
  send: (value: unknown) => void | Promise<void>,
  signal: AbortSignal,
  stage: Stage,
): Promise<void> {
  const subscription = new Subscription();
  let sending: Promise<void> | undefined;
  let waiting = 0;
  return new Promise<void>((resolve, reject) => {
    // What was taken goes on, however the rest ends.
    const over = (error?: unknown): void => {
      if (subscription.closed) return;
      subscription.unsubscribe();
      const end = (): void => (error === undefined ? resolve() : reject(error as Error));
      if (sending === undefined) end();
      else sending.then(end, reject);
    };
    const stop = (): void => over();
    subscription.add(() => signal.removeEventListener('abort', stop));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) return stop();
    const take = (value: unknown): void => {
      if (subscription.closed) return;
      if (sending === undefined) {
        const sent = send(value);
        if (sent !== undefined) sending = sent;
      } else if (++waiting > MAX_BURST) over(overrun(stage));
      else sending = sending.then(() => (waiting--, send(value)));
    };
    subscription.add(results.subscribe({ next: take, error: over, complete: stop }));
  });
}

function overrun({ node }: Stage): SluiceError {
  return new SluiceError('NODE_OVERRUN', `It pushed more than ${MAX_BURST} packets beyond what the next node has taken.`, {
    node: node.id,
    hint: 'Return an iterable instead of an Observable, or make the edge lossy.',
  });
}

function withPath(packet: Packet, path: string): Packet {
  const { payload, kind, meta, origin, port, from, seq, causeFrom, causeSeq } = packet;
  return new Packet(payload, kind, meta, origin, port, from, seq, causeFrom, causeSeq, path);
}
