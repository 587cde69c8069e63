import { SluiceError, type JsonSchema } from './catalogue';
import { configSchema } from './config';
import type { PortType } from './port';

/** Says what is wrong with a value: where, and what it must be; '' where it fits. */
export type PayloadCheck = (value: unknown) => string;

/** The schema that payloads of a port type have, from its declaration or its class; undefined where nothing is known of them. */
export function payloadSchema(type: PortType<unknown>): JsonSchema | undefined {
  if (type.schema !== undefined) return type.schema;
  if (type.payload === undefined) return undefined;
  const { properties, required } = configSchema(type.payload as new () => object);
  // A class may have fields that it says nothing of.
  return Object.keys(properties as object).length === 0
    ? undefined
    : { type: 'object', properties, ...(required === undefined ? {} : { required }) };
}

/**
 * Makes a check of a JSON Schema (draft-07): code of its own for each schema, so that a small object costs a few
 * nanoseconds. Knows type, enum, const, bounds, lengths, pattern, properties, required, additionalProperties, items.
 * @throws SluiceError PORT_SCHEMA where the schema says more than that, or code may not be made from text here
 */
export function compilePayloadCheck(schema: JsonSchema): PayloadCheck {
  const code = new CheckCode();
  const body = code.of(schema, 'value', '');
  try {
    const make = new Function('env', `const { ${code.names} } = env;\nreturn (value) => {\n${body}return '';\n};`) as (
      env: object,
    ) => PayloadCheck;
    return make(code.env);
  } catch (error) {
    throw unusable('Code may not be made from text in this process, so payloads cannot be checked.', error);
  }
}

const KNOWN = new Set(
  `type enum const minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern properties required
  additionalProperties items minItems maxItems title description default examples format writeOnly $schema $id $comment`.split(/\s+/),
);

const TYPES: Readonly<Record<string, (at: string) => string>> = {
  string: (at) => `typeof ${at} === 'string'`,
  boolean: (at) => `typeof ${at} === 'boolean'`,
  // Neither NaN nor Infinity is a number in JSON.
  number: (at) => `(typeof ${at} === 'number' && ${at} - ${at} === 0)`,
  integer: (at) => `Number.isInteger(${at})`,
  null: (at) => `${at} === null`,
  array: (at) => `Array.isArray(${at})`,
  object: (at) => `(typeof ${at} === 'object' && ${at} !== null && !Array.isArray(${at}))`,
};

class CheckCode {
  readonly env: Record<string, unknown> = {};
  private count = 0;

  get names(): string {
    return Object.keys(this.env).join(', ');
  }

