import { NO_META, NOWHERE, Origin, Packet, To, type Emission, type Fence, type Meta } from '@sluice/sdk/packet';
import { isObservable, type Observable, type Subscription } from 'rxjs';
import { type DeliveryCounts, SourceDelivery } from './delivery';
import type { Clock } from './clock';
import { Gate } from './gate';
import { Pump, type Scheduler } from './scheduler';
import type { Segment } from './segment';
import { pulling, tuning, type Pull } from './straight';
import type { Outlet, Stage } from './stage';
import type { Retried } from './retried';
import { restOf } from './swap';
import { variable } from './variable';

/** Packets per turn of a source that nothing makes wait. */
const ENDLESS = 1024;
const NOBODY = (): void => undefined;

export interface SourceHost {
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly runId: string;
  readonly scope: Fence;
  readonly deliveries: DeliveryCounts;
  /** Told of packets that come again until they are acked; undefined where those of the source do not. */
  retried(source: string): Retried | undefined;
  /** Whether every source packet has a delivery, asked for or not. */
  readonly tracked: boolean;
  /** Whether every source packet has a key that no other run gives: what comes of it is on record. */
  readonly keyed: boolean;
  /** Whether a source may emit now: 0, ms to wait, or `stop`. Undefined where no throttle was asked for. */
  readonly admit: ((source: string) => number | 'stop') | undefined;
  /** read() or what it gave failed, so many times since it last worked for a while. @returns when to read again (ms), or undefined where it ended for good */
  sourceFailed(stage: Stage, error: unknown, failures: number): number | undefined;
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
  epoch = 0;
  /** In a row, without a packet between. */
  private failures = 0;
  private producedBefore = 0;
  private startedAt = 0;
  private pulling = false;
  /** What it was promised and has not got yet. */
  private owed: Promise<IteratorResult<unknown>> | undefined;
  /** Another source goes on with what it reads. */
  private released = false;
  private paused = false;
  private stopped = false;
  private ended = false;
  /** Of its packets, ms since the epoch; read once for many that come at once. */
  time = 0;
  private cancelRestart: (() => void) | undefined;
  /** The segment behind it, where nothing waits between the two. */
  behind: Segment | undefined;
  private straight: Pull | undefined;
  /** Straight code was tried, for the readers that there are. */
  private tried = false;
  private readonly retried: Retried | undefined;

  constructor(
    readonly stage: Stage,
    private readonly read: () => Iterable<unknown> | AsyncIterable<unknown> | Observable<unknown>,
    private readonly host: SourceHost,
  ) {
    super(host.scheduler, 1);
    this.id = stage.node.id;
    this.retried = host.retried(this.id);
    variable(this, 'ended', 'paused', 'pulling', 'behind');
  }

  outlets(): Iterable<Outlet> {
    return Object.values(this.stage.outlets);
  }

  rewire(): void {
    this.gate.watch(this.outlets());
    this.straight = undefined;
    this.tried = false;
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
    this.startedAt = this.host.clock.now();
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

  /** Whether another source can go on with what it reads. */
  get releasable(): boolean {
    return this.ended || this.iterator !== undefined;
  }

  /** Ends without ending what it reads, and gives the rest of that. What was taken flows on. */
  release(): Iterable<unknown> | AsyncIterable<unknown> {
    const { iterator } = this;
    if (this.ended || iterator === undefined) return [];
    this.released = true;
    this.cancelRestart?.();
    this.end();
    return restOf(iterator, this.pulling ? this.owed : undefined);
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
      while (credit > 0 && !this.ended && !this.paused) {
        if (!this.tried) this.straighten();
        if (this.host.admit !== undefined && !this.admitted()) return;
        const before = made;
        try {
          if (this.straight !== undefined) made += this.straight(this.iterator, Math.min(credit, this.look + 1 - (made & this.look)));
          else {
            made++;
            this.take(this.iterator.next());
          }
        } catch (error) {
          return this.fail(error);
        }
        credit -= made - before;
        if (this.pulling || (this.behind !== undefined && this.behind.busy > 0)) return;
        if ((made & this.look) === 0) {
          if (this.spent()) return this.wake();
          this.time = this.host.scheduler.clock.now();
        }
      }
      if (endless) return this.host.scheduler.clock.turn(() => this.wake());
    }
  }

  /** No more is to be pulled now. */
  get halted(): boolean {
    return this.ended || this.paused || this.pulling || (this.behind !== undefined && this.behind.busy > 0);
  }

  /** Handles what was pulled. */
  take(step: IteratorResult<unknown> | Promise<IteratorResult<unknown>>): void {
    if (step instanceof Promise) {
      this.pulling = true;
      this.owed = step;
      void this.pulled(step, this.iterator!);
    } else if (step.done === true) this.end();
    else this.emit(step.value);
  }

  /** What reads at once, and that nothing asks about, gets code of its own when it is hot. */
  private straighten(): void {
    const { host, stage } = this;
    if (this.tried || stage.produced < tuning.hot) return;
    this.tried = true;
    if (!host.tracked && host.admit === undefined && stage.only !== undefined) this.straight = pulling(this, host.runId);
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
      if (this.released) return;
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
    return new Origin(host.runId, id, id, this.time, this.key(), host.scope, this.epoch, delivery);
  }

  private key(): string {
    return this.host.keyed ? `${this.host.runId}:${this.id}:${this.stage.seq}` : '';
  }

  private addressedPacket(value: unknown): Packet {
    const { host, id } = this;
    const outlet = this.stage.outletOf(value);
    const { payload, emission } = value as To;
    const { scope = host.scope } = emission;
    const done = this.told(emission);
    const delivery = done === undefined && !host.tracked ? null : new SourceDelivery(done ?? NOBODY, host.deliveries);
    const epoch = emission.epoch ?? emission.scope?.epoch ?? this.epoch;
    const origin = new Origin(
      host.runId,
      id,
      emission.sourceId ?? id,
      emission.time ?? this.time,
      emission.key ?? this.key(),
      scope,
      epoch,
      delivery,
    );
    return this.packet(payload, outlet, emission.kind ?? outlet.kind ?? 'any', emission.meta ?? NO_META, origin);
  }

  private told({ key, done }: Emission): Emission['done'] {
    const { retried } = this;
    if (retried === undefined || key === undefined || done === undefined) return done;
    return (outcome, error) => {
      retried.told(key, outcome);
      done(outcome, error);
    };
  }

  private fail(error: unknown): void {
    if (this.ended) return;
    this.iterator = undefined;
    this.subscription?.unsubscribe();
    // What gave packets for as long as the longest pause lasts works again: its failures are counted from the first. One
    // that breaks at the same packet each time does not go on for ever.
    const healthy = this.host.clock.now() - this.startedAt >= (this.stage.node.policies.retry?.max_backoff_ms ?? 0);
    if (healthy && this.stage.produced > this.producedBefore) this.failures = 0;
    this.producedBefore = this.stage.produced;
    this.epoch++;
    const again = this.host.sourceFailed(this.stage, error, ++this.failures);
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
