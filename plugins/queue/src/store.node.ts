import { IsNotEmpty, IsOptional, IsString } from 'class-validator';
import { Any, Doc, IsDuration, ms, Node, port, SluiceError, STORE, type BlobStore, type DurableStore, type Packet } from '@sluice/sdk';
import { BytesRefType, type BytesRef } from './ref';

export class QueueStoreConfig {
  @IsDuration()
  @Doc('For so long the bytes are kept; longer than packets that name them may wait.', { examples: ['30d'] })
  ttl = '7d';
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @Doc('What the bytes are, where the payload does not say it.', { examples: ['image/jpeg'] })
  content_type?: string;
}

@Node({
  type: 'queue/store',
  kind: 'transform',
  summary: 'Keeps the bytes of a payload in the store and passes on a reference, which a durable edge or a queue can hold.',
  doc: 'The payload is bytes, or an object with bytes in `data`: a frame, a picture. The same bytes are kept once. `queue/fetch` gives the payload back.',
  config: QueueStoreConfig,
  inject: [STORE],
  in: { in: port(Any, 'Bytes, or an object with bytes in `data`.') },
  out: { out: port(BytesRefType, 'The reference, and what was beside the bytes.') },
  examples: [
    { title: 'Frames before a durable edge', config: {} },
    { title: 'Pictures that may wait a month', config: { ttl: '30d', content_type: 'image/jpeg' } },
  ],
})
export class QueueStoreNode {
  private blobs: BlobStore | undefined;

  constructor(
    private readonly config: QueueStoreConfig,
    private readonly store: () => Promise<DurableStore>,
  ) {}

  async open(): Promise<void> {
    this.blobs = (await this.store()).blobs;
  }

  async process({ payload, kind }: Packet): Promise<BytesRef> {
    const { data, rest } = split(payload);
    const said = rest?.['content_type'];
    const contentType = typeof said === 'string' ? said : (this.config.content_type ?? 'application/octet-stream');
    const ref = await this.blobs!.keep(data, { contentType, ttl: ms(this.config.ttl) });
    return {
      ref,
      of: kind,
      ...(rest === undefined ? {} : { rest }),
      ...(data.buffer instanceof SharedArrayBuffer ? { shared: true } : {}),
    };
  }
}

/** @throws SluiceError STORE_NO_BYTES */
function split(payload: unknown): { data: Uint8Array; rest?: Readonly<Record<string, unknown>> } {
  if (payload instanceof Uint8Array) return { data: payload };
  if (typeof payload === 'object' && payload !== null) {
    const { data, ...rest } = payload as Readonly<Record<string, unknown>>;
    if (data instanceof Uint8Array) return { data, rest };
  }
  throw new SluiceError('STORE_NO_BYTES', 'The payload is no bytes and has none in `data`.', {
    hint: 'What JSON can carry needs no reference: leave queue/store out.',
  });
}
