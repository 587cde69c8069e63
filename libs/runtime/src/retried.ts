import type { Outcome } from '@sluice/sdk/packet';

/**
 * Packets of durable edges and queues that failed: they come again, so the run is degraded for as long as one of them was not done, and
 * not for longer. One that became a dead letter stays among them until somebody has it tried again.
 */
export class Retried {
  private readonly failed = new Set<string>();
  private readonly messages = new Map<string, string>();
  /** Deliveries that failed, of all. */
  nacked = 0;

  /** @param key of the packet, the same at each delivery */
  told(key: string, outcome: Outcome): void {
    if (outcome === 'nacked') {
      this.nacked++;
      this.failed.add(key);
    } else if (outcome === 'acked' && this.failed.delete(key) && this.failed.size === 0) this.messages.clear();
  }

  /** A node failed at one of them. */
  at(node: string, message: string): void {
    this.messages.set(node, message);
  }

  why(): readonly string[] {
    const n = this.failed.size;
    if (n === 0) return [];
    const which = n === 1 ? '1 packet failed and waits' : `${n} packets failed and wait`;
    return [...this.messages.values(), `${which} for the next try, or for somebody where it is a dead letter.`];
  }
}
