import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IsIn, IsInt, IsNotEmpty, IsString, Matches, Max, Min } from 'class-validator';
import { Any, Doc, Node, port, toJsonText, type Context, type Packet } from '@sluice/sdk';
import { fileFault } from './file-fault';

const PARTS: Readonly<Record<string, (packet: Packet) => string>> = {
  ts: (packet) => packet.ts,
  source_id: (packet) => packet.sourceId,
  kind: (packet) => packet.kind,
  seq: (packet) => String(packet.seq).padStart(6, '0'),
  packet_id: (packet) => packet.id,
  key: (packet) => packet.key,
};
const TEMPLATE = new RegExp(`^(?:[\\w.-]|\\{(?:${Object.keys(PARTS).join('|')})\\})+$`);
const MAX_NAME = 200;

export class JsonFilesOutConfig {
  @IsString()
  @IsNotEmpty()
  @Doc('Folder; it is made. Relative ones lie in the working folder.', { examples: ['out/packets'] })
  path!: string;
  @Matches(TEMPLATE, { message: `$property must be a file name of letters, digits, _ . - and {${Object.keys(PARTS).join('}, {')}}` })
  @Doc('Name of each file. A packet with the name of an earlier one replaces its file.')
  name = '{ts}_{source_id}_{kind}_{seq}.json';
  @IsIn(['packet', 'payload']) @Doc('What is written: the packet with its header, or the payload alone.') body: 'packet' | 'payload' =
    'packet';
  @IsInt() @Min(0) @Max(8) @Doc('Spaces of indentation.') indent = 2;
}

@Node({
  type: 'io/json-files-out',
  kind: 'sink',
  summary: 'Writes each packet to a JSON file of its own.',
  doc: 'A file appears under its name when it is complete. Characters that a file name cannot have become `_`. Counter `files`.',
  config: JsonFilesOutConfig,
  in: { in: port(Any, 'Packets that JSON can carry.') },
  examples: [
    { title: 'One file per packet', config: { path: 'out/packets' } },
    { title: 'The newest payload of each source', config: { path: 'out/latest', name: '{source_id}.json', body: 'payload' } },
  ],
})
export class JsonFilesOutNode {
  private folder = '';
  private written = 0;

  constructor(private readonly config: JsonFilesOutConfig) {}

  async open(ctx: Context): Promise<void> {
    this.folder = ctx.outPath(this.config.path);
    await mkdir(this.folder, { recursive: true }).catch((error: unknown) => {
      throw fileFault(error, this.folder, 'make the folder');
    });
  }

  async write(packet: Packet, ctx: Context): Promise<void> {
    const { body, indent, name } = this.config;
    const text = toJsonText(body === 'payload' ? packet.payload : packet.toJSON(), { indent });
    const path = join(this.folder, fileName(name, packet));
    // Of this process and this packet alone, so that nobody else writes to it; a dot keeps it out of listings.
    const draft = join(this.folder, `.${process.pid}-${this.written++}.part`);
    try {
      await writeFile(draft, `${text}\n`);
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw fileFault(error, path, 'write');
    }
    ctx.count('files');
  }
}

function fileName(template: string, packet: Packet): string {
  const name = template.replace(/\{(\w+)\}/g, (_, part: string) => PARTS[part]!(packet).replace(/[^\w.-]/g, '_'));
  // Neither hidden nor `..`, nor longer than file systems take.
  return name.replace(/^\.+/, '_').slice(-MAX_NAME);
}
