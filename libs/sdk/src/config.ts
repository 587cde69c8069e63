import 'reflect-metadata';
import { plainToInstance, Type } from 'class-transformer';
import { getMetadataStorage, Matches, ValidateBy, ValidateIf, ValidateNested, validateSync, type ValidationError } from 'class-validator';
import { DURATION, FORMATS, isFormat, parseDuration, parseSize, SIZE, SluiceError, type JsonSchema } from './catalogue';

interface FieldDoc {
  readonly text: string;
  readonly examples?: readonly unknown[];
  readonly secret?: boolean;
  readonly formerly?: readonly string[];
}

const DOCS = 'sluice:docs';
const FORMAT = 'sluice:format';
const NESTED = 'sluice:nested';
const ONE_OF = 'sluice:one-of';
const WHEN = 'sluice:when';

function note(kind: string, target: object, key: string, value: unknown): void {
  const own = new Map<string, unknown>(Reflect.getMetadata(kind, target) as Map<string, unknown> | undefined);
  Reflect.defineMetadata(kind, own.set(key, value), target);
}

function noted<V>(kind: string, cls: new () => object, key: string): V | undefined {
  return (Reflect.getMetadata(kind, cls.prototype as object) as Map<string, V> | undefined)?.get(key);
}

/**
 * One sentence on a config field, for docs, schema and forms. `secret` values are never printed. `formerly`: names that it had;
 * a graph that uses one is warned and works.
 */
export function Doc(
  text: string,
  options: { examples?: readonly unknown[]; secret?: boolean; formerly?: readonly string[] } = {},
): PropertyDecorator {
  return (target, key) => note(DOCS, target, String(key), { text, ...options });
}

/** A field that is an object of another config class, or with `each` a list of them. */
export function Nested(cls: () => new () => object, options: { each?: boolean } = {}): PropertyDecorator {
  return (target, key) => {
    Type(cls)(target, key);
    ValidateNested({ each: options.each ?? false })(target, key);
    note(NESTED, target, String(key), { cls, each: options.each ?? false });
  };
}

/** Exactly one of these fields must be there. Put it on each of them, with the names of all, beside the rules of its value. */
export function OneOf(...names: readonly string[]): PropertyDecorator {
  return (target, key) => {
    const others = names.filter((name) => name !== key);
    const free = (object: unknown): boolean => others.every((other) => (object as Record<string, unknown>)[other] === undefined);
    ValidateIf((object: Record<string, unknown>) => object[String(key)] !== undefined || free(object))(target, key);
    ValidateBy({
      name: 'oneOf',
      validator: {
        validate: (value, args) => value === undefined || free(args?.object),
        defaultMessage: () => `set $property or ${others.join(' or ')}, not both`,
      },
    })(target, key);
    note(ONE_OF, target, String(key), names);
  };
}

/** A field that must be there where another one has this value, and is read only there. */
export function RequiredWhen(field: string, value: string | number | boolean): PropertyDecorator {
  return (target, key) => {
    ValidateIf((object: Record<string, unknown>) => object[field] === value)(target, key);
    note(WHEN, target, String(key), { field, value });
  };
}

/** A duration text such as `250ms`, `10s`, `5m`; read it with parseDuration. */
export function IsDuration(): PropertyDecorator {
  return Matches(DURATION, { message: '$property must be a duration such as 250ms, 10s or 5m' });
}

/** A size text such as `64KB`, `200MB`; read it with parseSize. */
export function IsSize(): PropertyDecorator {
  return Matches(SIZE, { message: '$property must be a size such as 64KB or 200MB' });
}

/** A cron expression of five or six fields. */
export function IsCron(): PropertyDecorator {
  return isOf('cron');
}

/** The IANA name of a time zone, such as `Europe/Paris`. */
export function IsTimeZone(): PropertyDecorator {
  return isOf('time-zone');
}

function isOf(name: string): PropertyDecorator {
  const format = FORMATS[name]!;
  const validate = (value: unknown): boolean => typeof value === 'string' && isFormat(format, value);
  return ValidateBy({
    name: FORMAT,
    constraints: [name],
    validator: { validate, defaultMessage: () => `$property must be ${format.what}` },
  });
}

/** Any JSON value. */
export function IsAny(): PropertyDecorator {
  return ValidateBy({ name: 'isAny', validator: { validate: () => true } });
}

/** Milliseconds of a checked duration. */
export function ms(duration: string): number {
  return parseDuration(duration) as number;
}

/** Bytes of a checked size. */
export function bytes(size: string): number {
  return parseSize(size) as number;
}

/** One fault of a config: where (dotted, `zones.0.id`) and what. */
export interface ConfigIssue {
  readonly path: string;
  readonly message: string;
}

/** Every fault of `value` as a config of this class; empty where it is fine. Unknown keys are faults. */
export function configIssues(cls: new () => object, value: object): readonly ConfigIssue[] {
  return flatten(validate(plainToInstance(cls, value)), '');
}

/**
 * An instance of the config class, checked.
 * @throws SluiceError CONFIG_INVALID that lists every fault in `details`
 */
export function makeConfig<C extends object>(cls: new () => C, value: object, node?: string): C {
  const made = plainToInstance(cls, value);
  const issues = flatten(validate(made), '');
  if (issues.length === 0) return made;
  throw new SluiceError('CONFIG_INVALID', issues.map((issue) => issue.message).join('; '), {
    ...(node === undefined ? {} : { node }),
    details: issues,
    hint: 'Run `sluice validate` on the graph: it names file, line and column.',
  });
}

