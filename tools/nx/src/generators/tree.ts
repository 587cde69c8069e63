import type { Tree } from '@nx/devkit';
import { isAbsolute, relative } from 'node:path';
import { deliver, type Place, type Wanted } from '../files';
import { ScaffoldError } from '../names';

/** Nx's tree of files: `--dry-run` shows what would be written. */
function placeOf(tree: Tree): Place {
  return {
    read: (path) => tree.read(path, 'utf8') ?? undefined,
    write: (path, text) => tree.write(path, text),
  };
}

/** Writes into the tree. */
export function generate(tree: Tree, make: () => readonly Wanted[]): void {
  briefly(() => {
    const written = deliver(placeOf(tree), make());
    if (written.every(({ state }) => state === 'unchanged')) console.log('All of it is there already; nothing has changed.');
  });
}

/** A fault is said in two sentences, without a stack. */
export function briefly(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ScaffoldError)) throw error;
    const said = new Error(`${error.message}\n  hint: ${error.hint}`);
    said.stack = '';
    throw said;
  }
}

/** A folder below the workspace, as the tree names it; undefined where it lies outside. */
export function inside(tree: Tree, directory: string): string | undefined {
  const path = (isAbsolute(directory) ? relative(tree.root, directory) : directory)
    .replaceAll('\\', '/')
    .replace(/^\.\//, '')
    .replace(/\/+$/, '');
  return path === '' || path.startsWith('..') ? undefined : path;
}
