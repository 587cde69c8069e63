import { createHash } from 'node:crypto';
import { IsNotEmpty, IsOptional, IsString, Matches } from 'class-validator';
import { Any, Doc, Node, port, portType, SluiceError, type Context, type Packet } from '@sluice/sdk';
import { FILE_PATH, makeFolder, NAME_PARTS, nameOf, writeWhole } from './whole-file';

/** Bytes that lie in a file. */
export interface BytesRef {
  readonly ref: {
    readonly scheme: 'file';
    /** Absolute. */
    readonly path: string;
    readonly content_type: string | null;
    readonly size_bytes: number;
    /** 64 hexadecimal digits. */
    readonly sha256: string;
  };
}
export const BytesRef = portType<BytesRef>('io/bytes_ref@1', { profile: 'ref_portable' });

export class BytesToRefConfig {
  @IsString()
  @IsNotEmpty()
  @Doc('Folder of the files; it is made. Relative ones lie in the working folder.', { examples: ['out/blobs'] })
  path!: string;
  @Matches(FILE_PATH, { message: `$property must be a relative path of letters, digits, _ . - / and ${NAME_PARTS}` })
  @Doc('Name of each file, with folders where wanted. A packet with the name of an earlier one replaces its file.', {
    examples: ['{source_id}/{seq}.jpg'],
  })
  name = '{source_id}/{packet_id}.bin';
  @IsOptional() @IsString() @Doc('What the bytes are.', { examples: ['image/jpeg'] }) content_type?: string;
}

@Node({
  type: 'io/bytes-to-ref',
  kind: 'transform',
  summary: 'Writes the bytes of each packet to a file and passes on a reference to it, which a queue or another process can carry.',
  doc: 'The payload is bytes (a Uint8Array or Buffer). The reference has size and checksum, which `io/ref-to-bytes` compares. Files stay until somebody removes them. Counter `files`.',
  config: BytesToRefConfig,
  in: { in: port(Any, 'Bytes.') },
  out: { out: port(BytesRef, 'Where they are.') },
  examples: [
    { title: 'Pictures beside a queue', config: { path: 'out/blobs', name: '{source_id}/{seq}.jpg', content_type: 'image/jpeg' } },
  ],
})
export class BytesToRefNode {
  private folder = '';
  private written = 0;

  constructor(private readonly config: BytesToRefConfig) {}

  async open(ctx: Context): Promise<void> {
    this.folder = await makeFolder(ctx.outPath(this.config.path));
  }

  async process(packet: Packet, ctx: Context): Promise<Packet<BytesRef>> {
    const bytes = packet.payload;
    if (!(bytes instanceof Uint8Array)) {
      throw new SluiceError('PACKET_UNFIT', `io/bytes-to-ref takes bytes, and this payload is ${bytes === null ? 'null' : typeof bytes}.`, {
        hint: 'Give it a Uint8Array or a Buffer; what is JSON needs no reference.',
        retryable: false,
      });
    }
    const n = this.written++;
    const path = await writeWhole(this.folder, nameOf(this.config.name, packet, n), bytes, n);
    ctx.count('files');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const ref = { scheme: 'file', path, content_type: this.config.content_type ?? null, size_bytes: bytes.byteLength, sha256 } as const;
    return packet.with({ ref });
  }
}
