import { IsIn } from 'class-validator';
import { Any, Doc, Node, port, type Packet } from '@sluice/sdk';

const ORDERS = ['arrival', 'round_robin'] as const;

export class MergeConfig {
  @IsIn(ORDERS)
  @Doc('`arrival`: each packet when it comes; `round_robin`: one of each edge in turn, in the order of the edges in the graph.')
  order: (typeof ORDERS)[number] = 'arrival';
}

@Node({
  type: 'core/merge',
  kind: 'transform',
  summary: 'Joins several streams into one, in the order in which their packets come or one of each in turn.',
  doc:
    'Connect any number of edges to its input; each keeps its own order. With `arrival` there is no promise between them. With `round_robin` ' +
    'a1 a2 and b1 b2 come out as a1 b1 a2 b2, whenever they come: the edge whose turn it is is waited for, and the others hold back those ' +
    'who send, as far as they block; nothing is kept here. An edge that has ended is passed over. Turns are taken among the edges of one lane.',
  config: MergeConfig,
  in: { in: port(Any, 'Any number of edges.') },
  out: { out: port(Any, 'All their packets.') },
  examples: [
    { title: 'Two cameras into one detector', config: {} },
    { title: 'One of each feed in turn', config: { order: 'round_robin' } },
  ],
})
export class MergeNode {
  /** What the runtime takes from the edges by. */
  readonly order: MergeConfig['order'];

  constructor({ order }: MergeConfig) {
    this.order = order;
  }

  process(packet: Packet): Packet {
    return packet;
  }
}
