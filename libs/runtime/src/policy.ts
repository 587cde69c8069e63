import type { NodePolicies, PlanNode, RatePolicy, RetryPolicy } from '@sluice/graph';
import { field, Packet, SluiceError, To, type Context } from '@sluice/sdk';
import { catchError, defer, firstValueFrom, from, mergeMap, Observable, of, race, retry, throwError, timeout, timer } from 'rxjs';
import { Circuit, type CircuitState } from './circuit';
import { schedulerOf, type Clock } from './clock';
import type { Call, Callee } from './stage';

/** Results that are kept for calls with the same idempotency key. */
const STORED = 1024;

/** Whether calls of this node go through policies; then it is never fused. */
export function hasPolicies(policies: NodePolicies): boolean {
  const { retry: again, timeout_ms, circuit, rate, idempotency, fallback } = policies;
  return [again, timeout_ms, circuit, rate, idempotency, fallback].some((policy) => policy !== undefined);
}

export interface Policed {
  readonly callee: Callee;
  readonly circuit: Circuit | undefined;
}

/**
 * A node with its policies around it, outermost first: idempotency, fallback, rate, retry, circuit, timeout, invoke.
 * Retry and timeout are RxJS's, on the run's clock.
 */
export function withPolicies(
  { id: node, kind, policies }: PlanNode,
  instance: Callee,
  clock: Clock,
  changed: (state: CircuitState) => void,
): Policed {
  if (!hasPolicies(policies)) return { callee: instance, circuit: undefined };
  const scheduler = schedulerOf(clock);
  const circuit = policies.circuit === undefined ? undefined : new Circuit(node, policies.circuit, clock, changed);
  const rate = policies.rate === undefined ? undefined : new Rate(policies.rate, clock);
  const stored = policies.idempotency === undefined ? undefined : new Stored(field(policies.idempotency));
  const call: Call = (packet, ctx) => (kind === 'sink' ? instance.write!(packet, ctx) : instance.process!(packet, ctx));

  const policed: Call = (packet, ctx) => {
    const known = stored?.get(packet);
    if (known !== undefined)
      return known.value instanceof Promise ? known.value.then((value) => again(packet, value)) : again(packet, known.value);
    const { scope } = packet.origin;
    let result$ = defer((): Observable<unknown> => {
      // It may have waited; no node is called for a scope that is fenced.
      if (scope !== null && scope.fenced) throw cancelled();
      circuit?.enter();
      const result = call(packet, ctx);
      return result instanceof Promise ? from(result) : of(result);
    });
    if (policies.timeout_ms !== undefined) {
      const late = () => throwError(() => tookTooLong(node, policies.timeout_ms!));
      result$ = result$.pipe(timeout({ first: policies.timeout_ms, scheduler, with: late }));
    }
    if (circuit !== undefined) result$ = watched(result$, circuit);
    if (policies.retry !== undefined) result$ = retried(result$, policies.retry, ctx, clock);
    const wait = rate?.wait() ?? 0;
    if (wait > 0) {
      const unlimited$ = result$;
      result$ = race(timer(wait, scheduler), cancelledBy(ctx.signal)).pipe(mergeMap(() => unlimited$, 1));
    }
    if (policies.fallback !== undefined) result$ = result$.pipe(catchError(() => of(policies.fallback)));
    const done = firstValueFrom(result$, { defaultValue: undefined });
    if (stored === undefined) return done;
    return stored.keep(packet, done);
  };
  return { callee: { process: policed, write: policed }, circuit };
}

function cancelled(): SluiceError {
  return new SluiceError('CANCELLED', 'It was cancelled while it waited.');
}

/** Fails when the signal fires. */
function cancelledBy(signal: AbortSignal): Observable<never> {
  return new Observable((out) => {
    const stop = (): void => out.error(cancelled());
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    return () => signal.removeEventListener('abort', stop);
  });
}

function watched(result$: Observable<unknown>, circuit: Circuit): Observable<unknown> {
  return result$.pipe(
    catchError((error: unknown) => {
      // What the circuit itself refused says nothing new about the node.
      if (!SluiceError.is(error, 'CIRCUIT_OPEN')) circuit.failed();
      return throwError(() => error);
    }),
    mergeMap((value) => {
      circuit.succeeded();
      return of(value);
    }, 1),
  );
}

function retried(result$: Observable<unknown>, policy: RetryPolicy, ctx: Context, clock: Clock): Observable<unknown> {
  return result$.pipe(
    retry({
      count: policy.max_attempts - 1,
      delay: (error: unknown, attempt) => {
        if (SluiceError.is(error) && !error.retryable) return throwError(() => error);
        return race(timer(backoff(error, attempt, policy, ctx), schedulerOf(clock)), cancelledBy(ctx.signal));
      },
    }),
  );
}

/** Exponential, with jitter on its upper half; where the other side said when to come back, that is what counts. */
function backoff(error: unknown, attempt: number, policy: RetryPolicy, ctx: Context): number {
  const asked = SluiceError.is(error) ? (error.details as { retry_after_ms?: number } | undefined)?.retry_after_ms : undefined;
  if (asked !== undefined) return asked;
  const full = Math.min(policy.max_backoff_ms, policy.backoff_ms * 2 ** (attempt - 1));
  return full / 2 + (full / 2) * ctx.random();
}

function tookTooLong(node: string, ms: number): SluiceError {
  return new SluiceError('NODE_TIMEOUT', `It took longer than ${ms} ms.`, {
    node,
    retryable: true,
    effectState: 'unknown',
    hint: 'Raise its timeout, or find out why it is slow.',
  });
}

/** Spaces calls: at most `count` in any `per_ms`, the rest wait their turn. */
class Rate {
  private readonly starts: number[] = [];
  private next = 0;

  constructor(
    private readonly policy: RatePolicy,
    private readonly clock: Clock,
  ) {}

  /** Milliseconds until the call that asks may start. */
  wait(): number {
    const now = this.clock.now();
    const { count, per_ms } = this.policy;
    const before = this.starts[this.next];
    const start = before === undefined ? now : Math.max(now, before + per_ms);
    this.starts[this.next] = start;
    this.next = (this.next + 1) % count;
    return start - now;
  }
}

/** Results by key, the oldest forgotten first. */
class Stored {
  private readonly results = new Map<unknown, { value: unknown }>();

  constructor(private readonly keyOf: (packet: never) => unknown) {}

  get(packet: unknown): { value: unknown } | undefined {
    const key = this.keyOf(packet as never);
    return key === undefined ? undefined : this.results.get(key);
  }

  /** Keeps what a call gives, from now on: a second one with its key waits for the first. A failure is not kept. */
  keep(packet: unknown, done: Promise<unknown>): Promise<unknown> {
    const key = this.keyOf(packet as never);
    if (key === undefined) return done;
    const result: { value: unknown } = { value: done };
    this.results.set(key, result);
    if (this.results.size > STORED) {
      const [oldest] = this.results.keys();
      this.results.delete(oldest);
    }
    return done.then(
      (value) => (result.value = value),
      (error: unknown) => {
        if (this.results.get(key) === result) this.results.delete(key);
        throw error;
      },
    );
  }
}

/** A stored result, for another packet: it belongs to that one's delivery. */
function again(packet: Packet, value: unknown): unknown {
  if (value instanceof To) return new To(value.to, again(packet, value.payload), value.emission);
  return value instanceof Packet ? packet.with(value.payload, value.meta, value.kind) : value;
}
