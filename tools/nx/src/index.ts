export { onDisk, tarballs } from './disk';
export { deliver, type Place, type Wanted, type Written } from './files';
export { nodeName, plainName, pluginName, ScaffoldError } from './names';
export { nodeFiles, type NodeOptions } from './node';
export { pluginFiles, readKinds, type PluginOptions } from './plugin';
export { KINDS, type Kind } from './template';
