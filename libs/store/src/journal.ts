import { canonicalJson, SluiceError } from '@sluice/sdk/catalogue';
import type { Told } from './committer';
import type { Transaction } from './connection';
import { hashOf, JOURNAL_COLUMNS, type JournalHead, type JournalRow } from './journal-chain';
import type { Machine, Machines } from './machine';
import { MACHINES } from './machines';
import { committed, insertRows, rowsByKey, type Reader } from './rows';
import { writeState, type StateRow } from './state';
import type { Store } from './store';

/** What a durable thing is now: the newest row of its history. */
export interface EntityRecord {
  readonly machine: string;
  readonly id: string;
  readonly state: string;
  /** Number of changes so far. */
  readonly version: number;
  readonly data: Readonly<Record<string, unknown>>;
  /** When its state ends by itself, ms since the epoch. */
  readonly due_at: number | null;
  readonly run: string | null;
  /** When it last changed, ms since the epoch. */
  readonly at: number;
}

/** A transition that is asked for. */
export interface Change {
  readonly machine: string;
  readonly id: string;
  readonly to: string;
  /** The state in which it must be; null: it must not be there yet. Default: any from which `to` is legal. */
  readonly from?: string | null;
  /** The version that it must have. */
  readonly version?: number;
  /** Laid over its data, key by key; null takes a key away. JSON values only. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** null where it is due no more; undefined does the same. */
  readonly due_at?: number | null;
  /** The run that it belongs to; kept from the entity where left out. */
  readonly run?: string;
  readonly reason?: string;
  /** Default `runtime`. */
  readonly actor?: string;
  readonly correlation?: string;
  /** A row of the outbox that is written with it. */
  readonly outbox?: OutboxRow;
  /** State of nodes that is written with it. */
  readonly state?: readonly StateRow[];
}

/** A result that is on record and still has to be sent. */
export interface OutboxRow {
  /** Of the node run whose result it is. */
  readonly id: string;
  readonly graph: string;
  readonly node: string;
  readonly run: string;
  readonly at: number;
}

/** What is refused in a batch leaves the rest of it alone. */
export type Changed = { readonly entity: EntityRecord; readonly seq: number } | { readonly refused: SluiceError };

interface EntityRow {
  readonly machine: string;
  readonly id: string;
  readonly state: string;
  readonly version: number;
  readonly at: number;
  readonly due_at: number | null;
  readonly run: string | null;
  readonly data: string;
}

const ENTITY_COLUMNS = ['machine', 'id', 'state', 'version', 'at', 'due_at', 'run', 'data'] as const satisfies readonly (keyof EntityRow)[];

/** Transitions that are made by one statement each for entities and journal. */
const BATCH = 256;

/** Written where the entity is not there, or has the version before: the swap of compare-and-swap. */
const SWAP = `ON CONFLICT (machine, id) DO UPDATE SET state = excluded.state, version = excluded.version, at = excluded.at,
  due_at = excluded.due_at, run = excluded.run, data = excluded.data WHERE entities.version = excluded.version - 1
  RETURNING machine, id`;

/** What a run needs of a journal. */
export type RunJournal = Pick<Journal, 'change' | 'read'>;

/**
 * The one way by which durable things change. Each transition is a compare-and-swap of the entity and a row of the journal,
 * in one transaction. The store has one journal and so one chain of hashes, over the rows of all machines.
 */
export class Journal {
  private readonly gathered: (change: Change, told: Told<Changed>) => void;
  private readonly asked: Asked[] = [];
  private reading: Promise<void> | undefined;

  constructor(
    private readonly store: Store,
    readonly machines: Machines = MACHINES,
  ) {
    this.gathered = store.committer.gather(BATCH, (tx, changes) => this.apply(tx, changes));
  }

  /**
   * One transition; those that are asked for meanwhile go with it.
   * @returns when it is committed: what the entity is now
   * @throws SluiceError CONFLICT `{ expected, actual, version }` where it is illegal or came too late; JOURNAL_DATA, MACHINE_UNKNOWN
   */
  async change(change: Change): Promise<EntityRecord> {
    const changed = await new Promise<Changed>((resolve, reject) => this.gathered(change, { resolve, reject }));
    if ('refused' in changed) throw changed.refused;
    return changed.entity;
  }

  /** The same, for changes that all come of one request. */
  under(correlation: string | undefined): RunJournal {
    if (correlation === undefined) return this;
    return { change: (change) => this.change({ correlation, ...change }), read: (machine, id) => this.read(machine, id) };
  }