  /** Statements that return what is wrong with what stands at `at`. `path` is text or an expression within a template. */
  of(schema: JsonSchema, at: string, path: string): string {
    const unknown = Object.keys(schema).find((key) => !KNOWN.has(key));
    if (unknown !== undefined) throw unusable(`\`${unknown}\` in the schema of a port is not understood.`);
    const wrong = (what: string): string => `return \`${path === '' ? 'It' : path} must ${what.replace(/[`\\$]/g, '\\$&')}\`;\n`;
    const unless = (holds: string, what: string): string => `if (!(${holds})) ${wrong(what)}`;
    let code = '';
    const types = schema['type'] === undefined ? [] : ([schema['type']].flat() as string[]);
    for (const type of types) if (TYPES[type] === undefined) throw unusable(`There is no type ${String(type)}.`);
    if (types.length > 0) code += unless(types.map((type) => TYPES[type]!(at)).join(' || '), `be ${types.map(article).join(' or ')}`);
    const allowed = 'const' in schema ? [schema['const']] : (schema['enum'] as readonly unknown[] | undefined);
    if (allowed !== undefined) {
      if (allowed.some((value) => typeof value === 'object' && value !== null))
        throw unusable('Only plain values can be listed in an enum.');
      code += unless(
        allowed.map((value) => `${at} === ${JSON.stringify(value)}`).join(' || ') || 'false',
        `be ${allowed.map((value) => JSON.stringify(value)).join(' or ')}`,
      );
    }
    code += this.within(types, 'number', ['number', 'integer'], at, [
      this.bound(schema, 'minimum', (n) => unless(`${at} >= ${n}`, `be at least ${n}`)),
      this.bound(schema, 'maximum', (n) => unless(`${at} <= ${n}`, `be at most ${n}`)),
      this.bound(schema, 'exclusiveMinimum', (n) => unless(`${at} > ${n}`, `be more than ${n}`)),
      this.bound(schema, 'exclusiveMaximum', (n) => unless(`${at} < ${n}`, `be less than ${n}`)),
    ]);
    code += this.within(types, 'string', ['string'], at, [
      this.bound(schema, 'minLength', (n) => unless(`${at}.length >= ${n}`, `have ${n} characters or more`)),
      this.bound(schema, 'maxLength', (n) => unless(`${at}.length <= ${n}`, `have ${n} characters or fewer`)),
      typeof schema['pattern'] === 'string'
        ? unless(`${this.given(new RegExp(schema['pattern'], 'u'))}.test(${at})`, `match ${schema['pattern']}`)
        : '',
    ]);
    code += this.within(types, 'object', ['object'], at, [this.fields(schema, at, path)]);
    code += this.within(types, 'array', ['array'], at, [
      this.bound(schema, 'minItems', (n) => unless(`${at}.length >= ${n}`, `have ${n} items or more`)),
      this.bound(schema, 'maxItems', (n) => unless(`${at}.length <= ${n}`, `have ${n} items or fewer`)),
      this.items(schema, at, path),
    ]);
    return code;
  }

  private fields(schema: JsonSchema, at: string, path: string): string {
    const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
    const required = new Set(schema['required'] as readonly string[] | undefined);
    const more = schema['additionalProperties'];
    const below = (name: string): string => `${path === '' ? '' : `${path}.`}${name.replace(/[`\\$]/g, '\\$&')}`;
    let code = '';
    for (const name of new Set([...Object.keys(properties), ...required])) {
      const own = `v${this.count++}`;
      const inner = properties[name] === undefined ? '' : this.of(properties[name], own, below(name));
      code += `const ${own} = ${at}[${JSON.stringify(name)}];\n`;
      if (required.has(name)) code += `if (${own} === undefined) return \`${below(name)} must be there\`;\n${inner}`;
      else if (inner !== '') code += `if (${own} !== undefined) {\n${inner}}\n`;
    }
    if (more === undefined || more === true) return code;
    const key = `k${this.count++}`;
    const known = this.given(new Set(Object.keys(properties)));
    const inside =
      more === false
        ? `return \`${below(`\u0000`).replace('\u0000', `\${${key}}`)} must not be there\`;\n`
        : this.of(more as JsonSchema, `${at}[${key}]`, below('\u0000').replace('\u0000', `\${${key}}`));
    return `${code}for (const ${key} in ${at}) if (!${known}.has(${key})) {\n${inside}}\n`;
  }

  private items(schema: JsonSchema, at: string, path: string): string {
    const each = schema['items'] as JsonSchema | undefined;
    if (each === undefined) return '';
    if (Array.isArray(each)) throw unusable('A list of schemas in `items` is not understood.');
    const i = `i${this.count++}`;
    const item = `v${this.count++}`;
    const inner = this.of(each, item, `${path === '' ? '' : `${path}.`}\${${i}}`);
    return inner === '' ? '' : `for (let ${i} = 0; ${i} < ${at}.length; ${i}++) {\nconst ${item} = ${at}[${i}];\n${inner}}\n`;
  }

  /** Keywords speak of one type only; what is of another type is none of theirs. */
  private within(types: readonly string[], type: string, own: readonly string[], at: string, parts: readonly string[]): string {
    const code = parts.join('');
    if (code === '' || (types.length > 0 && types.every((each) => own.includes(each)))) return code === '' ? '' : `{\n${code}}\n`;
    return `if (${TYPES[type]!(at)}) {\n${code}}\n`;
  }

  private bound(schema: JsonSchema, key: string, code: (n: number) => string): string {
    const n = schema[key];
    if (n === undefined) return '';
    if (typeof n !== 'number' || !Number.isFinite(n)) throw unusable(`\`${key}\` must be a number.`);
    return code(n);
  }

  private given(value: unknown): string {
    const name = `e${this.count++}`;
    this.env[name] = value;
    return name;
  }
}

function article(type: string): string {
  return type === 'null' ? type : /^[aio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function unusable(message: string, cause?: unknown): SluiceError {
  return new SluiceError('PORT_SCHEMA', message, {
    ...(cause === undefined ? {} : { cause }),
    hint: 'Say it with type, properties, required, items, enum and bounds; or leave the port unchecked.',
  });
}
