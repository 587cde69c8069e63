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
  /** Packets that are not done. */
  pending = 1;
  private watchers: Set<() => void> | undefined;
  private outcome: Outcome = 'acked';
  private error: unknown;

  constructor(
    private readonly done: (outcome: Outcome, error?: unknown) => void,
    private readonly counts: DeliveryCounts,
  ) {}

  /** Calls `look` whenever a packet of it is done; returns what ends that. */
  watch(look: () => void): () => void {
    (this.watchers ??= new Set()).add(look);
    return () => this.watchers?.delete(look);
  }

  hold(n: number): void {
    this.pending += n;
  }

  settle(outcome: Outcome, error?: unknown): void {
    if (outcome === 'nacked' || (outcome === 'cancelled' && this.outcome === 'acked')) {
      this.outcome = outcome;
      this.error ??= error;
    }
    if (--this.pending !== 0) {
      // Below 0 a node has released a packet twice: its source was told already.
      if (this.pending > 0 && this.watchers !== undefined) for (const look of this.watchers) look();
      return;
    }
    this.counts[this.outcome]++;
    this.done(this.outcome, this.error);
    if (this.watchers !== undefined) for (const look of this.watchers) look();
  }
}

/** One packet is done. */
export function settle(packet: Packet, outcome: Outcome, error?: unknown): void {
  const { delivery } = packet.origin;
  if (delivery !== null) delivery.settle(outcome, error);
}
