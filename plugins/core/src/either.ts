import { ValidateBy, ValidateIf } from 'class-validator';

/** One of two fields must be there, and not both. Put it on both, each naming the other, beside the rules of the value. */
export function Either(other: string): PropertyDecorator {
  return (target, key) => {
    ValidateIf((object: Record<string, unknown>) => object[String(key)] !== undefined || object[other] === undefined)(target, key);
    ValidateBy({
      name: 'either',
      validator: {
        validate: (value, args) => value === undefined || (args?.object as Record<string, unknown>)[other] === undefined,
        defaultMessage: () => `set $property or ${other}, not both`,
      },
    })(target, key);
  };
}
