import { SluiceError } from '@sluice/sdk';
import type { Value } from './connection';
import type { EntityRecord } from './journal';
import { NODE_RUN } from './machines';
import type { Store } from './store';

/** Something that waits for a person's decision. */
export interface Action {
  readonly id: string;
  /** `uncertain`: an effect that began, and of which nobody knows whether it happened. */
  readonly kind: 'uncertain';
  readonly state: string;
  readonly run: string | null;
  readonly graph: string;
  readonly node: string;
  /** Ms since the epoch. */
  readonly since: number;
  readonly reason: string | null;
}

/** Which of them are wanted. */
export interface ActionFilter {
  readonly run?: string | undefined;
  /** Behind this one: `next` of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A page of them, and where the next one begins; null where this is the last. */
export interface ActionPage {
  readonly actions: readonly Action[];
  readonly next: string | null;
}

type Row = Pick<Action, 'id' | 'state' | 'run' | 'reason'> & { readonly at: number; readonly data: string };

/** What waits for a person, the longest first. The journal says why: the row by which it came into its state. */
export async function actionsWaiting(store: Store, { run, after, limit }: ActionFilter): Promise<ActionPage> {
  const terms = [`e.machine = '${NODE_RUN.type}'`, "e.state = 'uncertain'"];
  const values: Value[] = [];
  if (run !== undefined) {
    terms.push('e.run = ?');
    values.push(run);
  }
  if (after !== undefined) {
    terms.push('(e.at, e.id) > (?, ?)');
    values.push(...place(after));
  }
  const rows = await store.read<Row>(
    `SELECT e.id, e.state, e.run, e.at, e.data, j.reason FROM entities e
     LEFT JOIN journal j ON j.machine = e.machine AND j.entity = e.id AND j.version = e.version
     WHERE ${terms.join(' AND ')} ORDER BY e.at, e.id LIMIT ?`,
    [...values, limit + 1],
  );
  const actions = rows.slice(0, limit).map(({ at, data, ...same }): Action => {
    const { graph, node } = JSON.parse(data) as Pick<Action, 'graph' | 'node'>;
    return { ...same, kind: 'uncertain', graph, node, since: Number(at) };
  });
  const last = actions.at(-1);
  return { actions, next: rows.length > limit && last !== undefined ? `${last.since}.${last.id}` : null };
}

/** @throws SluiceError REQUEST_INVALID */
function place(after: string): readonly [at: number, id: string] {
  const [, at, id] = /^(\d{1,15})\.(.+)$/s.exec(after) ?? [];
  if (at !== undefined && id !== undefined) return [Number(at), id];
  throw new SluiceError('REQUEST_INVALID', `${JSON.stringify(after)} is no place in the list of actions.`, {
    hint: 'Take `next` of the page before.',
  });
}

/** Who decides, and why. */
export interface Decision {
  readonly actor: string;
  readonly reason?: string | undefined;
  /** Of the request by which it was said. */
  readonly correlation?: string;
}

/**
 * Somebody says whether an uncertain effect happened: where it did it is not done again, where it did not it may be.
 * @throws SluiceError ACTION_UNKNOWN, CONFLICT where it was decided already
 */
export async function decideAction(
  store: Store,
  id: string,
  happened: boolean,
  { actor, reason = happened ? 'it happened' : 'it did not happen', correlation }: Decision,
): Promise<EntityRecord> {
  const hint = '`sluice actions list` shows what waits for a decision.';
  const known = await store.journal.read(NODE_RUN.type, id);
  if (known === undefined) throw new SluiceError('ACTION_UNKNOWN', `Nothing called ${id} is on record.`, { hint });
  const from = 'uncertain';
  if (known.state !== from) {
    const details = { expected: [from], actual: known.state, version: known.version };
    throw new SluiceError('CONFLICT', `${id} waits for no decision: it is ${known.state}.`, { hint, details });
  }
  const by = { actor, reason, ...(correlation === undefined ? {} : { correlation }) };
  return store.journal.change({ machine: NODE_RUN.type, id, from, to: happened ? 'succeeded' : 'failed', ...by });
}
