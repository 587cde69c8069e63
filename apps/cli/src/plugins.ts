import type { Plugin } from '@sluice/sdk';
import { SluiceError, type Catalogue } from '@sluice/sdk/catalogue';
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { allows, readConfig, type PluginRequest } from './config-file';
import { lazy } from './lazy';

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** A package with node types: what it declares is known, its code is loaded when a graph needs it. */
export interface Found {
  readonly package: string;
  readonly version: string;
  /** Comes with the command, or the project's configuration names it. */
  readonly from: 'bundled' | 'project';
  readonly folder: string;
  readonly catalogue: Catalogue;
  /** @throws SluiceError PLUGIN_FAILED */
  load(): Plugin;
}

/** A package that was asked for and is not there, not allowed, or broken; all else works without it. */
export interface Refused {
  readonly package: string;
  readonly error: SluiceError;
}

/** Set from the command line before a command begins. */
export const pluginPolicy: { allowAll: boolean; report: (refused: Refused) => void } = { allowAll: false, report: () => undefined };

const HERE = join(__dirname, '..', 'package.json');
let found: { readonly plugins: readonly Found[]; readonly refused: readonly Refused[] } | undefined;

/**
 * All plugins: those that come with the command (they are its dependencies), then those of `sluice.config.yaml`. Read once.
 * @throws SluiceError CONFIG_FILE_INVALID
 */
export function plugins(): NonNullable<typeof found> {
  if (found !== undefined) return found;
  const config = readConfig();
  const all: Found[] = [];
  const refused: Refused[] = [];
  const add = (request: PluginRequest, from: Found['from']): void => {
    try {
      if (from === 'project' && !pluginPolicy.allowAll && !allows(config.allowed, request.name)) throw notAllowed(request.name);
      const plugin = open(request, from, from === 'bundled' ? HERE : join(config.folder, 'package.json'));
      const twin = all.find(({ catalogue }) => catalogue.plugin === plugin.catalogue.plugin);
      // The same package named twice, or a bundled one named once more, is no conflict.
      if (twin?.package === plugin.package) return;
      if (twin !== undefined) throw conflict(plugin, twin);
      all.push(plugin);
    } catch (thrown) {
      const one = { package: request.name, error: SluiceError.from(thrown, 'PLUGIN_FAILED', { hint: 'Its own message says why.' }) };
      refused.push(one);
      pluginPolicy.report(one);
    }
  };
  for (const name of Object.keys(manifestAt(HERE).dependencies ?? {}))
    if (name.startsWith('@sluice/plugin-')) add({ name, range: undefined }, 'bundled');
  for (const request of config.plugins) add(request, 'project');
  return (found = { plugins: all, refused });
}

/** The code of the plugins that have these node types. @throws SluiceError PLUGIN_FAILED */
export function loadPlugins(types: Iterable<string>): readonly Plugin[] {
  const packs = new Set([...types].map((type) => type.slice(0, type.indexOf('/'))));
  return plugins()
    .plugins.filter(({ catalogue }) => packs.has(catalogue.plugin))
    .map((plugin) => plugin.load());
}

/** What all plugins declare, as data. */
export function catalogues(): readonly Catalogue[] {
  return plugins().plugins.map(({ catalogue }) => catalogue);
}

/** Finds a package and what it declares: from the file that its build wrote, so that nothing of it runs; else, and from sources, from its code. */
function open({ name, range }: PluginRequest, from: Found['from'], origin: string): Found {
  const require = createRequire(origin);
  const { folder, manifest } = packageOf(name, require);
  const version = manifest.version ?? '0.0.0';
  fits(name, manifest, range);
  const load = (): Plugin => loadFrom(name, require);
  return { package: name, version, from, folder, catalogue: fromBuild(name, from, require) ?? catalogueOf(load()), load };
}

