import { momentOf, outside, SluiceError, type FiredTimer, type NodeTimers, type TimerStore, type TimerWhen } from '@sluice/sdk';
import type { EntityRecord } from './journal';
import { TIMER } from './machines';
import { OWNER, surelyGone } from './owner';
import type { Store } from './store';

/** Longest wait before it looks again: a clock may jump, and other processes may set timers, ms. */
const LOOK_MS = 60_000;
/** After this a timer that a process of another machine has fired and not done is told again, ms. */
const SILENT_MS = 300_000;

/** What is stored of a timer. */
interface Stored {
  readonly data: Readonly<Record<string, unknown>>;
  readonly cron?: string;
  readonly timezone?: string;
  /** Who fired it. */
  readonly by?: string;
}

interface Row {
  readonly id: string;
  readonly version: number;
  readonly run: string | null;
  readonly at: number;
  readonly data: string;
}

/**
 * Timers as rows, set by nodes. One that is due is fired by one process, on record, and told to its node until that says it is done: a
 * process that ends in between leaves it to the next one.
 */
export class StoredTimers implements TimerStore {
  /** Nodes of this process that wait for timers, with their runs. */
  readonly live = new Set<string>();

  constructor(readonly store: Store) {}

  of(graph: string, node: string, run: string, signal: AbortSignal): NodeTimers {
    return new TimersOfNode(this, `${graph}/${node}/`, run, signal);
  }

  /** Whether nobody works on a timer any more that was fired. */
  abandoned({ run, at, data }: Row, prefix: string): boolean {
    const { by } = JSON.parse(data) as Stored;
    if (by === undefined || surelyGone(by)) return true;
    return by === OWNER ? !this.live.has(`${run}${prefix}`) : this.store.clock.now() - at > SILENT_MS;
  }
}

class TimersOfNode implements NodeTimers {
  private wake: () => void = () => undefined;

  constructor(
    private readonly timers: StoredTimers,
    private readonly prefix: string,
    private readonly run: string,
    private readonly signal: AbortSignal,
  ) {}

  async set(name: string, when: TimerWhen, data: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const due_at = momentOf(when, this.now());
    await outside(this.change({ id: this.prefix + name, to: 'pending', due_at, data: { data, ...scheduleOf(when), by: null, due: null } }));
    this.wake();
  }

  async ensure(name: string, when: TimerWhen, data: Readonly<Record<string, unknown>> = {}): Promise<boolean> {
    const there = await outside(this.timers.store.journal.read(TIMER.type, this.prefix + name));
    const stands = there !== undefined && (there.state === 'pending' || there.state === 'fired');
    // Another schedule is another timer.
    if (stands && sameSchedule(there.data as unknown as Stored, when)) return false;
    await this.set(name, when, data);
    return true;
  }

  async cancel(name: string): Promise<boolean> {
    try {
      await outside(this.change({ id: this.prefix + name, from: 'pending', to: 'canceled' }));
      return true;
    } catch (error) {
      if (SluiceError.is(error) && error.code === 'CONFLICT') return false;
      throw error;
    }
  }

  async *fired(): AsyncGenerator<FiredTimer, undefined> {
    const { timers, run, signal } = this;
    const own = run + this.prefix;
    timers.live.add(own);
    try {
      while (!signal.aborted) {
        const rows = await outside(this.ready());
        for (const row of rows) {
          if (signal.aborted) break;
          const record = await outside(this.fire(row));
          if (record !== undefined) yield this.told(record);
        }
        if (rows.length === 0) await this.sleep(await outside(this.wait()));
      }
    } finally {
      timers.live.delete(own);
    }
    return undefined;
  }

  private told({ id, version, data, at }: EntityRecord): FiredTimer {
    const stored = data as unknown as Stored & { due?: number };
    return {
      name: id.slice(this.prefix.length),
      data: stored.data,
      due: stored.due ?? at,
      key: `timer:${id}:${stored.due ?? version}`,
      done: async () => {
        const { cron, timezone = 'UTC' } = stored;
        const next = cron === undefined ? { to: 'done' } : { to: 'pending', due_at: momentOf({ cron, timezone }, this.now()) };
        await outside(this.change({ id, from: 'fired', version, ...next })).catch((error: unknown) => {
          // It was set anew, or taken back, meanwhile.
          if (!SluiceError.is(error) || error.code !== 'CONFLICT') throw error;
        });
      },
    };
  }

  /** Takes one for this process. @returns undefined where another was faster */
  private async fire({ id, version, due }: Row & { readonly due: number | undefined }): Promise<EntityRecord | undefined> {
    try {
      return await this.change({ id, version, to: 'fired', data: { by: OWNER, ...(due === undefined ? {} : { due }) } });
    } catch (error) {
      if (SluiceError.is(error) && error.code === 'CONFLICT') return undefined;
      throw error;
    }
  }

  /** Those that a process which is gone has fired and not done, then those that are due. */
  private async ready(): Promise<readonly (Row & { readonly due: number | undefined })[]> {
    const fired = await this.rows<Row>("state = 'fired'", 'at', []);
    const left = fired.filter((row) => this.timers.abandoned(row, this.prefix)).map((row) => ({ ...row, due: undefined }));
    return [...left, ...(await this.rows<Row & { due: number }>("state = 'pending' AND due_at <= ?", 'due_at', [this.now()]))];
  }

  /** @returns ms until the next is due */
  private async wait(): Promise<number> {
    const [next] = await this.rows<Row & { due: number }>("state = 'pending' AND due_at IS NOT NULL", 'due_at', []);
    return Math.max(0, Math.min(LOOK_MS, next === undefined ? LOOK_MS : next.due - this.now()));
  }

  private rows<R extends Row>(where: string, order: string, params: readonly number[]): Promise<R[]> {
    return this.timers.store.read<R>(
      `SELECT id, version, run, at, due_at AS due, data FROM entities WHERE machine = '${TIMER.type}' AND ${where} AND substr(id, 1, ?) = ?
       ORDER BY ${order}, id LIMIT 64`,
      [...params, this.prefix.length, this.prefix],
    );
  }

  private sleep(ms: number): Promise<void> {
    const { signal } = this;
    return new Promise((resolve) => {
      const awake = (): void => {
        cancel();
        signal.removeEventListener('abort', awake);
        this.wake = () => undefined;
        resolve();
      };
      const cancel = this.timers.store.clock.after(ms, awake);
      this.wake = awake;
      if (signal.aborted) awake();
      else signal.addEventListener('abort', awake, { once: true });
    });
  }

  private change(change: {
    id: string;
    to: string;
    from?: string;
    version?: number;
    due_at?: number;
    data?: object;
  }): Promise<EntityRecord> {
    const { data, ...same } = change;
    return this.timers.store.journal.change({
      machine: TIMER.type,
      run: this.run,
      ...same,
      ...(data === undefined ? {} : { data: data as Readonly<Record<string, unknown>> }),
    });
  }

  private now(): number {
    return this.timers.store.clock.now();
  }
}

/** As it is stored: null takes out what an earlier schedule of the same name left. */
function scheduleOf(when: TimerWhen): { readonly cron: string | null; readonly timezone: string | null } {
  return 'cron' in when ? { cron: when.cron, timezone: when.timezone ?? 'UTC' } : { cron: null, timezone: null };
}

function sameSchedule(stored: Stored, when: TimerWhen): boolean {
  const { cron, timezone } = scheduleOf(when);
  return (stored.cron ?? null) === cron && (cron === null || (stored.timezone ?? 'UTC') === timezone);
}
