import { isHeld, Origin, Packet } from '@sluice/sdk/packet';
import { type Observable, Subject, type Subscription } from 'rxjs';
import { settle } from './delivery';
import { Segment, type SegmentHost } from './segment';
import type { Stage } from './stage';
import type { OperatorState } from './state';

const SWEEP_FROM = 64;

/**
 * An operator node at work: the one place where RxJS over time is written by hand. Its outputs come when it likes, so
 * the edges behind it take a burst. `boundary` means that what it takes is done; `explicit` that it settles itself.
 */
export class OperatorSegment extends Segment {
  private input: Subject<Packet> = new Subject();
  private subscription: Subscription | undefined;
  private recent: Packet | undefined;
  /** Explicit: what it was given and may still hold; swept now and then of what it is done with. */
  private given = new Set<Packet>();
  private sweepAt = SWEEP_FROM;
  private inputEnded = false;
  private outputEnded = false;

  constructor(
    stage: Stage,
    private readonly apply: (input: Observable<Packet>) => Observable<unknown>,
    private readonly explicit: boolean,
    host: SegmentHost,
    /** Whether what it holds is looked after: a join looks after that itself. */
    private readonly watched = true,
    /** Where its state outlives the process. */
    private readonly kept: OperatorState | undefined = undefined,
  ) {
    super([stage], 1, true, host);
  }

  override get passable(): boolean {
    return false;
  }

  start(): void {
    this.input = new Subject();
    try {
      this.subscription = this.apply(this.input.asObservable()).subscribe({
        next: (value) => this.send(value),
        error: (error: unknown) => this.restart(error),
        complete: () => {
          this.outputEnded = true;
          this.settleEnd();
        },
      });
    } catch (error) {
      this.restart(error);
    }
  }

  stop(): void {
    this.subscription?.unsubscribe();
    this.outputEnded = true;
    this.settleEnd();
  }

  override next(packet: Packet): void {
    const stage = this.last;
    stage.consumed++;
    const given = this.explicit ? packet : boundary(packet);
    this.recent = given;
    if (this.explicit && this.watched && packet.origin.delivery !== null) this.hold(packet);
    if (this.kept !== undefined) return this.kept.take(packet, () => this.input.next(given));
    if (!this.explicit) settle(packet, 'acked');
    this.input.next(given);
  }

  override complete(): void {
    this.inputEnded = true;
    // It goes on in the next run: what is half done is not for this one to send.
    if (this.kept?.leaving === true) return this.stop();
    this.input.complete();
    this.settleEnd();
  }

  private settleEnd(): void {
    if (this.inputEnded && this.outputEnded) super.complete();
  }

  private send(value: unknown): void {
    const stage = this.last;
    const input = this.recent ?? this.nothing();
    if (value === undefined) return;
    let out: Packet | undefined;
    try {
      const outlet = stage.outletOf(value);
      out = stage.packetOf(value, outlet, input);
      if (this.given.size > 0) this.passedOn(out);
      if (this.kept !== undefined) out = this.kept.carried(out);
      stage.produced++;
      if (outlet.taps !== undefined) outlet.tapped(out);
      const { scope } = out.origin;
      if (scope !== null && scope.fenced) settle(out, 'cancelled');
      else outlet.next(out);
    } catch (error) {
      // There is no input that could go to an error port; whoever sent what it was made of hears of it.
      if (out !== undefined) settle(out, 'nacked', error);
      this.host.failed(stage, undefined, error);
    }
  }

  /** What failed loses what it held; the chain goes on with a fresh one. */
  private restart(error: unknown): void {
    this.host.failed(this.last, undefined, error);
    const held = this.given;
    this.given = new Set();
    // One that releases what it holds when it is unsubscribed has its turn first.
    queueMicrotask(() => {
      for (const packet of held) if (isHeld(packet)) settle(packet, 'nacked', error);
    });
    if (this.inputEnded) {
      this.outputEnded = true;
      this.settleEnd();
    } else this.start();
  }

  private hold(packet: Packet): void {
    this.given.add(packet);
    if (this.given.size < this.sweepAt) return;
    for (const each of this.given) if (!isHeld(each)) this.given.delete(each);
    this.sweepAt = Math.max(SWEEP_FROM, this.given.size * 2);
  }

  /** What goes out with the delivery of what came in is no longer the operator's to settle. */
  private passedOn(out: Packet): void {
    if (this.given.delete(out)) return;
    const { delivery } = out.origin;
    if (delivery === null) return;
    for (const packet of this.given) {
      if (packet.origin.delivery !== delivery) continue;
      this.given.delete(packet);
      return;
    }
  }

  /** An operator may speak before it has heard anything. */
  private nothing(): Packet {
    const { ctx, node } = this.last;
    return Packet.source(undefined, 'any', {}, new Origin(ctx.run, node.id, node.id, ctx.now(), '', null, 0, null));
  }
}

/** The packet without its delivery: it was acked when it was taken. */
function boundary(packet: Packet): Packet {
  const { origin } = packet;
  if (origin.delivery === null) return packet;
  const { run, node, sourceId, time, key, scope, epoch } = origin;
  const { payload, kind, meta, port, from, seq, causeFrom, causeSeq, path } = packet;
  const cut = new Origin(run, node, sourceId, time, key, scope, epoch, null);
  return new Packet(payload, kind, meta, cut, port, from, seq, causeFrom, causeSeq, path);
}
