import type { Context, Packet } from '@sluice/sdk';

/** Which time a node goes by: the packet's own, so that a recording gives the same result at any pace, or the clock's. */
export const TIMES = ['event', 'clock'] as const;
export type Time = (typeof TIMES)[number];

/** Milliseconds since the epoch by that time. */
export function moment(time: Time, packet: Packet, ctx: Context): number {
  return time === 'event' ? packet.origin.time : ctx.now();
}
