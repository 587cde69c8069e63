import { SHAPES, flag, shape, text, whole } from '@sluice/control/schemas';
import { AuditLog, type AuditQuery, type AuditRecord } from '@sluice/control';
import { SluiceError } from '@sluice/sdk/catalogue';
import { join } from 'node:path';
import { EXIT, type Exit } from '../exit';
import { onSignals } from '../signals';
import type { Terminal } from '../terminal';
import { eachLine, type Outputs } from '../outputs';

export const OUTPUTS: Outputs = {
  'audit tail': eachLine(SHAPES.AuditRecord),
  'audit verify': shape({ ok: flag, records: whole, files: whole, torn: whole, 'fault?': text }),
};

interface Options {
  readonly state: string;
}

const FOLLOW_MS = 500;
const logOf = ({ state }: Options): AuditLog => new AuditLog(join(state, 'audit', 'control.jsonl'));

/** `sluice audit tail`. */
export async function tailAudit(terminal: Terminal, options: Options & AuditQuery & { readonly follow?: true }): Promise<Exit> {
  const log = logOf(options);
  const { limit = 20, action, status } = options;
  const query: AuditQuery = { limit, ...(action === undefined ? {} : { action }), ...(status === undefined ? {} : { status }) };
  const seen = log.tail(query);
  if (seen.length === 0 && options.follow !== true) terminal.note('Nothing was recorded yet.');
  print(terminal, seen);
  if (options.follow !== true) return EXIT.ok;
  let last = seen.at(-1)?.event_id;
  await new Promise<void>((done) => {
    const look = setInterval(() => {
      const all = log.tail({ ...query, limit: 1000 });
      const fresh = all.slice(all.findIndex(({ event_id }) => event_id === last) + 1);
      print(terminal, fresh);
      last = fresh.at(-1)?.event_id ?? last;
    }, FOLLOW_MS);
    const forget = onSignals(
      () => {
        clearInterval(look);
        forget();
        done();
      },
      () => undefined,
    );
  });
  return EXIT.ok;
}

/** `sluice audit verify`. */
export async function verifyAudit(terminal: Terminal, options: Options): Promise<Exit> {
  const verdict = logOf(options).verify();
  const { ok, records, files, torn, fault } = verdict;
  if (terminal.json) terminal.object(verdict);
  else if (ok) terminal.out(`${records} records in ${files} ${files === 1 ? 'file' : 'files'}: none was changed, none is missing.`);
  else terminal.error(new SluiceError('AUDIT_DAMAGED', fault ?? '', { hint: 'Compare it with a copy from elsewhere.' }));
  if (torn > 0) terminal.note(`${torn} ${torn === 1 ? 'line was' : 'lines were'} cut off by a crash; the chain goes on behind.`);
  return ok ? EXIT.ok : EXIT.failed;
}

function print(terminal: Terminal, records: readonly AuditRecord[]): void {
  if (terminal.json) return records.forEach((record) => terminal.object(record));
  const rows = records.map(({ ts, status, action, target, actor, reason }) => [
    ts.slice(5, 19).replace('T', ' '),
    status,
    action,
    actor,
    `${target}${reason === 'ok' ? '' : ` (${reason})`}`,
  ]);
  for (const row of terminal.table(rows)) terminal.out(row);
}
