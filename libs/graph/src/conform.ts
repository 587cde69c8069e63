import { DURATION, FORMATS, isFormat, SIZE, type JsonSchema } from '@sluice/sdk/catalogue';
import { describe, Filled } from './fill';
import { nearest } from './nearest';
import type { Layer } from './plan';
import { meant, type Path, type Source } from './source';

/** Where a config stands, and what is learned of its values on the way. */
export interface Site {
  readonly say: Source['say'];
  readonly node?: string;
  /** How messages name the thing: `vision/detect`. */
  readonly owner: string;
  note(path: Path, layer: Layer): void;
  secret(path: Path): void;
}

/**
 * The value as the schema wants it: placeholders coerced, defaults filled in; every fault is said at its place.
 * It reads the part of draft-07 that config schemas are made of. A validator library would neither coerce only what a
 * placeholder gave, nor tell a default from what was written.
 */
export function conform(schema: JsonSchema, given: unknown, path: Path, site: Site): unknown {
  let value = given;
  let hidden = schema['writeOnly'] === true;
  if (given instanceof Filled) {
    site.note(path, given.layer);
    if (!given.known) return undefined;
    hidden ||= given.secret;
    value = coerce(typesOf(schema), given.value);
  }
  if (hidden) site.secret(path);
  const types = typesOf(schema);
  if (types.length > 0 && !types.some((type) => isOf(type, value))) {
    const hint =
      given instanceof Filled ? 'The value comes from a placeholder; set one that can be read as this type.' : yesNo(types, value);
    fault(site, 'CONFIG_WRONG_TYPE', path, `must be ${types.map(typeName).join(' or ')}, not ${describe(value)}`, hint);
    return undefined;
  }
  checkValue(schema, value, path, site, hidden);
  if (Array.isArray(value)) {
    const items = schema['items'] as JsonSchema | undefined;
    return value.map((item, i) => conform(items ?? {}, item, [...path, i], site));
  }
  return typeof value === 'object' && value !== null
    ? conformObject(schema, value as Readonly<Record<string, unknown>>, path, site)
    : value;
}

function conformObject(schema: JsonSchema, value: Readonly<Record<string, unknown>>, path: Path, site: Site): Record<string, unknown> {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const required = (schema['required'] ?? []) as readonly string[];
  const rest = schema['additionalProperties'];
  const made: Record<string, unknown> = {};
  const renamed = new Set<string>();
  for (const [written, item] of Object.entries(value)) {
    const key = Object.hasOwn(properties, written) ? written : (laterName(properties, written) ?? written);
    const own = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (key !== written) {
      renamed.add(key);
      const hint = Object.hasOwn(value, key) ? `Remove it: \`${key}\` is there, too.` : `Write \`${key}\`.`;
      fault(site, 'CONFIG_DEPRECATED_KEY', [...path, written], `is called \`${key}\` now`, hint, true);
      if (!Object.hasOwn(value, key)) made[key] = conform(own!, item, [...path, written], site);
    } else if (own === undefined && rest === false) {
      const close = nearest(key, Object.keys(properties));
      const known = Object.keys(properties);
      const hint = meant(close) ?? (known.length > 0 ? `Known are ${known.join(', ')}.` : `${site.owner} takes no options here.`);
      fault(site, 'CONFIG_UNKNOWN_KEY', [...path, key], 'is not known', hint, true);
    } else {
      made[key] = conform(own ?? (typeof rest === 'object' && rest !== null ? (rest as JsonSchema) : {}), item, [...path, key], site);
    }
  }
  for (const [key, field] of Object.entries(properties)) {
    if (Object.hasOwn(value, key) || renamed.has(key)) continue;
    if (field['default'] !== undefined) {
      made[key] = structuredClone(field['default']);
      site.note([...path, key], 'default');
      if (field['writeOnly'] === true) site.secret([...path, key]);
    } else if (required.includes(key)) {
      const text = field['description'];
      const hint = typeof text === 'string' ? `Add \`${key}\`: ${text}` : undefined;
      site.say('CONFIG_MISSING', path, `${site.owner} needs \`${label(path, key)}\`.`, { ...at(site), hint, atKey: true });
    }
  }
  for (const rule of (schema['allOf'] ?? []) as readonly JsonSchema[]) conformTogether(rule, properties, made, path, site);
  return made;
}

