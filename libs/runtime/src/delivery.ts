import { CountedDelivery, type Outcome, type Packet } from '@sluice/sdk/packet';

/** What became of source packets that wanted to know. */
export interface DeliveryCounts {
  acked: number;
  nacked: number;
  cancelled: number;
}

/** What has to be written before the source hears that its packet is done. */
export interface Before {
  /** @returns false where that is not to be, as what it was built on is given back */
  write(): Promise<boolean>;
  /** It will come again, as if it had not been. */
  undo(outcome: Outcome): void;
}

/** The ack token of one source packet. */
export class SourceDelivery extends CountedDelivery {
  private watchers: Set<() => void> | undefined;
  before: Before | undefined;

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
    const { before } = this;
    if (before === undefined) return this.tell(outcome, error);
    if (outcome !== 'acked') {
      before.undo(outcome);
      return this.tell(outcome, error);
    }
    before.write().then(
      (written) => this.tell(written ? 'acked' : 'cancelled'),
      (failed: unknown) => {
        before.undo('nacked');
        this.tell('nacked', failed);
      },
    );
  }

  private tell(outcome: Outcome, error?: unknown): void {
    this.counts[outcome]++;
    this.told(outcome, error);
  }
}

/** One packet is done. */
export function settle(packet: Packet, outcome: Outcome, error?: unknown): void {
  const { delivery } = packet.origin;
  if (delivery !== null) delivery.settle(outcome, error);
}
