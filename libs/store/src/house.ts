import { SluiceError } from '@sluice/sdk';
import type { Journal } from './journal';
import type { Store } from './store';

/** How often a process that has the store open looks for what is past its time, ms. */
const EVERY_MS = 60_000;
const AT_ONCE = 256;

/** What is past its time ends as its machine says (`on_due`), artifacts past theirs go: for as long as a process has the store open. */
export class House {
  private cancel: (() => void) | undefined;
  private working: Promise<unknown> = Promise.resolve();
  private over = false;

  constructor(
    private readonly store: Store,
    private readonly journal: Journal = store.journal,
  ) {
    this.later();
  }

  /** Ends after what it is at. */
  async close(): Promise<void> {
    this.over = true;
    this.cancel?.();
    await this.working;
  }

  private later(): void {
    if (this.over) return;
    this.cancel = this.store.clock.after(EVERY_MS, () => {
      // A store in trouble is looked at the next time.
      this.working = expire(this.store, this.journal)
        .then(() => this.store.artifacts.gc())
        .catch(() => undefined)
        .then(() => this.later());
    });
  }
}

/** Lets states end whose `due_at` has passed, each with its row in the journal. @returns how many did */
export async function expire(store: Store, journal: Journal = store.journal): Promise<number> {
  const machines = journal.machines.all.filter((machine) => machine.states.some((state) => machine.spec(state).on_due !== undefined));
  let expired = 0;
  for (const { type } of machines) {
    const due = await store.read<{ id: string; state: string; version: number }>(
      'SELECT id, state, version FROM entities WHERE machine = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?',
      [type, store.clock.now(), AT_ONCE],
    );
    for (const { id, state, version } of due) {
      const to = journal.machines.get(type).spec(state).on_due;
      if (to === undefined) continue;
      try {
        await journal.change({ machine: type, id, from: state, version, to, actor: 'timer', reason: 'its time is over' });
        expired++;
      } catch (error) {
        // Another process, or a person, was faster.
        if (!SluiceError.is(error) || error.code !== 'CONFLICT') throw error;
      }
    }
  }
  return expired;
}
