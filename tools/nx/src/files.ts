import { ScaffoldError } from './names';

/** Files by path with `/`, from the root: a folder on the disk, or Nx's tree. */
export interface Place {
  /** Undefined where there is no such file. */
  read(path: string): string | undefined;
  write(path: string, text: string): void;
}

/** A file that is made whole, or a change of one that belongs to somebody. */
export type Wanted =
  | { readonly path: string; readonly text: string; /** Left as it is where there is one already. */ readonly keep?: true }
  | { readonly path: string; readonly edit: (before: string) => string };

export interface Written {
  readonly path: string;
  readonly state: 'created' | 'changed' | 'unchanged';
}

/**
 * Writes all of them, or none: where a file is there already with another text, every such file is named. A second time nothing changes.
 * @throws ScaffoldError
 */
export function deliver(place: Place, wanted: readonly Wanted[], dryRun = false): readonly Written[] {
  const conflicts: string[] = [];
  const made = wanted.map((one): Written & { readonly text: string } => {
    const before = place.read(one.path)?.replaceAll('\r\n', '\n');
    if ('edit' in one) {
      if (before === undefined)
        throw new ScaffoldError(`There is no ${one.path}.`, 'Run this at the root of the workspace, or name the right plugin.');
      const text = one.edit(before);
      return { path: one.path, state: text === before ? 'unchanged' : 'changed', text };
    }
    if (before === undefined) return { path: one.path, state: 'created', text: one.text };
    if (before !== one.text && one.keep !== true) conflicts.push(one.path);
    return { path: one.path, state: 'unchanged', text: before };
  });
  if (conflicts.length > 0) {
    throw new ScaffoldError(
      `${conflicts.length === 1 ? 'A file is' : `${conflicts.length} files are`} there already, with other text; nothing was written:\n${conflicts.map((path) => `  ${path}`).join('\n')}`,
      'Choose another name, or move them away. A node is added to a plugin with the generator `node`.',
    );
  }
  if (!dryRun) for (const { path, state, text } of made) if (state !== 'unchanged') place.write(path, text);
  return made.map(({ path, state }) => ({ path, state }));
}
