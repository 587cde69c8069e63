import type { CheckOptions, Plan } from '@sluice/graph';
import type { Engine } from '@sluice/runtime';
import type { Store } from '@sluice/store';
import type { AssetStore } from '@sluice/store/assets';
import type { Catalogue } from '@sluice/sdk/catalogue';

/** What a doctor found. */
export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'failed';
  /** What was found, or the cause. */
  readonly message: string;
  /** What to do. */
  readonly fix?: string;
}

/** What the server works on: the graphs of a folder, and what the program around it knows. */
export interface Workspace {
  /** Folder of the graphs; nothing outside of it is read or written by name. */
  readonly graphs: string;
  /** Folder of what Sluice keeps for itself: versions, tokens, audit. Usually `.sluice`. */
  readonly state: string;
  catalogues(): readonly Catalogue[];
  readonly env?: CheckOptions['env'];
  readonly secret?: CheckOptions['secret'];
  readonly asset?: CheckOptions['asset'];
  /** An engine that has the node types of a plan. The server closes it when the run is over. */
  engine(plan: Plan): Engine;
  /** The assets of the lock file. @throws SluiceError ASSET_LOCK_NOT_FOUND */
  assets?(): AssetStore;
  /** Queues, journal and records; nothing where nothing was stored yet. The server does not close it. */
  store?(): Promise<Store | undefined>;
  /** Topics that `doctor` knows. */
  readonly topics?: readonly string[];
  doctor?(topic: string | undefined): Promise<readonly Finding[]>;
}
