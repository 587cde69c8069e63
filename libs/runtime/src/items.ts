import { SluiceError } from '@sluice/sdk';
import type { Observable, Subscription } from 'rxjs';
import { MAX_BURST } from './edge';
import type { ResultKind } from './stage';

/** Several results of one call, pulled one by one. */
export interface Items {
  next(): Promise<IteratorResult<unknown, unknown>>;
  /** No more will be pulled. */
  return(): Promise<unknown>;
}

/** Iterables as they are; an Observable cannot be asked to wait, so what it pushes waits, as many as a burst may have. */
export function itemsOf(kind: ResultKind, result: unknown, node: string): Items {
  if (kind === 'observable') return new PushedItems(result as Observable<unknown>, node);
  const iterator = result as Iterator<unknown> | AsyncIterator<unknown>;
  return {
    next: async () => iterator.next(),
    return: async () => iterator.return?.(),
  };
}

class PushedItems implements Items {
  private readonly waiting: unknown[] = [];
  private readonly subscription: Subscription;
  private over = false;
  private error: { readonly cause: unknown } | undefined;
  private wake: () => void = () => undefined;

  constructor(results: Observable<unknown>, node: string) {
    this.subscription = results.subscribe({
      next: (value) => {
        if (this.over) return;
        if (this.waiting.length >= MAX_BURST) this.end({ cause: overrun(node) });
        else this.waiting.push(value);
        this.wake();
      },
      error: (cause: unknown) => this.end({ cause }),
      complete: () => this.end(undefined),
    });
    // What pushes at once has not had it to hold on to.
    if (this.over) this.subscription.unsubscribe();
  }

  async next(): Promise<IteratorResult<unknown, unknown>> {
    while (this.waiting.length === 0 && !this.over) await new Promise<void>((resolve) => (this.wake = resolve));
    if (this.waiting.length > 0) return { done: false, value: this.waiting.shift() };
    if (this.error !== undefined) throw this.error.cause;
    return { done: true, value: undefined };
  }

  return(): Promise<unknown> {
    this.waiting.length = 0;
    this.end(undefined);
    return Promise.resolve();
  }

  private end(error: { readonly cause: unknown } | undefined): void {
    if (this.over) return;
    this.over = true;
    this.error = error;
    this.subscription?.unsubscribe();
    this.wake();
  }
}

/** More came of one call than a burst may be. */
export function overrun(node: string): SluiceError {
  return new SluiceError('NODE_OVERRUN', `It pushed more than ${MAX_BURST} packets beyond what the next node has taken.`, {
    node,
    retryable: false,
    hint: 'Return an iterable instead of an Observable, or make the edge lossy.',
  });
}
