import type { NodePolicies } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk';

/** Part of a budget at which there is a warning. */
const WARN_AT = 0.8;

/** Where a budget of `limit` warns. */
export function warnAt(limit: number): number {
  return limit * WARN_AT;
}

/** Sums of what was used, by name: a warning once at 80 % of a limit. */
export class Spending {
  private readonly spent = new Map<string, number>();
  private readonly warned = new Set<string>();

  constructor(private readonly warn: (message: string, details: { name: string; sum: number; limit: number }) => void) {}

  /** @returns the sum of this name, beyond `limit` or not */
  add(name: string, amount: number, limit: number | undefined): number {
    const sum = (this.spent.get(name) ?? 0) + amount;
    this.spent.set(name, sum);
    if (limit !== undefined && sum <= limit && sum >= warnAt(limit) && !this.warned.has(name)) {
      this.warned.add(name);
      this.warn(`${sum} of ${limit} ${name}`, { name, sum, limit });
    }
    return sum;
  }
}

/** What one node may use in one run: it warns, then refuses calls. */
export class NodeBudget {
  private readonly spending: Spending;
  private time = 0;

  constructor(
    private readonly node: string,
    private readonly policy: NonNullable<NodePolicies['budget']>,
    warn: (message: string, details: object) => void,
  ) {
    this.spending = new Spending(warn);
  }

  /** A call begins. @throws SluiceError BUDGET_SPENT */
  enter(): void {
    const { calls, time_ms } = this.policy;
    if (time_ms !== undefined && this.time >= time_ms) throw this.over('time_ms', this.time, time_ms);
    this.use('calls', 1, calls);
  }

  /** A call gave a packet, its `n`-th. @throws SluiceError BUDGET_SPENT */
  gave(n: number): void {
    const { packets, packets_per_call } = this.policy;
    if (n === 0) return;
    this.use('packets', 1, packets);
    if (packets_per_call === undefined) return;
    if (n > packets_per_call) throw this.over('packets_per_call', n, packets_per_call);
  }

  /** A call has worked for `ms`. The one that used it up still counts. */
  spend(ms: number): void {
    this.time = this.spending.add('time_ms', ms, this.policy.time_ms);
  }

  private use(name: 'calls' | 'packets', amount: number, limit: number | undefined): void {
    const sum = this.spending.add(name, amount, limit);
    if (limit !== undefined && sum > limit) throw this.over(name, sum, limit);
  }

  private over(name: string, sum: number, limit: number): SluiceError {
    return new SluiceError('BUDGET_SPENT', `It has used ${Math.round(sum)} of ${limit} ${name}.`, {
      node: this.node,
      retryable: false,
      hint: 'Raise its `budget`, or let it do less.',
    });
  }
}