interface Together {
  readonly oneOf?: readonly { readonly required: readonly [string] }[];
  readonly if?: { readonly properties: Readonly<Record<string, { readonly const: unknown }>> };
  readonly then?: { readonly required: readonly string[] };
}

/** What holds for several properties: one of them alone, or one where another has a value (its default, where it is not written). */
function conformTogether(
  rule: Together,
  properties: Readonly<Record<string, JsonSchema>>,
  made: Readonly<Record<string, unknown>>,
  path: Path,
  site: Site,
): void {
  const quoted = (keys: readonly string[], word: string): string => keys.map((key) => `\`${label(path, key)}\``).join(` ${word} `);
  const missing = (keys: readonly string[], why: string): void => {
    const [only, ...others] = keys;
    const text = others.length > 0 ? undefined : properties[only!]?.['description'];
    const hint = typeof text === 'string' ? `Add \`${only}\`: ${text}` : undefined;
    site.say('CONFIG_MISSING', path, `${site.owner} needs ${quoted(keys, 'or')}${why}.`, { ...at(site), hint, atKey: true });
  };
  if (rule.oneOf !== undefined) {
    const keys = rule.oneOf.map(({ required: [key] }) => key);
    // Also where its value is wrong or unknown, it was written.
    const there = keys.filter((key) => Object.hasOwn(made, key));
    if (there.length === 0) missing(keys, '');
    else if (there.length > 1) {
      const last = [...path, there[there.length - 1]!];
      fault(site, 'CONFIG_EXCLUSIVE', last, `excludes ${quoted(there.slice(0, -1), 'and')}`, undefined, true);
    }
  }
  const [[key, value] = ['', undefined]] = Object.entries(rule.if?.properties ?? {});
  if (value === undefined || made[key] !== value.const) return;
  const lacking = (rule.then?.required ?? []).filter((name) => !Object.hasOwn(made, name));
  if (lacking.length > 0) missing(lacking, ` where \`${label(path, key)}\` is ${String(value.const)}`);
}

/** The property that had this name in an earlier version. */
function laterName(properties: Readonly<Record<string, JsonSchema>>, written: string): string | undefined {
  return Object.keys(properties).find((key) => (properties[key]!['x-formerly'] as readonly string[] | undefined)?.includes(written));
}

function checkValue(schema: JsonSchema, value: unknown, path: Path, site: Site, hidden: boolean): void {
  const allowed = (schema['enum'] ?? (schema['const'] === undefined ? undefined : [schema['const']])) as readonly unknown[] | undefined;
  if (allowed !== undefined && !allowed.includes(value)) {
    const shown = hidden || typeof value === 'object' ? '' : `, not ${JSON.stringify(value)}`;
    const close =
      typeof value === 'string'
        ? nearest(
            value,
            allowed.filter((item) => typeof item === 'string'),
          )
        : undefined;
    fault(site, 'CONFIG_NOT_IN_ENUM', path, `must be one of ${allowed.join(', ')}${shown}`, hidden ? undefined : meant(close));
  } else if (typeof value === 'string') {
    checkText(schema, value, path, site, hidden);
  } else if (typeof value === 'number') {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema as Readonly<Record<string, number | undefined>>;
    const shown = hidden ? '' : `, not ${value}`;
    const low =
      minimum !== undefined && value < minimum
        ? `at least ${minimum}`
        : exclusiveMinimum !== undefined && value <= exclusiveMinimum
          ? `more than ${exclusiveMinimum}`
          : undefined;
    const high =
      maximum !== undefined && value > maximum
        ? `at most ${maximum}`
        : exclusiveMaximum !== undefined && value >= exclusiveMaximum
          ? `less than ${exclusiveMaximum}`
          : undefined;
    const bound = low ?? high;
    if (bound !== undefined) fault(site, 'CONFIG_OUT_OF_RANGE', path, `must be ${bound}${shown}`);
  } else if (Array.isArray(value)) {
    const { minItems, maxItems } = schema as Readonly<Record<string, number | undefined>>;
    if (minItems !== undefined && value.length < minItems)
      fault(site, 'CONFIG_OUT_OF_RANGE', path, `must have at least ${minItems} items, not ${value.length}`);
    if (maxItems !== undefined && value.length > maxItems)
      fault(site, 'CONFIG_OUT_OF_RANGE', path, `must have at most ${maxItems} items, not ${value.length}`);
    if (schema['uniqueItems'] === true) {
      const seen = value.map((item) => JSON.stringify(item));
      const again = seen.findIndex((item, i) => seen.indexOf(item) < i);
      if (again >= 0) fault(site, 'CONFIG_OUT_OF_RANGE', [...path, again], 'is in the list twice');
    }
  }
}

