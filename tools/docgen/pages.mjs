// Writes generated pages, or with --check says which of those that are there are out of date.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * @param pages text by path from the root
 * @param folder whose other pages are left from earlier and go
 * @param faults what else is wrong, a sentence each
 * @param command how to write them
 */
export function deliver(pages, { folder, faults = [], command }) {
  const check = process.argv.includes('--check');
  const stale = [...pages]
    .filter(([path, text]) => !existsSync(join(ROOT, path)) || readFileSync(join(ROOT, path), 'utf8') !== text)
    .map(([path]) => path);
  const there =
    folder !== undefined && existsSync(join(ROOT, folder)) ? readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`) : [];
  const left = there.filter((path) => !pages.has(path));
  if (check) {
    const said = [
      ...faults,
      ...stale.map((path) => `${path} is out of date: ${command}`),
      ...left.map((path) => `${path} belongs to nothing: ${command}`),
    ];
    for (const line of said) console.error(line);
    process.exitCode = said.length === 0 ? 0 : 1;
    return;
  }
  for (const line of faults) console.error(line);
  for (const path of left) rmSync(join(ROOT, path));
  for (const path of stale) {
    mkdirSync(join(ROOT, dirname(path)), { recursive: true });
    writeFileSync(join(ROOT, path), pages.get(path));
  }
  console.log(`${pages.size} pages, ${stale.length} written, ${left.length} removed`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

/** Text for a cell of a Markdown table. */
export function cell(text) {
  return String(text)
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ');
}

/** Sources of the packages, tests left out, as [path, text]. */
export function* sources() {
  for (const group of ['libs', 'plugins', 'apps']) {
    for (const entry of readdirSync(join(ROOT, group), { recursive: true, withFileTypes: true })) {
      const path = relative(ROOT, join(entry.parentPath ?? entry.path, entry.name)).replaceAll('\\', '/');
      const ours =
        /^\w+\/[\w-]+\/(src|bin)\/.+\.(ts|js)$/.test(path) &&
        !/\.spec\.|\/(test|testing|node_modules)\//.test(path.replace(/^libs\/testing/, 'libs'));
      if (ours) yield [path, readFileSync(join(ROOT, path), 'utf8')];
    }
  }
}
