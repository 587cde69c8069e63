import { setMaxListeners } from 'node:events';
import { SluiceError, type AbortCause, type Fence, type Unit, type UnitOptions, type UnitState } from '@sluice/sdk';
import type { Clock } from './clock';

/** What can be cancelled as one. The fence is a flag: what looks at it after `raise` returned sees it. */
export class Scope implements Fence {
  fenced = false;
  epoch = 0;
  private readonly abortion = new AbortController();
  private readonly children = new Set<Scope>();

  constructor(
    readonly id: string,
    private readonly parent: Scope | undefined = undefined,
  ) {
    // As many calls as may be under way wait on it.
    setMaxListeners(0, this.signal);
    parent?.children.add(this);
    if (parent?.fenced === true) this.raise(parent.signal.reason);
  }

  get signal(): AbortSignal {
    return this.abortion.signal;
  }

  /** Raises the fence here and on all below, then their abort signals, before it returns. */
  raise(reason: unknown): void {
    if (this.fenced) return;
    const all = [...this.family()];
    for (const scope of all) scope.fenced = true;
    for (const scope of all) scope.fell(reason);
  }

  /** It is over: no longer its parent's to cancel. */
  detach(): void {
    this.parent?.children.delete(this);
  }

  /** A new owner takes over: packets of an older epoch are refused. */
  takeOver(): number {
    return ++this.epoch;
  }

  /** Whether a packet of `scope` is one of this scope's. */
  holds(scope: Fence | null): boolean {
    for (let at = scope as Scope | null | undefined; at !== null && at !== undefined; at = at.parent) if (at === this) return true;
    return false;
  }

  protected fell(reason: unknown): void {
    this.abortion.abort(reason);
  }

  private *family(): Iterable<Scope> {
    yield this;
    for (const child of this.children) yield* child.family();
  }
}

const CAUSES: readonly AbortCause[] = ['authority_lost', 'cancel', 'budget', 'error', 'disconnect'];
/** Part of a budget at which there is a warning. */
const WARN_AT = 0.8;

export interface UnitHost {
  readonly clock: Clock;
  event(event: string, more: { message?: string; details?: unknown }): void;
  /** Its fence has been raised: what waits is to be swept away. */
  sweep(): void;
}

/** A unit: proposed, open, exactly one of committed or aborted, closed. */
export class UnitScope extends Scope implements Unit {
  state: UnitState = 'proposed';
  readonly outcome: Promise<'committed' | AbortCause>;
  private decide!: (outcome: 'committed' | AbortCause) => void;
  /** Endings asked for at this moment; the strongest wins when the moment is over. */
  private asked: { cause: 'committed' | AbortCause; reason: string }[] = [];
  /** Its fence falls by its own end, not with a parent's. */
  private ending = false;
  private readonly spent = new Map<string, number>();
  private readonly warned = new Set<string>();
  private readonly cancelDeadline: (() => void) | undefined;

  constructor(
    id: string,
    parent: Scope,
    private readonly options: UnitOptions,
    private readonly host: UnitHost,
  ) {
    super(id, parent);
    this.outcome = new Promise((resolve) => (this.decide = resolve));
    const { deadline } = options;
    if (deadline !== undefined)
      this.cancelDeadline = host.clock.after(deadline, () => this.abort('budget', `its deadline of ${deadline} ms passed`));
    host.event('unit:proposed', { details: { unit: id } });
  }

  open(): void {
    if (this.state !== 'proposed') throw this.wrong('open');
    this.state = 'open';
    this.host.event('unit:opened', { details: { unit: this.id } });
  }

  commit(): void {
    if (this.state !== 'open') throw this.wrong('commit');
    this.end('committed', '');
  }

  abort(cause: AbortCause, reason: string = cause): void {
    if (this.state !== 'open' && this.state !== 'proposed') return;
    this.ending = true;
    // The fence stands at once, whoever wins: nothing of an aborted unit goes on while that is decided.
    this.raise(new SluiceError('CANCELLED', reason, { scope: this.id }));
    this.host.sweep();
    this.end(cause, reason);
  }

  spend(name: string, amount: number): void {
    const limit = this.options.budget?.[name];
    const sum = (this.spent.get(name) ?? 0) + amount;
    this.spent.set(name, sum);
    if (limit === undefined) return;
    if (sum > limit) {
      this.abort('budget', `its budget of ${limit} ${name} is spent`);
      throw new SluiceError('BUDGET_SPENT', `${this.id} has used ${sum} of ${limit} ${name}.`, {
        scope: this.id,
        hint: 'Raise the budget, or do less.',
      });
    }
    if (sum >= limit * WARN_AT && (this.state === 'open' || this.state === 'proposed') && !this.fenced && !this.warned.has(name)) {
      this.warned.add(name);
      this.host.event('unit:budget', { message: `${sum} of ${limit} ${name}`, details: { unit: this.id, name, sum, limit } });
    }
  }

  /** A parent was cancelled. */
  protected override fell(reason: unknown): void {
    super.fell(reason);
    if (!this.ending && (this.state === 'open' || this.state === 'proposed')) this.end('cancel', String(reason));
  }

  private end(cause: 'committed' | AbortCause, reason: string): void {
    this.asked.push({ cause, reason });
    if (this.asked.length > 1) return;
    queueMicrotask(() => {
      const [first] = this.asked.sort((a, b) => rank(a.cause) - rank(b.cause));
      this.state = first!.cause === 'committed' ? 'committed' : 'aborted';
      this.cancelDeadline?.();
      this.host.event(`unit:${this.state}`, { message: first!.reason, details: { unit: this.id, cause: first!.cause } });
      this.decide(first!.cause);
      this.state = 'closed';
      this.detach();
      this.host.event('unit:closed', { details: { unit: this.id } });
    });
  }

  private wrong(step: string): SluiceError {
    return new SluiceError('UNIT_STATE', `${this.id} is ${this.state}; it cannot ${step}.`, {
      scope: this.id,
      hint: 'A unit goes from proposed to open to committed or aborted, once.',
    });
  }
}

/** A commit loses to every abort of the same moment. */
function rank(cause: 'committed' | AbortCause): number {
  return cause === 'committed' ? CAUSES.length : CAUSES.indexOf(cause);
}