  /** What is committed of a durable thing. Those that are asked for while one query is under way are one query. */
  read(machine: string, id: string): Promise<EntityRecord | undefined> {
    return new Promise((resolve, reject) => {
      this.asked.push({ machine, id, resolve, reject });
      this.reading ??= Promise.resolve().then(() => this.answer());
    });
  }

  private async answer(): Promise<void> {
    while (this.asked.length > 0) {
      const batch = this.asked.splice(0, BATCH);
      try {
        const rows = await entityRows(committed(this.store), batch);
        for (const one of batch) {
          const row = rows.get(keyOf(one));
          one.resolve(row === undefined ? undefined : recordOf(row));
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.reading = undefined;
  }

  /**
   * Transitions within a unit of work that does more. Those of one entity are made in the order given.
   * What is refused is told, and nothing of it is written; whether that fails the unit is the caller's to say.
   */
  async apply(tx: Transaction, changes: readonly Change[]): Promise<readonly Changed[]> {
    const results = new Array<Changed>(changes.length);
    const rows: JournalRow[] = [];
    let head = await readHead(tx);
    const before = head.seq;
    for (const wave of waves(changes)) {
      // What must not be there yet is found by the swap.
      const known = await entityRows(
        tx,
        wave.map(({ change }) => change).filter(({ from }) => from !== null),
      );
      const wanted: Wanted[] = [];
      for (const { change, at } of wave) {
        const next = this.next(change, known.get(keyOf(change)));
        if ('refused' in next) results[at] = next;
        else wanted.push({ at, change, ...next });
      }
      const swapped = await swap(tx, wanted);
      const there = await entityRows(
        tx,
        wanted.filter(({ change }) => !swapped.has(keyOf(change))).map(({ change }) => change),
      );
      for (const { at, change, was, row, patch } of wanted) {
        const key = keyOf(change);
        if (!swapped.has(key)) {
          results[at] = { refused: conflict(this.machines.get(change.machine), change, there.get(key), 'it is there already') };
          continue;
        }
        const entry = this.entry(change, was, row, patch, head);
        head = { seq: entry.seq, hash: entry.hash };
        rows.push(entry);
        results[at] = { entity: recordOf(row), seq: entry.seq };
      }
    }
    const made = changes.filter((_, i) => !('refused' in results[i]!));
    await insertRows(
      tx,
      'outbox',
      ['id', 'graph', 'node', 'run', 'at'],
      made.flatMap(({ outbox }) => outbox ?? []),
    );
    await writeState(
      tx,
      made.flatMap(({ state }) => state ?? []),
    );
    if (rows.length > 0) {
      await insertRows(tx, 'journal', JOURNAL_COLUMNS, rows);
      const moved = await tx.run('UPDATE journal_head SET seq = ?, hash = ? WHERE id = 1 AND seq = ?', [head.seq, head.hash, before]);
      if (moved !== 1) throw headless();
    }
    return results;
  }

  private next(change: Change, was: EntityRow | undefined): { refused: SluiceError } | Omit<Wanted, keyof Placed> {
    try {
      return { was, ...this.rowAfter(change, was) };
    } catch (error) {
      return {
        refused: SluiceError.from(error, 'JOURNAL_DATA', {
          retryable: false,
          hint: 'Data of durable things is JSON: no cycles, no bigint.',
        }),
      };
    }
  }

  private rowAfter(change: Change, was: EntityRow | undefined): Omit<Wanted, keyof Placed | 'was'> {
    const machine = this.machines.get(change.machine);
    const state = was?.state ?? null;
    const refuse = (why: string): SluiceError => conflict(machine, change, was, why);
    if (change.from !== undefined && change.from !== state) throw refuse('it is in another state');
    if (change.version !== undefined && change.version !== (was?.version ?? 0)) throw refuse('it has changed since');
    if (!machine.legal(state, change.to)) throw refuse('that is no legal transition');
    const patch = fieldsOf(change.data ?? {});
    const data = objectOf(was === undefined ? patch : [...fieldsOf(JSON.parse(was.data) as object), ...patch]);
    const row = {
      machine: change.machine,
      id: change.id,
      state: change.to,
      version: (was?.version ?? 0) + 1,
      at: this.store.clock.now(),
      due_at: change.due_at ?? null,
      run: change.run ?? was?.run ?? null,
      data,
    };
    return { row, patch: objectOf(patch, true) };
  }

  private entry(change: Change, was: EntityRow | undefined, row: EntityRow, data: string, head: JournalHead): JournalRow {
    const entry = {
      seq: head.seq + 1,
      at: row.at,
      machine: row.machine,
      entity: row.id,
      from_state: was?.state ?? null,
      to_state: row.state,
      version: row.version,
      due_at: row.due_at,
      run: row.run,
      reason: change.reason ?? null,
      actor: change.actor ?? 'runtime',
      correlation: change.correlation ?? null,
      data,
      prev: head.hash,
    };
    return { ...entry, hash: hashOf(entry) };
  }
}

interface Asked {
  readonly machine: string;
  readonly id: string;
  resolve(record: EntityRecord | undefined): void;
  reject(error: unknown): void;
}

interface Placed {
  /** Index among the changes that were given. */
  readonly at: number;
  readonly change: Change;
}

interface Wanted extends Placed {
  readonly was: EntityRow | undefined;
  readonly row: EntityRow;
  /** What is laid over its data, canonical JSON. */
  readonly patch: string;
}

/** Changes in lists in which each entity is once, those of one entity in their order. */
function waves(changes: readonly Change[]): readonly (readonly Placed[])[] {
  const made: Placed[][] = [];
  const times = new Map<string, number>();
  changes.forEach((change, at) => {
    const key = keyOf(change);
    const nth = times.get(key) ?? 0;
    times.set(key, nth + 1);
    (made[nth] ??= []).push({ at, change });
  });
  return made;
}

function keyOf({ machine, id }: { readonly machine: string; readonly id: string }): string {
  return `${machine} ${id}`;
}

/** @returns keys of those that were written */
async function swap(tx: Transaction, wanted: readonly Wanted[]): Promise<ReadonlySet<string>> {
  const written = await insertRows<{ machine: string; id: string }>(
    tx,
    'entities',
    ENTITY_COLUMNS,
    wanted.map(({ row }) => row),
    SWAP,
  );
  return new Set(written.map(keyOf));
}

async function entityRows(
  tx: Reader,
  asked: readonly { readonly machine: string; readonly id: string }[],
): Promise<ReadonlyMap<string, EntityRow>> {
  const rows = new Map<string, EntityRow>();
  for (const machine of new Set(asked.map((one) => one.machine))) {
    const ids = asked.filter((one) => one.machine === machine).map(({ id }) => id);
    const sql = `SELECT ${ENTITY_COLUMNS.join(', ')} FROM entities WHERE machine = ? AND id`;
    for (const row of await rowsByKey<EntityRow>(tx, sql, [machine], ids)) rows.set(keyOf(row), row);
  }
  return rows;
}

function conflict(machine: Machine, change: Change, actual: EntityRow | undefined, why: string): SluiceError {
  const { id, to, from } = change;
  const state = actual?.state ?? null;
  return new SluiceError('CONFLICT', `${machine.type} ${id} is ${state ?? 'not there'} and cannot become ${to}: ${why}.`, {
    details: {
      expected: from !== undefined ? [from] : machine.before(to),
      actual: state,
      version: actual?.version ?? 0,
      ...(change.version === undefined ? {} : { expected_version: change.version }),
    },
    hint: 'Look at what it is now, and decide again.',
  });
}

function recordOf({ machine, id, state, version, at, due_at, run, data: text }: EntityRow): EntityRecord {
  let data: EntityRecord['data'] | undefined;
  return {
    ...{ machine, id, state, version, at, due_at, run },
    // Few who change something look at all that it is then.
    get data() {
      return (data ??= JSON.parse(text) as Record<string, unknown>);
    },
  };
}

/** @returns canonical JSON of `data` with the fields of `patch` over it; null takes one away */
export function laidOver(data: string, patch: Readonly<Record<string, unknown>>): string {
  return objectOf([...fieldsOf(JSON.parse(data) as object), ...fieldsOf(patch)]);
}

type Field = readonly [name: string, text: string];

/** The fields of an object, each as canonical JSON: a large one is made text once, however often it is put together. */
function fieldsOf(value: object): readonly Field[] {
  return Object.entries(value).flatMap(([name, own]) => (own === undefined ? [] : [[name, canonicalJson(own)] as const]));
}

/** @returns canonical JSON; of fields of one name the last counts */
function objectOf(fields: readonly Field[], nulls = false): string {
  const all = [...new Map(fields)].filter(([, text]) => nulls || text !== 'null');
  // As canonicalJson has them.
  all.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${all.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

async function readHead(tx: Reader): Promise<JournalHead> {
  const [head] = await tx.all<JournalHead>('SELECT seq, hash FROM journal_head WHERE id = 1');
  if (head === undefined) throw headless();
  return head;
}

function headless(): SluiceError {
  return new SluiceError('JOURNAL_BROKEN', 'The record of the newest row of the journal is missing.', {
    hint: 'Look at it with `sluice journal verify`; `sluice journal reconcile --repair` writes it anew.',
  });
}
