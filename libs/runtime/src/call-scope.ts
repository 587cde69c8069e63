import type { Context } from '@sluice/sdk';

/** The innermost scope: one try of one call. Its signal fires with that of what is around it, or when nobody waits for the call any more. */
export class CallScope {
  /** What the node is called with. */
  readonly ctx: Context;
  private readonly abortion = new AbortController();

  constructor(private readonly outer: Context) {
    this.ctx = Object.create(outer, { signal: { value: this.abortion.signal, enumerable: true } }) as Context;
    if (outer.signal.aborted) this.fell();
    else outer.signal.addEventListener('abort', this.fell, { once: true });
  }

  abort(reason: unknown): void {
    this.end();
    this.abortion.abort(reason);
  }

  /** The call has returned. */
  end(): void {
    this.outer.signal.removeEventListener('abort', this.fell);
  }

  private readonly fell = (): void => this.abortion.abort(this.outer.signal.reason);
}
