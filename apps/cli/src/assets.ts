import type { AssetStore } from '@sluice/store/assets';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { lazy } from './lazy';

const LOCK = 'assets.lock.yaml';
let store: AssetStore | undefined;

/** The lock file of the working folder, else of the workspace that this command is part of. */
function lockFile(): string {
  const own = resolve(LOCK);
  const workspace = resolve(__dirname, '..', '..', '..', LOCK);
  return existsSync(own) || !existsSync(workspace) ? own : workspace;
}

/** The assets of the lock file, read when first asked for. @throws SluiceError ASSET_LOCK_NOT_FOUND, ASSET_LOCK_INVALID */
export function assets(): AssetStore {
  if (store !== undefined) return store;
  const { AssetStore, loadLock } = lazy('@sluice/store/assets');
  return (store = new AssetStore({ lock: loadLock(lockFile()) }));
}

/** Path of a staged or shipped asset; undefined where it is not there. */
export function assetPath(name: string): string | undefined {
  return existsSync(lockFile()) ? assets().path(name) : undefined;
}
