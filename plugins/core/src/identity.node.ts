import { Any, Node, port, type Packet } from '@sluice/sdk';

@Node({
  type: 'core/identity',
  kind: 'transform',
  summary: 'Passes every packet on as it is.',
  in: { in: port(Any, 'Anything.') },
  out: { out: port(Any, 'The same packet.') },
  examples: [{ title: 'A named point in a graph', config: {} }],
})
export class IdentityNode {
  process(packet: Packet): Packet {
    return packet;
  }
}
