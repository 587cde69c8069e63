import type { Plugin } from '@sluice/sdk';
import type { Catalogue } from '@sluice/sdk/catalogue';
import { readFileSync } from 'node:fs';

/* eslint-disable @typescript-eslint/no-require-imports -- a plugin's code is loaded only where a graph runs that uses it */

/** The plugins that come with the command: name of the pack, package, and what it exports. */
const BUNDLED: Readonly<Record<string, { readonly from: string; readonly load: () => Plugin }>> = {
  core: { from: '@sluice/plugin-core', load: () => (require('@sluice/plugin-core') as typeof import('@sluice/plugin-core')).core },
  io: { from: '@sluice/plugin-io', load: () => (require('@sluice/plugin-io') as typeof import('@sluice/plugin-io')).io },
  vision: {
    from: '@sluice/plugin-vision',
    load: () => (require('@sluice/plugin-vision') as typeof import('@sluice/plugin-vision')).vision,
  },
};

/** The code of the plugins that have these node types. */
export function loadPlugins(types: Iterable<string>): readonly Plugin[] {
  const packs = new Set([...types].map((type) => type.slice(0, type.indexOf('/'))));
  return Object.entries(BUNDLED)
    .filter(([name]) => packs.has(name))
    .map(([, plugin]) => plugin.load());
}

/** What all bundled plugins declare, as data: from the files that their builds wrote; from sources, from their code. */
export function catalogues(): readonly Catalogue[] {
  return Object.values(BUNDLED).map(({ from, load }) => fromBuild(from) ?? fromCode(load()));
}

function fromBuild(from: string): Catalogue | undefined {
  // Sources may say more than the last build.
  if (!__filename.endsWith('.js')) return undefined;
  try {
    return JSON.parse(readFileSync(require.resolve(`${from}/catalogue`), 'utf8')) as Catalogue;
  } catch {
    return undefined;
  }
}

function fromCode(plugin: Plugin): Catalogue {
  return (require('@sluice/sdk') as typeof import('@sluice/sdk')).catalogueOf(plugin);
}
