import type { Delivery, Outcome, Packet } from '@sluice/sdk';

/** What became of source packets that wanted to know. */
export interface DeliveryCounts {
  acked: number;
  nacked: number;
  cancelled: number;
}

/**
 * The ack token of one source packet: one counter, +N-1 for N outputs, done at 0. One failed branch makes the whole
 * packet nacked; a cancelled one makes it cancelled unless a branch failed.
 */
export class SourceDelivery implements Delivery {
  private pending = 1;
  private outcome: Outcome = 'acked';
  private error: unknown;

  constructor(
    private readonly done: (outcome: Outcome, error?: unknown) => void,
    private readonly counts: DeliveryCounts,
  ) {}

  hold(n: number): void {
    this.pending += n;
  }

  settle(outcome: Outcome, error?: unknown): void {
    if (outcome === 'nacked' || (outcome === 'cancelled' && this.outcome === 'acked')) {
      this.outcome = outcome;
      this.error ??= error;
    }
    if (--this.pending > 0) return;
    this.counts[this.outcome]++;
    this.done(this.outcome, this.error);
  }
}

/** The deliveries of all inputs that one output was made of: done together. */
export class JoinedDelivery implements Delivery {
  private pending = 1;
  private outcome: Outcome = 'acked';
  private error: unknown;

  constructor(private readonly parts: readonly Delivery[]) {}

  hold(n: number): void {
    this.pending += n;
  }

  settle(outcome: Outcome, error?: unknown): void {
    if (outcome === 'nacked' || (outcome === 'cancelled' && this.outcome === 'acked')) {
      this.outcome = outcome;
      this.error ??= error;
    }
    if (--this.pending > 0) return;
    for (const part of this.parts) part.settle(this.outcome, this.error);
  }
}

/** One packet is done. */
export function settle(packet: Packet, outcome: Outcome, error?: unknown): void {
  const { delivery } = packet.origin;
  if (delivery !== null) delivery.settle(outcome, error);
}
