import type { CircuitPolicy } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk';
import type { Clock } from './clock';

export type CircuitState = 'closed' | 'open' | 'half_open';

/**
 * A circuit breaker on the run's clock (the libraries' read the wall clock, so they cannot be replayed): opens after
 * `failures` in a row; after `reset_ms` exactly one call goes through, and decides.
 */
export class Circuit {
  private failures = 0;
  private openedAt = 0;
  state: CircuitState = 'closed';

  constructor(
    private readonly node: string,
    private readonly policy: CircuitPolicy,
    private readonly clock: Clock,
    private readonly changed: (state: CircuitState) => void,
  ) {}

  /** @throws SluiceError CIRCUIT_OPEN, with the time to wait in details.retry_after_ms */
  enter(): void {
    if (this.state === 'closed') return;
    const left = this.openedAt + this.policy.reset_ms - this.clock.now();
    if (this.state === 'open' && left <= 0) {
      this.become('half_open');
      return;
    }
    throw new SluiceError('CIRCUIT_OPEN', `Its circuit is open after ${this.failures} failures in a row.`, {
      node: this.node,
      retryable: true,
      details: { retry_after_ms: Math.max(left, 1) },
      hint: 'It tries again by itself; reset it by hand when the cause is gone.',
    });
  }

  succeeded(): void {
    this.failures = 0;
    if (this.state !== 'closed') this.become('closed');
  }

  failed(): void {
    this.failures++;
    if (this.state === 'half_open' || (this.state === 'closed' && this.failures >= this.policy.failures)) {
      this.openedAt = this.clock.now();
      this.become('open');
    }
  }

  reset(): void {
    this.failures = 0;
    if (this.state !== 'closed') this.become('closed');
  }

  private become(state: CircuitState): void {
    this.state = state;
    this.changed(state);
  }
}
