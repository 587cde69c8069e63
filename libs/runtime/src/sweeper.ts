import type { Packet } from '@sluice/sdk';
import type { Edge } from './edge';
import { Pump, SLICE_MS, type Scheduler } from './scheduler';

const keep = (packet: Packet): boolean => packet.origin.scope?.fenced !== true;

/**
 * Takes what is fenced out of the edges. One sweep serves all scopes that were cancelled before it began, and yields
 * like any other work; until it has come by, a packet is in flight, and a pump that takes it discards it.
 */
export class Sweeper extends Pump {
  private left: Edge[] = [];
  private waiting: (() => void)[] = [];
  private next: (() => void)[] = [];
  private again = false;

  constructor(
    scheduler: Scheduler,
    private readonly edges: () => Iterable<Edge>,
  ) {
    super(scheduler, 0);
  }

  /** Resolves when a sweep that began after now has been through all edges. */
  sweep(): Promise<void> {
    // In the same tick, however much of the turn is used up: what is cancelled is not to wait for what is not.
    if (!this.again && this.left.length === 0) queueMicrotask(() => this.pump());
    this.again = true;
    return new Promise((resolve) => this.next.push(resolve));
  }

  override pump(): void {
    if (this.left.length === 0 && this.again) {
      this.again = false;
      this.left = [...this.edges()];
      this.waiting = this.next;
      this.next = [];
    }
    const end = this.scheduler.clock.elapsed() + SLICE_MS;
    while (this.left.length > 0) {
      this.left.pop()!.purge('cancelled', keep);
      if (this.left.length > 0 && this.scheduler.clock.elapsed() >= end) return this.wake();
    }
    for (const done of this.waiting.splice(0)) done();
    if (this.again) this.wake();
  }
}
