import { redactor } from '@sluice/control/redact';

/** Secrets are environment variables with this prefix. */
export const SECRET = 'SLUICE_SECRET_';

export function secretOf(name: string): string | undefined {
  return process.env[SECRET + name];
}

/** Those of the environment, read once as that takes long, and those that were given for parameters which are declared secret. */
let values: string[] | undefined;

/** A value that was given in another way than by the environment, and is to be kept as secret. */
export function keepSecret(value: unknown): void {
  if (typeof value === 'string' && !secretValues().includes(value)) values!.push(value);
}

/** Values that must not be seen outside of this process. */
export function secretValues(): readonly string[] {
  return (values ??= Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith(SECRET) && value !== undefined ? [value] : [],
  ));
}

/** Takes secrets out of text. */
export const redact = redactor(secretValues);

/**
 * Takes secrets out of all that this process writes to its terminal, log or pipe, whoever writes it: a command, a node that prints, the
 * stack of a fault.
 */
export function guardOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    stream.write = ((chunk: unknown, ...rest: unknown[]) => write(clean(chunk), ...rest)) as typeof stream.write;
  }
}

/** Bytes stay as they are where nothing is in them: not all are text. */
function clean(chunk: unknown): unknown {
  if (typeof chunk === 'string') return redact(chunk);
  if (!(chunk instanceof Uint8Array) || secretValues().length === 0) return chunk;
  const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('utf8');
  const safe = redact(text);
  return safe === text ? chunk : safe;
}
