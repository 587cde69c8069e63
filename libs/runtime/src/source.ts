import { NO_META, NOWHERE, Origin, Packet, To, type Fence, type Meta } from '@sluice/sdk/packet';
import { isObservable, type Observable, type Subscription } from 'rxjs';
import { type DeliveryCounts, SourceDelivery } from './delivery';
import type { Clock } from './clock';
import { Gate } from './gate';
import { Pump, type Scheduler } from './scheduler';
import type { Segment } from './segment';
import type { Outlet, Stage } from './stage';

/** Packets per turn of a source that nothing makes wait. */
const ENDLESS = 1024;
const NOBODY = (): void => undefined;

export interface SourceHost {
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly runId: string;
  readonly scope: Fence;
  readonly deliveries: DeliveryCounts;
  /** Whether every source packet has a delivery, asked for or not. */
  readonly tracked: boolean;
  /** Whether a source may emit now: 0, ms to wait, or `stop`. Undefined where no throttle was asked for. */
  readonly admit: ((source: string) => number | 'stop') | undefined;
  /** read() or what it gave failed. @returns when to read again (ms), or undefined where it ended for good */
  sourceFailed(stage: Stage, error: unknown, epoch: number): number | undefined;
  sourceEnded(source: Source): void;
}

/**
 * A source at work. Iterables are pulled, one packet for each room downstream, so nothing is lost and nothing piles up;
 * an Observable pushes, which is why its edges must name their loss.
 */
export class Source extends Pump {
  private readonly gate = new Gate();
  private readonly id: string;
  private iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined;
  private subscription: Subscription | undefined;
  private epoch = 0;
  private pulling = false;
  private paused = false;
  private stopped = false;
  private ended = false;
  private time = 0;
  private cancelRestart: (() => void) | undefined;
  /** The segment behind it, where nothing waits between the two. */
  private behind: Segment | undefined;

  constructor(
    readonly stage: Stage,
    private readonly read: () => Iterable<unknown> | AsyncIterable<unknown> | Observable<unknown>,
    private readonly host: SourceHost,
  ) {
    super(host.scheduler, 1);
    this.id = stage.node.id;
  }

  outlets(): Iterable<Outlet> {
    return Object.values(this.stage.outlets);
  }

  rewire(): void {
    this.gate.watch(this.outlets());
  }

  /** Runs `segment` directly with what it reads; the segment wakes it as one of its pumps. */
  fuse(segment: Segment): void {
    this.behind = segment;
    segment.pumps.push(this);
  }

  get over(): boolean {
    return this.ended;
  }

  /** Whether it will come with a packet or its end by itself: it has been asked, or it pushes. */
  get awaited(): boolean {
    return !this.ended && (this.pulling || this.subscription !== undefined);
  }

  start(): void {
    try {
      const produced = this.read();
      if (isObservable(produced)) {
        this.subscription = produced.subscribe({
          next: (value) => this.push(value),
          error: (error: unknown) => this.fail(error),
          complete: () => this.end(),
        });
      } else {
        this.iterator = Symbol.asyncIterator in produced ? produced[Symbol.asyncIterator]() : produced[Symbol.iterator]();
        this.wake();
      }
    } catch (error) {
      this.fail(error);
    }
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.wake();
  }

  /** Takes no more; what was taken flows on. */
  stop(): void {
    if (this.stopped || this.ended) return;
    this.stopped = true;
    this.cancelRestart?.();
    this.subscription?.unsubscribe();
    const { iterator } = this;
    // An iterator in the middle of next() answers return() only when that resolves; its end is not waited for.
    if (iterator?.return !== undefined) {
      try {
        const returned: unknown = iterator.return();
        if (returned instanceof Promise) returned.catch(() => undefined);
      } catch {
        // A source that is stopped has nobody left to tell.
      }
    }
    this.end();
  }

  override pump(): void {
    let made = 0;
    this.time = this.host.scheduler.clock.now();
    while (!this.ended && !this.paused && !this.pulling && this.iterator !== undefined) {
      let credit = this.credit();
      if (credit <= 0) return;
      // Nothing downstream ever makes it wait: it goes on in the next turn, and what is downstream gets this one.
      const endless = credit === Infinity && this.behind === undefined;
      if (endless) credit = ENDLESS;
      for (; credit > 0 && !this.ended && !this.paused; credit--) {
        if (this.host.admit !== undefined && !this.admitted()) return;
        let pulled: IteratorResult<unknown> | Promise<IteratorResult<unknown>>;
        try {
          pulled = this.iterator.next();
        } catch (error) {
          return this.fail(error);
        }
        if (pulled instanceof Promise) {
          this.pulling = true;
          void this.pulled(pulled, this.iterator);
          return;
        }
        if (pulled.done === true) return this.end();
        this.emit(pulled.value);
        if (this.behind !== undefined && this.behind.busy > 0) return;
        if ((++made & this.look) === 0) {
          if (this.spent()) return this.wake();
          this.time = this.host.scheduler.clock.now();
        }
      }
      if (endless) return this.host.scheduler.clock.turn(() => this.wake());
    }
  }

