import type { Command } from 'commander';
import type { Act, Add } from './program';
import { lazy } from './lazy';

type Count = (name: string) => (value: string) => number;

/** `sluice artifacts`: results that nodes keep in the store. */
export function addArtifacts(artifacts: Command, add: Add, act: Act, count: Count): void {
  const load = () => lazy('./commands/artifacts');
  act(
    add(
      artifacts,
      'list',
      'What is kept, the newest last.',
      'artifacts list --schema report',
      'artifacts list --run orders-mwq8k2-1 --json',
    )
      .option('--schema <name>', 'only of this schema: report@1, or report for all its versions')
      .option('--graph <name>', 'only of this graph')
      .option('--node <id>', 'only of this node')
      .option('--run <id>', 'only what this run kept')
      .option('--limit <n>', 'how many', count('--limit'), 20),
    () => load().listArtifacts,
  );
  act(
    add(
      artifacts,
      'show',
      'An artifact: where it comes from, and what is in it.',
      'artifacts show 3f9a1c20',
      'artifacts show 3f9a1c20 --out report.json',
    )
      .argument('<id>', 'its id, or as much of it as only one has')
      .option('--out <file>', 'write its bytes there; - is stdout'),
    () => load().showArtifact,
  );
  act(add(artifacts, 'gc', 'Delete what is past its time, and bytes that nobody needs.', 'artifacts gc'), () => load().collectArtifacts);
}
