import type { AssetStore } from '@sluice/store/assets';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { lazy } from './lazy';

const LOCK = 'assets.lock.yaml';
let store: AssetStore | undefined;

/** The lock file of the working folder, else of the workspace that this command is part of, else the one that it was packed with. */
function lockFile(): string {
  const own = resolve(LOCK);
  return [own, resolve(__dirname, '..', '..', '..', LOCK), join(__dirname, LOCK)].find((file) => existsSync(file)) ?? own;
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
