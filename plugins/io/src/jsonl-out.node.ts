import { IsBoolean, IsIn, IsNotEmpty, IsString } from 'class-validator';
import { Any, Doc, Node, port, toJsonText, type Context, type Packet } from '@sluice/sdk';
import { LineFile } from './line-file';

export class JsonlOutConfig {
  @IsString()
  @IsNotEmpty()
  @Doc('File; its folder is made. Relative ones lie in the working folder.', { examples: ['out/events.jsonl'] })
  path!: string;
  @IsIn(['packet', 'payload']) @Doc('What a line is: the packet with its header, or the payload alone.') body: 'packet' | 'payload' =
    'packet';
  @IsBoolean() @Doc('Adds to what is in the file; false empties it at the start.') append = true;
  @IsBoolean() @Doc('Writes what is beyond ASCII as \\u escapes, for readers that take nothing else.') ensure_ascii = false;
  @IsBoolean() @Doc('A packet is done when it is on the disk: survives a power failure, and is slower.') fsync = false;
}

@Node({
  type: 'io/jsonl-out',
  kind: 'sink',
  summary: 'Writes each packet as a line of JSON to a file.',
  doc: 'A line is written whole or not at all. What JSON cannot carry (NaN, cycles, bytes, BigInt, a key `__proto__`) is refused. Counters `lines` and `bytes`.',
  config: JsonlOutConfig,
  in: { in: port(Any, 'Packets that JSON can carry.') },
  examples: [
    { title: 'A log of events', config: { path: 'out/events.jsonl' } },
    {
      title: 'Only payloads, a new file each time, safe from power failures',
      config: { path: 'out/orders.jsonl', body: 'payload', append: false, fsync: true },
    },
  ],
})
export class JsonlOutNode {
  private file: LineFile | undefined;

  constructor(private readonly config: JsonlOutConfig) {}

  async open(ctx: Context): Promise<void> {
    this.file = await LineFile.open(ctx.outPath(this.config.path), this.config);
  }

  async write(packet: Packet, ctx: Context): Promise<void> {
    const text = toJsonText(this.config.body === 'payload' ? packet.payload : packet.toJSON());
    const line = this.config.ensure_ascii ? text.replace(/[\u0080-\uffff]/g, escaped) : text;
    await this.file!.write(line);
    ctx.count('lines');
    ctx.count('bytes', Buffer.byteLength(line) + 1);
  }

  async close(): Promise<void> {
    await this.file?.close();
  }
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
