import type { Command } from 'commander';
import type { Act, Add } from './program';
import { atServer } from './servers';
import { lazy } from './lazy';

type Count = (name: string) => (value: string) => number;

/** `sluice journal`: the log of all durable changes. */
export function addJournal(journal: Command, add: Add, act: Act, count: Count): void {
  const load = () => lazy('./commands/journal');
  const filtered = (command: Command): Command =>
    command
      .option('--machine <type>', 'run, node_run, timer ...')
      .option('--entity <id>', 'one thing')
      .option('--run <id>', 'what belongs to a run')
      .option('--actor <name>', 'who did it')
      .option('--to <state>', 'the state that was entered')
      .option('--since <time>', 'from then on: ISO-8601, or how long ago, such as 2h')
      .option('--until <time>', 'before then')
      .option('--after <seq>', 'rows behind this one', count('--after'));
  act(
    filtered(
      add(journal, 'query', 'The newest rows that fit.', 'journal query --machine run --since 1d', 'journal query --entity order-7 --json'),
    ).option('--limit <n>', 'how many', count('--limit'), 20),
    () => load().queryJournal,
  );
  act(
    filtered(add(journal, 'export', 'All rows as JSON lines.', 'journal export > journal.jsonl', 'journal export --run orders-1')),
    () => load().exportJournal,
  );
  act(add(journal, 'verify', 'Whether a row was changed or is missing.', 'journal verify'), () => load().verifyJournalCommand);
  act(
    add(
      journal,
      'reconcile',
      'Compare durable things with their journal; find what is stuck.',
      'journal reconcile --plan',
      'journal reconcile --repair --actor anna',
    )
      .option('--plan', 'say what a repair would do (the default)')
      .option('--repair', 'append what sets it right; nothing is deleted')
      .option('--actor <name>', 'who repairs (default: the user of this machine)'),
    () => load().reconcileJournal,
  );
}

/**
 * `sluice runs`: runs that go, and what is on record.
 * @param kept adds a command that reads the store
 */
export function addRuns(runs: Command, add: Add, kept: Add, act: Act, count: Count): void {
  const load = () => lazy('./commands/runs');
  act(
    kept(runs, 'list', 'Runs on record, the newest last.', 'runs list --graph orders', 'runs list --state failed --json')
      .option('--state <state>', 'only those in this state')
      .option('--graph <name>', 'only those of this graph')
      .option('--limit <n>', 'how many', count('--limit'), 20),
    () => load().listRuns,
  );
  act(
    kept(runs, 'show', 'A run, its node runs, and what needs somebody.', 'runs show orders-mwq8k2-1').argument('<run>', 'its id'),
    () => load().showRun,
  );
  act(
    kept(runs, 'tail', 'What happens in a run.', 'runs tail orders-mwq8k2-1 --follow')
      .argument('[run]', 'its id (default: all runs)')
      .option('--limit <n>', 'how many rows at first', count('--limit'), 20)
      .option('--follow', 'go on with new ones'),
    () => load().tailRun,
  );
  const live = (name: string, summary: string, ...examples: string[]): Command =>
    atServer(add(runs, name, summary, ...examples).argument('<run>', 'its id, as `sluice top` shows it'));
  act(live('pause', 'Take nothing from the sources of a run that goes.', 'runs pause street-watch-1'), () => load().turnRun('pause'));
  act(live('resume', 'Take from them again.', 'runs resume street-watch-1'), () => load().turnRun('resume'));
  act(live('stop', 'Stop its sources, give what is under way two seconds, end it.', 'runs stop street-watch-1'), () =>
    load().endRun('stop'),
  );
  act(
    live(
      'cancel',
      'End a run, or one session or unit of it, at once.',
      'runs cancel street-watch-1',
      'runs cancel calls-1 --scope turn-7 --reason "hung up"',
    )
      .option('--scope <id>', 'a session or unit (default: the whole run)')
      .option('--reason <text>', 'why, for the record'),
    () => load().endRun('cancel'),
  );
  const decided = (command: Command): Command =>
    command
      .argument('<node-run>', 'its id, as `runs show` prints it')
      .option('--reason <text>', 'how that is known')
      .option('--actor <name>', 'who decides (default: the user of this machine)');
  act(
    decided(
      kept(runs, 'skip', 'An uncertain effect has happened: it is not done again.', 'runs skip orders/send/k1 --reason "seen in the bank"'),
    ),
    () => load().resolveNodeRun('succeeded'),
  );
  act(
    decided(
      kept(runs, 'retry', 'An uncertain effect has not happened: it may be done.', 'runs retry orders/send/k1 --reason "no trace of it"'),
    ),
    () => load().resolveNodeRun('failed'),
  );
}

/** `sluice actions`: what waits for a person; `runs skip` and `runs retry` decide. */
export function addActions(actions: Command, add: Add, act: Act, count: Count): void {
  act(
    add(
      actions,
      'list',
      'Effects of which only a person can say whether they happened, the longest waiting first.',
      'actions list',
      'actions list --run orders-1 --json',
    )
      .option('--run <id>', 'only of this run')
      .option('--after <place>', 'those behind this place: `next` of the page before')
      .option('--limit <n>', 'how many', count('--limit'), 20),
    () => lazy('./commands/actions').listActions,
  );
}
