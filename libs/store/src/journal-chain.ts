import { createHash } from 'node:crypto';

/** One change of one entity: `journal@1`. All fields but `hash` are hashed, as they are stored. */
export interface JournalRow {
  /** 1, 2, 3 ... without a gap. */
  readonly seq: number;
  /** Milliseconds since the epoch. Order is by `seq`: a clock may jump back. */
  readonly at: number;
  readonly machine: string;
  readonly entity: string;
  /** null where the entity begins. */
  readonly from_state: string | null;
  readonly to_state: string;
  /** Of the entity after the change: 1, 2, 3 ... */
  readonly version: number;
  /** When the entity is due after the change, ms since the epoch. */
  readonly due_at: number | null;
  readonly run: string | null;
  readonly reason: string | null;
  /** Who did it: `runtime`, `timer`, `reconcile`, or what a person is called. */
  readonly actor: string;
  readonly correlation: string | null;
  /** JSON object that was laid over the entity's data. */
  readonly data: string;
  /** Hash of the row before; of the first, `GENESIS`. */
  readonly prev: string;
  /** sha256, hex. */
  readonly hash: string;
}

/** What the first entry of a journal names as the hash before it. */
export const GENESIS = '0'.repeat(64);

/** Columns in the order in which they are stored and hashed. */
export const JOURNAL_COLUMNS = [
  'seq',
  'at',
  'machine',
  'entity',
  'from_state',
  'to_state',
  'version',
  'due_at',
  'run',
  'reason',
  'actor',
  'correlation',
  'data',
  'prev',
  'hash',
] as const satisfies readonly (keyof JournalRow)[];

/** The hash of a row: over the JSON list of all its other columns, so that neither a value nor a border between two can change unseen. */
export function hashOf(row: Omit<JournalRow, 'hash'>): string {
  const { seq, at, machine, entity, from_state, to_state, version, due_at, run, reason, actor, correlation, data, prev } = row;
  return createHash('sha256')
    .update(JSON.stringify([seq, at, machine, entity, from_state, to_state, version, due_at, run, reason, actor, correlation, data, prev]))
    .digest('hex');
}

/** The newest row of a journal, kept beside it: it tells when the last rows are missing. */
export interface JournalHead {
  readonly seq: number;
  readonly hash: string;
}

/** Where the chain of a journal is broken, and how. */
export interface ChainFault {
  readonly class: 'gap' | 'hash_break';
  /** The row that shows it; of a gap, the first that is missing. */
  readonly seq: number;
  /** Of a gap: the last that is missing. */
  readonly last?: number;
  /** First part of what was found in place of what should be there; empty for a gap. */
  readonly found: string;
  readonly message: string;
}

/**
 * Walks along a journal, row by row in the order of `seq`. After a fault it goes on from what is stored, so each fault is told
 * once.
 */
export class Chain {
  private seq = 0;
  private hash = GENESIS;
  rows = 0;

  /** Number of the last row that was seen. */
  get last(): number {
    return this.seq;
  }

  next(row: JournalRow): readonly ChainFault[] {
    const faults: ChainFault[] = [];
    const is = hashOf(row);
    const broken = (message: string): void => void faults.push(hashBreak(row.seq, `${is}${row.hash}${row.prev}`, message));
    this.rows++;
    const missing = row.seq - this.seq - 1;
    if (row.seq < 1) broken(`Row ${row.seq} has a number that no row has.`);
    else if (missing > 0) faults.push(gap(this.seq + 1, row.seq - 1));
    else if (row.prev !== this.hash) broken(`Row ${row.seq} does not follow row ${this.seq}: one of them was changed.`);
    if (is !== row.hash) broken(`Row ${row.seq} was changed.`);
    if (row.seq < 1) return faults;
    this.seq = row.seq;
    this.hash = row.hash;
    return faults;
  }

  /** @param head as it is stored; null where it is missing */
  end(head: JournalHead | null): readonly ChainFault[] {
    if (head === null) return [hashBreak(this.seq, 'none', 'The record of the newest row is missing.')];
    if (head.seq > this.seq) return [gap(this.seq + 1, head.seq)];
    if (head.seq === this.seq && head.hash === this.hash) return [];
    return [hashBreak(this.seq, `${head.seq}${head.hash}`, `The record of the newest row names row ${head.seq} and its hash wrongly.`)];
  }
}

function hashBreak(seq: number, found: string, message: string): ChainFault {
  return { class: 'hash_break', seq, found: createHash('sha256').update(found).digest('hex').slice(0, 16), message };
}

function gap(seq: number, last: number): ChainFault {
  const which = seq === last ? `Row ${seq} is` : `Rows ${seq} to ${last} are`;
  return { class: 'gap', seq, last, found: '', message: `${which} missing.` };
}
