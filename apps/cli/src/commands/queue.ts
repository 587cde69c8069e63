import { flag, list, nullable, ok, ref, shape, text, told, whole } from '@sluice/control/schemas';
import { SluiceError } from '@sluice/sdk/catalogue';
import type { BlobVerifyReport, PeekedRow, QueueVerifyReport, Reader, RowFilter, RowState } from '@sluice/store';
import { existsSync } from 'node:fs';
import { EXIT, usage, type Exit } from '../exit';
import { blobFolder, storeName } from '../store';
import { plain, type Terminal } from '../terminal';
import { withStore } from './journal';
import { lazy } from '../lazy';
import { type Outputs } from '../outputs';

const changedRows = ok({ queue: text, rows: whole });

export const OUTPUTS: Outputs = {
  'queue list': ok({ queues: list(ref('Queue')) }),
  'queue peek': ok({ queue: text, rows: list(ref('QueueRow')) }),
  'queue retry': changedRows,
  'queue drop': changedRows,
  'queue verify': shape({
    ok: flag,
    rows: told(whole, 'That are whole.'),
    faults: list(shape({ class: text, queue: text, row: nullable(whole), message: text })),
    blobs: shape({ ok: flag, files: whole, faults: list(shape({ class: text, sha256: text, message: text })), orphans: whole }),
  }),
  'queue repair': ok({
    repaired: told(nullable(text), 'The new file, `in place`, or null where nothing was wrong.'),
    'found?': list(text),
    'rows?': whole,
    'lost?': list(shape({ table: text, error: text })),
    'damaged?': whole,
    'moved?': whole,
    'unparked?': whole,
  }),
  'queue compact': ok({ before: whole, after: whole, forgotten: whole, files: whole, file_bytes: whole }),
};

const library = () => lazy('@sluice/store');

export interface SelectOptions {
  readonly row: readonly string[];
  readonly key?: string;
  readonly state?: RowState;
}

/** `sluice queue list`: what waits, how old, and what needs somebody. */
export function listQueuesCommand(terminal: Terminal): Promise<Exit> {
  return withStore(async (store) => {
    const { listQueues, span } = library();
    const queues = await listQueues(store);
    if (terminal.json) {
      terminal.object({ ok: true, queues });
      return EXIT.ok;
    }
    if (queues.length === 0) terminal.note('The store has no queue: a durable edge or queue/out makes one.');
    const rows = queues.map(({ name, rows: n, bytes, retrying, dead, parked, oldest_ms, next_try_ms, readers }) => [
      String(n),
      size(bytes),
      oldest_ms === null ? '-' : span(oldest_ms),
      String(dead),
      [
        plain(name),
        ...(retrying === 0 ? [] : [`(${retrying} to be tried again, the next in ${span(next_try_ms ?? 0)})`]),
        ...(parked === 0 ? [] : [`(${parked} ${parked === 1 ? 'key waits' : 'keys wait'} behind a dead letter)`]),
        ...(n > 0 && readers === 0 ? ['(nobody reads it)'] : []),
      ].join(' '),
    ]);
    if (rows.length > 0) for (const line of terminal.table([['rows', 'bytes', 'oldest', 'dead', 'queue'], ...rows])) terminal.out(line);
    const dead = queues.filter((queue) => queue.dead > 0);
    if (dead.length > 0) terminal.note(`Dead letters: sluice queue peek ${dead[0]!.name} --state dead`);
    return EXIT.ok;
  });
}

/** `sluice queue peek`: the first rows that fit, why they wait, and what is in them. */
export function peekQueue(
  terminal: Terminal,
  name: string,
  { limit, after, ...select }: SelectOptions & { readonly limit: number; readonly after?: number },
): Promise<Exit> {
  return withStore(async (store) => {
    const rows = await library().peekRows(store, name, { ...filterOf(select), limit, after: after ?? 0 });
    if (terminal.json) terminal.object({ ok: true, queue: name, rows });
    else if (rows.length === 0) terminal.note('No row fits.');
    else for (const row of rows) printRow(terminal, row);
    return EXIT.ok;
  });
}

