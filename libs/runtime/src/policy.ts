import type { NodePolicies, PlanNode } from '@sluice/graph';
import { type Context, SluiceError } from '@sluice/sdk';
import { catchError, defer, firstValueFrom, from, of, retry, throwError, timeout, TimeoutError, timer } from 'rxjs';
import type { Clock } from './clock';
import { schedulerOf } from './clock';
import type { Call, Callee } from './stage';

/** Whether calls of this node go through policies; then it is never fused. */
export function hasPolicies(policies: NodePolicies): boolean {
  const { retry: again, timeout_ms, circuit, rate, idempotency, fallback } = policies;
  return [again, timeout_ms, circuit, rate, idempotency, fallback].some((policy) => policy !== undefined);
}

/** The call with its policies around it, outermost first: retry, timeout, invoke; then fallback. */
export function withPolicies({ id: node, kind, policies }: PlanNode, instance: Callee, clock: Clock): Callee {
  if (!hasPolicies(policies)) return instance;
  const call: Call = (packet, ctx) => (kind === 'sink' ? instance.write!(packet, ctx) : instance.process!(packet, ctx));
  const scheduler = schedulerOf(clock);
  const { retry: again, timeout_ms, fallback } = policies;
  const policed: Call = (packet, ctx) => {
    let result$ = defer(() => {
      const result = call(packet, ctx);
      return result instanceof Promise ? from(result) : of(result);
    });
    if (timeout_ms !== undefined) {
      result$ = result$.pipe(
        timeout({ first: timeout_ms, scheduler }),
        catchError((error: unknown) =>
          throwError(() =>
            error instanceof TimeoutError
              ? new SluiceError('NODE_TIMEOUT', `It took longer than ${timeout_ms} ms.`, {
                  node,
                  retryable: true,
                  effectState: 'unknown',
                  hint: 'Raise its timeout, or find out why it is slow.',
                })
              : error,
          ),
        ),
      );
    }
    if (again !== undefined) {
      result$ = result$.pipe(
        retry({
          count: again.max_attempts - 1,
          delay: (error: unknown, attempt) => {
            if (SluiceError.is(error) && !error.retryable) return throwError(() => error);
            return timer(backoff(error, attempt, again, ctx), scheduler);
          },
        }),
      );
    }
    if (fallback !== undefined) result$ = result$.pipe(catchError(() => of(fallback)));
    return firstValueFrom(result$, { defaultValue: undefined });
  };
  return { process: policed, write: policed };
}

/** Exponential, with full jitter on its upper half; a server's Retry-After wins. */
function backoff(error: unknown, attempt: number, policy: NonNullable<NodePolicies['retry']>, ctx: Context): number {
  const asked = SluiceError.is(error) ? (error.details as { retry_after_ms?: number } | undefined)?.retry_after_ms : undefined;
  if (asked !== undefined) return asked;
  const full = Math.min(policy.max_backoff_ms, policy.backoff_ms * 2 ** (attempt - 1));
  return full / 2 + (full / 2) * ctx.random();
}
