import type { NodePolicies, PlanNode, RatePolicy, RetryPolicy } from '@sluice/graph';
import { field, SluiceError, type Context, type Packet } from '@sluice/sdk';
import { catchError, defer, firstValueFrom, from, mergeMap, Observable, of, race, retry, throwError, timeout, timer } from 'rxjs';
import { NodeBudget, warnAt } from './budget';
import { CallScope } from './call-scope';
import { Circuit, type CircuitState, type Entry } from './circuit';
import { schedulerOf, type Clock } from './clock';
import { MAX_BURST } from './edge';
import { itemsOf, overrun, type Items } from './items';
import type { Call, Callee, Stage } from './stage';
import { Stored, storedAgain } from './stored';

/** One call of a node; a sink that writes in batches has several packets in one. */
export interface PolicedCall {
  readonly node: PlanNode;
  readonly packets: readonly Packet[];
  readonly ctx: Context;
}

type Awaitable<V> = V | Promise<V>;

/**
 * Steps around the calls of a node that the runtime leaves to others: tracing, authority, and what outlives the process.
 * Each is called at its place in the order of `withPolicies`. A throw of `recall`, `guard`, `approve` or `claim` refuses
 * the call; it goes the way of any failure, but no fallback stands in for it.
 */
export interface CallHooks {
  /** The call begins; what it returns is told how it ended. */
  trace?(call: PolicedCall): (error: unknown) => void;
  /** The stored result of an earlier call; where there is one the node is not called. */
  recall?(call: PolicedCall): Awaitable<{ readonly value: unknown } | undefined>;
  guard?(call: PolicedCall): Awaitable<void>;
  approve?(call: PolicedCall): Awaitable<void>;
  /** What it returns is called when the call is over, with the error where it failed. */
  claim?(call: PolicedCall): Awaitable<((error?: unknown) => Awaitable<void>) | void>;
  /** Several results of a call are collected, and go out after `commit`. */
  readonly whole?: boolean;
  /** The call has succeeded. Of several, `result` is their list with `whole`; without, it is undefined: they have gone out by then. */
  commit?(call: PolicedCall, result: unknown, several?: boolean): Awaitable<void>;
}

/** Whether calls of this node go through policies; then it is never fused. */
export function hasPolicies(policies: NodePolicies): boolean {
  const { retry: again, timeout_ms, circuit, rate, idempotency, fallback, budget } = policies;
  return [again, timeout_ms, circuit, rate, idempotency, fallback, budget].some((policy) => policy !== undefined);
}

export interface Policed {
  readonly callee: Callee;
  readonly circuit: Circuit | undefined;
}

/** What policies tell the run. */
export interface PolicyHost {
  readonly clock: Clock;
  circuit(state: CircuitState): void;
  /** A budget is nearly spent. */
  budget(message: string, details: object): void;
}

/** The result of one attempt. Of several the first is there, so that an attempt has failed or not. */
type Opened = { readonly value: unknown } | Several;

interface Several {
  readonly first: unknown;
  readonly items: Items;
  readonly attempt: Attempt;
}

/** One try, and what it must be told when it is over. */
interface Attempt {
  readonly scope: CallScope;
  readonly entry: Entry | undefined;
  /** When the node went to work, or went on with it. */
  since: number;
}

/**
 * A node with its policies around it, outermost first: trace, idempotency, guard, approve, claim, rate, retry, circuit,
 * timeout, budget, invoke, output schema (`checked`); then fallback and commit. Retry and timeout are RxJS's, on the run's clock.
 *
 * Of several results (a generator, an Observable) all of it holds until the first is there. Then the call can no longer
 * be made again: a later failure goes straight to the error port, is heard by the circuit, and has no fallback. `timeout`
 * bounds the wait for each result.
 */
