import { SluiceError, type Fence, type Session, type SessionOptions, type Unit, type UnitOptions } from '@sluice/sdk';
import type { Clock } from './clock';
import { Scope, SessionScope, UnitScope } from './scope';
import type { Segment } from './segment';

/** How long a node may take to close, and a cancelled call to return, before it is called stuck. */
export const GRACE_MS = 1_000;

/** What the scopes of a run ask of it. */
export interface ScopesHost {
  readonly scope: Scope;
  readonly clock: Clock;
  event(event: string, more: { message?: string; details?: unknown }): void;
  /** Takes what is fenced out of the edges. */
  sweep(): Promise<void>;
  /** The clock without the count: what is set on it is no work to come. */
  readonly idleClock: Clock;
  /** Segments with a call under way for a packet of this scope, one call of node `from` left out of account. */
  working(scope: Scope, from?: string): readonly Segment[];
  stuck(segment: Segment): void;
  /** @returns whether it settled in time */
  within(promise: Promise<unknown>, ms: number): Promise<boolean>;
}

/** The sessions and units of a run, and how they are cancelled. */
export class RunScopes {
  private readonly units = new Map<string, UnitScope>();
  private readonly sessions = new Map<string, SessionScope>();
  /** Those who wait for cancelled calls to come back. */
  private readonly returning = new Set<() => void>();

  constructor(private readonly host: ScopesHost) {}

  /** @throws SluiceError UNIT_EXISTS */
  unit(id: string, options: UnitOptions): Unit {
    if (this.units.has(id)) {
      throw new SluiceError('UNIT_EXISTS', `There is a unit ${id} already.`, { scope: id, hint: 'Give each unit an id of its own.' });
    }
    const { host } = this;
    const parent = options.session instanceof Scope ? options.session : host.scope;
    if (parent instanceof SessionScope && parent.closed) {
      throw new SluiceError('SESSION_CLOSED', `Session ${parent.id} is closed; ${id} cannot join it.`, {
        scope: id,
        hint: 'Ask for the session again: `ctx.session(id)` opens it anew.',
      });
    }
    const unit = new UnitScope(id, parent, options, {
      clock: host.clock,
      event: (event, more) => host.event(event, more),
      sweep: () => void host.sweep(),
    });
    this.units.set(id, unit);
    void unit.outcome.then(() => this.units.delete(id));
    return unit;
  }

  session(id: string, { idle }: SessionOptions): Session {
    const open = this.sessions.get(id);
    if (open !== undefined) {
      open.rest();
      return open;
    }
    const session = new SessionScope(id, this.host.scope, idle, this.host.idleClock, () => this.sessions.delete(id));
    this.sessions.set(id, session);
    return session;
  }

  /** The run is over. */
  close(): void {
    for (const session of this.sessions.values()) session.close();
  }

  /** The fence stands when this returns; the promise is for the sweep, and for calls under way to return or be stuck. */
  async cancel(fence: Fence, reason: string, from?: string): Promise<void> {
    const scope = fence as Scope;
    const { host } = this;
    if (scope instanceof UnitScope) scope.abort('cancel', reason);
    else scope.raise(new SluiceError('CANCELLED', reason, { scope: scope.id }));
    host.event('scope:cancelled', { message: reason, details: { scope: scope.id } });
    await host.sweep();
    let look: () => void = () => undefined;
    const back = new Promise<void>((resolve) => {
      look = () => {
        if (host.working(scope, from).length === 0) resolve();
      };
      this.returning.add(look);
      look();
    });
    if (!(await host.within(back, GRACE_MS))) for (const segment of host.working(scope, from)) host.stuck(segment);
    this.returning.delete(look);
    if (scope instanceof SessionScope) scope.close();
    else scope.detach();
  }

  /** A call came back. */
  returned(): void {
    if (this.returning.size > 0) for (const look of this.returning) look();
  }
}
