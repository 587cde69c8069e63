import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { camel, pascal } from './names';

export const KINDS = ['source', 'transform', 'operator', 'sink'] as const;
export type Kind = (typeof KINDS)[number];

/** The node of each kind in template/, which is a plugin that works and is tested as it stands. */
export const SAMPLES: Readonly<Record<Kind, string>> = { source: 'numbers', transform: 'scale', operator: 'total', sink: 'tally' };

const TEMPLATE = join(__dirname, '..', 'template');
const BEGIN = '<!-- nodes: written by `sluice plugins docs` -->';
const END = '<!-- /nodes -->';

/** A file of the template with the plugin's name in place of its own. */
export function fromTemplate(path: string, plugin: string): string {
  return readFileSync(join(TEMPLATE, path), 'utf8')
    .replaceAll('\r\n', '\n')
    .replaceAll('sample/', `${plugin}/`)
    .replaceAll(/\bsample\b/g, camel(plugin));
}

/** A node's file or its test. */
export function nodeFile(kind: Kind, plugin: string, node: string, ending: '.node.ts' | '.node.spec.ts'): string {
  return renamed(fromTemplate(join('src', `${SAMPLES[kind]}${ending}`), plugin), kind, plugin, node);
}

/** What the README says of a node. */
export function readmeSection(kind: Kind, plugin: string, node: string): string {
  const text = fromTemplate('README.md', plugin);
  const [, section] = new RegExp(`^(## ${plugin}/${SAMPLES[kind]}\n[^]*?)(?=^## |^<!-- /nodes)`, 'm').exec(text)!;
  return renamed(section!, kind, plugin, node);
}

/** The part of a README on nodes. */
export function readmePart(sections: readonly string[]): string {
  return `${BEGIN}\n\n${sections.join('')}${END}`;
}

/** A README with one section more; one that has no part on nodes stays as it is. */
export function withSection(readme: string, section: string): string {
  const title = section.slice(0, section.indexOf('\n') + 1);
  return readme.includes(title) ? readme : readme.replace(END, () => `${section}${END}`);
}

function renamed(text: string, kind: Kind, plugin: string, node: string): string {
  const own = SAMPLES[kind];
  return text
    .replaceAll(new RegExp(`\\b${pascal(own)}(?=Config|Node)`, 'g'), pascal(node))
    .replaceAll(new RegExp(`\\b${plugin}/${own}\\b`, 'g'), `${plugin}/${node}`)
    .replaceAll(`./${own}.node`, `./${node}.node`);
}
