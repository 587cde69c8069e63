import { nextMoment } from './catalogue/formats';
import { SluiceError } from './catalogue/error';

/** When a timer fires: once at a moment or after a time, or each time that a cron expression (five or six fields) names; in UTC unless a zone is given. */
export type TimerWhen = { readonly at: number } | { readonly in: number } | { readonly cron: string; readonly timezone?: string };

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

/**
 * The first moment after `now` at which a timer fires, ms since the epoch.
 * @throws SluiceError TIMER_INVALID
 */
export function momentOf(when: TimerWhen, now: number): number {
  if ('cron' in when) return nextOf(when.cron, when.timezone ?? 'UTC', now);
  const at = Math.floor('at' in when ? when.at : now + when.in);
  if (Number.isSafeInteger(at)) return at;
  throw new SluiceError('TIMER_INVALID', 'The moment of a timer is no number of milliseconds.', {
    hint: 'Give `at` (ms since the epoch), `in` (ms) or `cron`.',
  });
}

function nextOf(cron: string, timezone: string, now: number): number {
  try {
    return nextMoment(cron, timezone, now) ?? Number.MAX_SAFE_INTEGER;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError('TIMER_INVALID', `\`${cron}\` (${timezone}) is no cron expression: ${why}`, {
      cause,
      hint: 'Five fields (minute, hour, day, month, weekday), or six with seconds first; the zone by its IANA name.',
    });
  }
}
