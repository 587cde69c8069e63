import {
  MemoryState,
  SluiceError,
  type Context,
  type Fence,
  type Log,
  type Packet,
  type Session,
  type SessionOptions,
  type Unit,
  type UnitOptions,
} from '@sluice/sdk';
import { type Clock, schedulerOf } from './clock';
import { artifactsOf, timersOf, type Kept } from './kept';
import type { Scope } from './scope';

export interface ContextHost {
  readonly runId: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly scope: Scope;
  readonly random: () => number;
  unit(id: string, options: UnitOptions): Unit;
  session(id: string, options: SessionOptions): Session;
  /** @param from the node whose call asks for it, where that call is itself of the scope */
  cancelScope(scope: Fence, reason: string, from?: string): Promise<void>;
  readonly graph: string;
  /** Aborted when no timer is wanted any more. */
  readonly over: AbortSignal;
  /** What artifacts and timers are kept in. @throws SluiceError STORE_NEEDED */
  opened(): Promise<Kept>;
  troubled(of: { readonly node: string }, error: Error | undefined): void;
  latest(node: string, port: string): Packet | undefined;
  path(relative: string): string;
  outPath(relative: string): string;
}

/** The scope of the calls that a context is made for. */
export const CALL_SCOPE = Symbol('call scope');

export interface ScopedContext extends Context {
  readonly [CALL_SCOPE]?: Fence;
}

/** What one node sees of its run. */
export function contextOf(node: string, counters: Record<string, number>, host: ContextHost): Context {
  const { clock, scope } = host;
  const keeper = { graph: host.graph, run: host.runId, node, over: host.over, store: () => host.opened() };
  const say =
    (level: keyof Log) =>
    (message: string, fields: object = {}) =>
      host.log[level](message, { run: host.runId, node, ...fields });
  return {
    run: host.runId,
    node,
    signal: scope.signal,
    now: () => clock.now(),
    // By the signal of the context that it is asked of: a call within a unit has its own.
    sleep(this: Context | undefined, ms) {
      return sleep(clock, ms, this?.signal ?? scope.signal);
    },
    random: host.random,
    scheduler: schedulerOf(clock),
    log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
    trouble: (error) => host.troubled({ node }, error),
    count: (name, by = 1) => {
      counters[name] = (counters[name] ?? 0) + by;
    },
    state: new MemoryState(),
    artifacts: artifactsOf(keeper),
    timers: timersOf(keeper),
    latest: (port) => host.latest(node, port),
    unit: (id, options = {}) => host.unit(id, options),
    session: (id, options = {}) => host.session(id, options),
    // By the context that it is asked of, too: a call that cancels what it is part of must not wait for itself.
    cancel(this: ScopedContext | undefined, target, reason = 'cancelled') {
      const own = this?.[CALL_SCOPE];
      return host.cancelScope(target, reason, own !== undefined && (target as Scope).holds(own) ? node : undefined);
    },
    path: (relative) => host.path(relative),
    outPath: (relative) => host.outPath(relative),
  };
}

function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelled = (): void => {
      cancel();
      reject(new SluiceError('CANCELLED', 'It was cancelled while it waited.', { cause: signal.reason }));
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', cancelled);
      resolve();
    });
    if (signal.aborted) cancelled();
    else signal.addEventListener('abort', cancelled, { once: true });
  });
}
