import { Any, Node, port, type Packet } from '@sluice/sdk';

@Node({
  type: 'core/merge',
  kind: 'transform',
  summary: 'Joins several streams into one, in the order in which their packets come.',
  doc: 'Connect any number of edges to its input. Each edge keeps its own order; between edges there is no promise.',
  in: { in: port(Any, 'Any number of edges.') },
  out: { out: port(Any, 'All their packets.') },
  examples: [{ title: 'Two cameras into one detector', config: {} }],
})
export class MergeNode {
  process(packet: Packet): Packet {
    return packet;
  }
}
