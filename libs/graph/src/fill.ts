import { nearest } from './nearest';
import type { Layer } from './plan';
import { meant, type Path, type Source } from './source';

/** A value that a placeholder gave. `known` is false where it could not be had; that was said already. */
export class Filled {
  constructor(
    readonly value: unknown,
    readonly layer: Layer,
    readonly secret: boolean,
    readonly known: boolean,
  ) {}
}

/** Where placeholders get their values from. */
export interface Values {
  readonly params: ReadonlyMap<string, Filled>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secret: (name: string) => string | undefined;
  readonly asset: (name: string) => string | undefined;
}

interface Place {
  readonly source: Source;
  readonly node?: string;
}

const UNKNOWN = new Filled(undefined, 'file', false, false);
const PLACEHOLDER = /\$?\$\{([^}]*)\}/g;
const WHOLE = /^\$\{[^}]*\}$/;
const RANK: readonly Layer[] = ['default', 'file', 'env', 'flag'];
const MAX_DEPTH = 64;

/** Replaces placeholders in the string leaves of `value`; leaves that came from one are `Filled`. Says what JSON cannot hold. */
export function fill(value: unknown, values: Values, path: Path, place: Place, above: readonly object[] = []): unknown {
  if (typeof value === 'string') return value.includes('${') ? fillText(value, values, path, place) : value;
  if (value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
  if (typeof value !== 'object') return refuse(`${describe(value)} is no value that JSON can hold.`, path, place);
  if (above.includes(value)) return refuse('This contains itself.', path, place);
  if (above.length > MAX_DEPTH) return refuse('This is nested too deeply.', path, place);
  const inside = [...above, value];
  if (Array.isArray(value)) return value.map((item, i) => fill(item, values, [...path, i], place, inside));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype && Object.getPrototypeOf(prototype) !== null) {
    return refuse('Only plain objects can stand in a graph.', path, place);
  }
  const made: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') refuse('`__proto__` is not allowed as a key.', [...path, key], place);
    else made[key] = fill(item, values, [...path, key], place, inside);
  }
  return made;
}

function refuse(message: string, path: Path, { source, node }: Place): Filled {
  source.say('CONFIG_NOT_JSON', path, message, node === undefined ? {} : { node });
  return UNKNOWN;
}

function fillText(text: string, values: Values, path: Path, place: Place): unknown {
  if (WHOLE.test(text)) return lookUp(text.slice(2, -1), values, path, place);
  const parts: Filled[] = [];
  const made = text.replace(PLACEHOLDER, (match: string, name: string) => {
    if (match.startsWith('$$')) return match.slice(1);
    const part = lookUp(name, values, path, place);
    parts.push(part);
    return typeof part.value === 'object' ? JSON.stringify(part.value) : String(part.value);
  });
  if (parts.length === 0) return made;
  if (parts.some(({ known }) => !known)) return UNKNOWN;
  const layer = parts.map((part) => part.layer).reduce((a, b) => (RANK.indexOf(b) > RANK.indexOf(a) ? b : a));
  return new Filled(
    made,
    layer,
    parts.some(({ secret }) => secret),
    true,
  );
}

function lookUp(name: string, values: Values, path: Path, { source, node }: Place): Filled {
  const detail = { token: `\${${name}`, ...(node === undefined ? {} : { node }) };
  const [, space = '', key = '', preset] = /^\s*(\w+)\.([^:\s]+)\s*(?::(.*))?$/s.exec(name) ?? [];
  if (space === 'env') {
    const value = values.env[key];
    if (value !== undefined) return new Filled(value, 'env', false, true);
    if (preset !== undefined) return new Filled(preset, 'file', false, true);
    source.say('CONFIG_ENV_UNSET', path, `The environment variable ${key} is not set.`, {
      ...detail,
      hint: `Set ${key}, or write a default: \${env.${key}:default}.`,
    });
    return UNKNOWN;
  }
  if (preset === undefined && space === 'params') {
    const found = values.params.get(key);
    if (found !== undefined) return found;
    const hint = meant(nearest(key, values.params.keys()));
    source.say('GRAPH_PARAM_UNKNOWN', path, `The graph declares no parameter \`${key}\`.`, { ...detail, hint });
    return UNKNOWN;
  }
  if (preset === undefined && space === 'secret') {
    const value = values.secret(key);
    if (value !== undefined) return new Filled(value, 'env', true, true);
    source.say('CONFIG_SECRET_MISSING', path, `The secret ${key} is not there.`, detail);
    return UNKNOWN;
  }
  if (preset === undefined && space === 'asset') {
    const value = values.asset(key);
    if (value !== undefined) return new Filled(value, 'file', false, true);
    source.say('ASSET_MISSING', path, `The asset ${key} is not staged.`, { ...detail, hint: `Run \`sluice assets stage ${key}\`.` });
    return UNKNOWN;
  }
  source.say('CONFIG_PLACEHOLDER_UNKNOWN', path, `\${${name}} is no placeholder that Sluice knows.`, detail);
  return UNKNOWN;
}

/** How a message names a value: its type, never what it holds. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'object':
      return 'a mapping';
    case 'number':
      return Number.isFinite(value) ? 'a number' : String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return `a ${typeof value}`;
  }
}
