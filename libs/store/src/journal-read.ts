import { Chain, JOURNAL_COLUMNS, type ChainFault, type JournalHead, type JournalRow } from './journal-chain';
import type { Value } from './connection';
import { DAMAGE } from './machines';
import type { Reader } from './rows';

/** Which entries of a journal are wanted. */
export interface JournalFilter {
  readonly machine?: string;
  readonly entity?: string;
  readonly run?: string;
  readonly actor?: string;
  readonly correlation?: string;
  /** State that was entered. */
  readonly to?: string;
  /** Milliseconds since the epoch; from `since` on, before `until`. */
  readonly since?: number;
  readonly until?: number;
  /** Rows behind this one. */
  readonly after?: number;
}

/** What came of comparing a journal with its hashes. */
export interface VerifyReport {
  /** No damage but what is on record. */
  readonly ok: boolean;
  readonly rows: number;
  readonly head: JournalHead | null;
  readonly faults: readonly (ChainFault & { readonly known: boolean })[];
}

const PAGE = 1_000;
const SELECT = `SELECT ${JOURNAL_COLUMNS.join(', ')} FROM journal`;

/** What a row must be to fit, without its number. */
function termsOf({ machine, entity, run, actor, correlation, to, since, until }: JournalFilter): readonly [term: string, value: Value][] {
  const equal = { machine, entity, run, actor, correlation, to_state: to };
  const terms: [term: string, value: Value][] = [];
  for (const [column, value] of Object.entries(equal)) if (value !== undefined) terms.push([`${column} = ?`, value]);
  if (since !== undefined) terms.push(['at >= ?', since]);
  if (until !== undefined) terms.push(['at < ?', until]);
  return terms;
}

/** Rows that fit, by their number. It reads page by page, so the journal may be of any size. */
export async function* journalRows(reader: Reader, filter: JournalFilter = {}): AsyncGenerator<JournalRow> {
  const terms = termsOf(filter);
  const where = ['seq > ?', ...terms.map(([term]) => term)].join(' AND ');
  const values = terms.map(([, value]) => value);
  let after = filter.after ?? 0;
  for (;;) {
    const rows = await reader.all<JournalRow>(`${SELECT} WHERE ${where} ORDER BY seq LIMIT ${PAGE}`, [after, ...values]);
    yield* rows;
    if (rows.length < PAGE) return;
    after = rows[rows.length - 1]!.seq;
  }
}

/** The newest rows that fit, oldest first. */
export async function newestRows(reader: Reader, filter: JournalFilter, limit: number): Promise<readonly JournalRow[]> {
  const terms: readonly [string, Value][] = [['seq > ?', filter.after ?? 0], ...termsOf(filter)];
  const rows = await reader.all<JournalRow>(`${SELECT} WHERE ${terms.map(([term]) => term).join(' AND ')} ORDER BY seq DESC LIMIT ?`, [
    ...terms.map(([, value]) => value),
    limit,
  ]);
  return rows.reverse();
}

export async function journalHead(reader: Reader): Promise<JournalHead | null> {
  const [head] = await reader.all<JournalHead>('SELECT seq, hash FROM journal_head WHERE id = 1');
  return head ?? null;
}

/**
 * Reads the whole journal and checks each row's number, its hash, and that it names the hash of the one before; then that the newest is the
 * one that the record of it names. Others may write meanwhile.
 */
export async function verifyJournal(reader: Reader): Promise<VerifyReport> {
  const chain = new Chain();
  const faults: ChainFault[] = [];
  const known = new Set<string>();
  const see = async (after: number): Promise<void> => {
    for await (const row of journalRows(reader, { after })) {
      faults.push(...chain.next(row));
      if (row.machine === DAMAGE.type) known.add(row.entity);
    }
  };
  await see(Number.MIN_SAFE_INTEGER);
  let head = await journalHead(reader);
  // What was committed since the last page was read; where nothing is there the head is right about what is missing.
  for (let before = -1; head !== null && head.seq > chain.last && chain.last !== before; head = await journalHead(reader)) {
    before = chain.last;
    await see(chain.last);
  }
  faults.push(...chain.end(head));
  const told = faults.map((fault) => ({ ...fault, known: known.has(damageId(fault)) }));
  return { ok: told.every((fault) => fault.known), rows: chain.rows, head, faults: told };
}

/** The id under which damage is put on record: another change of the same row has another. */
export function damageId({ class: kind, seq, last, found }: ChainFault): string {
  return [kind, seq, last ?? seq, found].join(':');
}
