import { Cron } from 'croner';
import type { EntityRecord } from './journal';
import { TIMER } from './machines';
import type { Store } from './store';

/** When a timer fires: once at a moment, or each time that a cron expression (five or six fields, UTC) names. */
export type When = { readonly at: number } | { readonly cron: string };

/** How many fire in one go. */
const BATCH = 256;
/** Longest wait before it looks again: a clock may jump, and others may set timers, ms. */
const LOOK_MS = 1_000;

/**
 * Timers as rows: what is set fires once, also where the process was restarted in between; of several processes one fires it.
 * `fired` is called after that is on record. Where the process ends in between, it was fired and not told: who needs to know
 * for sure reads the record.
 */
export class Timers {
  private cancel: (() => void) | undefined;
  private over = false;
  private working: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: Store,
    private readonly fired: (timer: EntityRecord) => void,
  ) {}

  /** Sets a timer, or sets one of this id anew. */
  async set(id: string, when: When, data: Readonly<Record<string, unknown>> = {}): Promise<EntityRecord> {
    const due = 'at' in when ? when.at : next(when.cron, this.store.clock.now());
    const set = await this.store.journal.change({
      machine: TIMER.type,
      id,
      to: 'pending',
      due_at: due,
      data: { ...data, cron: 'cron' in when ? when.cron : null },
    });
    if (this.cancel !== undefined) this.lookIn(due - this.store.clock.now());
    return set;
  }

  /** Takes it back. @throws SluiceError CONFLICT where it has fired already */
  take(id: string): Promise<EntityRecord> {
    return this.store.journal.change({ machine: TIMER.type, id, from: 'pending', to: 'canceled' });
  }

  /** Begins to fire what is due. */
  start(): void {
    this.lookIn(0);
  }

  /** Fires no more; what it is at comes to its end. */
  async stop(): Promise<void> {
    this.over = true;
    this.cancel?.();
    await this.working;
  }

  private lookIn(ms: number): void {
    if (this.over) return;
    this.cancel?.();
    this.cancel = this.store.clock.after(Math.max(0, Math.min(ms, LOOK_MS)), () => {
      this.working = this.look().then(
        (wait) => this.lookIn(wait),
        () => this.lookIn(LOOK_MS),
      );
    });
  }

  /** @returns ms until it is to look again */
  private async look(): Promise<number> {
    const { journal, clock } = this.store;
    const due = await this.store.read<{ id: string; version: number }>(
      `SELECT id, version FROM entities WHERE machine = '${TIMER.type}' AND state = 'pending' AND due_at <= ? ORDER BY due_at, id LIMIT ${BATCH}`,
      [clock.now()],
    );
    const changes = due.map(({ id, version }) => journal.change({ machine: TIMER.type, id, version, from: 'pending', to: 'fired' }));
    for (const result of await Promise.allSettled(changes)) {
      // Another process was faster, or it was taken back.
      if (result.status === 'rejected') continue;
      const { cron } = result.value.data;
      if (typeof cron === 'string') {
        await journal.change({ machine: TIMER.type, id: result.value.id, from: 'fired', to: 'pending', due_at: next(cron, clock.now()) });
      }
      this.fired(result.value);
    }
    if (due.length === BATCH) return 0;
    const [first] = await this.store.read<{ due_at: number }>(
      `SELECT due_at FROM entities WHERE machine = '${TIMER.type}' AND state = 'pending' AND due_at IS NOT NULL ORDER BY due_at LIMIT 1`,
    );
    return first === undefined ? LOOK_MS : first.due_at - clock.now();
  }
}

function next(cron: string, after: number): number {
  return new Cron(cron, { timezone: 'UTC', paused: true }).nextRun(new Date(after))?.getTime() ?? Number.MAX_SAFE_INTEGER;
}
