import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Place } from './files';
import { ScaffoldError } from './names';

/** A folder on the disk. */
export function onDisk(root: string): Place {
  return {
    read: (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined),
    write: (path, text) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
  };
}

/**
 * Packed packages of Sluice in a folder, as npm takes them from another: `file:../packed/sluice-sdk-0.1.0.tgz`, by package.
 * @throws ScaffoldError where there is none
 */
export function tarballs(folder: string, from: string): Readonly<Record<string, string>> {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const found = files.flatMap((file) => {
    const [, name] = /^sluice-(.+?)-\d+\.\d+\.\d+.*\.tgz$/.exec(file) ?? [];
    return name === undefined ? [] : [[`@sluice/${name}`, `file:${relative(from, join(folder, file)).replaceAll('\\', '/')}`] as const];
  });
  for (const needed of ['@sluice/sdk', '@sluice/testing', '@sluice/cli']) {
    if (!found.some(([name]) => name === needed))
      throw new ScaffoldError(
        `${folder} has no packed ${needed}.`,
        'Pack all of them in a clone of Sluice: npm run build && npm pack --workspaces --pack-destination <folder>.',
      );
  }
  return Object.fromEntries(found);
}
