// Peers that are too large to be a dependency: installed beside the tree, and only when asked for.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const PEERS = {
  // The newest line that runs on Node 20.
  'node-red': { 'node-red': '4.1.15' },
  bullmq: { bullmq: '6.7.0', ioredis: '5.11.1' },
  jetstream: { '@nats-io/jetstream': '3.4.0', '@nats-io/transport-node': '3.4.0' },
};

/** @returns the folder of each peer, by its name @throws Error where npm cannot get one */
export function installPeers(say) {
  return Object.fromEntries(Object.entries(PEERS).map(([name, packages]) => [name, install(name, packages, say)]));
}

function install(name, packages, say) {
  const [version] = Object.values(packages);
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sluice-bench', `${name}-${version}`);
  if (Object.keys(packages).every((one) => existsSync(join(folder, 'node_modules', one, 'package.json')))) return folder;
  say(`installing ${name} ${version} into ${folder}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ private: true, dependencies: packages })}\n`);
  const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--omit=optional'], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm could not install ${name}: ${stderr.trim().split('\n').at(-1)}`);
  return folder;
}
