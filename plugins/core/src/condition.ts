import { IsIn, ValidateBy, ValidateIf } from 'class-validator';
import { Doc, field, IsAny, IsField, SluiceError, type Packet } from '@sluice/sdk';

const OPS = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'in', 'not_in', 'exists', 'missing', 'contains', 'matches'] as const;
type Op = (typeof OPS)[number];

/** What an op asks of `value`. */
function fits(op: Op, value: unknown): boolean {
  switch (op) {
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return typeof value === 'number' || typeof value === 'string';
    case 'in':
    case 'not_in':
      return Array.isArray(value);
    case 'matches':
      return typeof value === 'string' && pattern(value) !== undefined;
    case 'exists':
    case 'missing':
      return value === undefined;
    default:
      return value !== undefined;
  }
}

/** May be absent, and is then still tested: whether it must be there is for the op to say. */
function IsOperand(): PropertyDecorator {
  const fitsOp = ValidateBy({
    name: 'isOperand',
    validator: {
      validate: (value, args) => fits((args?.object as Condition).op, value),
      defaultMessage: (args) =>
        `value does not fit op ${(args?.object as Condition).op}: ${WANTED[(args?.object as Condition).op] ?? 'a value'} is needed`,
    },
  });
  return (target, key) => {
    ValidateIf(() => true)(target, key);
    fitsOp(target, key);
  };
}

const ORDER = 'a number or a text';
const WANTED: Partial<Record<Op, string>> = {
  lt: ORDER,
  le: ORDER,
  gt: ORDER,
  ge: ORDER,
  in: 'a list',
  not_in: 'a list',
  matches: 'a regular expression',
  exists: 'none',
  missing: 'none',
};

/** One test of one field. */
export class Condition {
  @IsField() @Doc('Field that is tested.', { examples: ['payload.speed'] }) path!: string;
  @IsIn(OPS) @Doc('How: compare, be in a list, be there at all, contain a text or item, match a regular expression.') op: Op = 'eq';
  @IsOperand() @IsAny() @Doc('What the field is compared with; none for exists and missing.') value?: unknown;
}

/** True where the packet fits. Values of different types are never equal, less or greater. */
export function compile(condition: Condition): (packet: Packet) => boolean {
  const read = field(condition.path);
  const { op, value } = condition;
  switch (op) {
    case 'eq':
      return (packet) => read(packet) === value;
    case 'ne':
      return (packet) => read(packet) !== value;
    case 'lt':
      return ordered(read, value, (a, b) => a < b);
    case 'le':
      return ordered(read, value, (a, b) => a <= b);
    case 'gt':
      return ordered(read, value, (a, b) => a > b);
    case 'ge':
      return ordered(read, value, (a, b) => a >= b);
    case 'in':
      return (packet) => (value as unknown[]).includes(read(packet));
    case 'not_in':
      return (packet) => !(value as unknown[]).includes(read(packet));
    case 'exists':
      return (packet) => (read(packet) ?? null) !== null;
    case 'missing':
      return (packet) => (read(packet) ?? null) === null;
    case 'contains':
      return (packet) => {
        const held = read(packet);
        return typeof held === 'string' ? held.includes(String(value)) : Array.isArray(held) && held.includes(value);
      };
    case 'matches': {
      const regex = pattern(value as string);
      if (regex === undefined)
        throw new SluiceError('CONFIG_INVALID', `${String(value)} is no regular expression.`, { hint: 'Check its brackets.' });
      return (packet) => {
        const held = read(packet);
        return typeof held === 'string' && regex.test(held);
      };
    }
  }
}

function ordered(
  read: (packet: Packet) => unknown,
  right: unknown,
  holds: (a: string | number, b: string | number) => boolean,
): (packet: Packet) => boolean {
  return (packet) => {
    const left = read(packet);
    return typeof left === typeof right && holds(left as string | number, right as string | number);
  };
}

function pattern(text: string): RegExp | undefined {
  try {
    return new RegExp(text);
  } catch {
    return undefined;
  }
}
