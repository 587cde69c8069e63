import { canonicalJson } from '@sluice/sdk/catalogue';
import { laidOver, type Change, type Journal } from './journal';
import { hashOf, JOURNAL_COLUMNS, type ChainFault, type JournalRow } from './journal-chain';
import { damageId, journalHead, verifyJournal } from './journal-read';
import { DAMAGE, NODE_RUN, RUN } from './machines';
import { surelyGone } from './owner';
import { committed, rowsByKey, type Reader } from './rows';
import type { Store } from './store';
import type { Transaction } from './connection';

/**
 * `missing`: the journal has it, the table of entities has not. `mismatch`: they differ. `orphan`: the journal does not know it.
 * `gap`: rows of the journal are gone. `hash_break`: a row, or the record of the newest, was changed. `stuck`: nothing will move it by itself.
 */
export type FindingClass = 'missing' | 'mismatch' | 'orphan' | 'gap' | 'hash_break' | 'stuck';

/** One thing that reconciling found. */
export interface Finding {
  readonly class: FindingClass;
  readonly machine: string;
  readonly entity: string;
  /** What is wrong, one sentence. */
  readonly message: string;
  /** What a repair does about it, one sentence. */
  readonly repair: string;
}

/** What reconciling found and did. */
export interface ReconcileReport {
  readonly findings: readonly Finding[];
  /** Rows of the journal that the repair wrote. */
  readonly appended: number;
  /** Findings that could not be repaired, as refused. */
  readonly left: readonly { readonly finding: Finding; readonly message: string }[];
}

/** What is reconciled, and whether anything is changed. */
export interface ReconcileOptions {
  /** Without it nothing is written. */
  readonly repair?: boolean;
  /** Who repairs, for the journal. */
  readonly actor?: string;
  /** How long a state may be overdue, and an owner unseen, before it counts as stuck, ms. */
  readonly grace?: number;
}

interface Entity {
  readonly machine: string;
  readonly id: string;
  readonly state: string;
  readonly version: number;
  readonly due_at: number | null;
  readonly run: string | null;
  readonly data: string;
}

/** What the journal says that an entity is. */
interface Told extends Entity {
  /** Nothing of its history is missing or changed. */
  readonly whole: boolean;
}

const PAGE = 1_000;
const GRACE_MS = 30_000;
const ENTITY = 'machine, id, state, version, due_at, run, data';

/**
 * Compares the durable things with their journal, and looks for what is stuck. A repair never deletes and never changes a row of the
 * journal: it appends what makes the two agree, with who did it and why. Where the history of a thing is whole, the history is right;
 * where it is damaged, the thing is. Damage of the journal itself cannot be undone; it is put on record, and known from then on.
 */
export async function reconcile(store: Store, journal: Journal, options: ReconcileOptions = {}): Promise<ReconcileReport> {
  const { repair = false, actor = 'reconcile', grace = GRACE_MS } = options;
  const reader = committed(store);
  const verified = await verifyJournal(reader);
  const faults = verified.faults.filter(({ known }) => !known);
  // Where rows are gone, what is newer than its journal may be right; else somebody has changed it.
  const gaps = verified.faults.some((fault) => fault.class === 'gap');
  const suspects = [...(await differing(reader)), ...(await orphans(reader))];
  const findings: Finding[] = faults.map(ofJournal);
  const left: { finding: Finding; message: string }[] = [];
  let appended = 0;
  const append = async (finding: Finding, unit: (tx: Transaction) => Promise<number>): Promise<void> => {
    if (!repair) return;
    try {
      appended += await store.write(unit);
    } catch (error) {
      left.push({ finding, message: (error as Error).message });
    }
  };
  // First the record of the newest row: without it nothing can be appended.
  if (repair) await store.write(mendHead);
  for (const [at, fault] of faults.entries()) await append(findings[at]!, (tx) => recordDamage(tx, journal, fault, actor));
  for (const { machine, id } of suspects) {
    // Looked at again where nobody writes: what was under way is no finding.
    const found = await store.write((tx) => entityFinding(tx, machine, id, gaps));
    if (found === undefined) continue;
    findings.push(found.finding);
    await append(found.finding, (tx) => appendTruth(tx, store, found, actor));
  }
  for (const { finding, change } of await stuck(reader, store, journal, grace)) {
    findings.push(finding);
    await append(finding, async (tx) => {
      const [changed] = await journal.apply(tx, [{ ...change, actor }]);
      if ('refused' in changed!) throw changed.refused;
      return 1;
    });
  }
  return { findings, appended, left };
}

