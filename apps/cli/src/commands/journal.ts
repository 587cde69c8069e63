import { extended, flag, list, nullable, number, shape, text, told, whole } from '@sluice/control/schemas';
import { SluiceError } from '@sluice/sdk/catalogue';
import type { Finding, JournalFilter, JournalRow, Store } from '@sluice/store';
import { parseDuration } from '@sluice/sdk/catalogue';
import { EXIT, usage, type Exit } from '../exit';
import { closeStore, existingStore } from '../store';
import { plain, type Terminal } from '../terminal';
import { lazy } from '../lazy';
import { eachLine, type Outputs } from '../outputs';

const finding = shape({ class: text, machine: text, entity: text, message: text, repair: text });

/** A row as it is stored: its hash is over the text of `data`. */
export const ROW = eachLine(extended('JournalRow', { data: told(text, 'A JSON object.') }));

export const OUTPUTS: Outputs = {
  'journal query': ROW,
  'journal export': ROW,
  'journal verify': shape({
    ok: flag,
    rows: whole,
    head: nullable(shape({ seq: whole, hash: text })),
    faults: list(shape({ class: text, seq: number, 'last?': number, found: text, message: text, known: flag })),
  }),
  'journal reconcile': shape({
    ok: told(flag, 'Nothing was found, or all of it was repaired.'),
    findings: list(finding),
    appended: whole,
    left: list(shape({ finding, message: text })),
  }),
};

const library = () => lazy('@sluice/store');

export interface QueryOptions {
  readonly machine?: string;
  readonly entity?: string;
  readonly run?: string;
  readonly actor?: string;
  readonly to?: string;
  readonly since?: string;
  readonly until?: string;
  readonly after?: number;
  readonly limit: number;
}

/** Opens the store of this folder, does something with it, and closes it. */
export async function withStore(work: (store: Store) => Promise<Exit>): Promise<Exit> {
  try {
    return await work(await existingStore());
  } finally {
    await closeStore();
  }
}

/** `sluice journal query`: the newest rows that fit, oldest first. */
export function queryJournal(terminal: Terminal, options: QueryOptions): Promise<Exit> {
  return withStore(async (store) => {
    const { newestRows, committed } = library();
    const newest = await newestRows(committed(store), filterOf(options), options.limit);
    if (newest.length === 0) terminal.note('No row fits.');
    printRows(terminal, newest);
    return EXIT.ok;
  });
}

/** `sluice journal export`: all rows, one JSON object a line. */
export function exportJournal(terminal: Terminal, options: Omit<QueryOptions, 'limit'>): Promise<Exit> {
  return withStore(async (store) => {
    const { journalRows, committed } = library();
    for await (const row of journalRows(committed(store), filterOf(options))) {
      const room = process.stdout.write(`${JSON.stringify(row)}\n`);
      if (!room) await new Promise<void>((done) => process.stdout.once('drain', done));
    }
    return EXIT.ok;
  });
}

/** `sluice journal verify`. */
export function verifyJournalCommand(terminal: Terminal): Promise<Exit> {
  return withStore(async (store) => {
    const { verifyJournal, committed } = library();
    const report = await verifyJournal(committed(store));
    if (terminal.json) terminal.object(report);
    else {
      for (const { class: kind, seq, message, known } of report.faults) {
        for (const line of terminal.table([[kind, String(seq), `${message}${known ? ' This is on record.' : ''}`]])) terminal.out(line);
      }
      if (report.ok)
        terminal.out(
          `${report.rows} rows: ${report.faults.length === 0 ? 'none was changed, none is missing' : 'no damage but what is on record'}.`,
        );
    }
    if (report.ok) return EXIT.ok;
    if (!terminal.json) {
      terminal.error(
        new SluiceError('JOURNAL_BROKEN', `The journal is damaged in ${report.faults.filter(({ known }) => !known).length} places.`, {
          hint: 'Compare it with a copy; `sluice journal reconcile --repair` puts the damage on record.',
        }),
      );
    }
    return EXIT.failed;
  });
}

/** `sluice journal reconcile`: what is wrong, and with --repair the rows that set it right. */
export function reconcileJournal(
  terminal: Terminal,
  options: { readonly repair?: true; readonly plan?: true; readonly actor?: string },
): Promise<Exit> {
  if (options.repair === true && options.plan === true)
    throw usage('--plan writes nothing and --repair does: give one of them.', 'Look at the plan first.');
  return withStore(async (store) => {
    const { reconcile } = library();
    const repair = options.repair === true;
    const report = await reconcile(store, store.journal, { repair, actor: options.actor ?? `user:${process.env['USER'] ?? 'unknown'}` });
    const well = report.findings.length === 0 || (repair && report.left.length === 0);
    if (terminal.json) terminal.object({ ok: well, ...report });
    else printFindings(terminal, report.findings, repair);
    for (const { finding, message } of report.left) terminal.note(`${finding.machine} ${finding.entity} is left as it is: ${message}`);
    if (!terminal.json && repair && report.findings.length > 0) terminal.out(`${report.appended} rows were appended; nothing was deleted.`);
    return well ? EXIT.ok : EXIT.failed;
  });
}

function printFindings(terminal: Terminal, findings: readonly Finding[], repaired: boolean): void {
  if (findings.length === 0) return terminal.out('Everything is as the journal says, and nothing is stuck.');
  for (const { class: kind, machine, entity, message, repair } of findings) {
    terminal.out(plain(`${kind}  ${machine} ${entity}`));
    for (const line of terminal.table([
      ['  ', message],
      ['  ', `${repaired ? 'Done:' : 'A repair:'} ${repair}`],
    ]))
      terminal.out(line);
  }
  if (!repaired) terminal.note(`${findings.length} found; nothing was written. --repair does what is said here.`);
}

function filterOf({ since, until, limit: _, ...same }: Partial<QueryOptions>): JournalFilter {
  const from = since === undefined ? {} : { since: moment(since, '--since') };
  return { ...same, ...from, ...(until === undefined ? {} : { until: moment(until, '--until') }) };
}

/** A time as ISO-8601, or how long ago. */
function moment(text: string, option: string): number {
  const ago = parseDuration(text);
  if (ago !== undefined) return Date.now() - ago;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw usage(`${option} ${text} is no time.`, 'Write 2026-11-21T14:00:00Z, or how long ago: 10m, 2h, 7d.');
  return at;
}

/** Time, what it is, from where to where, and why. */
export function printRows(terminal: Terminal, rows: readonly JournalRow[]): void {
  if (terminal.json) return rows.forEach((row) => terminal.object(row));
  const cells = rows.map(({ seq, at, machine, entity, from_state, to_state, reason, actor }) => [
    String(seq),
    new Date(at).toISOString().slice(11, 19),
    machine,
    from_state === null ? to_state : `${from_state}>${to_state}`,
    plain(`${entity}${actor === 'runtime' ? '' : ` by ${actor}`}${reason === null ? '' : `: ${reason}`}`),
  ]);
  for (const line of terminal.table(cells)) terminal.out(line);
}
