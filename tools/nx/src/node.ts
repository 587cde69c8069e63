import type { Wanted } from './files';
import { nodeName, pascal, ScaffoldError } from './names';
import { fromTemplate, nodeFile, readmeSection, withSection, type Kind } from './template';

export interface NodeOptions {
  /** `<plugin>/<name>`. */
  readonly name: string;
  readonly kind: Kind;
  /** Folder of the plugin, with `/`; default `plugins/<plugin>`. */
  readonly directory?: string;
}

/** A node with its test, listed in the plugin's index and README. @throws ScaffoldError */
export function nodeFiles(options: NodeOptions): readonly Wanted[] {
  const { plugin, node } = nodeName(options.name);
  const root = options.directory ?? `plugins/${plugin}`;
  return [
    { path: `${root}/src/${node}.node.ts`, text: nodeFile(options.kind, plugin, node, '.node.ts') },
    { path: `${root}/src/${node}.node.spec.ts`, text: nodeFile(options.kind, plugin, node, '.node.spec.ts') },
    { path: `${root}/src/value.ts`, text: fromTemplate('src/value.ts', plugin), keep: true },
    { path: `${root}/src/index.ts`, edit: (before) => withNode(before, plugin, node) },
    { path: `${root}/README.md`, edit: (before) => withSection(before, readmeSection(options.kind, plugin, node)) },
  ];
}

/** The index of a plugin. */
export function indexOf(plugin: string, constant: string, nodes: readonly string[]): string {
  const classes = nodes.map((node) => `${pascal(node)}Node`);
  return [
    "import { definePlugin } from '@sluice/sdk';",
    ...nodes.map((node) => `import { ${pascal(node)}Node } from './${node}.node';`).sort(),
    '',
    `export const ${constant} = definePlugin({`,
    `  name: '${plugin}',`,
    listed(classes),
    '});',
    '',
  ].join('\n');
}

const WIDTH = 140;

function listed(classes: readonly string[]): string {
  const line = `  nodes: [${classes.join(', ')}],`;
  return line.length <= WIDTH ? line : ['  nodes: [', ...classes.map((one) => `    ${one},`), '  ],'].join('\n');
}

function withNode(index: string, plugin: string, node: string): string {
  const [, own = plugin] = /definePlugin\(\{\s*name: '([^']+)'/.exec(index) ?? [];
  if (own !== plugin) throw new ScaffoldError(`The plugin here is ${own}, so it has no node types ${plugin}/....`, `Write ${own}/${node}.`);
  const name = `${pascal(node)}Node`;
  if (new RegExp(`\\b${name}\\b`).test(index)) return index;
  const [list, inside] = /\n? *nodes: \[([^\]]*)\],?/.exec(index) ?? [];
  if (list === undefined || inside === undefined)
    throw new ScaffoldError(
      'src/index.ts has no list `nodes: [ ... ]`.',
      'Add the node by hand to what `definePlugin` gets, or write the list like that.',
    );
  const classes = [...inside.split(',').map((one) => one.trim()), name].filter((one) => one !== '');
  const last = index.lastIndexOf('\nimport ');
  const end = index.indexOf('\n', last + 1);
  const imported = `${index.slice(0, end)}\nimport { ${name} } from './${node}.node';${index.slice(end)}`;
  const before = list.startsWith('\n') ? '\n' : ' ';
  const made = before === '\n' ? listed(classes) : `nodes: [${classes.join(', ')}]`;
  return imported.replace(list, () => `${before}${made}`);
}
