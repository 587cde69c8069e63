import type { Fence } from '@sluice/sdk';

/** What can be cancelled as one. The fence is a flag: what checks it after `cancel` returned sees it. */
export class Scope implements Fence {
  fenced = false;
  epoch = 0;
  private readonly abort = new AbortController();

  constructor(
    readonly id: string,
    private readonly parent: Scope | undefined = undefined,
  ) {
    parent?.children.add(this);
  }

  private readonly children = new Set<Scope>();

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Raises the fence here and below, then the abort signals; synchronous. */
  cancel(reason: unknown): void {
    if (this.fenced) return;
    this.raise();
    this.signalAbort(reason);
  }

  /** The scope is over; it is no longer its parent's to cancel. */
  close(): void {
    this.parent?.children.delete(this);
  }

  private raise(): void {
    this.fenced = true;
    for (const child of this.children) child.raise();
  }

  private signalAbort(reason: unknown): void {
    this.abort.abort(reason);
    for (const child of this.children) child.signalAbort(reason);
  }
}
