import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Place } from './files';
import { ScaffoldError } from './names';

/** A folder on the disk. */
export function onDisk(root: string): Place {
  return {
    read: (path) => reached(join(root, path), (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined)),
    write: (path, text) =>
      reached(join(root, path), (file) => {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }),
  };
}

/** @throws ScaffoldError where the disk does not let it: a file where a folder should be, no right to write */
function reached<V>(file: string, work: (file: string) => V): V {
  try {
    return work(file);
  } catch (error) {
    throw new ScaffoldError(`${file} cannot be written: ${(error as Error).message}.`, 'Choose another folder with --directory.');
  }
}

/** What a plugin's author imports and runs, and what that needs; plugins that come with the command are found by their name. */
const NEEDED = ['sdk', 'graph', 'runtime', 'store', 'control', 'testing', 'nx', 'cli'].map((name) => `@sluice/${name}`);
const HOW = 'Pack them in a clone of Sluice: npm run build && npm pack --workspaces --pack-destination <folder>.';

/**
 * Packed packages of Sluice, as npm takes them from another folder: `file:../packed/sluice-sdk-0.1.0.tgz`, by package. Nothing of Sluice
 * is published, so a bare name would be whoever has taken it.
 * @param folder of the packed packages; without it the one that the project here has its command from
 * @param from the folder of the package that is to use them
 * @throws ScaffoldError where one is missing
 */
export function tarballs(folder: string | undefined, from: string): Readonly<Record<string, string>> {
  const packed = folder === undefined ? packedFor(process.cwd()) : resolve(folder);
  if (packed === undefined)
    throw new ScaffoldError(
      'The packages of Sluice are not published, and where they are packed is not known.',
      `Say it with --packed <folder>. ${HOW}`,
    );
  const files = existsSync(packed) ? readdirSync(packed) : [];
  const found = files.flatMap((file) => {
    const [, name] = /^sluice-(.+?)-\d+\.\d+\.\d+.*\.tgz$/.exec(file) ?? [];
    return name === undefined ? [] : [[`@sluice/${name}`, `file:${relative(from, join(packed, file)).replaceAll('\\', '/')}`] as const];
  });
  const missing = NEEDED.filter((needed) => !found.some(([name]) => name === needed));
  if (missing.length > 0) throw new ScaffoldError(`${packed} has no packed ${missing.join(', ')}.`, HOW);
  return Object.fromEntries(found.filter(([name]) => NEEDED.includes(name) || name.startsWith('@sluice/plugin-')));
}

/** Where the nearest package.json has `@sluice/cli` from, if from a packed one. */
function packedFor(folder: string): string | undefined {
  const file = join(folder, 'package.json');
  if (existsSync(file)) {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string> | undefined>;
    const [, path] = /^file:(.+\.tgz)$/.exec({ ...dependencies, ...devDependencies }['@sluice/cli'] ?? '') ?? [];
    if (path !== undefined) return dirname(resolve(folder, path));
  }
  return dirname(folder) === folder ? undefined : packedFor(dirname(folder));
}
