/** A parameter as it is typed. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);
}

/** What was typed, as what it stands for: of the kind that the value had, where it can be read so. */
export function valueOf(typed: string, before: unknown): unknown {
  if (typeof before === 'string') return typed;
  try {
    return JSON.parse(typed) as unknown;
  } catch {
    return typed;
  }
}

/** The parameters that were typed and are not what they were. */
export function changed(
  values: Readonly<Record<string, unknown>>,
  typed: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(typed)
      .filter(([name, text]) => text !== textOf(values[name]))
      .map(([name, text]) => [name, valueOf(text, values[name])]),
  );
}
