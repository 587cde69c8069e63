import { createHash } from 'node:crypto';
import { open, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { IsNotEmpty, IsString } from 'class-validator';
import { Any, Doc, IsSize, bytes as sizeOf, Node, port, portType, SluiceError, type Context, type Packet } from '@sluice/sdk';
import { type BytesRef } from './bytes-to-ref.node';
import { fileFault } from './file-fault';

export const Bytes = portType<Uint8Array>('io/bytes@1', { profile: 'inproc_any' });

export class RefToBytesConfig {
  @IsString()
  @IsNotEmpty()
  @Doc('Only files in this folder are read; a relative one starts in the working folder.', { examples: ['out/blobs'] })
  path = '.';
  @IsSize() @Doc('Files that are larger are refused.') max_size = '64MB';
  @IsString() @IsNotEmpty() @Doc('Kind of what is passed on.') kind = 'bytes';
}

@Node({
  type: 'io/ref-to-bytes',
  kind: 'transform',
  summary: 'Reads the file that a reference names and passes on its bytes, if they are those that were written.',
  doc: 'Size and, where the reference has one, sha256 are compared: other bytes are the error REF_DAMAGED. A file outside of `path`, also by way of a link, is REF_REFUSED.',
  config: RefToBytesConfig,
  in: { in: port(Any, 'References, such as those of io/bytes-to-ref.') },
  out: { out: port(Bytes, 'The bytes.') },
  examples: [{ title: 'What io/bytes-to-ref wrote', config: { path: 'out/blobs' } }],
})
export class RefToBytesNode {
  constructor(private readonly config: RefToBytesConfig) {}

  async process(packet: Packet, ctx: Context): Promise<Packet<Uint8Array>> {
    const ref = refOf(packet.payload);
    const folder = ctx.outPath(this.config.path);
    const path = await real(isAbsolute(ref.path) ? ref.path : join(folder, ref.path));
    const inside = relative(await real(folder), path);
    if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) throw refused(`${ref.path} is not in ${folder}`);
    if (ref.size_bytes > sizeOf(this.config.max_size)) throw refused(`${ref.path} is larger than ${this.config.max_size}`);
    const data = await readAtMost(path, ref.size_bytes);
    const same =
      data.length === ref.size_bytes && (ref.sha256 === undefined || createHash('sha256').update(data).digest('hex') === ref.sha256);
    if (!same) {
      throw new SluiceError('REF_DAMAGED', `${path} has not the bytes that the reference names.`, {
        hint: 'The file was changed or replaced; give each packet a file name of its own.',
        retryable: false,
      });
    }
    return packet.with<Uint8Array>(data, packet.meta, this.config.kind);
  }
}

function refOf(payload: unknown): Pick<BytesRef['ref'], 'path' | 'size_bytes'> & { readonly sha256?: string } {
  const ref = (payload as Partial<BytesRef> | null | undefined)?.ref as Partial<BytesRef['ref']> | undefined;
  const { scheme, path, size_bytes, sha256 } = ref ?? {};
  if (scheme !== 'file' || typeof path !== 'string' || path === '') throw refused('The payload is no reference to a file');
  if (!Number.isSafeInteger(size_bytes) || size_bytes! < 0) throw refused('The reference has no `size_bytes`');
  if ((sha256 ?? null) !== null && typeof sha256 !== 'string') throw refused('The `sha256` of the reference is no text');
  return { path, size_bytes: size_bytes!, ...(typeof sha256 === 'string' ? { sha256: sha256.toLowerCase() } : {}) };
}

const refused = (what: string): SluiceError =>
  new SluiceError('REF_REFUSED', `${what}.`, {
    hint: 'A reference is `{ ref: { scheme: file, path, size_bytes, sha256 } }` with a path below `path` of this node.',
    retryable: false,
  });

const real = (path: string): Promise<string> =>
  realpath(path).catch((error: unknown) => {
    throw fileFault(error, path, 'read');
  });

/** No more than was named is read, whatever the file has grown to; one byte more tells that it has. */
async function readAtMost(path: string, size: number): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      if (!(await file.stat()).isFile()) throw refused(`${path} is no file`);
      const data = Buffer.alloc(size + 1);
      let length = 0;
      for (let read = 1; read > 0 && length < data.length; length += read)
        read = (await file.read(data, length, data.length - length, length)).bytesRead;
      return data.subarray(0, length);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileFault(error, path, 'read');
  }
}
