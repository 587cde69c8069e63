import { Any, Node, port, STORE, type BlobStore, type DurableStore, type Packet } from '@sluice/sdk';
import { BytesRefType, type BytesRef } from './ref';

export class QueueFetchConfig {}

@Node({
  type: 'queue/fetch',
  kind: 'transform',
  summary: 'Gives back the payload whose bytes `queue/store` has kept; they are compared with their sha256.',
  doc: 'The packet has the payload and the kind that it had before `queue/store`. Bytes whose `ttl` is over, or whose file was changed, fail with a code.',
  config: QueueFetchConfig,
  inject: [STORE],
  in: { in: port(BytesRefType, 'References.') },
  out: { out: port(Any, 'The payloads that they stand for.') },
  examples: [{ title: 'Frames behind a durable edge', config: {} }],
})
export class QueueFetchNode {
  private blobs: BlobStore | undefined;

  constructor(
    _config: QueueFetchConfig,
    private readonly store: () => Promise<DurableStore>,
  ) {}

  async open(): Promise<void> {
    this.blobs = (await this.store()).blobs;
  }

  async process(packet: Packet<BytesRef>): Promise<Packet> {
    const { ref, rest, of, shared } = packet.payload;
    const read = await this.blobs!.read(ref);
    const data = new Uint8Array(shared === true ? new SharedArrayBuffer(read.byteLength) : new ArrayBuffer(read.byteLength));
    data.set(read);
    return packet.with<unknown>(rest === undefined ? data : { ...rest, data }, packet.meta, of);
  }
}
