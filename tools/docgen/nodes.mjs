// Writes docs/reference/nodes.md, the node types of the bundled plugins, from their declarations; and each plugin's part of its README, as
// `sluice plugins docs` does for a plugin of its own. It reads the plugins from their sources:
//   node -C @sluice/source -r @swc-node/register tools/docgen/nodes.mjs [--check]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { cell, deliver, ROOT } from './pages.mjs';

const require = createRequire(import.meta.url);
const { catalogueOf, DURATION, SIZE } = { ...require('@sluice/sdk'), ...require('@sluice/sdk/catalogue') };
const PAGE = 'docs/reference/nodes.md';

const { writeReadme } = require('@sluice/testing');

/** What a plugin declares, by its folder. */
const catalogues = new Map(
  readdirSync(join(ROOT, 'plugins')).map((folder) => {
    const { name } = JSON.parse(readFileSync(join(ROOT, 'plugins', folder, 'package.json'), 'utf8'));
    const plugin = Object.values(require(name)).find((value) => Array.isArray(value?.nodes) && typeof value.name === 'string');
    return [folder, catalogueOf(plugin)];
  }),
);
const nodes = [...catalogues.values()].flatMap((catalogue) => catalogue.nodes).sort((a, b) => (a.type < b.type ? -1 : 1));

/** What may be written there: type and bounds. */
function typeOf(schema) {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(' or ');
  if (schema.pattern === DURATION.source) return 'duration';
  if (schema.pattern === SIZE.source) return 'size';
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`;
  const name =
    { string: 'text', integer: 'whole number', object: 'mapping', boolean: 'true or false' }[schema.type] ?? schema.type ?? 'any';
  const low =
    schema.minimum !== undefined
      ? `from ${schema.minimum}`
      : schema.exclusiveMinimum !== undefined
        ? `above ${schema.exclusiveMinimum}`
        : '';
  const high = schema.maximum !== undefined ? `to ${schema.maximum}` : '';
  return [name, low, high].filter((part) => part !== '').join(' ');
}

/** One row per option; those of a nested mapping follow, dotted, and `[]` is each item of a list. */
function options(schema, prefix = '') {
  const required = schema.required ?? [];
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const name = `${prefix}${key}`;
    const standard = field.default !== undefined ? `\`${JSON.stringify(field.default)}\`` : required.includes(key) ? 'required' : '';
    const secret = field.writeOnly === true ? ' Never printed.' : '';
    const row = `| \`${name}\` | ${cell(typeOf(field))} | ${cell(standard)} | ${cell((field.description ?? '') + secret)} |`;
    return [row, ...(field.type === 'array' ? options(field.items ?? {}, `${name}[].`) : options(field, `${name}.`))];
  });
}

const portRows = (direction, ports) =>
  Object.entries(ports).map(
    ([name, { type, doc, optional }]) =>
      `| ${direction} | \`${name}\` | \`${type}\` | ${cell(doc)}${optional === true ? ' Optional.' : ''} |`,
  );

function section(node) {
  const ports = [...portRows('in', node.in), ...portRows('out', node.out)];
  const rows = options(node.config);
  const kind = [node.kind, ...(node.mode === undefined ? [] : [node.mode])].join(', ');
  return [
    `## ${node.type}`,
    '',
    `*${kind}.* ${node.summary}`,
    '',
    ...(node.doc === undefined ? [] : [node.doc.trim(), '']),
    ...(ports.length === 0 ? [] : ['| | port | type | what passes |', '|---|---|---|---|', ...ports, '']),
    ...(rows.length === 0 ? ['It has no options.', ''] : ['| option | type | default | meaning |', '|---|---|---|---|', ...rows, '']),
    ...node.examples.flatMap(({ title, config }) => [
      `${title}:`,
      '',
      '```yaml',
      stringify({ type: node.type, ...(Object.keys(config).length === 0 ? {} : { config }) }, { lineWidth: 120 }).trimEnd(),
      '```',
      '',
    ]),
  ];
}

const anchor = (type) => type.replaceAll('/', '');
const text = [
  '# Node types',
  '',
  'What the bundled plugins bring, made from their declarations; `sluice nodes show <type>` prints the same. A duration is written `250ms`, `10s`,',
  '`5m`, `2h`, `7d`, a size `512B`, `64KB`, `200MB`, `2GB`.',
  '',
  '| type | kind | |',
  '|---|---|---|',
  ...nodes.map(({ type, kind, summary }) => `| [${type}](#${anchor(type)}) | ${kind} | ${cell(summary)} |`),
  '',
  ...nodes.flatMap(section),
].join('\n');

function readme(folder, catalogue) {
  const path = `plugins/${folder}/README.md`;
  const { name } = JSON.parse(readFileSync(join(ROOT, 'plugins', folder, 'package.json'), 'utf8'));
  const before = existsSync(join(ROOT, path))
    ? readFileSync(join(ROOT, path), 'utf8')
    : `# ${name}\n\nNode types \`${catalogue.plugin}/...\` for Sluice graphs.\n`;
  return [path, writeReadme(before, catalogue)];
}

const readmes = [...catalogues].map(([folder, catalogue]) => readme(folder, catalogue));
deliver(new Map([[PAGE, text], ...readmes]), { command: 'run `npm run docs:nodes`.' });
