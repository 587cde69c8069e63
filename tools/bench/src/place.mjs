// Where and on what it is measured.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export function machine() {
  const [{ model }] = cpus();
  return `${cpus().length} x ${model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}, Node ${process.versions.node}`;
}

/** Short hash; with a `+` where the tree has changes. */
export function commit() {
  try {
    const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', 'libs', 'plugins', 'apps') === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
}

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) latest = Math.max(latest, newest(path));
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts')) latest = Math.max(latest, statSync(path).mtimeMs);
  }
  return latest;
}

/** Packages whose build is missing or older than their sources. What is measured is the build; the command too runs its sources where one is. */
export function stale() {
  const libs = ['sdk', 'graph', 'runtime', 'store', 'control'].map((name) => `libs/${name}`);
  const plugins = readdirSync(join(ROOT, 'plugins')).map((name) => `plugins/${name}`);
  return [...libs, ...plugins, 'apps/cli'].filter((name) => {
    const folder = join(ROOT, name);
    if (!existsSync(join(folder, 'src')) || !existsSync(join(folder, 'tsconfig.json'))) return false;
    const stamp = join(folder, 'tsconfig.tsbuildinfo');
    return !existsSync(stamp) || !existsSync(join(folder, 'dist')) || newest(join(folder, 'src')) > statSync(stamp).mtimeMs;
  });
}

/** Builds what is stale. @returns what tsc said where it failed */
export function build(packages) {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-b', ...packages], { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? undefined : stdout;
}
