import { setMaxListeners } from 'node:events';
import { SluiceError, type AbortCause, type Fence, type Session, type Unit, type UnitOptions, type UnitState } from '@sluice/sdk';
import { Spending, warnAt } from './budget';
import type { Clock } from './clock';
import { variable } from './variable';

/** What can be cancelled as one. The fence is a flag: what looks at it after `raise` returned sees it. */
export class Scope implements Fence {
  fenced = false;
  epoch = 0;
  /** Made for the first who asks: most scopes are cancelled with nobody listening, and then need no event. */
  private abortion: AbortController | undefined;
  private reason: unknown;
  private readonly children = new Set<Scope>();

  constructor(
    readonly id: string,
    private readonly parent: Scope | undefined = undefined,
  ) {
    variable(this, 'fenced');
    parent?.children.add(this);
    if (parent?.fenced === true) this.raise(parent.reason);
  }

  get signal(): AbortSignal {
    if (this.abortion === undefined) {
      this.abortion = new AbortController();
      // As many calls as may be under way wait on it.
      setMaxListeners(0, this.abortion.signal);
      if (this.fenced) this.abortion.abort(this.reason);
    }
    return this.abortion.signal;
  }

  /** Raises the fence here and on all below, then their abort signals, before it returns. */
  raise(reason: unknown): void {
    if (this.fenced) return;
    const all = [...this.family()];
    for (const scope of all) {
      scope.fenced = true;
      scope.reason = reason;
    }
    for (const scope of all) scope.fell(reason);
  }

  /** It is over: no longer its parent's to cancel. */
  detach(): void {
    this.parent?.children.delete(this);
    this.parent?.left();
  }

  /** How many scopes it has below it, at any depth. */
  get size(): number {
    let n = -1;
    for (const _ of this.family()) n++;
    return n;
  }

  protected get empty(): boolean {
    return this.children.size === 0;
  }

  /** A scope below it is over. */
  protected left(): void {
    // Only sessions care.
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

  /** The scope of this id here or below. */
  find(id: string): Scope | undefined {
    for (const scope of this.family()) if (scope.id === id) return scope;
    return undefined;
  }

  protected fell(reason: unknown): void {
    this.abortion?.abort(reason);
  }

  private *family(): Iterable<Scope> {
    yield this;
    for (const child of this.children) yield* child.family();
  }
}

/** A session: closed by hand, when it was idle for too long, or with its run; gone when the last of its units is, too. */
export class SessionScope extends Scope implements Session {
  closed = false;
  private stopWaiting: () => void = () => undefined;

  constructor(
    id: string,
    parent: Scope,
    private readonly idle: number | undefined,
    private readonly clock: Clock,
    private readonly over: () => void,
  ) {
    super(id, parent);
    this.rest();
  }

  /** It was asked for, or a unit of it has ended: the time of being idle begins again. */
  rest(): void {
    this.stopWaiting();
    if (this.idle !== undefined && !this.closed)
      this.stopWaiting = this.clock.after(this.idle, () => (this.empty ? this.close() : undefined));
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.stopWaiting();
    this.over();
    if (this.empty) this.detach();
  }

  protected override fell(reason: unknown): void {
    super.fell(reason);
    // A session of a cancelled run is made with its fence up.
    if (this.over !== undefined) this.close();
  }

  protected override left(): void {
    if (!this.empty) return;
    if (this.closed) this.detach();
    else this.rest();
  }
}

const CAUSES: readonly AbortCause[] = ['authority_lost', 'cancel', 'budget', 'error', 'disconnect'];

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
  private readonly spending: Spending;
  private readonly cancelDeadline: (() => void) | undefined;

  constructor(
    id: string,
    parent: Scope,
    private readonly options: UnitOptions,
    private readonly host: UnitHost,
  ) {
    super(id, parent);
    this.outcome = new Promise((resolve) => (this.decide = resolve));
    this.spending = new Spending((message, details) => this.warn(message, details));
    const { deadline } = options;
    if (deadline !== undefined) {
      const spent = { name: 'deadline', sum: warnAt(deadline), limit: deadline };
      const calm = host.clock.after(warnAt(deadline), () => this.warn(`${spent.sum} of ${deadline} ms`, spent));
      const cancel = host.clock.after(deadline, () => this.abort('budget', `its deadline of ${deadline} ms passed`));
      this.cancelDeadline = () => (calm(), cancel());
    }
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
    const sum = this.spending.add(name, amount, limit);
    if (limit !== undefined && sum > limit) {
      this.abort('budget', `its budget of ${limit} ${name} is spent`);
      throw new SluiceError('BUDGET_SPENT', `${this.id} has used ${sum} of ${limit} ${name}.`, {
        scope: this.id,
        hint: 'Raise the budget, or do less.',
      });
    }
  }

  private warn(message: string, details: object): void {
    if ((this.state !== 'open' && this.state !== 'proposed') || this.fenced) return;
    this.host.event('unit:budget', { message, details: { unit: this.id, ...details } });
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
