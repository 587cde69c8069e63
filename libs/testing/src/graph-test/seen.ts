import type { Packet } from '@sluice/sdk';

/** A packet as expectations see it. */
export interface Seen {
  readonly payload: unknown;
  readonly kind: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly source_id: string;
  readonly key: string;
  readonly epoch: number;
  /** Virtual time since the start, ms. */
  readonly at: number;
}

/** A packet, `now` after the start; its key is that of the source packet. */
export function seen(packet: Packet, now: number): Seen {
  const { payload, kind, meta, origin } = packet;
  return {
    payload,
    kind,
    meta,
    source_id: origin.sourceId,
    key: origin.key,
    epoch: origin.epoch,
    at: now,
  };
}
