import { Origin, Packet } from '@sluice/sdk/packet';
import { type Observable, Subject, type Subscription } from 'rxjs';
import { settle } from './delivery';
import { Segment, type SegmentHost } from './segment';
import type { Stage } from './stage';

/**
 * An operator node at work: the one place where RxJS over time is written by hand. Its outputs come when it likes, so
 * the edges behind it take a burst. `boundary` means that what it takes is done; `explicit` that it settles itself.
 */
export class OperatorSegment extends Segment {
  private input: Subject<Packet> = new Subject();
  private subscription: Subscription | undefined;
  private recent: Packet | undefined;
  private inputEnded = false;
  private outputEnded = false;

  constructor(
    stage: Stage,
    private readonly apply: (input: Observable<Packet>) => Observable<unknown>,
    private readonly explicit: boolean,
    host: SegmentHost,
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
    if (!this.explicit) settle(packet, 'acked');
    this.input.next(given);
  }

  override complete(): void {
    this.inputEnded = true;
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
    if (this.inputEnded) {
      this.outputEnded = true;
      this.settleEnd();
    } else this.start();
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
