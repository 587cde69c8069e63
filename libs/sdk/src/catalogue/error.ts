/** What is known of an effect that failed: did it happen? */
export type EffectState = 'none' | 'applied' | 'unknown';

/** What an error says beside its code and message. */
export interface SluiceErrorInit {
  readonly node?: string;
  readonly scope?: string;
  /** Whether a second try may succeed; policies never retry where this is false. Default true for unknown errors, false here. */
  readonly retryable?: boolean;
  readonly effectState?: EffectState;
  /** What to do next, one sentence. */
  readonly hint?: string;
  readonly details?: unknown;
  readonly cause?: unknown;
}

const BRAND = Symbol.for('sluice.error');

/** An error with a stable code (`error@1`). The message says what happened, the hint what to do next. */
export class SluiceError extends Error {
  readonly [BRAND] = true;
  readonly code: string;
  readonly node: string | undefined;
  readonly scope: string | undefined;
  readonly retryable: boolean;
  readonly effectState: EffectState;
  readonly hint: string | undefined;
  readonly details: unknown;

  constructor(code: string, message: string, init: SluiceErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'SluiceError';
    this.code = code;
    this.node = init.node;
    this.scope = init.scope;
    this.retryable = init.retryable ?? false;
    this.effectState = init.effectState ?? 'none';
    this.hint = init.hint;
    this.details = init.details;
  }

  /** True for a SluiceError of any copy of this package. */
  static is(value: unknown, code?: string): value is SluiceError {
    if (typeof value !== 'object' || value === null || !(BRAND in value)) return false;
    return code === undefined || (value as SluiceError).code === code;
  }

  /** The same value if it is a SluiceError, else one with the given code around it. */
  static from(value: unknown, code: string, init: SluiceErrorInit = {}): SluiceError {
    if (SluiceError.is(value)) return value;
    const message = value instanceof Error ? value.message : String(value);
    return new SluiceError(code, message, { retryable: true, ...init, cause: value });
  }
}