  private admitted(): boolean {
    const verdict = this.host.admit!(this.stage.node.id);
    if (verdict === 0) return true;
    if (verdict === 'stop') this.stop();
    else this.host.clock.after(verdict, () => this.wake());
    return false;
  }

  private credit(): number {
    const { behind } = this;
    if (behind === undefined) return this.gate.credit(this);
    return behind.busy > 0 ? 0 : Math.min(this.gate.credit(this), behind.credit(this));
  }

  private async pulled(promise: Promise<IteratorResult<unknown>>, iterator: AsyncIterator<unknown> | Iterator<unknown>): Promise<void> {
    try {
      const step = await promise;
      this.pulling = false;
      if (this.ended || iterator !== this.iterator) {
        // It came too late to be taken: whoever waits for its outcome sends it again.
        if (step.done !== true && step.value instanceof To) step.value.emission.done?.('nacked');
        return;
      }
      if (step.done === true) return this.end();
      this.time = this.host.scheduler.clock.now();
      this.emit(step.value);
      this.wake();
    } catch (error) {
      this.pulling = false;
      if (!this.ended) this.fail(error);
    }
  }

  private push(value: unknown): void {
    if (this.paused || this.ended) return;
    const verdict = this.host.admit?.(this.stage.node.id) ?? 0;
    if (verdict === 'stop') return this.stop();
    // What pushes cannot be slowed, only sampled.
    if (verdict > 0) return this.stage.ctx.count('throttled_total');
    this.time = this.host.scheduler.clock.now();
    this.emit(value);
  }

  private emit(value: unknown): void {
    const { stage } = this;
    const { only } = stage;
    let packet: Packet | undefined;
    try {
      // The common case first: a payload, from the only port.
      packet =
        only === undefined || value instanceof To
          ? this.addressedPacket(value)
          : this.packet(value, only, only.kind ?? 'any', NO_META, this.origin());
      const outlet = packet.from as Outlet;
      stage.produced++;
      if (outlet.taps !== undefined) outlet.tapped(packet);
      if (outlet.fused !== undefined) {
        if (packet.origin.scope === stage.runScope || !outlet.refuses(packet)) this.behind!.next(packet);
      } else if (outlet.sole !== undefined) outlet.sole.next(packet);
      else outlet.next(packet);
    } catch (error) {
      packet?.origin.delivery?.settle('nacked', error);
      this.fail(error);
    }
  }

  private packet(payload: unknown, outlet: Outlet, kind: string, meta: Meta, origin: Origin): Packet {
    const port = outlet.fused === undefined ? '' : outlet.fused.port;
    return new Packet(payload, kind, meta, origin, port, outlet, this.stage.seq++, NOWHERE, 0, '');
  }

  private origin(): Origin {
    const { host, id } = this;
    const delivery = host.tracked ? new SourceDelivery(NOBODY, host.deliveries) : null;
    return new Origin(host.runId, id, id, this.time, '', host.scope, this.epoch, delivery);
  }

  private addressedPacket(value: unknown): Packet {
    const { host, id } = this;
    const outlet = this.stage.outletOf(value);
    const { payload, emission } = value as To;
    const { done, scope = host.scope } = emission;
    const delivery = done === undefined && !host.tracked ? null : new SourceDelivery(done ?? NOBODY, host.deliveries);
    const epoch = emission.epoch ?? emission.scope?.epoch ?? this.epoch;
    const origin = new Origin(
      host.runId,
      id,
      emission.sourceId ?? id,
      emission.time ?? this.time,
      emission.key ?? '',
      scope,
      epoch,
      delivery,
    );
    return this.packet(payload, outlet, emission.kind ?? outlet.kind ?? 'any', emission.meta ?? NO_META, origin);
  }

  private fail(error: unknown): void {
    if (this.ended) return;
    this.iterator = undefined;
    this.subscription?.unsubscribe();
    const again = this.host.sourceFailed(this.stage, error, ++this.epoch);
    if (again === undefined || this.stopped) return this.end();
    this.cancelRestart = this.host.clock.after(again, () => this.start());
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.iterator = undefined;
    for (const outlet of this.outlets()) outlet.complete();
    this.behind?.complete();
    this.host.sourceEnded(this);
  }
}
