/** When a timer fires: once at a moment or after a time, or each time that a cron expression (five or six fields, UTC) names. */
export type TimerWhen = { readonly at: number } | { readonly in: number } | { readonly cron: string };

/** A timer whose moment came. */
export interface FiredTimer {
  readonly name: string;
  /** What it was set with. */
  readonly data: Readonly<Record<string, unknown>>;
  /** When it was due, ms since the epoch; later than that where nothing ran then. */
  readonly due: number;
  /** The same each time that it is told: for an idempotency key. */
  readonly key: string;
  /** What it was for is done. Until then it is told again after a crash; a cron timer waits for its next moment from here on. */
  done(): Promise<void>;
}

/**
 * Timers of one node, by name. They are rows: one that is set is fired though the process ended in between, and where nothing runs at its
 * moment as soon as the node is there again. Of several processes one fires it.
 */
export interface NodeTimers {
  /** Sets a timer, or sets the one of this name anew. @throws SluiceError TIMER_INVALID, STORE_NEEDED */
  set(name: string, when: TimerWhen, data?: Readonly<Record<string, unknown>>): Promise<void>;
  /** The same, but one that is pending or fired already is left as it is. @returns whether it was set */
  ensure(name: string, when: TimerWhen, data?: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** Takes it back. @returns false where there was none, or it has fired */
  cancel(name: string): Promise<boolean>;
  /** Those that fire, one after the other, until the run ends. One reader per node. */
  fired(): AsyncIterableIterator<FiredTimer>;
}

/** Timers of a store. */
export interface TimerStore {
  /** @param signal aborted when no timer is wanted any more */
  of(graph: string, node: string, run: string, signal: AbortSignal): NodeTimers;
}
