/** The schema of an editor lets placeholders in everywhere: a form does that by itself. */
export function simple(schema: unknown): Readonly<Record<string, unknown>> {
  const { anyOf, ...rest } = schema as { anyOf?: readonly Readonly<Record<string, unknown>>[] };
  const made: Record<string, unknown> = { ...rest };
  const shapes = anyOf?.filter((one) => one['pattern'] !== '\\$\\{') ?? [];
  // The shortest way to write it is the first; longer ones are for the YAML.
  if (shapes[0] !== undefined) Object.assign(made, simple(shapes[0]));
  const properties = made['properties'] as Readonly<Record<string, unknown>> | undefined;
  if (properties !== undefined)
    made['properties'] = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, simple(value)]));
  if (made['enum'] !== undefined && made['type'] === undefined) made['type'] = 'string';
  return { ...made, ...(rest as object), ...(properties === undefined ? {} : { properties: made['properties'] }) };
}

export function definition(schema: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  return ((schema['definitions'] as Readonly<Record<string, unknown>> | undefined)?.[name] ?? {}) as Readonly<Record<string, unknown>>;
}

export function policiesOf(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const properties = (definition(schema, 'node')['properties'] ?? {}) as Readonly<Record<string, unknown>>;
  const shown = ['retry', 'timeout', 'circuit', 'rate', 'on_error', 'concurrency', 'ordered', 'placement', 'scope', 'durability'];
  return {
    type: 'object',
    properties: Object.fromEntries(shown.filter((key) => properties[key] !== undefined).map((key) => [key, simple(properties[key])])),
  };
}
