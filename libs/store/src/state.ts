import type { StateChange } from '@sluice/sdk';
import type { Transaction } from './connection';
import { insertRows } from './rows';
import type { Store } from './store';

/** A row of `node_state`; without a value it goes. */
export interface StateRow {
  readonly graph: string;
  readonly node: string;
  readonly scope: string;
  readonly key: string;
  readonly value: string | undefined;
  readonly at: number;
}

/** Where keys of packets are kept whose changes are written. No scope of a node is called so. */
const TAKEN = '$taken';
/** So many of a node are remembered: more than can be between their write and their ack. */
const TAKEN_MAX = 4_096;
/** Wait before a store in trouble is tried again, ms. */
const AGAIN_MS = 1_000;

const COLUMNS = ['graph', 'node', 'scope', 'key', 'value', 'at'] as const;
const NEWER = 'ON CONFLICT (graph, node, scope, key) DO UPDATE SET value = excluded.value, at = excluded.at';

/** What the nodes of a graph remember. */
export class StoredState {
  /** Order in which keys were changed: a time, and where several are of one time the ones behind it. */
  private at = 0;
  /** Place of the next packet, by node. */
  private readonly places = new Map<string, number>();

  constructor(
    private readonly store: Store,
    private readonly graph: string,
    private readonly put: (rows: readonly StateRow[]) => Promise<void>,
  ) {}

  async restore(node: string): Promise<{ state: readonly StateChange[]; taken: readonly string[] }> {
    const rows = await this.store.read<{ scope: string; key: string; value: string; at: number }>(
      'SELECT scope, key, value, at FROM node_state WHERE graph = ? AND node = ? ORDER BY at',
      [this.graph, node],
    );
    const state: StateChange[] = [];
    const taken: string[] = [];
    for (const { at, ...row } of rows) {
      this.at = Math.max(this.at, at);
      if (row.scope !== TAKEN) state.push({ node, ...row });
      else {
        taken.push(row.value);
        this.places.set(node, Number(row.key) + 1);
      }
    }
    return { state, taken };
  }

  rows(changes: readonly StateChange[], taken: readonly { readonly node: string; readonly key: string }[] = []): readonly StateRow[] {
    const { graph } = this;
    return [
      ...changes.map((change) => ({ graph, ...change, at: this.next() })),
      ...taken.map(({ node, key }) => {
        const place = (this.places.get(node) ?? 0) % TAKEN_MAX;
        this.places.set(node, place + 1);
        return { graph, node, scope: TAKEN, key: String(place), value: key, at: this.next() };
      }),
    ];
  }

  /** Waits for a store that cannot write now: what caused the changes is not acked before. */
  async keep(changes: readonly StateChange[], taken: readonly { readonly node: string; readonly key: string }[]): Promise<void> {
    const rows = this.rows(changes, taken);
    for (;;) {
      try {
        return await this.put(rows);
      } catch (error) {
        if ((error as { retryable?: unknown }).retryable !== true) throw error;
        await new Promise<void>((resolve) => this.store.clock.after(AGAIN_MS, resolve));
      }
    }
  }

  private next(): number {
    return (this.at = Math.max(this.store.clock.now(), this.at + 1));
  }
}

/** Writes rows in their order; of one key the last counts. */
export async function writeState(tx: Transaction, rows: readonly StateRow[]): Promise<void> {
  const last = new Map(rows.map((row) => [JSON.stringify([row.graph, row.node, row.scope, row.key]), row]));
  const kept = [...last.values()];
  await insertRows(
    tx,
    'node_state',
    COLUMNS,
    kept.filter(({ value }) => value !== undefined),
    NEWER,
  );
  for (const { graph, node, scope, key, value } of kept)
    if (value === undefined)
      await tx.run('DELETE FROM node_state WHERE graph = ? AND node = ? AND scope = ? AND key = ?', [graph, node, scope, key]);
}
