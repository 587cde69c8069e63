import type {
  CallRecorder,
  Context,
  LeftOver,
  Packet,
  Probed,
  RecordedPlan,
  RunRecord,
  RunRecorder,
  StateChange,
  StateTurn,
} from '@sluice/sdk';
import type { RunJournal } from './journal';
import { RUN } from './machines';
import { leftOver, NodeRuns, type NodeRunHost } from './node-run';
import { OWNER } from './owner';
import { abandoned, ownerGone } from './reconcile';
import { StoredState, writeState, type StateRow } from './state';
import type { Store } from './store';

/** How often a run says that it lives, and how long it may be silent before another machine takes it for gone, ms. */
const SEEN_MS = 5_000;
const SILENT_MS = 30_000;
/** Changes of state, of one source packet each, that are written by one statement. */
const STATES = 256;

/** Records runs in a store; node runs of nodes with `durability: full`. */
export class StoredRuns implements RunRecorder {
  private readonly put: (rows: readonly StateRow[]) => Promise<void>;

  constructor(private readonly store: Store) {
    const put = store.committer.gather<readonly StateRow[], void>(STATES, async (tx, all) => {
      await writeState(tx, all.flat());
      return all.map(() => undefined);
    });
    this.put = (rows) => new Promise((resolve, reject) => put(rows, { resolve, reject }));
  }

  async begin(plan: RecordedPlan): Promise<RunRecord> {
    const { store } = this;
    const journal = store.journal.under(plan.correlation);
    for (const change of await abandoned(store, store.journal, SILENT_MS)) {
      // Another process may settle the same one at the same moment.
      await store.journal.change(change).catch(() => undefined);
    }
    const { run, graph, planHash } = plan;
    const see = (): Promise<unknown> =>
      store.write((tx) =>
        tx.run(
          'INSERT INTO run_owners (run, owner, seen_at) VALUES (?1, ?2, ?3) ON CONFLICT (run) DO UPDATE SET owner = excluded.owner, seen_at = excluded.seen_at',
          [run, OWNER, store.clock.now()],
        ),
      );
    // The owner first: a run without one is taken for gone.
    await see();
    await journal.change({ machine: RUN.type, id: run, to: 'running', from: null, run, data: { graph, plan_hash: planHash } });
    const timer = setInterval(() => void see().catch(() => undefined), SEEN_MS);
    timer.unref();
    const state = new StoredState(store, graph, this.put);
    const host = { store, journal, run, graph, state, over: (other: string) => isOver(store, journal, other) };
    return new StoredRun(plan, host, () => clearInterval(timer));
  }
}

class StoredRun implements RunRecord {
  constructor(
    private readonly plan: RecordedPlan,
    private readonly host: NodeRunHost,
    private readonly unseen: () => void,
  ) {}

  calls(
    node: string,
    probe?: (packet: Packet, ctx: Context) => Promise<Probed>,
    turnOf?: (packet: Packet) => StateTurn | undefined,
  ): CallRecorder | undefined {
    const recorded = this.plan.nodes.find(({ id }) => id === node);
    if (recorded?.durability !== 'full') return undefined;
    return new NodeRuns(this.host, node, recorded.effect, probe, turnOf);
  }

  restore(node: string): Promise<{ readonly state: readonly StateChange[]; readonly taken: readonly string[] }> {
    return this.host.state.restore(node);
  }

  keep(changes: readonly StateChange[], taken: readonly { readonly node: string; readonly key: string }[]): Promise<void> {
    return this.host.state.keep(changes, taken);
  }

  leftOver(node: string): Promise<readonly LeftOver[]> {
    return leftOver(this.host.store, this.host.graph, node, (run) => this.host.over(run));
  }

  async end(outcome: 'completed' | 'failed' | 'stopped' | 'canceled', data: Readonly<Record<string, unknown>>): Promise<void> {
    this.unseen();
    const { store, journal, run } = this.host;
    const change = { machine: RUN.type, id: run, data };
    if (outcome === 'stopped') await journal.change({ ...change, to: 'stopping', data: {} });
    await journal.change({ ...change, to: outcome });
    await store.write((tx) => tx.run('DELETE FROM run_owners WHERE run = ?', [run]));
  }
}

/** Whether a run has ended, or its process is gone. */
async function isOver(store: Store, journal: RunJournal, run: string): Promise<boolean> {
  const record = await journal.read(RUN.type, run);
  if (record === undefined || RUN.terminal(record.state)) return true;
  const [owner] = await store.read<{ owner: string; seen_at: number }>('SELECT owner, seen_at FROM run_owners WHERE run = ?', [run]);
  return ownerGone(owner?.owner ?? null, owner?.seen_at ?? null, store.clock.now(), SILENT_MS);
}
