import { portType, type StoredRef } from '@sluice/sdk';

/** Bytes that are in the store, and what was beside them in their payload. */
export interface BytesRef {
  readonly ref: StoredRef;
  /** The payload without its bytes; undefined where it was bytes alone. */
  readonly rest?: Readonly<Record<string, unknown>>;
  /** Kind of the packet that it stands for. */
  readonly of: string;
  /** The bytes were in memory that threads share. */
  readonly shared?: true;
}

export const BytesRefType = portType<BytesRef>('sluice/bytes_ref@1', {
  profile: 'ref_portable',
  schema: {
    type: 'object',
    properties: {
      ref: {
        type: 'object',
        properties: {
          scheme: { const: 'store' },
          key: { type: 'string', pattern: '^[0-9a-f]{64}$' },
          content_type: { type: 'string' },
          size_bytes: { type: 'integer', minimum: 0 },
          sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
        },
        required: ['scheme', 'key', 'content_type', 'size_bytes', 'sha256'],
      },
      rest: { type: 'object' },
      of: { type: 'string' },
      shared: { type: 'boolean' },
    },
    required: ['ref', 'of'],
  },
});
