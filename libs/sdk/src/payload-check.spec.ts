import Ajv from 'ajv';
import fc from 'fast-check';
import { IsInt, IsString } from 'class-validator';
import { compilePayloadCheck, payloadSchema } from './payload-check';
import { portType } from './port';
import type { JsonSchema } from './catalogue';

const values = fc.oneof(
  fc.constantFrom(undefined, null, true, 0, -1, 1.5, 7, NaN, Infinity, '', 'a', 'abc', [], {}, [1], ['a', 2], { a: 1 }, { a: 'x', b: 2 }),
  fc.object({
    key: fc.constantFrom('a', 'b', 'c'),
    maxDepth: 2,
    values: [fc.integer({ min: -3, max: 9 }), fc.string({ maxLength: 4 }), fc.constant(null)],
  }),
  fc.array(fc.oneof(fc.integer({ min: -3, max: 9 }), fc.string({ maxLength: 4 })), { maxLength: 4 }),
);

/** Schemas up to so many levels deep. */
const schema = (levels: number): fc.Arbitrary<JsonSchema> => {
  const below = levels === 0 ? fc.constant<JsonSchema>({}) : schema(levels - 1);
  return fc.record(
    {
      type: fc.constantFrom('object', 'array', 'string', 'number', 'integer', 'boolean', 'null', ['string', 'null'], ['array', 'object']),
      enum: fc.constantFrom([1, 'a', null], ['abc'], [true]),
      minimum: fc.integer({ min: -2, max: 3 }),
      exclusiveMaximum: fc.integer({ min: 3, max: 8 }),
      minLength: fc.integer({ min: 0, max: 2 }),
      maxLength: fc.integer({ min: 2, max: 4 }),
      pattern: fc.constantFrom('^a', 'b$', '`$'),
      properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), below, { maxKeys: 2 }),
      required: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 }),
      additionalProperties: fc.oneof(fc.boolean(), below),
      items: below,
      minItems: fc.integer({ min: 0, max: 1 }),
      maxItems: fc.integer({ min: 1, max: 3 }),
    },
    { requiredKeys: [] },
  );
};

test('says of every value what a full validator says', () => {
  const ajv = new Ajv({ strict: false, strictNumbers: true, logger: false });
  fc.assert(
    fc.property(schema(2), fc.array(values, { minLength: 1, maxLength: 8 }), (given, list) => {
      const [ours, theirs] = [compilePayloadCheck(given), ajv.compile(given)];
      for (const value of list) expect([value, ours(value) === '']).toEqual([value, theirs(value)]);
    }),
    { numRuns: 80 },
  );
});

test('says where and what', () => {
  const check = compilePayloadCheck({
    type: 'object',
    required: ['id'],
    additionalProperties: false,
    properties: {
      id: { type: 'string', minLength: 2 },
      at: { type: 'array', items: { type: 'object', properties: { x: { type: 'number' } } } },
    },
  });
  expect(check({ id: 'ab' })).toBe('');
  expect(check(3)).toBe('It must be an object');
  expect(check({})).toBe('id must be there');
  expect(check({ id: 'a' })).toBe('id must have 2 characters or more');
  expect(check({ id: 'ab', at: [{ x: 1 }, { x: '1' }] })).toBe('at.1.x must be a number');
  expect(check({ id: 'ab', more: 1 })).toBe('more must not be there');
});

test('refuses what it does not understand, instead of passing everything', () => {
  for (const given of [{ oneOf: [] }, { $ref: '#' }, { type: 'text' }, { items: [{}] }, { minimum: 'a' }, { enum: [{}] }])
    expect(() => compilePayloadCheck(given)).toThrow(expect.objectContaining({ code: 'PORT_SCHEMA' }) as Error);
});

test('a class with validators is a schema; what it says nothing of is not looked at', () => {
  class Person {
    @IsString()
    name!: string;
    @IsInt()
    age = 0;
  }
  const check = compilePayloadCheck(payloadSchema(portType('x/person@1', Person))!);
  expect(check({ name: 'A', age: 1, more: true })).toBe('');
  expect(check({ name: 'A', age: 1.5 })).toBe('age must be an integer');
  class Bare {}
  expect(payloadSchema(portType('x/bare@1', Bare))).toBeUndefined();
});