export function withPolicies(
  plan: PlanNode,
  instance: Callee,
  stage: Pick<Stage, 'resultKind'>,
  host: PolicyHost,
  hooks: CallHooks | undefined = undefined,
): Policed {
  const { policies } = plan;
  if (!hasPolicies(policies) && hooks === undefined) return { callee: instance, circuit: undefined };
  const circuit =
    policies.circuit === undefined ? undefined : new Circuit(plan.id, policies.circuit, host.clock, (state) => host.circuit(state));
  const stored = policies.idempotency === undefined ? undefined : new Stored(field(policies.idempotency));
  const calls = new PolicedCalls(plan, stage, host, circuit, hooks ?? {});

  const method: Call = (packet, ctx) => {
    if (plan.kind !== 'sink') return instance.process!(packet, ctx);
    return instance.write === undefined ? instance.writeBatch!([packet], ctx) : instance.write(packet, ctx);
  };
  const one: Call = (packet, ctx) => {
    const known = stored?.get(packet);
    if (known !== undefined) return known.then((kept) => (kept === undefined ? one(packet, ctx) : storedAgain(packet, kept)));
    const done = calls.make({ node: plan, packets: [packet], ctx }, (own) => method(packet, own));
    return stored === undefined ? done : stored.keep(packet, done);
  };
  const many = async (packets: readonly Packet[], ctx: Context): Promise<void> => {
    // Each has a record of its own, so each is written by itself.
    if (hooks?.whole === true) return all(packets.map((packet) => one(packet, ctx)));
    const known: Promise<unknown>[] = [];
    const fresh = packets.filter((packet) => {
      const before = stored?.get(packet);
      if (before === undefined) return true;
      known.push(before);
      return false;
    });
    if (fresh.length > 0) {
      // Fenced ones are not written, also not by a later attempt.
      const done = calls.make({ node: plan, packets: fresh, ctx }, (own) => instance.writeBatch!(fresh.filter(unfenced), own));
      for (const packet of fresh) void stored?.keep(packet, done).catch(() => undefined);
      await done;
    }
    await Promise.all(known);
  };
  return { callee: { process: one, write: one, writeBatch: many }, circuit };
}

class PolicedCalls {
  private readonly rate: Rate | undefined;
  private readonly budget: NodeBudget | undefined;

  constructor(
    private readonly node: PlanNode,
    private readonly stage: Pick<Stage, 'resultKind'>,
    private readonly host: PolicyHost,
    private readonly circuit: Circuit | undefined,
    private readonly hooks: CallHooks,
  ) {
    const { rate, budget } = node.policies;
    this.rate = rate === undefined ? undefined : new Rate(rate, host.clock);
    this.budget = budget === undefined ? undefined : new NodeBudget(node.id, budget, (message, details) => host.budget(message, details));
  }

  async make(call: PolicedCall, invoke: (ctx: Context) => unknown): Promise<unknown> {
    const { hooks } = this;
    const told = hooks.trace?.(call);
    let release: ((error?: unknown) => Awaitable<void>) | void;
    const over = async (error?: unknown): Promise<void> => {
      await release?.(error);
      told?.(error);
    };
    try {
      const known = await hooks.recall?.(call);
      if (known !== undefined) {
        await over();
        return known.value;
      }
      await hooks.guard?.(call);
      await hooks.approve?.(call);
      release = await hooks.claim?.(call);
      const opened = await firstValueFrom(this.attempts$(call, invoke));
      if ('items' in opened) return hooks.whole === true ? await this.whole(opened, call, over) : this.several(opened, call, over);
      await hooks.commit?.(call, opened.value);
      await over();
      return opened.value;
    } catch (error) {
      await over(error);
      throw error;
    }
  }

  private attempts$(call: PolicedCall, invoke: (ctx: Context) => unknown): Observable<Opened> {
    const { policies } = this.node;
    const { clock } = this.host;
    const { signal } = call.ctx;
    let result$ = defer(() => this.attempt(call, invoke));
    if (policies.retry !== undefined) result$ = retried(result$, policies.retry, call.ctx, clock);
    const wait = this.rate?.wait() ?? 0;
    if (wait > 0) {
      const unlimited$ = result$;
      result$ = race(timer(wait, schedulerOf(clock)), cancelledBy(signal)).pipe(mergeMap(() => unlimited$, 1));
    }
    if (policies.fallback === undefined) return result$;
    return result$.pipe(catchError(() => of({ value: policies.fallback })));
  }

