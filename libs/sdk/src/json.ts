import { SluiceError } from './catalogue';

/**
 * JSON text of a value that loses nothing on the way: what JSON cannot say is refused, never turned into text or null.
 * An object's own `toJSON` is honoured.
 * @throws SluiceError PACKET_NOT_PORTABLE that names the place
 */
export function toJsonText(value: unknown, options: { indent?: number } = {}): string {
  check(value, [], new Set());
  return JSON.stringify(value, undefined, options.indent);
}

function check(value: unknown, path: (string | number)[], above: Set<object>): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return;
    case 'number':
      if (!Number.isFinite(value)) refuse(path, String(value), 'Send null, or leave the field out.');
      return;
    case 'object':
      break;
    default:
      refuse(path, typeof value, 'Turn it into a number, a text or a list first.');
  }
  if (value === null) return;
  const object = value as object & { toJSON?: unknown };
  if (typeof object.toJSON === 'function') {
    check((object.toJSON as (key: string) => unknown)(String(path.at(-1) ?? '')), path, above);
    return;
  }
  if (above.has(object)) refuse(path, 'a cycle', 'Send an id instead of the object.');
  const tag = Object.prototype.toString.call(object).slice(8, -1);
  if (tag !== 'Object' && tag !== 'Array') refuse(path, tag, 'Send bytes as a reference and collections as lists.');
  if (Object.hasOwn(object, '__proto__')) refuse(path, 'a key __proto__', 'Rename the key.');
  above.add(object);
  if (Array.isArray(object)) for (let i = 0; i < object.length; i++) below(object[i], i, path, above);
  else for (const [key, own] of Object.entries(object)) if (own !== undefined) below(own, key, path, above);
  above.delete(object);
}

/** One path for the whole walk: it is right where a throw stops. */
function below(value: unknown, at: string | number, path: (string | number)[], above: Set<object>): void {
  path.push(at);
  check(value, path, above);
  path.pop();
}

function refuse(path: readonly (string | number)[], what: string, hint: string): never {
  throw new SluiceError('PACKET_NOT_PORTABLE', `${path.length === 0 ? 'The value' : path.join('.')} is ${what}, which JSON cannot carry.`, {
    hint,
  });
}
