// Writes docs/reference/errors: a page for every code that a user can meet, and the table of them. It reads libs/graph from its sources:
//   node -C @sluice/source -r @swc-node/register tools/docgen/errors.mjs [--check]
import { createRequire } from 'node:module';
import { GROUPS, NO_CODES } from './error-table.mjs';
import { cell, deliver, sources } from './pages.mjs';

const require = createRequire(import.meta.url);
const { CODES, checkGraph, errorPage, formatDiagnostic } = require('@sluice/graph');
// The graphs that prove each code in the tests are its examples.
const { RED } = require('../../libs/graph/test/red.ts');
const { CATALOGUE } = require('../../libs/graph/test/catalogue.ts');
const FOLDER = 'docs/reference/errors';
const COMMAND = 'run `npm run docs:errors`.';

/** The first red graph of a code that has text, and what `sluice validate` prints for it. */
function exampleOf(code) {
  const red = RED.find((one) => one.code === code && one.text.split('\n').length > 3);
  if (red === undefined) return undefined;
  const text = red.text.replace('¤', '');
  const { diagnostics } = checkGraph({ text, file: 'graph.yaml' }, { catalogues: [CATALOGUE], ...red.options });
  const found = diagnostics.find((one) => one.code === code);
  return { text, printed: formatDiagnostic(found, text) };
}

const faults = [];
const pages = new Map();
const rows = (codes) => [
  '| code | what it says | what to do |',
  '|---|---|---|',
  ...codes.map(([code, text, fix]) => `| [${code}](${code}.md) | ${cell(text)} | ${cell(fix)} |`),
];

const graph = Object.entries(CODES);
for (const [code] of graph) pages.set(`${FOLDER}/${code}.md`, errorPage(code, exampleOf(code)));
const parts = [
  ...['error', 'warning'].flatMap((severity) => [
    `## Checking a graph: ${severity}s`,
    '',
    ...rows(graph.filter(([, info]) => info.severity === severity).map(([code, { text, hint }]) => [code, text, hint])),
    '',
  ]),
];
for (const [group, codes] of Object.entries(GROUPS)) {
  for (const [code, [text, fix]] of Object.entries(codes)) {
    if (pages.has(`${FOLDER}/${code}.md`)) faults.push(`${code} is in the table twice, or also in libs/graph.`);
    pages.set(
      `${FOLDER}/${code}.md`,
      `# ${code}\n\nFrom: ${group.toLowerCase().replace('http api', 'HTTP API')}\n\n${text}\n\n## What to do\n\n${fix}\n`,
    );
  }
  const sorted = Object.entries(codes)
    .map(([code, [text, fix]]) => [code, text, fix])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  parts.push(`## ${group}`, '', ...rows(sorted), '');
}
pages.set(
  `${FOLDER}/README.md`,
  [
    '# Error codes',
    '',
    'Every fault that a person can meet has a code, a message that says what happened, and a hint that says what to do next. Codes stay what they',
    'are from version to version; messages and hints may become better. In a program ask with `SluiceError.is(error, code)`.',
    '',
    ...parts,
  ].join('\n'),
);

const known = new Set([...graph.map(([code]) => code), ...Object.values(GROUPS).flatMap((codes) => Object.keys(codes))]);
const used = new Set();
for (const [path, text] of sources()) {
  // A table may be the only place of a code: any text of that shape counts, and a single word where an error is made of it.
  const quoted = [...text.matchAll(/(['"`])([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\1/g)].map(([, , code]) => code);
  const words = [...text.matchAll(/SluiceError(?:\.from)?\(\s*(?:[\w.]+,\s*)?'([A-Z0-9_]+)'/g)].map(([, code]) => code);
  for (const code of [...quoted, ...words, ...[...text.matchAll(/\berror ([A-Z]+(?:_[A-Z]+)+):/g)].map(([, code]) => code)]) {
    used.add(code);
    if (!known.has(code) && !NO_CODES.has(code)) faults.push(`${path} uses ${code}, which tools/docgen/error-table.mjs does not list.`);
  }
}
for (const code of Object.values(GROUPS).flatMap((codes) => Object.keys(codes))) {
  if (!used.has(code)) faults.push(`${code} is in tools/docgen/error-table.mjs, but nothing gives it.`);
}

deliver(pages, { folder: FOLDER, faults: [...new Set(faults)], command: COMMAND });
