// Peers that are too large to be a dependency: installed beside the tree, and only when asked for.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The newest line that runs on Node 20. */
const NODE_RED = '4.1.15';

/** @returns the folder that the peers are in @throws Error where npm cannot get them */
export function installPeers(say) {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sluice-bench', `node-red-${NODE_RED}`);
  if (existsSync(join(folder, 'node_modules', 'node-red', 'package.json'))) return folder;
  say(`installing node-red ${NODE_RED} into ${folder}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ private: true, dependencies: { 'node-red': NODE_RED } })}\n`);
  const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--omit=optional'], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm could not install node-red: ${stderr.trim().split('\n').at(-1)}`);
  return folder;
}
