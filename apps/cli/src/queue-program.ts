import { Option, type Command } from 'commander';
import type { Act, Add } from './program';
import { withState } from './servers';
import { lazy } from './lazy';

type Count = (name: string) => (value: string) => number;

/** `sluice queue`: what waits in durable edges and named queues. */
export function addQueue(queue: Command, add: Add, act: Act, count: Count): void {
  const load = () => lazy('./commands/queue');
  const selected = (command: Command): Command =>
    command
      .argument('<queue>', 'its name; that of a durable edge is <graph>/<edge>')
      .addOption(
        new Option('--row <n>', 'a row by its number; may be given several times')
          .argParser((value: string, all: readonly string[]) => [...all, value])
          .default([], 'none'),
      )
      .option('--key <key>', 'rows of this key')
      .addOption(new Option('--state <state>', 'rows in this state').choices(['waiting', 'retrying', 'parked', 'dead']));
  act(
    add(queue, 'list', 'What waits, how old it is, and what needs you.', 'queue list', 'queue list --json'),
    () => load().listQueuesCommand,
  );
  act(
    selected(
      add(
        queue,
        'peek',
        'The first rows, and why they wait; takes nothing.',
        'queue peek orders',
        'queue peek orders --state dead --limit 5',
      ),
    )
      .option('--after <n>', 'rows behind this one', count('--after'))
      .option('--limit <n>', 'how many', count('--limit'), 10),
    () => load().peekQueue,
  );
  act(
    selected(
      add(queue, 'retry', 'Try dead letters again, or rows that wait for it, now.', 'queue retry orders', 'queue retry orders --row 17'),
    ),
    () => load().retryQueue,
  );
  act(
    selected(add(queue, 'drop', 'Delete rows.', 'queue drop orders --row 17', 'queue drop orders --state dead')).option(
      '--all',
      'all rows',
    ),
    () => load().dropQueue,
  );
  act(withState(add(queue, 'verify', 'Whether all rows are what was written.', 'queue verify')), () => load().verifyQueuesCommand);
  act(
    withState(
      add(queue, 'repair', 'Save what is whole; a damaged file is kept as it is.', 'queue repair', 'queue repair --out saved.db'),
    ).option('--out <file>', 'the new file (default: <store>.repaired)'),
    () => load().repairQueuesCommand,
  );
  act(withState(add(queue, 'compact', 'Give space back to the disk.', 'queue compact')), () => load().compactQueues);
}