function ofJournal(fault: ChainFault): Finding {
  return { class: fault.class, machine: 'journal', entity: String(fault.seq), message: fault.message, repair: 'It is put on record.' };
}

/** Writes the record of the newest row anew where it is missing or names a row that is behind the newest. */
async function mendHead(tx: Transaction): Promise<void> {
  const [last] = await tx.all<{ seq: number; hash: string }>('SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1');
  const head = await journalHead(tx);
  if (last === undefined || (head !== null && (head.seq > last.seq || (head.seq === last.seq && head.hash === last.hash)))) return;
  if (head === null) await tx.run('INSERT INTO journal_head (id, seq, hash) VALUES (1, ?, ?)', [last.seq, last.hash]);
  else await tx.run('UPDATE journal_head SET seq = ?, hash = ? WHERE id = 1', [last.seq, last.hash]);
}

async function recordDamage(tx: Transaction, journal: Journal, fault: ChainFault, actor: string): Promise<number> {
  const { class: kind, seq, last, message } = fault;
  const [changed] = await journal.apply(tx, [
    {
      machine: DAMAGE.type,
      id: damageId(fault),
      to: 'recorded',
      from: null,
      actor,
      reason: `reconcile: ${kind}`,
      data: { class: kind, seq, ...(last === undefined ? {} : { last }), message },
    },
  ]);
  if ('refused' in changed!) throw changed.refused;
  return 1;
}

/** Entities that are not what their journal says, as far as can be seen while others write. */
async function differing(reader: Reader): Promise<Entity[]> {
  const found: Entity[] = [];
  let page: Told[] = [];
  const compare = async (): Promise<void> => {
    for (const machine of new Set(page.map((told) => told.machine))) {
      const told = page.filter((one) => one.machine === machine);
      const sql = `SELECT ${ENTITY} FROM entities WHERE machine = ? AND id`;
      const ids = told.map(({ id }) => id);
      const there = new Map((await rowsByKey<Entity>(reader, sql, [machine], ids)).map((entity) => [entity.id, entity]));
      found.push(...told.filter((one) => !same(one, there.get(one.id))));
    }
    page = [];
  };
  for await (const told of allTold(reader)) {
    page.push(told);
    if (page.length === PAGE) await compare();
  }
  await compare();
  return found;
}

function same(told: Entity, there: Entity | undefined): boolean {
  if (there === undefined) return false;
  const { state, version, due_at, run, data } = told;
  return state === there.state && version === there.version && due_at === there.due_at && run === there.run && data === there.data;
}

/** Each entity as its rows of the journal make it, in the order of an index: of any number, one is held. */
async function* allTold(reader: Reader): AsyncGenerator<Told> {
  let rows: JournalRow[] = [];
  let after: readonly [string, string, number, number] = ['', '', 0, 0];
  for (;;) {
    const page = await reader.all<JournalRow>(
      `SELECT ${JOURNAL_COLUMNS.join(', ')} FROM journal WHERE (machine, entity, version, seq) > (?, ?, ?, ?)
       ORDER BY machine, entity, version, seq LIMIT ${PAGE}`,
      after,
    );
    for (const row of page) {
      const [first] = rows;
      if (first !== undefined && (first.machine !== row.machine || first.entity !== row.entity)) {
        yield toldBy(rows)!;
        rows = [];
      }
      rows.push(row);
    }
    const last = page[page.length - 1];
    if (page.length < PAGE || last === undefined) break;
    after = [last.machine, last.entity, last.version, last.seq];
  }
  if (rows.length > 0) yield toldBy(rows)!;
}

