import type { PlanEdge } from '@sluice/graph';
import type { Packet } from '@sluice/sdk/packet';
import type { Clock } from './clock';
import { settle } from './delivery';
import { Edge } from './edge';

/** An edge that only shows: it keeps the newest packet for whoever looks, never fills, and never makes its node run. */
export class ContextEdge extends Edge {
  packet: Packet | undefined;

  constructor(plan: PlanEdge, clock: Clock) {
    super({ ...plan, when_full: 'latest' }, clock);
  }

  override next(packet: Packet): void {
    this.in++;
    this.out++;
    this.packet = packet;
    settle(packet, 'acked');
  }
}
