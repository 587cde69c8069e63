import { nodeRunParts, list, ok, ref } from '@sluice/control/schemas';
import type { JournalRow } from '@sluice/store';
import { EXIT, type Exit } from '../exit';
import { ask, ended, theServer, type Job, type ServerChoice } from '../servers';
import { onSignals } from '../signals';
import { plain, type Terminal } from '../terminal';
import { printRows, ROW, withStore } from './journal';
import { lazy } from '../lazy';
import { type Outputs } from '../outputs';

const changedRun = ok({ run: ref('Run') });
const endedRun = ok({ job: ref('Job') });
const decided = ok({ node_run: ref('Entity') });

export const OUTPUTS: Outputs = {
  'runs list': ok({ runs: list(ref('RecordedRun')) }),
  'runs show': ok({ run: ref('Entity'), ...nodeRunParts }),
  'runs tail': ROW,
  'runs pause': changedRun,
  'runs resume': changedRun,
  'runs stop': endedRun,
  'runs cancel': endedRun,
  'runs skip': decided,
  'runs retry': decided,
};

const library = () => lazy('@sluice/store');
const TAIL_MS = 500;

/** `sluice runs list`: the runs on record, newest last. */
export function listRuns(
  terminal: Terminal,
  options: { readonly state?: string; readonly graph?: string; readonly limit: number },
): Promise<Exit> {
  return withStore(async (store) => {
    const runs = await library().runsOnRecord(store, options);
    if (terminal.json) {
      terminal.object({ ok: true, runs });
      return EXIT.ok;
    }
    if (runs.length === 0) terminal.note('No run is on record: only those are with a node whose durability is not none.');
    const cells = runs.map(({ id, state, at, status, reasons }) => [
      new Date(at).toISOString().slice(0, 19).replace('T', ' '),
      state,
      status ?? '',
      plain(`${id}${reasons === undefined ? '' : `: ${reasons.join('; ')}`}`),
    ]);
    for (const line of terminal.table(cells)) terminal.out(line);
    return EXIT.ok;
  });
}

/** `sluice runs show`: a run, how its node runs ended, and those that need somebody. */
export function showRun(terminal: Terminal, id: string): Promise<Exit> {
  return withStore(async (store) => {
    const known = await library().runOnRecord(store, id);
    const { run, node_runs, open } = known;
    if (terminal.json) {
      terminal.object({ ok: true, ...known });
      return EXIT.ok;
    }
    const { graph, status } = run.data as { graph: string; status?: string };
    terminal.out(`${id}  ${run.state}${status === undefined ? '' : `, ${status}`}  (graph ${graph})`);
    for (const line of terminal.table(node_runs.map(({ node, state, n }) => [`  ${node}`, state, String(n)]))) terminal.out(line);
    for (const { id: node, state } of open) terminal.out(plain(`  ${state}: ${node}`));
    if (open.some(({ state }) => state === 'uncertain')) {
      terminal.note(
        'uncertain: find out whether its effect happened, then `sluice runs skip <id>` if it did, `sluice runs retry <id>` if not.',
      );
    }
    return EXIT.ok;
  });
}

/** `sluice runs tail`: what happens in a run, as it happens. */
export function tailRun(
  terminal: Terminal,
  id: string | undefined,
  options: { readonly follow?: true; readonly limit: number },
): Promise<Exit> {
  return withStore(async (store) => {
    if (id !== undefined) await library().runOnRecord(store, id);
    const { journalRows, committed } = library();
    let after = 0;
    const fresh = async (): Promise<readonly JournalRow[]> => {
      const rows: JournalRow[] = [];
      for await (const row of journalRows(committed(store), { after, ...(id === undefined ? {} : { run: id }) })) rows.push(row);
      after = rows.at(-1)?.seq ?? after;
      return rows;
    };
    printRows(terminal, (await fresh()).slice(-options.limit));
    if (options.follow !== true) return EXIT.ok;
    let over = false;
    const forget = onSignals(
      () => (over = true),
      () => undefined,
    );
    while (!over) {
      await new Promise((resolve) => setTimeout(resolve, TAIL_MS));
      printRows(terminal, await fresh());
    }
    forget();
    return EXIT.ok;
  });
}

/** `sluice runs pause|resume`: a run of a server that goes. */
export function turnRun(name: 'pause' | 'resume') {
  return async (terminal: Terminal, run: string, options: ServerChoice): Promise<Exit> => {
    const answer = await ask<{ run: { readonly state: string } }>(theServer(options), `${pathOf(run)}/${name}`, 'POST');
    if (terminal.json) terminal.object(answer);
    else terminal.out(name === 'pause' ? `${run} takes nothing from its sources until \`sluice runs resume ${run}\`.` : `${run} goes on.`);
    return EXIT.ok;
  };
}

interface Ended {
  readonly report?: { readonly status: string; readonly reasons: readonly string[] };
}

/** `sluice runs stop|cancel`: the same, and waits until it has ended. */
export function endRun(name: 'stop' | 'cancel') {
  return async (
    terminal: Terminal,
    run: string,
    options: ServerChoice & { readonly scope?: string; readonly reason?: string },
  ): Promise<Exit> => {
    const server = theServer(options);
    const { scope, reason } = options;
    const begun = await ask<{ job: Job<Ended> }>(server, `${pathOf(run)}/${name}`, 'POST', name === 'cancel' ? { scope, reason } : {});
    const job = await ended(server, begun.job);
    if (terminal.json) terminal.object({ ok: true, job });
    else {
      const { status, reasons = [] } = job.result?.report ?? {};
      terminal.out(`${scope === undefined ? run : `${scope} of ${run}`} has ended${status === undefined ? '' : ` (${status})`}.`);
      for (const why of reasons) terminal.note(`  ${why}`);
    }
    return EXIT.ok;
  };
}

const pathOf = (run: string): string => `/api/v1/runs/${encodeURIComponent(run)}`;

/** `sluice runs skip|retry`: a person decides about an effect of which nobody knew whether it happened. */
export function resolveNodeRun(to: 'succeeded' | 'failed') {
  return (terminal: Terminal, id: string, options: { readonly reason?: string; readonly actor?: string }): Promise<Exit> =>
    withStore(async (store) => {
      const { actor = `user:${process.env['USER'] ?? 'unknown'}`, reason } = options;
      const now = await library().decideAction(store, id, to === 'succeeded', { actor, reason });
      if (terminal.json) terminal.object({ ok: true, node_run: now });
      else terminal.out(`${id} is ${now.state}${to === 'failed' ? ': when its packet comes again, it is tried again' : ''}.`);
      return EXIT.ok;
    });
}
