import { Packet } from '@sluice/sdk/packet';

/** The packet as the port that it goes in by sees it: a fresh one is marked, one that others see too is copied. */
export function addressed(packet: Packet, port: string): Packet {
  if (packet.port === port) return packet;
  if (packet.port === '') {
    (packet as { port: string }).port = port;
    return packet;
  }
  const { payload, kind, meta, origin, from, seq, causeFrom, causeSeq, path } = packet;
  return new Packet(payload, kind, meta, origin, port, from, seq, causeFrom, causeSeq, path);
}