  /** One try, until its result or the first of several is there. */
  private async attempt(call: PolicedCall, invoke: (ctx: Context) => unknown): Promise<Opened> {
    // It may have waited; no node is called for a scope that is fenced.
    if (!call.packets.some(unfenced)) throw cancelled();
    const entry = this.circuit?.enter();
    const attempt: Attempt = { scope: new CallScope(call.ctx), entry, since: this.host.clock.elapsed() };
    let items: Items | undefined;
    try {
      this.budget?.enter();
      const first = async (): Promise<Opened> => {
        const value = await invoke(attempt.scope.ctx);
        const kind = this.stage.resultKind(value);
        if (kind === 'one' || kind === 'none') return { value };
        items = itemsOf(kind, value, this.node.id);
        const step = await items.next();
        return step.done === true ? { value: undefined } : { first: step.value, items, attempt };
      };
      const opened = await this.timed(first());
      if ('items' in opened) return opened;
      this.took(attempt, opened.value === undefined ? 0 : 1);
      this.succeeded(attempt);
      return opened;
    } catch (error) {
      this.failed(attempt, error, items);
      throw error;
    }
  }

  /** The results of one call, each pulled when there is room for it. */
  private async *several(
    { first, items, attempt }: Several,
    call: PolicedCall,
    over: (error?: unknown) => Promise<void>,
    commits = true,
  ): AsyncGenerator<unknown, void> {
    let problem: unknown;
    let ended = false;
    try {
      let given = 0;
      for (let value = first; ;) {
        this.took(attempt, ++given);
        yield value;
        // What those who take them need is not the node's.
        attempt.since = this.host.clock.elapsed();
        const step = await this.timed(items.next());
        if (step.done === true) break;
        ({ value } = step);
      }
      this.succeeded(attempt);
      ended = true;
      if (commits) await this.hooks.commit?.(call, undefined);
    } catch (error) {
      problem = error;
      if (!ended) this.failed(attempt, error, items);
      ended = true;
      throw error;
    } finally {
      // Whoever takes them has left.
      if (!ended) this.failed(attempt, cancelled(), items);
      await over(problem);
    }
  }

  /** The same, with all of them there before the first goes out. */
  private async whole(
    opened: Several,
    call: PolicedCall,
    over: (error?: unknown) => Promise<void>,
  ): Promise<AsyncGenerator<unknown, void>> {
    const values: unknown[] = [];
    const { commit } = this.hooks;
    // It is over when it is committed, not when it has given its last.
    for await (const value of this.several(opened, call, () => Promise.resolve(), false)) {
      if (values.length === MAX_BURST) throw overrun(this.node.id);
      values.push(value);
    }
    await commit?.call(this.hooks, call, values, true);
    await over();
    return (async function* () {
      yield* values;
    })();
  }

  /** Bounds one wait by the node's timeout. */
  private timed<V>(promise: Promise<V>): Promise<V> {
    const { timeout_ms: ms } = this.node.policies;
    if (ms === undefined) return promise;
    const { clock } = this.host;
    const calm = clock.after(warnAt(ms), () =>
      this.host.budget(`a call has taken ${warnAt(ms)} of ${ms} ms`, { name: 'call_time', limit: ms }),
    );
    // What comes of it after that is nobody's.
    promise.catch(() => undefined);
    const late = () => throwError(() => tookTooLong(this.node.id, ms));
    return firstValueFrom(from(promise).pipe(timeout({ first: ms, scheduler: schedulerOf(clock), with: late }))).finally(calm);
  }

  private took(attempt: Attempt, given: number): void {
    this.budget?.gave(given);
    this.budget?.spend(this.host.clock.elapsed() - attempt.since);
  }

  private succeeded({ scope, entry }: Attempt): void {
    scope.end();
    if (entry !== undefined) this.circuit!.succeeded(entry);
  }

  private failed({ scope, entry }: Attempt, error: unknown, items: Items | undefined): void {
    // It may still be at work: its signal says that nobody waits for it any more.
    scope.abort(error);
    if (items?.return !== undefined) void Promise.resolve(items.return()).catch(() => undefined);
    if (entry === undefined) return;
    // That it was cancelled, or had no budget, says nothing about what it calls.
    if (SluiceError.is(error, 'CANCELLED') || SluiceError.is(error, 'BUDGET_SPENT')) this.circuit!.left(entry);
    else this.circuit!.failed(entry);
  }
}

/** Waits for all of them, also where one has failed. */
async function all(calls: readonly unknown[]): Promise<void> {
  for (const result of await Promise.allSettled(calls)) if (result.status === 'rejected') throw result.reason;
}

function unfenced({ origin }: Packet): boolean {
  return origin.scope === null || !origin.scope.fenced;
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

function retried<V>(result$: Observable<V>, policy: RetryPolicy, ctx: Context, clock: Clock): Observable<V> {
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