function printRow(
  terminal: Terminal,
  { row, state, why, key, id, attempts, age_ms, error, payload, damaged, kind, priority }: PeekedRow,
): void {
  const { span } = library();
  const head = [
    `${kind === '' ? 'a packet' : kind}, ${span(age_ms)} old`,
    ...(key === '' ? [] : [`key ${shortened(key, 48)}`]),
    ...(id === '' ? [] : [`id ${shortened(id, 48)}`]),
    ...(priority === 0 ? [] : [`priority ${priority}`]),
    ...(attempts === 0 ? [] : [`${attempts} failed ${attempts === 1 ? 'try' : 'tries'}`]),
  ].join(', ');
  const text = damaged ? 'Its bytes are not those that were written.' : shortened(JSON.stringify(payload) ?? 'null', 160);
  const lines = [
    [String(row), state, head],
    ['', '', why],
    ...(error === null ? [] : [['', '', `Last error: ${shortened(error, 400)}`]]),
    ['', '', text],
  ];
  for (const line of terminal.table(lines.map(([n, is, rest]) => [n!.padStart(5), is!.padEnd(8), rest!]))) terminal.out(line);
}

/** `sluice queue retry`: dead letters, or what is named, are tried now. */
export function retryQueue(terminal: Terminal, name: string, select: SelectOptions): Promise<Exit> {
  return withStore(async (store) => {
    const filter = filterOf(select);
    const rows = await library().retryRows(store, name, Object.keys(filter).length === 0 ? { state: 'dead' } : filter);
    return changed(terminal, name, rows, 'may be tried now');
  });
}

/** `sluice queue drop`: deletes what is named; nothing without a name. */
export function dropQueue(terminal: Terminal, name: string, { all, ...select }: SelectOptions & { readonly all?: true }): Promise<Exit> {
  const filter = filterOf(select);
  if (Object.keys(filter).length === 0 && all !== true)
    throw usage('Say what to drop.', 'Give --row, --key or --state, or --all; `sluice queue peek` shows what fits.');
  return withStore(async (store) => changed(terminal, name, await library().dropRows(store, name, filter), 'dropped'));
}

function changed(terminal: Terminal, queue: string, rows: number, what: string): Exit {
  if (terminal.json) terminal.object({ ok: true, queue, rows });
  else terminal.out(rows === 0 ? 'No row fits; nothing was changed.' : `${rows} ${rows === 1 ? 'row' : 'rows'} of ${queue}: ${what}.`);
  return rows === 0 ? EXIT.empty : EXIT.ok;
}

/** `sluice queue verify`: whether what was written is there, and what is wrong. */
export async function verifyQueuesCommand(terminal: Terminal): Promise<Exit> {
  const report = await look();
  if (terminal.json) terminal.object(report);
  else {
    const at = (queue: string, row: number | null): string => plain(row === null ? queue : `${queue} row ${row}`);
    for (const { class: kind, queue, row, message } of report.faults)
      for (const line of terminal.table([[kind, `${queue === '' ? '' : `${at(queue, row)}: `}${message}`]])) terminal.out(line);
    for (const { class: kind, sha256, message } of report.blobs.faults)
      for (const line of terminal.table([[kind, `bytes ${sha256.slice(0, 12)}: ${message}`]])) terminal.out(line);
    if (report.faults.length === 0) terminal.out(`${report.rows} rows: all are what was written.`);
    const { files, orphans, ok } = report.blobs;
    if (ok && files > 0) terminal.out(`${files} files of bytes: all are what was written.`);
    if (orphans > 0) terminal.note(`${orphans} files that nothing names were left by a crash; \`sluice queue compact\` deletes them.`);
  }
  if (report.ok) return EXIT.ok;
  if (!terminal.json) terminal.error(damaged(report));
  return EXIT.failed;
}

function damaged({ rows, faults, blobs }: Looked): SluiceError {
  if (faults.length > 0) {
    return new SluiceError('STORE_DAMAGED', `The queues are damaged in ${faults.length} places; ${rows} rows are whole.`, {
      hint: 'Stop what uses the store, then `sluice queue repair`.',
    });
  }
  return new SluiceError('BLOB_DAMAGED', `${blobs.faults.length} files of bytes are gone or damaged; ${blobs.files} are whole.`, {
    hint: 'Put them back from a copy: they are named by their sha256. What names them fails until then.',
  });
}

/** Queues, and the bytes that their packets and artifacts refer to. */
type Looked = QueueVerifyReport & { readonly blobs: BlobVerifyReport };

