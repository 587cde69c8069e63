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

/** A named graph with parameters. */
export interface Preset {
  readonly name: string;
  readonly description: string;
  /** File of its graph; it need not be in the folder of graphs. */
  readonly graph: string;
  /** What the graph declares; `default` is what holds where nothing is given. */
  readonly params: readonly PresetParam[];
  /** Values that it gives to parameters. */
  readonly set: Readonly<Record<string, unknown>>;
  /** Assets that it needs. */
  readonly assets: readonly string[];
}

/** A parameter of a preset: what the graph declares, and the value that the preset gives it. */
export interface PresetParam {
  readonly name: string;
  readonly type: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly secret?: boolean;
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
  /** Those that can run here. */
  presets?(): readonly Preset[];
  /** Topics that `doctor` knows. */
  readonly topics?: readonly string[];
  doctor?(topic: string | undefined): Promise<readonly Finding[]>;
}
