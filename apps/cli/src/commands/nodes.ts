import { nearest } from '@sluice/graph';
import { SluiceError, type JsonSchema, type NodeEntry, type PortEntry } from '@sluice/sdk/catalogue';
import { EXIT, type Exit } from '../exit';
import { catalogues } from '../plugins';
import type { Terminal } from '../terminal';

/** `sluice nodes list`. */
export async function listNodes(terminal: Terminal, words: readonly string[]): Promise<Exit> {
  const entries = catalogues()
    .flatMap(({ nodes }) => nodes)
    .filter((entry) => words.every((word) => `${entry.type} ${entry.kind} ${entry.summary}`.toLowerCase().includes(word.toLowerCase())))
    .sort((a, b) => (a.type < b.type ? -1 : 1));
  if (terminal.json) terminal.object({ ok: true, nodes: entries });
  else for (const row of terminal.table(entries.map((entry) => [entry.type, entry.kind, entry.summary]))) terminal.out(row);
  return EXIT.ok;
}

/** `sluice nodes show`. */
export async function showNode(terminal: Terminal, type: string): Promise<Exit> {
  const entries = catalogues().flatMap(({ nodes }) => nodes);
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
  const fields = Object.entries((entry.config['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>);
  const required = (entry.config['required'] ?? []) as readonly string[];
  if (fields.length > 0) {
    rows.push('', 'config');
    rows.push(
      ...terminal.table(
        fields.map(([name, field]) => [
          `  ${name}`,
          typeOf(field),
          `${String(field['description'] ?? '')} ${choicesOf(field)}${defaultOf(field, required.includes(name))}`.trim(),
        ]),
      ),
    );
  }
  for (const example of entry.examples) rows.push('', `example: ${example.title}`, `  type: ${entry.type}`, ...configLines(example.config));
  return rows;
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
  return typeOf(field) === 'choice' ? `One of ${(field['enum'] as readonly unknown[]).join(', ')}. ` : '';
}

function typeOf(field: JsonSchema): string {
  if (Array.isArray(field['enum'])) return field['enum'].join('|').length > WIDE ? 'choice' : field['enum'].join('|');
  if (field['type'] !== 'array') return String(field['type'] ?? 'any');
  return `list of ${typeOf((field['items'] ?? {}) as JsonSchema)}`;
}

function defaultOf(field: JsonSchema, required: boolean): string {
  if (field['default'] !== undefined) return `Default ${JSON.stringify(field['default'])}.`;
  return required ? 'Required.' : '';
}

function configLines(config: Readonly<Record<string, unknown>>): readonly string[] {
  const lines = Object.entries(config).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`);
  return lines.length === 0 ? [] : ['  config:', ...lines];
}
