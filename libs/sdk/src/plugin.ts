import { SluiceError, type Catalogue } from './catalogue';
import { nodeEntry, nodeSpec, type NodeClass } from './node';

/** Inversify's ContainerModule, 7 or 8, by its shape: a plugin and the engine may have a copy of Inversify each. */
export interface ServiceModule {
  readonly id: number;
  load(options: never): void | Promise<void>;
}

/** A named set of node types, and an Inversify module with the services that they share. */
export interface Plugin {
  readonly name: string;
  readonly nodes: readonly NodeClass[];
  /** Loaded into a container of the engine; what it binds as singletons lives as long as the engine and is closed last. */
  readonly module: ServiceModule | undefined;
  /** The file that exports it; worker threads load it from there. */
  readonly entry: string | undefined;
}

/**
 * Declares a plugin. `entry` (`__filename` of the file that exports it) lets its nodes be placed in worker threads.
 * @throws SluiceError PLUGIN_INVALID where two nodes have one type, or a type is not of this plugin's pack
 */
export function definePlugin(plugin: { name: string; nodes: readonly NodeClass[]; module?: ServiceModule; entry?: string }): Plugin {
  const seen = new Set<string>();
  for (const cls of plugin.nodes) {
    const { type } = nodeSpec(cls);
    if (!type.startsWith(`${plugin.name}/`)) {
      throw new SluiceError('PLUGIN_INVALID', `Plugin ${plugin.name} has a node of type ${type}.`, { hint: `Name it ${plugin.name}/...` });
    }
    if (seen.has(type))
      throw new SluiceError('PLUGIN_INVALID', `Plugin ${plugin.name} declares ${type} twice.`, { hint: 'Rename one of the two.' });
    seen.add(type);
  }
  return Object.freeze({ name: plugin.name, nodes: plugin.nodes, module: plugin.module, entry: plugin.entry });
}

/** The plugin's declarations as data. */
export function catalogueOf(plugin: Plugin): Catalogue {
  return { version: 1, plugin: plugin.name, nodes: plugin.nodes.map(nodeEntry) };
}