function checkText(schema: JsonSchema, value: string, path: Path, site: Site, hidden: boolean): void {
  const { minLength, maxLength } = schema as Readonly<Record<string, number | undefined>>;
  const pattern = schema['pattern'];
  const format = FORMATS[String(schema['format'])];
  const shown = hidden ? '' : `, not "${value}"`;
  if (minLength !== undefined && value.length < minLength) {
    fault(site, 'CONFIG_OUT_OF_RANGE', path, minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters`);
  } else if (maxLength !== undefined && value.length > maxLength) {
    fault(site, 'CONFIG_OUT_OF_RANGE', path, `must have at most ${maxLength} characters`);
  } else if (typeof pattern === 'string' && !patternOf(pattern).test(value)) {
    if (pattern === DURATION.source) fault(site, 'CONFIG_BAD_DURATION', path, `must be a duration${shown}`);
    else if (pattern === SIZE.source) fault(site, 'CONFIG_BAD_SIZE', path, `must be a size${shown}`);
    else fault(site, 'CONFIG_PATTERN', path, `must match ${pattern}${shown}`);
  } else if (format !== undefined && !isFormat(format, value)) {
    fault(site, 'CONFIG_PATTERN', path, `must be ${format.what}${shown}`);
  }
}

const PATTERNS = new Map<string, RegExp>();
function patternOf(source: string): RegExp {
  const known = PATTERNS.get(source);
  if (known !== undefined) return known;
  const made = new RegExp(source);
  PATTERNS.set(source, made);
  return made;
}

function fault(site: Site, code: Parameters<Source['say']>[0], path: Path, message: string, hint?: string, atKey = false): void {
  const name = label(path);
  site.say(code, path, `${site.owner}: ${name === '' ? 'config' : `\`${name}\``} ${message}.`, { ...at(site), hint, atKey });
}

/** `zones.0.id` of `nodes.zone.config.zones.0.id`. */
function label(path: Path, key?: string): string {
  const inside = path[0] === 'nodes' ? path.slice(3) : path.slice(-1);
  return [...inside, ...(key === undefined ? [] : [key])].join('.');
}

const at = (site: Site) => (site.node === undefined ? {} : { node: site.node });

function typesOf(schema: JsonSchema): readonly string[] {
  const type = schema['type'];
  return type === undefined ? [] : Array.isArray(type) ? (type as readonly string[]) : [String(type)];
}

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'empty',
};
const typeName = (type: string): string => NAMES[type] ?? type;

function yesNo(types: readonly string[], value: unknown): string | undefined {
  if (typeof value !== 'string')
    return types.includes('string') && value !== null && typeof value !== 'object' ? 'Quote it to make it text.' : undefined;
  if (types.includes('boolean') && /^(yes|no|on|off)$/i.test(value)) return 'YAML 1.2 knows only true and false.';
  return (types.includes('number') || types.includes('integer')) && value.trim() !== '' && Number.isFinite(Number(value))
    ? 'Remove the quotes.'
    : undefined;
}

/** What a placeholder gave, as one of these types where it can be read as one. */
function coerce(types: readonly string[], value: unknown): unknown {
  if (types.length === 0 || types.some((type) => isOf(type, value))) return value;
  if (typeof value !== 'string')
    return types.includes('string') && (typeof value === 'number' || typeof value === 'boolean') ? String(value) : value;
  const text = value.trim();
  if ((types.includes('number') || types.includes('integer')) && text !== '' && Number.isFinite(Number(text))) return Number(text);
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if ((types.includes('array') && text.startsWith('[')) || (types.includes('object') && text.startsWith('{'))) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return value;
    }
  }
  return value;
}