function toldBy(rows: readonly JournalRow[]): Told | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  let whole = true;
  let data = '{}';
  let before: JournalRow | undefined;
  for (const row of rows) {
    if (row.version !== (before?.version ?? 0) + 1 || row.from_state !== (before?.to_state ?? null) || hashOf(row) !== row.hash)
      whole = false;
    data = laidOver(data, objectOf(row.data) ?? {});
    if (objectOf(row.data) === undefined) whole = false;
    before = row;
  }
  const { to_state: state, version, due_at, run } = before!;
  return { machine: first.machine, id: first.entity, state, version, due_at, run, data, whole };
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function orphans(reader: Reader): Promise<Entity[]> {
  return reader.all<Entity>(
    `SELECT ${ENTITY} FROM entities e WHERE NOT EXISTS (SELECT 1 FROM journal j WHERE j.machine = e.machine AND j.entity = e.id)`,
  );
}

interface Found {
  readonly finding: Finding;
  readonly told: Told | undefined;
  readonly there: Entity | undefined;
  /** The one of the two that holds. */
  readonly right: Entity;
}

async function entityFinding(tx: Reader, machine: string, id: string, gaps: boolean): Promise<Found | undefined> {
  const rows = await tx.all<JournalRow>(
    `SELECT ${JOURNAL_COLUMNS.join(', ')} FROM journal WHERE machine = ? AND entity = ? ORDER BY version, seq`,
    [machine, id],
  );
  const told = toldBy(rows);
  const [there] = await tx.all<Entity>(`SELECT ${ENTITY} FROM entities WHERE machine = ? AND id = ?`, [machine, id]);
  const found = (kind: FindingClass, right: Entity, message: string, repair: string): Found => ({
    finding: { class: kind, machine, entity: id, message, repair },
    told,
    there,
    right,
  });
  if (told === undefined) {
    if (there === undefined) return undefined;
    return found('orphan', there, `It is ${there.state}, and the journal does not know it.`, 'A row tells what it is.');
  }
  if (there === undefined) {
    return found('missing', told, `The journal says that it is ${told.state}; it is not there.`, `It is put back as ${told.state}.`);
  }
  if (same(told, there)) return undefined;
  const trusted = told.whole && !(gaps && there.version > told.version);
  const is = told.state === there.state ? 'it has other data' : `it is ${there.state}`;
  return found(
    'mismatch',
    trusted ? told : there,
    `The journal says ${told.state}, version ${told.version}; ${is}, version ${there.version}.`,
    trusted ? `It becomes ${told.state} as in its journal.` : `Its journal is damaged: it stays ${there.state}, and a row tells so.`,
  );
}

/** Appends the row that makes entity and journal agree, and writes the entity accordingly. */
async function appendTruth(tx: Transaction, store: Store, { finding, told, there, right }: Found, actor: string): Promise<number> {
  const { machine, entity: id } = finding;
  const version = Math.max(told?.version ?? 0, there?.version ?? 0) + 1;
  const was = objectOf(told?.data ?? '{}')!;
  const is = objectOf(right.data) ?? {};
  const gone = Object.keys(was).filter((key) => !(key in is));
  const patch = told === right ? {} : { ...is, ...Object.fromEntries(gone.map((key) => [key, null])) };
  const head = (await journalHead(tx))!;
  const at = store.clock.now();
  const entry = {
    seq: head.seq + 1,
    at,
    machine,
    entity: id,
    from_state: told?.state ?? null,
    to_state: right.state,
    version,
    due_at: right.due_at,
    run: right.run,
    reason: `reconcile: ${finding.class}`,
    actor,
    correlation: null,
    data: canonicalJson(patch),
    prev: head.hash,
  };
  const hash = hashOf(entry);
  const columns = JOURNAL_COLUMNS.map((column) => (column === 'hash' ? hash : entry[column]));
  await tx.run(`INSERT INTO journal (${JOURNAL_COLUMNS.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`, columns);
  await tx.run('UPDATE journal_head SET seq = ?, hash = ? WHERE id = 1', [entry.seq, hash]);
  const data = laidOver(told?.data ?? '{}', patch);
  const values = [right.state, version, at, right.due_at, right.run, data];
  if (there === undefined) {
    await tx.run('INSERT INTO entities (state, version, at, due_at, run, data, machine, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)', [
      ...values,
      machine,
      id,
    ]);
  } else {
    await tx.run('UPDATE entities SET state = ?, version = ?, at = ?, due_at = ?, run = ?, data = ? WHERE machine = ? AND id = ?', [
      ...values,
      machine,
      id,
    ]);
  }
  return 1;
}

