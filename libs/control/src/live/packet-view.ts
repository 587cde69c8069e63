import type { Packet } from '@sluice/sdk';
import { rawPicture } from './raw-picture';

/** How much of a packet is shown. */
export interface ViewLimits {
  /** Letters of a text. */
  readonly text: number;
  /** Entries of a list or an object. */
  readonly entries: number;
  readonly depth: number;
  /** Bytes of a picture or a sound that are sent whole. */
  readonly media: number;
  /** Values in all, so that a wide tree does not become a wide answer. */
  readonly values: number;
}

export const VIEW: ViewLimits = { text: 4_096, entries: 100, depth: 8, media: 512 * 1024, values: 5_000 };

/**
 * A packet to be looked at: `packet@1`, bounded. What is left out is said: `{ "$more": n }` in a list, `{ "$bytes": n, "$type": ... }` for
 * bytes, with `base64` where they are a picture or a sound of a known type, `{ "$cut": n }` at the end of a long text. A decoded picture
 * comes with `$picture`, a small one that can be shown.
 */
export function viewOf(packet: Packet, limits: ViewLimits = VIEW): object {
  const { payload, meta, ...rest } = packet.toJSON();
  const left = { values: limits.values };
  return { ...rest, payload: look(payload, limits, limits.depth, left), meta: look(meta, limits, limits.depth, left) };
}

function look(value: unknown, limits: ViewLimits, depth: number, left: { values: number }, media = false): unknown {
  if (--left.values < 0) return { $more: true };
  switch (typeof value) {
    case 'string':
      return value.length <= limits.text ? value : { text: value.slice(0, limits.text), $cut: value.length - limits.text };
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : { $number: String(value) };
    case 'object':
      break;
    default:
      return value === undefined ? null : { $type: typeof value, text: String(value).slice(0, 100) };
  }
  if (value === null) return null;
  const bytes = bytesOf(value);
  if (bytes !== undefined) {
    const whole = media && bytes.byteLength <= limits.media;
    return { $bytes: bytes.byteLength, $type: value.constructor?.name ?? 'bytes', ...(whole ? { base64: base64Of(bytes) } : {}) };
  }
  if (depth === 0) return { $more: true };
  if (Array.isArray(value)) {
    const shown = value.slice(0, limits.entries).map((item) => look(item, limits, depth - 1, left));
    return value.length > limits.entries ? [...shown, { $more: value.length - limits.entries }] : shown;
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Map || value instanceof Set) return { $type: value.constructor.name, size: value.size };
  const kind = (value as { content_type?: unknown }).content_type;
  const plays = typeof kind === 'string' && /^(image|audio)\/[\w.+-]+$/.test(kind);
  const own = Object.entries(value).filter(([, item]) => typeof item !== 'function');
  const entries = own.slice(0, limits.entries).map(([key, item]) => [key, look(item, limits, depth - 1, left, plays)]);
  if (own.length > limits.entries) entries.push(['$more', own.length - limits.entries]);
  const picture = rawPicture(value);
  if (picture !== undefined)
    entries.push(['$picture', { content_type: 'image/bmp', data: { $bytes: picture.byteLength, base64: base64Of(picture) } }]);
  return Object.fromEntries(entries);
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function bytesOf(value: object): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return new Uint8Array(value);
  return undefined;
}
