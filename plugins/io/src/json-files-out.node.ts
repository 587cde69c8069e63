import { IsIn, IsInt, IsNotEmpty, IsString, Matches, Max, Min } from 'class-validator';
import { Any, Doc, Node, port, toJsonText, type Context, type Packet } from '@sluice/sdk';
import { FILE_NAME, makeFolder, NAME_PARTS, nameOf, writeWhole } from './whole-file';

export class JsonFilesOutConfig {
  @IsString()
  @IsNotEmpty()
  @Doc('Folder; it is made. Relative ones lie in the working folder.', { examples: ['out/packets'] })
  path!: string;
  @Matches(FILE_NAME, { message: `$property must be a file name of letters, digits, _ . - and ${NAME_PARTS}` })
  @Doc(
    'Name of each file; `{n}` numbers them from 0 in every run, `{seq}` is the number of the packet where it comes from. A packet with the name of an earlier one replaces its file.',
  )
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
    this.folder = await makeFolder(ctx.outPath(this.config.path));
  }

  async write(packet: Packet, ctx: Context): Promise<void> {
    await this.put(packet, ctx);
  }

  /** Writes the file. @returns its path */
  async put(packet: Packet, ctx: Context): Promise<string> {
    const { body, indent, name } = this.config;
    const text = toJsonText(body === 'payload' ? packet.payload : packet.toJSON(), { indent });
    const n = this.written++;
    const path = await writeWhole(this.folder, nameOf(name, packet, n), `${text}\n`, n);
    ctx.count('files');
    return path;
  }
}
