import { list, ok, ref } from '@sluice/control/schemas';
import { nearest } from '@sluice/graph';
import { DURATION, SIZE, SluiceError, type JsonSchema, type NodeEntry, type PortEntry } from '@sluice/sdk/catalogue';
import { EXIT, type Exit } from '../exit';
import { catalogues } from '../plugins';
import type { Terminal } from '../terminal';
import { type Outputs } from '../outputs';

export const OUTPUTS: Outputs = { 'nodes list': ok({ nodes: list(ref('NodeType')) }), 'nodes show': ok({ node: ref('NodeType') }) };

/** `sluice nodes list`. */
export async function listNodes(terminal: Terminal, words: readonly string[]): Promise<Exit> {
  const entries = catalogues()
    .flatMap(({ plugin, nodes }) => nodes.map((node) => ({ ...node, plugin })))
    .filter((entry) => words.every((word) => `${entry.type} ${entry.kind} ${entry.summary}`.toLowerCase().includes(word.toLowerCase())))
    .sort((a, b) => (a.type < b.type ? -1 : 1));
  if (terminal.json) terminal.object({ ok: true, nodes: entries });
  else if (entries.length === 0) terminal.note(`No node type has ${words.join(' and ')}; \`sluice nodes list\` shows all.`);
  else for (const row of terminal.table(entries.map((entry) => [entry.type, entry.kind, entry.summary]))) terminal.out(row);
  return EXIT.ok;
}

/** `sluice nodes show`. */
export async function showNode(terminal: Terminal, type: string): Promise<Exit> {
  const entries = catalogues().flatMap(({ plugin, nodes }) => nodes.map((node) => ({ ...node, plugin })));
  const entry = entries.find((one) => one.type === type);
  if (entry === undefined) {
    const near = nearest(
      type,
      entries.map((one) => one.type),
    );
    throw new SluiceError('NODE_TYPE_UNKNOWN', `There is no node type ${type}.`, {
      hint: near === undefined ? '`sluice nodes list` shows all.' : `Did you mean ${near}?`,
    });
  }
  if (terminal.json) terminal.object({ ok: true, node: entry });
  else for (const row of page(terminal, entry)) terminal.out(row);
  return EXIT.ok;
}

function page(terminal: Terminal, entry: NodeEntry): readonly string[] {
  const rows = [
    `${terminal.paint('bold', entry.type, process.stdout)}  ${entry.kind}${entry.mode === undefined ? '' : `, ${entry.mode}`}`,
    ...terminal.table([[entry.summary]]),
  ];
  if (entry.doc !== undefined) rows.push('', ...terminal.table([[entry.doc]]));
  rows.push(...ports(terminal, 'in', entry.in), ...ports(terminal, 'out', entry.out));
  const fields = fieldRows(entry.config, '  ');
  if (fields.length > 0) rows.push('', 'config', ...terminal.table(fields));
  for (const example of entry.examples) rows.push('', `example: ${example.title}`, `  type: ${entry.type}`, ...configLines(example.config));
  return rows;
}

/** A row for each field, and below one that is a mapping, or a list of them, a row for each of its own. */
function fieldRows(schema: JsonSchema, indent: string): readonly (readonly string[])[] {
  const required = (schema['required'] ?? []) as readonly string[];
  return Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>).flatMap(([name, field]) => [
    [
      `${indent}${name}`,
      typeOf(field),
      [
        String(field['description'] ?? ''),
        choicesOf(field),
        field['writeOnly'] === true ? 'Never printed.' : '',
        defaultOf(field, required.includes(name)),
      ]
        .filter((text) => text !== '')
        .join(' '),
    ],
    ...fieldRows((field['items'] ?? field) as JsonSchema, `${indent}  `),
  ]);
}

function ports(terminal: Terminal, title: string, list: Readonly<Record<string, PortEntry>>): readonly string[] {
  const entries = Object.entries(list);
  if (entries.length === 0) return [];
  return [
    '',
    title,
    ...terminal.table(entries.map(([name, port]) => [`  ${name}`, port.type, `${port.doc}${port.optional === true ? ' Optional.' : ''}`])),
  ];
}

/** Choices of more letters stand in the text, so that the column stays narrow. */
const WIDE = 16;

function choicesOf(field: JsonSchema): string {
  return typeOf(field) === 'choice' ? `One of ${(field['enum'] as readonly unknown[]).join(', ')}.` : '';
}

function typeOf(field: JsonSchema): string {
  if (Array.isArray(field['enum'])) return field['enum'].join('|').length > WIDE ? 'choice' : field['enum'].join('|');
  if (field['pattern'] === DURATION.source) return 'duration';
  if (field['pattern'] === SIZE.source) return 'size';
  if (field['type'] !== 'array') return String(field['type'] ?? 'any');
  const items = (field['items'] ?? {}) as JsonSchema;
  return items['properties'] === undefined ? `list of ${typeOf(items)}` : 'list';
}

function defaultOf(field: JsonSchema, required: boolean): string {
  // The fields of a mapping have their own.
  if (field['default'] !== undefined && field['properties'] === undefined) return `Default ${JSON.stringify(field['default'])}.`;
  return required ? 'Required.' : '';
}

function configLines(config: Readonly<Record<string, unknown>>): readonly string[] {
  const lines = Object.entries(config).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`);
  return lines.length === 0 ? [] : ['  config:', ...lines];
}