/** A file is read as it is: a damaged one cannot be opened as a store. */
async function look(): Promise<Looked> {
  const { readFileAsIs, snapshotOf, verifyBlobs, verifyQueues } = library();
  const file = storeFile();
  const all = async (reader: Reader, dialect: 'sqlite' | 'postgres', folder: string): Promise<Looked> => {
    const queues = await verifyQueues(reader, dialect);
    const blobs = await verifyBlobs(reader, folder, Date.now());
    return { ...queues, ok: queues.ok && blobs.ok, blobs };
  };
  if (file === undefined || !existsSync(file)) {
    let report: Looked | undefined;
    await withStore(async (store) => {
      const moment = await snapshotOf(storeName());
      report = await all(moment, store.dialect, blobFolder()).finally(() => moment.close());
      return EXIT.ok;
    });
    return report!;
  }
  const reader = await readFileAsIs(file);
  return all(reader, 'sqlite', blobFolder()).finally(() => reader.close());
}

function storeFile(): string | undefined {
  const name = storeName();
  return /^postgres(ql)?:/.test(name) ? undefined : name;
}

/** `sluice queue repair`: in place where the database is whole, into a new file where it is not. */
export async function repairQueuesCommand(terminal: Terminal, { out }: { readonly out?: string }): Promise<Exit> {
  const { repairQueues, salvage } = library();
  const report = await look();
  if (report.faults.length === 0 && out === undefined) {
    if (terminal.json) terminal.object({ ok: true, repaired: null });
    else terminal.out(`Nothing is wrong with the ${report.rows} rows.`);
    if (!report.blobs.ok && !terminal.json) terminal.note(`${damaged(report).message} No repair brings bytes back.`);
    return EXIT.ok;
  }
  const file = storeFile();
  const lost = report.faults.some(({ class: kind }) => kind === 'file' || kind === 'unreadable');
  if (file !== undefined && (lost || out !== undefined)) {
    const to = out ?? `${file}.repaired`;
    const done = await salvage(file, to);
    if (terminal.json) terminal.object({ ok: true, repaired: to, ...done });
    else {
      terminal.out(`${done.rows} rows of all tables are in ${to}; ${file} is as it was.`);
      for (const { table, error } of done.lost) terminal.out(`  lost: rows of ${table}: ${error}`);
      if (done.damaged > 0) terminal.out(`  ${done.damaged} damaged rows are dead letters there.`);
      terminal.note(`Stop what uses the store, then: mv ${file} ${file}.damaged; rm -f ${file}-wal ${file}-shm; mv ${to} ${file}`);
    }
    return EXIT.ok;
  }
  return withStore(async (store) => {
    const done = await repairQueues(store);
    if (terminal.json) terminal.object({ ok: true, repaired: 'in place', ...done });
    else
      terminal.out(
        `Repaired in place: ${done.damaged} damaged rows are dead letters, ${done.moved} are in their slot again, ${done.unparked} keys go on; all were counted.`,
      );
    if (done.found.length > 0 && !terminal.json)
      terminal.note(
        `Of these queues the name was lost: ${done.found.join(', ')}. \`sluice queue peek\` shows what is in them; queue/in takes it.`,
      );
    return EXIT.ok;
  });
}

/** `sluice queue compact`: gives space back to the disk. */
export function compactQueues(terminal: Terminal): Promise<Exit> {
  return withStore(async (store) => {
    const report = await library().compactStore(store, storeFile() === undefined ? storeName() : undefined);
    if (terminal.json) terminal.object({ ok: true, ...report });
    else {
      const { before, after, forgotten, files, file_bytes } = report;
      terminal.out(`${size(before)} before, ${size(after)} now.`);
      if (forgotten > 0) terminal.out(`${forgotten} ids were forgotten, whose time was over.`);
      if (files > 0) terminal.out(`${files} files (${size(file_bytes)}) that nobody needed were deleted.`);
    }
    return EXIT.ok;
  });
}

function filterOf({ row, key, state }: SelectOptions): RowFilter {
  const rows = row.map((text) => {
    if (!/^[1-9]\d{0,14}$/.test(text)) throw usage(`--row ${text} is no number of a row.`, '`sluice queue peek` prints them.');
    return Number(text);
  });
  return { ...(rows.length === 0 ? {} : { rows }), ...(key === undefined ? {} : { key }), ...(state === undefined ? {} : { state }) };
}

function size(bytes: number): string {
  if (bytes < 10_000) return `${bytes} B`;
  return bytes < 10_000_000 ? `${Math.round(bytes / 1000)} kB` : `${Math.round(bytes / 1_000_000)} MB`;
}

/** What somebody else wrote, as a line can show it. */
function shortened(text: string, max: number): string {
  return plain(text.length <= max ? text : `${text.slice(0, max - 3)}...`);
}
