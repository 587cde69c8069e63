import type { JsonSchema, NodeEntry, PortEntry } from '@sluice/sdk';
import type { Catalogue } from '@sluice/sdk/catalogue';

const BEGIN = '<!-- nodes: written by `sluice plugins docs` -->';
const END = '<!-- /nodes -->';

/** The part of a README on a plugin's node types, Markdown, with its marks around. */
export function readmeNodes({ nodes }: Catalogue): string {
  return [BEGIN, '', ...nodes.flatMap(section), END].join('\n');
}

/** That part of a README; undefined where it has none. */
export function readmePart(text: string): string | undefined {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  return from < 0 || to < from ? undefined : text.slice(from, to + END.length);
}

/** The README with that part as the catalogue says; where it has none, at its end. */
export function writeReadme(text: string, catalogue: Catalogue): string {
  const part = readmePart(text);
  const made = readmeNodes(catalogue);
  return part === undefined ? `${text.trimEnd()}\n\n${made}\n` : text.replace(part, () => made);
}

function section(node: NodeEntry): string[] {
  const fields = Object.entries((node.config['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>);
  const required = (node.config['required'] ?? []) as readonly string[];
  return [
    `## ${node.type}`,
    '',
    `_${node.kind}${node.mode === undefined ? '' : `, ${node.mode}`}._ ${node.summary}`,
    '',
    ...(node.doc === undefined ? [] : [node.doc.trim(), '']),
    ...ports('in', node.in),
    ...ports('out', node.out),
    ...fields.map(([name, field]) => {
      const preset = field['default'] === undefined ? (required.includes(name) ? ' Required.' : '') : ` Default ${code(field['default'])}.`;
      return `- config \`${name}\` (${typeOf(field)}): ${line(field['description'])}${preset}`;
    }),
    ...(fields.length === 0 ? ['- It has no config.'] : []),
    '',
    ...node.examples.flatMap(({ title, config }) => [`${title}:`, '', '```', `type: ${node.type}`, ...yaml(config), '```', '']),
  ];
}

const ports = (direction: string, list: Readonly<Record<string, PortEntry>>): string[] =>
  Object.entries(list).map(([name, { type, doc, optional }]) =>
    `- ${direction} \`${name}\` (\`${type}\`): ${line(doc)} ${optional === true ? 'Optional.' : ''}`.trimEnd(),
  );

function typeOf(field: JsonSchema): string {
  if (Array.isArray(field['enum'])) return field['enum'].map(code).join(' or ');
  return field['type'] === 'array' ? `list of ${typeOf((field['items'] ?? {}) as JsonSchema)}` : String(field['type'] ?? 'any');
}

/** JSON is YAML too. */
function yaml(config: Readonly<Record<string, unknown>>): string[] {
  const lines = Object.entries(config).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`);
  return lines.length === 0 ? [] : ['config:', ...lines];
}

const line = (text: unknown): string => String(text ?? '').replaceAll(/\s*\n\s*/g, ' ');
const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;
