const MAX_DEPTH = 8;

/**
 * The value with everything that JSON cannot carry replaced by a few words on it. Numbers stay what they are, so that
 * whoever writes the result still refuses NaN.
 */
export function describe(value: unknown): unknown {
  return shown(value, new Set());
}

function shown(value: unknown, above: Set<object>): unknown {
  if (typeof value === 'bigint') return `<bigint ${value}>`;
  if (typeof value === 'function') return `<function ${value.name}>`;
  if (typeof value === 'symbol') return `<${value.toString()}>`;
  if (typeof value !== 'object' || value === null) return value === undefined ? null : value;
  if (ArrayBuffer.isView(value)) return `<${value.constructor.name} ${value.byteLength} bytes>`;
  if ('toJSON' in value && typeof value.toJSON === 'function') return value;
  if (above.has(value)) return '<cycle>';
  if (above.size === MAX_DEPTH) return '<more>';
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag !== 'Object' && tag !== 'Array') return value instanceof Error ? `<${value.name}: ${value.message}>` : `<${tag}>`;
  above.add(value);
  const copy = Array.isArray(value)
    ? value.map((item) => shown(item, above))
    : Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, shown(item, above)]])));
  above.delete(value);
  return copy;
}
