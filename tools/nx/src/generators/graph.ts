import type { Tree } from '@nx/devkit';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { plainName, ScaffoldError } from '../names';
import { generate } from './tree';

export interface GraphSchema {
  readonly name: string;
  readonly preset?: string;
  readonly set?: readonly string[];
  readonly directory?: string;
}

/** `nx g graph <name>`: presets are checked and filled in by the command, which knows all node types; the files are Nx's to write. */
export function graphGenerator(tree: Tree, { name, preset = 'inproc-demo', set = [], directory = 'graphs' }: GraphSchema): () => void {
  generate(tree, () => {
    plainName('graph', name);
    const args = ['new', 'graph', name, '--preset', preset, '--directory', directory, '--print', ...set.flatMap((one) => ['--set', one])];
    const { status, stdout } = sluice(tree, args);
    if (status !== 0) throw new ScaffoldError('The graph was not made.', 'What is wrong is said above.');
    return [{ path: `${directory}/${name}.yaml`, text: stdout }];
  });
  return () => {
    // What the first line of the graph names.
    sluice(tree, ['schema', '--out', '.sluice']);
    console.log(['', 'Next:', `  npx nx run graph:run ${directory}/${name}.yaml`].join('\n'));
  };
}

const sluice = (tree: Tree, args: readonly string[]): { readonly status: number | null; readonly stdout: string } =>
  spawnSync(process.execPath, [join(tree.root, 'apps/cli/bin/sluice.js'), ...args], {
    cwd: tree.root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
