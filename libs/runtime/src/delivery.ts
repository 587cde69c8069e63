import { CountedDelivery, type Outcome, type Packet } from '@sluice/sdk/packet';

/** What became of source packets that wanted to know. */
export interface DeliveryCounts {
  acked: number;
  nacked: number;
  cancelled: number;
}

/** The ack token of one source packet. */
export class SourceDelivery extends CountedDelivery {
  private watchers: Set<() => void> | undefined;

  constructor(
    private readonly told: (outcome: Outcome, error?: unknown) => void,
    private readonly counts: DeliveryCounts,
  ) {
    super();
  }

  /** Calls `look` whenever a packet of it is done; returns what ends that. */
  watch(look: () => void): () => void {
    (this.watchers ??= new Set()).add(look);
    return () => this.watchers?.delete(look);
  }

  override settle(outcome: Outcome, error?: unknown): void {
    super.settle(outcome, error);
    if (this.pending >= 0 && this.watchers !== undefined) for (const look of this.watchers) look();
  }

  protected override done(outcome: Outcome, error: unknown): void {
    this.counts[outcome]++;
    this.told(outcome, error);
  }
}

/** One packet is done. */
export function settle(packet: Packet, outcome: Outcome, error?: unknown): void {
  const { delivery } = packet.origin;
  if (delivery !== null) delivery.settle(outcome, error);
}
