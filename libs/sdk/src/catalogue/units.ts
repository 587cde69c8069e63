/** Text of a duration: `250ms`, `10s`, `5m`, `2h`, `7d`. */
export const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
/** Text of a size: `512B`, `64KB`, `200MB`, `2GB` (powers of 1024). */
export const SIZE = /^(\d+(?:\.\d+)?)(B|KB|MB|GB)$/;

const MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const BYTES = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 } as const;

/** Milliseconds of a duration text, or undefined where it is none. A number counts as milliseconds. */
export function parseDuration(text: string | number): number | undefined {
  if (typeof text === 'number') return text >= 0 && Number.isFinite(text) ? text : undefined;
  const match = DURATION.exec(text);
  return match ? Number(match[1]) * MS[match[2] as keyof typeof MS] : undefined;
}

/** Bytes of a size text, or undefined where it is none. A number counts as bytes. */
export function parseSize(text: string | number): number | undefined {
  if (typeof text === 'number') return text >= 0 && Number.isFinite(text) ? text : undefined;
  const match = SIZE.exec(text);
  return match ? Number(match[1]) * BYTES[match[2] as keyof typeof BYTES] : undefined;
}
