import type { JsonSchema } from '@sluice/sdk/catalogue';
import { DURATION, SIZE } from '@sluice/sdk/catalogue';
import { conform, type Site } from './conform';
import { Filled, fill, type Values } from './fill';
import { isRecord } from './fields';
import { nearest } from './nearest';
import type { Layer } from './plan';
import { meant, type Path, type Source } from './source';

export const PARAM_TYPES: Readonly<Record<string, JsonSchema>> = {
  string: { type: 'string' },
  number: { type: 'number' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  array: { type: 'array' },
  object: { type: 'object' },
  duration: { type: 'string', pattern: DURATION.source },
  size: { type: 'string', pattern: SIZE.source },
};
const PARAM_KEYS = ['type', 'default', 'description', 'enum', 'minimum', 'maximum', 'secret'];
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A parameter of a graph with the value that it has. */
export interface ResolvedParam {
  readonly name: string;
  readonly type: string;
  readonly description?: string;
  /** Absent for a secret, and where there is none. */
  readonly value?: unknown;
  /** Absent where it has no value. */
  readonly layer?: Layer;
  readonly secret: boolean;
}

export interface Params {
  /** Schema of the parameters as an object: the config of a sub-graph. */
  readonly schema: JsonSchema;
  readonly filled: ReadonlyMap<string, Filled>;
  readonly resolved: Readonly<Record<string, ResolvedParam>>;
}

/** Reads the declarations and gives every parameter its value: what was set, else the default. `set` undefined means that only the declarations matter. */
export function readParams(declared: unknown, set: ReadonlyMap<string, Filled> | undefined, values: Values, source: Source): Params {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  const filled = new Map<string, Filled>();
  const resolved: Record<string, ResolvedParam> = {};
  if (declared !== undefined && declared !== null && !isRecord(declared))
    source.say('GRAPH_WRONG_TYPE', ['params'], '`params` must be a mapping of names to declarations.');
  for (const [name, declaration] of Object.entries(isRecord(declared) ? declared : {})) {
    const path = ['params', name];
    const schema = schemaOf(name, declaration, path, source);
    properties[name] = schema ?? {};
    const unknown = new Filled(undefined, 'file', false, false);
    if (schema === undefined || !isRecord(declaration)) {
      filled.set(name, unknown);
      continue;
    }
    const given = set?.get(name);
    const preset = Object.hasOwn(declaration, 'default')
      ? fill(declaration['default'], values, [...path, 'default'], { source })
      : undefined;
    if (preset === undefined) required.push(name);
    let secret = schema['writeOnly'] === true;
    const layer: Layer = given?.layer ?? (preset instanceof Filled ? preset.layer : 'file');
    const site: Site = {
      say: source.say.bind(source),
      owner: `parameter ${name}`,
      note: () => undefined,
      secret: () => void (secret = true),
    };
    // A wrong value that was set is no fault of the file: it has a code of its own.
    const wrongValue: Site['say'] = (_code, _path, message, detail) =>
      source.say('GRAPH_PARAM_VALUE', path, message, { ...detail, atKey: true });
    const before = source.findings.length;
    // A default is checked even where it is not used: else it fails on another day.
    const own = preset === undefined ? undefined : conform(schema, preset, [...path, 'default'], site);
    if (preset !== undefined && source.findings.length === before && !(preset instanceof Filled)) schema['default'] = own;
    let value = own;
    if (given !== undefined) value = given.known ? conform(schema, given, path, { ...site, say: wrongValue }) : undefined;
    else if (preset === undefined && set !== undefined)
      source.say('GRAPH_PARAM_MISSING', path, `The parameter \`${name}\` has no value.`, {
        atKey: true,
        hint: `Set it with \`--set ${name}=<value>\`, or give it a default.`,
      });
    const known = value !== undefined && source.findings.length === before;
    filled.set(name, new Filled(value, layer, secret, known));
    const { type, description } = declaration as Readonly<Record<string, string | undefined>>;
    resolved[name] = {
      name,
      type: type ?? 'string',
      ...(description === undefined ? {} : { description }),
      ...(value === undefined || secret ? {} : { value }),
      ...(value === undefined ? {} : { layer }),
      secret,
    };
  }
  for (const name of set?.keys() ?? []) {
    if (filled.has(name)) continue;
    const known = [...filled.keys()];
    const hint =
      meant(nearest(name, known)) ?? (known.length > 0 ? `Declared are ${known.join(', ')}.` : 'The graph declares no parameters.');
    source.say('GRAPH_PARAM_UNKNOWN', ['params'], `A value is set for \`${name}\`, which the graph does not declare.`, {
      atKey: true,
      hint,
    });
  }
  return {
    schema: { type: 'object', additionalProperties: false, properties, ...(required.length > 0 ? { required } : {}) },
    filled,
    resolved,
  };
}

function schemaOf(name: string, declaration: unknown, path: Path, source: Source): JsonSchema | undefined {
  if (!NAME.test(name)) {
    source.say('GRAPH_PARAM_INVALID', path, `\`${name}\` is no name for a parameter.`, {
      atKey: true,
      hint: 'Use letters, digits and _, beginning with a letter.',
    });
    return undefined;
  }
  if (!isRecord(declaration)) {
    source.say('GRAPH_PARAM_INVALID', path, `The parameter \`${name}\` must be declared by a mapping.`, {
      hint: `Write \`${name}: { type: string, default: ... }\`.`,
    });
    return undefined;
  }
  for (const key of Object.keys(declaration)) {
    if (!PARAM_KEYS.includes(key)) {
      source.say('GRAPH_UNKNOWN_KEY', [...path, key], `A parameter has no key \`${key}\`.`, {
        atKey: true,
        hint: meant(nearest(key, PARAM_KEYS)) ?? `Known are ${PARAM_KEYS.join(', ')}.`,
      });
    }
  }
  const type = declaration['type'] ?? 'string';
  const base = typeof type === 'string' && Object.hasOwn(PARAM_TYPES, type) ? PARAM_TYPES[type] : undefined;
  if (base === undefined) {
    const hint =
      meant(typeof type === 'string' ? nearest(type, Object.keys(PARAM_TYPES)) : undefined) ??
      `Types are ${Object.keys(PARAM_TYPES).join(', ')}.`;
    source.say('GRAPH_PARAM_INVALID', [...path, 'type'], `The parameter \`${name}\` has a type that is not known.`, { hint });
    return undefined;
  }
  const schema: JsonSchema = { ...base };
  if (typeof declaration['description'] === 'string') schema['description'] = declaration['description'];
  if (Array.isArray(declaration['enum'])) schema['enum'] = declaration['enum'];
  for (const bound of ['minimum', 'maximum']) if (typeof declaration[bound] === 'number') schema[bound] = declaration[bound];
  if (declaration['secret'] === true) schema['writeOnly'] = true;
  return schema;
}