/** Where a package is, and what its manifest says. @throws SluiceError PLUGIN_NOT_FOUND */
export function packageOf(name: string, require: NodeJS.Require): { readonly folder: string; readonly manifest: Manifest } {
  let path: string;
  try {
    path = require.resolve(`${name}/package.json`);
  } catch (error) {
    const hidden = (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
    throw new SluiceError('PLUGIN_NOT_FOUND', `The plugin ${name} ${hidden ? 'does not export its package.json' : 'is not installed'}.`, {
      hint: hidden ? 'Add "./package.json": "./package.json" to its `exports`.' : 'Run `npm install` where it is named.',
      cause: error,
    });
  }
  return { folder: dirname(realpathSync(path)), manifest: manifestAt(path) };
}

/** The plugin that a package exports. @throws SluiceError PLUGIN_FAILED where it throws, or does not export exactly one */
export function loadFrom(name: string, require: NodeJS.Require): Plugin {
  let exported: object;
  try {
    exported = require(name) as object;
  } catch (error) {
    throw new SluiceError('PLUGIN_FAILED', `The plugin ${name} threw while it was loaded: ${(error as Error).message}`, {
      hint: `See it with \`node -e "require('${name}')"\`; \`sluice plugins check ${name}\` says more.`,
      cause: error,
    });
  }
  const made = Object.values(exported).filter(isPlugin);
  if (made.length === 1) return made[0]!;
  throw new SluiceError('PLUGIN_FAILED', `The package ${name} exports ${made.length} plugins; a package has exactly one.`, {
    hint: 'Export one `definePlugin({ name, nodes })`.',
  });
}

function isPlugin(value: unknown): value is Plugin {
  const { name, nodes } = (value ?? {}) as Partial<Plugin>;
  return typeof name === 'string' && Array.isArray(nodes);
}

/** @throws SluiceError PLUGIN_VERSION where the package is not of the versions asked for, or wants another Sluice */
function fits(name: string, { version = '0.0.0', peerDependencies = {} }: Manifest, range: string | undefined): void {
  const wanted = peerDependencies['@sluice/sdk'];
  if (range === undefined && wanted === undefined) return;
  const { satisfies } = lazy('semver');
  const within = (one: string, of: string): boolean => satisfies(one, of, { includePrerelease: true });
  if (range !== undefined && !within(version, range)) {
    throw new SluiceError('PLUGIN_VERSION', `The plugin ${name} is of version ${version}, and sluice.config.yaml asks for ${range}.`, {
      hint: `Install ${name}@${range}, or change what is asked for.`,
    });
  }
  const own = manifestAt(require.resolve('@sluice/sdk/package.json')).version ?? '0.0.0';
  if (wanted !== undefined && !within(own, wanted)) {
    throw new SluiceError('PLUGIN_VERSION', `The plugin ${name} ${version} works with @sluice/sdk ${wanted}, and this is ${own}.`, {
      hint: 'Install a version of it that is made for this one.',
    });
  }
}

function notAllowed(name: string): SluiceError {
  return new SluiceError('PLUGIN_NOT_ALLOWED', `The plugin ${name} is not allowed here, so it was not loaded.`, {
    hint: `Add ${name}, or its scope, to \`allow_plugins\` in sluice.config.yaml. While developing, --allow-all-plugins lets all in.`,
  });
}

function conflict(plugin: Found, twin: Found): SluiceError {
  return new SluiceError('PLUGIN_CONFLICT', `${plugin.package} and ${twin.package} both have node types ${plugin.catalogue.plugin}/...`, {
    hint: 'Load one of the two.',
  });
}

function manifestAt(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}

function fromBuild(name: string, from: Found['from'], require: NodeJS.Require): Catalogue | undefined {
  // Sources of ours may say more than their last build.
  if (from === 'bundled' && !__filename.endsWith('.js')) return undefined;
  try {
    return JSON.parse(readFileSync(require.resolve(`${name}/catalogue`), 'utf8')) as Catalogue;
  } catch {
    return undefined;
  }
}

function catalogueOf(plugin: Plugin): Catalogue {
  return lazy('@sluice/sdk').catalogueOf(plugin);
}