/** Transitions of runs whose process is gone, and of their node runs that were under way. */
export async function abandoned(store: Store, journal: Journal, grace: number): Promise<readonly Change[]> {
  const all = await stuck(committed(store), store, journal, grace);
  return all.map(({ change }) => change).filter(({ machine }) => machine === RUN.type || machine === NODE_RUN.type);
}

interface Stuck {
  readonly finding: Finding;
  readonly change: Change;
}

/** States whose end is overdue, runs whose process is gone, and node runs of runs that are over. */
async function stuck(reader: Reader, store: Store, journal: Journal, grace: number): Promise<Stuck[]> {
  const now = store.clock.now();
  const found: Stuck[] = [];
  const add = ({ machine, id, state, version }: Entity, to: string, message: string): void => {
    const finding: Finding = { class: 'stuck', machine, entity: id, message, repair: `It becomes ${to}.` };
    found.push({ finding, change: { machine, id, from: state, version, to, reason: message } });
  };
  const overdue = await reader.all<Entity>(`SELECT ${ENTITY} FROM entities WHERE due_at IS NOT NULL AND due_at < ?`, [now - grace]);
  for (const entity of overdue) {
    const { on_due: to } = journal.machines.has(entity.machine) ? journal.machines.get(entity.machine).spec(entity.state) : {};
    if (to !== undefined) add(entity, to, `It is ${entity.state} and was due ${Math.round((now - entity.due_at!) / 1_000)} s ago.`);
  }
  const active = RUN.states.filter((state) => !RUN.terminal(state) && state !== 'queued');
  const runs = await reader.all<Entity & { owner: string | null; seen_at: number | null }>(
    `SELECT e.machine, e.id, e.state, e.version, e.due_at, e.run, e.data, o.owner, o.seen_at FROM entities e
     LEFT JOIN run_owners o ON o.run = e.id WHERE e.machine = '${RUN.type}' AND e.state IN (${active.map((state) => `'${state}'`).join(', ')})`,
  );
  const gone = new Set<string>();
  for (const run of runs) {
    if (!ownerGone(run.owner, run.seen_at, now, grace)) continue;
    gone.add(run.id);
    add(run, RUN.legal(run.state, 'failed') ? 'failed' : 'canceled', `It is ${run.state}, and its process is gone.`);
  }
  const calls = await reader.all<Entity & { of: string | null }>(
    `SELECT e.machine, e.id, e.state, e.version, e.due_at, e.run, e.data, r.state AS of FROM entities e
     LEFT JOIN entities r ON r.machine = '${RUN.type}' AND r.id = e.run WHERE e.machine = '${NODE_RUN.type}' AND e.state = 'running'`,
  );
  for (const call of calls) {
    if (call.of !== null && !RUN.terminal(call.of) && !gone.has(call.run ?? '')) continue;
    add(call, interrupted(objectOf(call.data) ?? {}), 'It was under way when its run ended.');
  }
  return found;
}

/** Where a node run goes that was under way when its process ended: an effect may have happened. */
export function interrupted(data: Readonly<Record<string, unknown>>): 'uncertain' | 'failed' {
  return data['effect'] === true ? 'uncertain' : 'failed';
}

/** Whether nobody works on it any more. */
export function ownerGone(owner: string | null, seenAt: number | null, now: number, grace: number): boolean {
  return owner === null || surelyGone(owner) || now - (seenAt ?? 0) > grace;
}
