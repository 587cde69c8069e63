import { IsString } from 'class-validator';
import { Any, Doc, Node, port, type Context, type Packet } from '@sluice/sdk';
import { JsonFilesOutConfig, JsonFilesOutNode } from './json-files-out.node';

export class JsonFilesWriteConfig extends JsonFilesOutConfig {
  @IsString() @Doc('Key in meta for `{ path, node_id }` of the file; empty adds none.') meta_key = 'file';
}

@Node({
  type: 'io/json-files-write',
  kind: 'transform',
  summary: 'Writes each packet to a JSON file of its own, like io/json-files-out, and passes it on with the path of the file.',
  doc: 'What is passed on is in its file. Counter `files`.',
  config: JsonFilesWriteConfig,
  in: { in: port(Any, 'Packets that JSON can carry.') },
  out: { out: port(Any, 'The same packets, with the path of the file in meta.', { optional: true }) },
  examples: [{ title: 'A file for each, then on', config: { path: 'out/packets' } }],
})
export class JsonFilesWriteNode {
  private readonly files: JsonFilesOutNode;

  constructor(private readonly config: JsonFilesWriteConfig) {
    this.files = new JsonFilesOutNode(config);
  }

  open(ctx: Context): Promise<void> {
    return this.files.open(ctx);
  }

  async process(packet: Packet, ctx: Context): Promise<Packet> {
    const path = await this.files.put(packet, ctx);
    const { meta_key } = this.config;
    return meta_key === '' ? packet : packet.with(packet.payload, { ...packet.meta, [meta_key]: { path, node_id: ctx.node } }, packet.kind);
  }
}
