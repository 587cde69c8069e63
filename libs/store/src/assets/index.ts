export {
  assetRoot,
  AssetStore,
  type AssetProgress,
  type AssetState,
  type AssetStatus,
  type AssetStoreOptions,
  type StageOptions,
  type StageResult,
} from './asset-store';
export { loadLock, type Asset, type AssetLock, type AssetOrigin } from './lock';
export { findNpm, type NpmCommand } from './npm';
