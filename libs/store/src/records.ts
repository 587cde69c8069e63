import { SluiceError } from '@sluice/sdk';
import type { EntityRecord } from './journal';
import type { Value } from './connection';
import type { Store } from './store';

/** A run on record. */
export interface RunSummary {
  readonly id: string;
  readonly state: string;
  /** Of its last change, ms since the epoch. */
  readonly at: number;
  readonly graph: string;
  readonly status?: string;
  readonly reasons?: readonly string[];
}

/** Which runs are wanted. */
export interface RunFilter {
  readonly state?: string;
  readonly graph?: string;
  readonly limit: number;
}

/** A node run that has not ended, or of which nobody knows whether its effect happened. */
export interface OpenNodeRun {
  readonly id: string;
  readonly state: string;
}

/** A run on record, how its node runs ended, and those that need somebody. */
export interface RunOnRecord {
  readonly run: EntityRecord;
  readonly node_runs: readonly { readonly node: string; readonly state: string; readonly n: number }[];
  readonly open: readonly OpenNodeRun[];
}

/** Runs on record, the newest last. */
export async function runsOnRecord(store: Store, { state, graph, limit }: RunFilter): Promise<readonly RunSummary[]> {
  const terms: [string, Value][] = [];
  if (state !== undefined) terms.push(['state = ?', state]);
  if (graph !== undefined) terms.push([`${field(store, 'graph')} = ?`, graph]);
  const rows = await store.read<{ id: string; state: string; at: number; data: string }>(
    `SELECT id, state, at, data FROM entities WHERE ${["machine = 'run'", ...terms.map(([term]) => term)].join(' AND ')}
     ORDER BY at DESC, id DESC LIMIT ?`,
    [...terms.map(([, value]) => value), limit],
  );
  return rows
    .map(({ id, state: is, at, data }): RunSummary => {
      const { graph: of, status, reasons } = JSON.parse(data) as Pick<RunSummary, 'graph' | 'status' | 'reasons'>;
      return {
        id,
        state: is,
        at: Number(at),
        graph: of,
        ...(status === undefined ? {} : { status }),
        ...(reasons === undefined ? {} : { reasons }),
      };
    })
    .reverse();
}

/** @throws SluiceError RUN_UNKNOWN */
export async function runOnRecord(store: Store, id: string): Promise<RunOnRecord> {
  const run = await store.journal.read('run', id);
  if (run === undefined)
    throw new SluiceError('RUN_UNKNOWN', `No run ${id} is on record.`, { hint: '`sluice runs list` shows those that are.' });
  const counts = await store.read<{ node: string; state: string; n: number }>(
    `SELECT ${field(store, 'node')} AS node, state, count(*) AS n
     FROM entities WHERE run = ? AND machine = 'node_run' GROUP BY 1, 2 ORDER BY 1, 2`,
    [id],
  );
  const open = await store.read<OpenNodeRun>(
    "SELECT id, state FROM entities WHERE run = ? AND machine = 'node_run' AND state IN ('uncertain', 'running', 'waiting') ORDER BY id",
    [id],
  );
  return { run, node_runs: counts.map(({ n, ...same }) => ({ ...same, n: Number(n) })), open };
}

function field({ dialect }: Store, name: string): string {
  return dialect === 'sqlite' ? `json_extract(data, '$.${name}')` : `data::json ->> '${name}'`;
}
