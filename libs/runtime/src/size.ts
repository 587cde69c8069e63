/** About how many bytes a payload holds: what views and strings hold, 8 for a number, nested three deep. */
export function payloadBytes(value: unknown, depth = 3): number {
  if (typeof value === 'string') return value.length * 2;
  if (typeof value !== 'object' || value === null) return 8;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (depth === 0) return 8;
  let sum = 8;
  for (const part of Object.values(value)) sum += payloadBytes(part, depth - 1);
  return sum;
}
