import { parseDuration, parseSize } from '@sluice/sdk/catalogue';
import type { Code } from './codes';
import { describe, Filled } from './fill';
import { nearest } from './nearest';
import type { Layer } from './plan';
import { meant, type Path, type Source } from './source';

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Filled);
}

/** Takes placeholders out of a free value. */
export function plain(value: unknown, path: Path, note: (path: Path, filled: Filled) => void): unknown {
  if (value instanceof Filled) {
    note(path, value);
    return value.value;
  }
  if (Array.isArray(value)) return value.map((item, i) => plain(item, [...path, i], note));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, [...path, key], note)]));
}

interface Owner {
  readonly source: Source;
  readonly path: Path;
  readonly node?: string;
  /** Code of a value that is not allowed. */
  readonly invalid: Code;
  /** Code of a key that is not known. */
  readonly unknown: Code;
  readonly note: (path: Path, layer: Layer) => void;
}

/** Reads the options of an edge or the policies of a node, key by key; undefined where the key is absent or faulty. */
export class Fields {
  constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    private readonly owner: Owner,
  ) {}

  /** Says every key that is none of these. */
  only(keys: readonly string[], hint?: string): this {
    for (const key of Object.keys(this.values)) {
      if (!keys.includes(key))
        this.fault(
          this.owner.unknown,
          key,
          `\`${key}\` is not known here.`,
          meant(nearest(key, keys)) ?? hint ?? `Known are ${keys.join(', ')}.`,
          true,
        );
    }
    return this;
  }

  has(key: string): boolean {
    return this.values[key] !== undefined;
  }

  /** The value as it is, placeholders taken out. */
  raw(key: string): unknown {
    const value = this.values[key];
    if (!(value instanceof Filled)) return value;
    this.owner.note([...this.owner.path, key], value.layer);
    return value.known ? value.value : undefined;
  }

  text(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    return this.wrong(key, 'a text', value);
  }

  flag(key: string): boolean | undefined {
    const value = this.raw(key);
    if (value === undefined || typeof value === 'boolean') return value;
    if (this.values[key] instanceof Filled && (value === 'true' || value === 'false')) return value === 'true';
    return this.wrong(key, 'true or false', value);
  }

  count(key: string, least = 1): number | undefined {
    const raw = this.raw(key);
    if (raw === undefined) return undefined;
    const value = this.values[key] instanceof Filled && typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
    const most = typeof value === 'number' && value > Number.MAX_SAFE_INTEGER ? ` and at most ${Number.MAX_SAFE_INTEGER}` : '';
    return this.wrong(key, `a whole number of at least ${least}${most}`, raw);
  }

  choice<const C extends string>(key: string, choices: readonly C[]): C | undefined {
    const value = this.raw(key);
    if (value === undefined || choices.includes(value as C)) return value as C | undefined;
    const hint = meant(typeof value === 'string' ? nearest(value, choices) : undefined);
    return this.fault(this.owner.invalid, key, `\`${key}\` must be one of ${choices.join(', ')}.`, hint);
  }

  /** Milliseconds. */
  duration(key: string): number | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    const made = typeof value === 'string' ? parseDuration(value) : undefined;
    if (made !== undefined) return made;
    return this.fault(
      'CONFIG_BAD_DURATION',
      key,
      `\`${key}\` must be a duration, not ${typeof value === 'string' ? `"${value}"` : describe(value)}.`,
    );
  }

  /** Bytes. */
  size(key: string): number | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    const made = typeof value === 'string' || typeof value === 'number' ? parseSize(value) : undefined;
    if (made !== undefined) return made;
    return this.fault(
      'CONFIG_BAD_SIZE',
      key,
      `\`${key}\` must be a size, not ${typeof value === 'string' ? `"${value}"` : describe(value)}.`,
    );
  }

  /** A policy that is a mapping. */
  inner(key: string): Fields | undefined {
    const value = this.raw(key);
    return isRecord(value) ? new Fields(value, { ...this.owner, path: [...this.owner.path, key] }) : undefined;
  }

  wrong(key: string, wanted: string, value: unknown): undefined {
    return this.fault(this.owner.invalid, key, `\`${key}\` must be ${wanted}, not ${this.said(key, value)}.`);
  }

  /** What was written there; of what was filled in, which may be a secret, only its kind. */
  private said(key: string, value: unknown): string {
    if (this.values[key] instanceof Filled || (typeof value !== 'number' && typeof value !== 'string')) return describe(value);
    return typeof value === 'number' ? String(value) : `the text ${JSON.stringify(value)}`;
  }

  fault(code: Code, key: string, message: string, hint?: string, atKey = false): undefined {
    const { source, path, node } = this.owner;
    source.say(code, [...path, key], message, { ...(node === undefined ? {} : { node }), hint, atKey });
    return undefined;
  }
}
