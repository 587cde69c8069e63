import type { CircuitPolicy } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk';
import type { Clock } from './clock';

export type CircuitState = 'closed' | 'open' | 'half_open';

/** That a call was let through, at which turn of the circuit. */
export interface Entry {
  readonly turn: number;
}

/**
 * A circuit breaker on the run's clock (the libraries' read the wall clock, so they cannot be replayed): opens after
 * `failures` in a row; after `reset_ms` exactly one call goes through, and decides.
 */
export class Circuit {
  private failures = 0;
  private openedAt = 0;
  /** Counts changes of state: a call that went through before one says nothing of what came after. */
  private turn = 0;
  state: CircuitState = 'closed';

  constructor(
    private readonly node: string,
    private readonly policy: CircuitPolicy,
    private readonly clock: Clock,
    private readonly changed: (state: CircuitState) => void,
  ) {}

  /** @throws SluiceError CIRCUIT_OPEN, with the time to wait in details.retry_after_ms */
  enter(): Entry {
    if (this.state === 'closed') return { turn: this.turn };
    const left = this.openedAt + this.policy.reset_ms - this.clock.now();
    if (this.state === 'open' && left <= 0) {
      this.become('half_open');
      return { turn: this.turn };
    }
    throw new SluiceError('CIRCUIT_OPEN', `Its circuit is open after ${this.failures} failures in a row.`, {
      node: this.node,
      retryable: true,
      details: { retry_after_ms: Math.max(left, 1) },
      hint: 'It tries again by itself; reset it by hand when the cause is gone.',
    });
  }

  succeeded({ turn }: Entry): void {
    if (turn === this.turn) this.reset();
  }

  failed({ turn }: Entry): void {
    if (turn !== this.turn) return;
    this.failures++;
    if (this.state === 'closed' && this.failures < this.policy.failures) return;
    this.openedAt = this.clock.now();
    this.become('open');
  }

  /** The call ended without saying anything about the node; where it was the one that decides, the next one does. */
  left({ turn }: Entry): void {
    if (turn === this.turn && this.state === 'half_open') this.become('open');
  }

  reset(): void {
    this.failures = 0;
    if (this.state !== 'closed') this.become('closed');
  }

  private become(state: CircuitState): void {
    this.turn++;
    this.state = state;
    this.changed(state);
  }
}
