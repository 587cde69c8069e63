import { portType, SluiceError, type Packet } from '@sluice/sdk';

/** What the nodes of this plugin give each other. */
export const Value = portType<number>('sample/value@1', { profile: 'json_portable' });

/**
 * The number that a packet carries. Ports are checked when a graph is, payloads are not: they may come from anywhere.
 * @throws SluiceError PACKET_UNFIT
 */
export function numberOf({ payload }: Packet): number {
  if (Number.isFinite(payload)) return payload as number;
  throw new SluiceError('PACKET_UNFIT', 'The payload is no number.', {
    hint: 'Put a core/map before the node, or a core/filter.',
  });
}
