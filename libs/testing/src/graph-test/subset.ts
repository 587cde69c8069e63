/** Marks in expectations: a mapping with exactly one of these keys stands for a set of values. */
const MARKS: Readonly<Record<string, (wanted: unknown, value: unknown) => boolean>> = {
  $any: () => true,
  $match: (wanted, value) => typeof value === 'string' && new RegExp(String(wanted)).test(value),
  $min: (wanted, value) => typeof value === 'number' && value >= Number(wanted),
  $max: (wanted, value) => typeof value === 'number' && value <= Number(wanted),
  $near: (wanted, value) => {
    const [target, tolerance] = Array.isArray(wanted) ? (wanted as number[]) : [Number(wanted), 1e-9];
    return typeof value === 'number' && Math.abs(value - target!) <= tolerance!;
  },
  $absent: (_, value) => value === undefined,
  $length: (wanted, value) => (typeof value === 'string' || Array.isArray(value)) && value.length === wanted,
};

/** Where a value is not what was wanted. */
export interface Difference {
  /** From the value's root: `payload.detections.0.label`. */
  readonly path: readonly (string | number)[];
  readonly wanted: unknown;
  readonly found: unknown;
}

/**
 * What of `wanted` is not in `value`: mappings must have at least the keys named, lists must have the same length and
 * their items must match one by one, all else must be equal. `{ $match: text }`, `{ $min: n }`, `{ $max: n }`, `{ $near: [n, tolerance] }`,
 * `{ $length: n }`, `{ $any: true }` and `{ $absent: true }` stand for sets of values.
 */
export function differences(wanted: unknown, value: unknown, path: readonly (string | number)[] = []): readonly Difference[] {
  if (isMapping(wanted)) {
    const keys = Object.keys(wanted);
    if (keys.length > 0 && keys.every((key) => key in MARKS))
      return keys.every((key) => MARKS[key]!(wanted[key], value)) ? [] : [{ path, wanted, found: value }];
    if (!isMapping(value)) return [{ path, wanted, found: value }];
    return keys.flatMap((key) => differences(wanted[key], value[key], [...path, key]));
  }
  if (Array.isArray(wanted)) {
    if (!isList(value) || value.length !== wanted.length) return [{ path, wanted, found: value }];
    return wanted.flatMap((item, i) => differences(item, value[i], [...path, i]));
  }
  return Object.is(wanted, value) || wanted === value ? [] : [{ path, wanted, found: value }];
}

/** Text of a value on one line, no longer than `limit`. */
export function shortly(value: unknown, limit = 100): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value, plain) ?? String(value));
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

/** What JSON cannot say, said shortly. */
export function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return `<${value.byteLength} bytes>`;
  if (value instanceof Map) return [...(value as Map<unknown, unknown>)];
  return value;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}
