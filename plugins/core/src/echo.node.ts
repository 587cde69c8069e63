import { Any, Node, port, type Packet } from '@sluice/sdk';
import { PrintConfig, PrintNode } from './print.node';

@Node({
  type: 'core/echo',
  kind: 'transform',
  summary: 'Prints each packet on standard output, like core/print, and passes it on.',
  doc: 'To look on at an edge without changing the graph much. What it cannot print is an error and is not passed on.',
  config: PrintConfig,
  in: { in: port(Any, 'Anything.') },
  out: { out: port(Any, 'The same packets, when they are printed.', { optional: true }) },
  examples: [{ title: 'What goes by, for people', config: { format: 'text', prefix: 'seen: ' } }],
})
export class EchoNode {
  private readonly print: PrintNode;

  constructor(config: PrintConfig) {
    this.print = new PrintNode(config);
  }

  async process(packet: Packet): Promise<Packet> {
    await this.print.write(packet);
    return packet;
  }
}
