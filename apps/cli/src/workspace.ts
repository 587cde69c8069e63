import type { Workspace } from '@sluice/control';
import type { Log } from '@sluice/sdk';
import { resolve } from 'node:path';
import { assetPath, assets } from './assets';
import { findings, TOPICS } from './commands/doctor';
import { engineFor } from './engine';
import { catalogues } from './plugins';
import { presets } from './presets';
import { secretOf } from './secrets';
import { presentStore } from './store';

/** What the server works on: a folder of graphs, and the plugins, assets and secrets of this command. */
export function workspaceOf(graphs: string, state: string, log: Log): Workspace {
  return {
    graphs: resolve(graphs),
    state: resolve(state),
    catalogues,
    env: process.env,
    secret: secretOf,
    asset: assetPath,
    engine: (plan) => engineFor(plan, log),
    assets,
    store: presentStore,
    presets: () => presets(undefined, graphs),
    topics: TOPICS,
    doctor: (topic) => findings({ ...(topic === undefined ? {} : { for: topic }) }),
  };
}
