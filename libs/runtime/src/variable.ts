/**
 * Marks fields as what changes. V8 takes a field that was only ever assigned once for a constant and compiles its value in:
 * the first run to end, to be tapped or cancelled would then throw away the code of all the others.
 */
export function variable(object: object, ...fields: string[]): void {
  const values = object as Record<string, unknown>;
  for (const field of fields) {
    const value = values[field];
    values[field] = undefined;
    values[field] = value;
  }
}
