import { Any, Node, port, type Context, type Packet } from '@sluice/sdk';
import { JsonlOutConfig, JsonlOutNode } from './jsonl-out.node';

@Node({
  type: 'io/jsonl-write',
  kind: 'transform',
  summary: 'Writes each packet as a line of JSON to a file, like io/jsonl-out, and passes it on.',
  doc: 'What is passed on is in the file. Counters `lines` and `bytes`.',
  config: JsonlOutConfig,
  in: { in: port(Any, 'Packets that JSON can carry.') },
  out: { out: port(Any, 'The same packets, when they are written.', { optional: true }) },
  examples: [{ title: 'A log on the way', config: { path: 'out/events.jsonl' } }],
})
export class JsonlWriteNode {
  private readonly file: JsonlOutNode;

  constructor(config: JsonlOutConfig) {
    this.file = new JsonlOutNode(config);
  }

  open(ctx: Context): Promise<void> {
    return this.file.open(ctx);
  }

  async process(packet: Packet, ctx: Context): Promise<Packet> {
    await this.file.write(packet, ctx);
    return packet;
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