function validate(made: object): ValidationError[] {
  if (getMetadataStorage().getTargetValidationMetadatas(made.constructor, '', true, false).length === 0) {
    return Object.keys(made).map(
      (property) => ({ property, constraints: { whitelistValidation: `property ${property} should not exist` } }) as ValidationError,
    );
  }
  return validateSync(made, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
}

function flatten(errors: readonly ValidationError[], prefix: string): ConfigIssue[] {
  return errors.flatMap((error) => {
    const path = prefix === '' ? error.property : `${prefix}.${error.property}`;
    const own = Object.values(error.constraints ?? {}).map((message) => ({
      path,
      message: prefix === '' ? message : `${prefix}: ${message}`,
    }));
    return [...own, ...flatten(error.children ?? [], path)];
  });
}

/** JSON Schema (draft-07) of a config class: types and bounds from its validators, defaults from its initialisers, texts from @Doc. */
export function configSchema(cls: new () => object): JsonSchema {
  const rules = getMetadataStorage().getTargetValidationMetadatas(cls, '', true, false);
  const defaults = new cls() as Record<string, unknown>;
  const names = [...new Set(rules.map((rule) => rule.propertyName))];
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const name of names) {
    const own = rules.filter((rule) => rule.propertyName === name);
    const field: JsonSchema = {};
    const item: JsonSchema = {};
    let optional = false;
    for (const rule of own) {
      if (rule.type === 'conditionalValidation') optional = true;
      else keyword(rule.name ?? rule.type, rule.constraints ?? [], rule.each ? item : field);
    }
    const nested = noted<{ cls: () => new () => object; each: boolean }>(NESTED, cls, name);
    if (nested !== undefined) Object.assign(nested.each ? item : field, configSchema(nested.cls()));
    if (Object.keys(item).length > 0) Object.assign(field, { type: 'array', items: item });
    const doc = noted<FieldDoc>(DOCS, cls, name);
    if (doc !== undefined) {
      field['description'] = doc.text;
      if (doc.examples !== undefined) field['examples'] = doc.examples;
      if (doc.secret === true) field['writeOnly'] = true;
      if (doc.formerly !== undefined) field['x-formerly'] = doc.formerly;
    }
    const preset = defaults[name];
    if (preset !== undefined) field['default'] = preset;
    else if (!optional) required.push(name);
    properties[name] = field;
  }
  const allOf = together(cls, names, defaults);
  return {
    type: 'object',
    additionalProperties: false,
    properties,
    ...(required.length > 0 ? { required } : {}),
    ...(allOf.length > 0 ? { allOf } : {}),
  };
}

/** What holds for several fields together: `@OneOf`, `@RequiredWhen`. */
function together(cls: new () => object, names: readonly string[], defaults: Readonly<Record<string, unknown>>): JsonSchema[] {
  const groups = new Map<string, JsonSchema>();
  for (const name of names) {
    const oneOf = noted<readonly string[]>(ONE_OF, cls, name);
    if (oneOf !== undefined) groups.set([...oneOf].sort().join(), { oneOf: oneOf.map((one) => ({ required: [one] })) });
    const when = noted<{ field: string; value: unknown }>(WHEN, cls, name);
    if (when === undefined) continue;
    const { field, value } = when;
    // Where the field is not written it has its default.
    const written = defaults[field] === value ? {} : { required: [field] };
    groups.set(`${name} when ${field}`, { if: { properties: { [field]: { const: value } }, ...written }, then: { required: [name] } });
  }
  return [...groups.values()];
}

/** Writes what one validator says into a schema. Validators without a counterpart are checked when the node is made. */
function keyword(name: string, constraints: readonly unknown[], into: JsonSchema): void {
  const [first] = constraints;
  switch (name) {
    case 'isString':
      into['type'] = 'string';
      break;
    case 'isInt':
      into['type'] = 'integer';
      break;
    case 'isNumber':
      into['type'] ??= 'number';
      break;
    case 'isPositive':
      into['exclusiveMinimum'] = 0;
      break;
    case 'isBoolean':
      into['type'] = 'boolean';
      break;
    case 'isObject':
      into['type'] = 'object';
      break;
    case 'isArray':
      into['type'] = 'array';
      break;
    case 'isIn':
      into['enum'] = first;
      break;
    case 'min':
      into['minimum'] = first;
      break;
    case 'max':
      into['maximum'] = first;
      break;
    case 'minLength':
      into['minLength'] = first;
      break;
    case 'maxLength':
      into['maxLength'] = first;
      break;
    case 'isNotEmpty':
      into['minLength'] = 1;
      break;
    case 'matches':
      into['type'] = 'string';
      into['pattern'] = (first as RegExp).source;
      break;
    case FORMAT:
      into['type'] = 'string';
      into['format'] = first;
      break;
    case 'isUrl':
      into['type'] = 'string';
      into['format'] = 'uri';
      break;
    case 'arrayMinSize':
      into['minItems'] = first;
      break;
    case 'arrayMaxSize':
      into['maxItems'] = first;
      break;
    case 'arrayUnique':
      into['uniqueItems'] = true;
      break;
  }
}
