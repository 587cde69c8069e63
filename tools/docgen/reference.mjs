// Writes the pages of docs/reference that are made of declarations: the command line, the keys of settings and graph tests, the rules for
// graphs, metrics, the HTTP API, and coverage (every promise with its code and its test); and docs/public/llms.txt. It reads sources:
//   node -C @sluice/source -r @swc-node/register tools/docgen/reference.mjs [--check]
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ENVIRONMENT, PROMISES, RULES } from './features.mjs';
import { cell, deliver, ROOT } from './pages.mjs';
import { SITE } from './site.mjs';

const require = createRequire(import.meta.url);
const { configFileSchema, testSchema } = require('@sluice/graph');
const { RULES: CHECKED, CODES_THERE } = require('../../libs/graph/test/rules.ts');
const { RED } = require('../../libs/graph/test/red.ts');
const { makeProgram } = require('../../apps/cli/src/program.ts');
const read = (path) => readFileSync(join(ROOT, path), 'utf8');

/** All commands that do something, with their full names. */
function commands(command, before = []) {
  return command.commands.flatMap((one) => {
    if (one.name() === 'help') return [];
    const name = [...before, one.name()];
    // One that only has others below it takes no options.
    const own = one.options.length > 0 ? [{ name: name.join(' '), command: one }] : [];
    return [...own, ...commands(one, name)];
  });
}
const all = commands(makeProgram({ json: false, paint: (_, text) => text, note() {}, out() {} }, () => undefined));

function commandLine() {
  const sections = all.flatMap(({ name, command }) => {
    const args = command.registeredArguments.map(
      (one) => `\`${one.required ? '<' : '['}${one.name()}${one.variadic ? '...' : ''}${one.required ? '>' : ']'}\``,
    );
    const rows = [
      ...command.registeredArguments.map((one, i) => `| ${args[i]} | ${cell(one.description)} |`),
      ...command.options
        .filter(({ long, hidden }) => !hidden && long !== '--json' && long !== '--debug')
        .map(({ flags, description, argChoices, defaultValue }) => {
          const choices = argChoices === undefined ? '' : ` One of ${argChoices.join(', ')}.`;
          const plain = ['string', 'number'].includes(typeof defaultValue) ? ` Default \`${defaultValue}\`.` : '';
          return `| \`${cell(flags)}\` | ${cell(description)}${choices}${plain} |`;
        }),
    ];
    return [`## sluice ${name}`, '', command.description(), '', ...(rows.length === 0 ? [] : ['| | |', '|---|---|', ...rows, ''])];
  });
  return [
    '# The command line',
    '',
    'Every command has `--json` (one JSON object on stdout; a line each where it is a stream; `sluice schema output <command>` prints its schema), `--debug` (stack traces) and `--help`. stdout is data, stderr is for people. `NO_COLOR` is honoured.',
    '',
    '| exit code | |',
    '|---|---|',
    '| 0 | ok |',
    '| 1 | it ran and failed |',
    '| 2 | the command was not given as it wants to be |',
    '| 3 | a graph, a plan, a test or input is invalid |',
    '| 4 | something that it needs is missing or busy |',
    '| 5 | nothing came out though `--expect-output` asked |',
    '| 130 | interrupted: the first Ctrl-C drains, the second kills |',
    '',
    ...sections,
  ].join('\n');
}

/** Keys of a schema, dotted; `<name>` is any key, `[]` each item. */
function keys(schema, prefix, seen = 0) {
  if (seen > 6) return [];
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, field]) => [
    [`${prefix}${key}`, field],
    ...keys(field, `${prefix}${key}.`, seen + 1),
  ]);
  const rest = typeof schema.additionalProperties === 'object' ? keys(schema.additionalProperties, `${prefix}<name>.`, seen + 1) : [];
  const items = typeof schema.items === 'object' ? keys(schema.items, `${prefix.replace(/\.$/, '')}[].`, seen + 1) : [];
  return [...own, ...rest, ...items];
}

function testKeys() {
  const schema = testSchema();
  const { tests: _, ...properties } = schema.properties;
  const rows = rowsOf(properties);
  return [
    '# Keys of graph tests',
    '',
    'What a file `<graph>.test.yaml` may say; [the guide](../guide/graph-tests.md) shows how. A file is one test, or has several under `tests`, each with the same keys;',
    'what stands beside `tests` then holds for all. Times are virtual: `250ms`, `10s`, or a number of milliseconds.',
    '',
    '| key | |',
    '|---|---|',
    `| \`tests[]\` | ${cell(schema.properties.tests.description)} |`,
    ...rows,
    '',
  ].join('\n');
}

/** One row per key of a schema that says what it is. */
const rowsOf = (properties) =>
  keys({ properties }, '')
    .filter(([, { description }]) => description !== undefined)
    .map(([name, { description, default: preset, enum: choices, items }]) => {
      const more = `${choices === undefined ? '' : ` One of ${choices.join(', ')}.`}${preset === undefined ? '' : ` Default \`${preset}\`.`}`;
      const examples = items?.examples === undefined ? '' : ` Such as ${items.examples.map((one) => `\`${one}\``).join(', ')}.`;
      return `| \`${name}\` | ${cell(description)}${more}${examples} |`;
    });

function config() {
  return [
    '# sluice.config.yaml',
    '',
    'The settings of a project: which packages with node types it uses, and whose code may be loaded. Every command reads it from the folder that it is',
    'started in; `SLUICE_CONFIG` names another file. A project without plugins of its own needs none. `sluice schema config` prints its JSON Schema,',
    'and keys that it does not have are errors. [Plugins](../guide/plugins.md) says how packages are written, allowed and checked.',
    '',
    '```yaml',
    'version: 1',
    'plugins:',
    '  - "@acme/plugin-billing@^1.2"',
    '  - sluice-plugin-mine',
    'allow_plugins:',
    '  - "@acme"',
    '  - sluice-plugin-mine',
    '```',
    '',
    '| key | |',
    '|---|---|',
    ...rowsOf(configFileSchema().properties),
    '',
    'A name in `allow_plugins` is a whole package or, as `@scope`, all packages of a scope: `@acme` allows `@acme/billing` and neither `@acme-evil/billing` nor',
    '`acme`. A package that is named under `plugins` and not allowed is reported, its code is not loaded, and everything else works.',
    '',
    '## Environment',
    '',
    '| variable | |',
    '|---|---|',
    ...Object.entries(ENVIRONMENT).map(([name, text]) => `| \`${name}\` | ${text} |`),
    '',
  ].join('\n');
}

/** Every rule for graphs: the code that says so, and how many graphs with that fault are in the tests. */
function rules() {
  const groups = {
    REFERENCE: [
      'Graphs of schnitzel-stream-platform',
      'What is looked at in a graph that is written for that platform, by the stage at which it looks there.',
    ],
    WORKFLOW: ['Joins, routes and modes', 'What workflow systems check when a graph is saved.'],
    OURS: ['Everything else', 'What only graphs here can say, or get wrong.'],
  };
  const sections = Object.entries(CHECKED).flatMap(([set, list]) => [
    `## ${groups[set][0]}`,
    '',
    groups[set][1],
    '',
    '| rule | code | graphs that show it |',
    '|---|---|---|',
    ...list.map(({ rule, code, red }) => {
      const shown = red ?? RED.filter((one) => one.code === code).map(({ name }) => name);
      return `| ${cell(rule)} | [${code}](errors/${code}.md) | ${shown.map((name) => `[${name.split('.')[1] ?? '1'}](../../libs/graph/test/fixtures/red/${name}.yaml)`).join(' ')} |`;
    }),
    '',
  ]);
  return [
    '# What a check finds',
    '',
    'Every rule that a graph is checked by, the code that it is said with, and the graphs in the tests that break it, each of which must give exactly that',
    'finding at exactly that place. All findings of a graph are given at once.',
    '',
    ...sections,
    '## Codes of workflow systems',
    '',
    'What such systems call by these names, and what it is here. Where the code is not in the tables above, a run gives it, not a check.',
    '',
    '| there | here |',
    '|---|---|',
    ...Object.entries(CODES_THERE).map(([there, code]) => `| \`${there}\` | [${code}](errors/${code}.md) |`),
    '',
  ].join('\n');
}

function metrics() {
  const text = read('libs/control/src/metrics.ts');
  const found = [...text.matchAll(/name: ['`](sluice_[^'`]+)['`],\s*help: ['`]([^'`]+)['`],(?:\s*kind: '(\w+)')?/g)];
  return [
    '# Metrics',
    '',
    'What `/metrics` gives, in the format of Prometheus. Labels are `graph`, and `node` or `edge` where they apply.',
    '',
    '| metric | |',
    '|---|---|',
    ...found.map(
      ([, name, help]) =>
        `| \`${name.replace('${outcome}', '<outcome>')}\` | ${cell(help.replace('${outcome}', 'acked, nacked or cancelled'))} |`,
    ),
    '',
  ].join('\n');
}

function api() {
  const { paths, info } = JSON.parse(read('libs/control/openapi.json'));
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary = '' }]) => `| \`${method.toUpperCase()} ${path}\` | ${cell(summary)} |`),
  );
  return [
    '# The HTTP API',
    '',
    info.description,
    '',
    'A running Sluice describes itself at `/api/v1/openapi.json`.',
    '',
    '| request | |',
    '|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** Text of all specs at or below a path. */
function specs(path) {
  const full = join(ROOT, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [[path, read(path)]];
  return readdirSync(full, { recursive: true, encoding: 'utf8' })
    .map((name) => `${path}/${name.replaceAll('\\', '/')}`)
    .filter((name) => /\.spec\.ts$/.test(name) && !name.includes('node_modules'))
    .map((name) => [name, read(name)]);
}

/** Every promise: id, sentence, code, and the files of its tests. */
export function features() {
  const made = [];
  for (const [id, { text, code, tests }] of Object.entries(PROMISES)) {
    const files = tests.map(([path, inside]) => specs(path).find(([, body]) => body.includes(inside))?.[0]);
    made.push({ id, text, code, tests: files.includes(undefined) ? [] : files });
  }
  for (const page of ['edge', 'node', 'delivery']) {
    for (const [, id, text, test] of read(`docs/spec/${page}.md`).matchAll(/^- \*\*([A-Z]+-\d+)\*\* (.*) \(`([\w.-]+)`\)$/gm)) {
      const file = test === 'contract.ts' ? 'libs/testing/src/contract.ts' : `libs/runtime/src/${test}`;
      const code = test === 'contract.ts' ? 'libs/sdk/src/node.ts' : RULES[id.split('-')[0]];
      made.push({ id, text, code, tests: existsSync(join(ROOT, file)) && read(file).includes(id) ? [file] : [] });
    }
  }
  const cli = [...specs('apps/cli/src'), ...specs('graphs'), ...specs('tools'), ...specs('libs/control')];
  for (const { name, command } of all) {
    const words = name.split(' ');
    // As arguments of a call ('plan', 'show'), or as typed.
    const asked = new RegExp(
      `${words.map((word) => `['"\`]${word}['"\`]`).join(',\\s*')}|['"\`]${name}[ '"\`]|(?:sluice|\\$S|sluice\\.js) ${name}\\b`,
    );
    const code = ['', 's'].map((end) => `apps/cli/src/commands/${words[0]}${end}.ts`).find((path) => existsSync(join(ROOT, path)));
    const test =
      cli.find(([, body]) => asked.test(body))?.[0] ??
      (asked.test(read('docs/tutorial/ten-minutes.md')) ? 'tools/docgen/tutorial.spec.ts' : undefined);
    made.push({
      id: `cli/${words.join('-')}`,
      text: command.description(),
      code: code ?? 'apps/cli/src/program.ts',
      tests: test === undefined ? [] : [test],
    });
  }
  const nodes = readdirSync(join(ROOT, 'plugins')).flatMap((pack) =>
    readdirSync(join(ROOT, 'plugins', pack, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.node.ts'))
      .map((name) => `plugins/${pack}/src/${name.replaceAll('\\', '/')}`),
  );
  for (const code of nodes) {
    const [, type] = /type: '([\w-]+\/[\w-]+)'/.exec(read(code)) ?? [];
    const [, summary = ''] = /summary: (?:'|")(.*)(?:'|"),/.exec(read(code)) ?? [];
    const pack = code.split('/')[1];
    const beside = code.replace('.node.ts', '.node.spec.ts');
    const suites = specs(`plugins/${pack}/src`).flatMap(([path, body]) => (/contractSuite\(/.test(body) ? [path] : []));
    const tests = [beside, ...suites].filter((path, i, all) => existsSync(join(ROOT, path)) && all.indexOf(path) === i);
    if (type !== undefined) made.push({ id: `node/${type}`, text: summary.replaceAll("\\'", "'"), code, tests });
  }
  return made;
}

function coverage(list) {
  const untested = list.filter(({ tests }) => tests.length === 0);
  const link = (path) => `[${path.split('/').at(-1)}](../../${path})`;
  return [
    '# Coverage',
    '',
    `Every promise, where it is done and what proves it: ${list.length} promises, ${untested.length} without a test.`,
    '',
    '| promise | | code | test |',
    '|---|---|---|---|',
    ...list.map(
      ({ id, text, code, tests }) =>
        `| \`${id}\` | ${cell(text)} | ${link(code)} | ${tests.length === 0 ? '**none**' : tests.map(link).join(', ')} |`,
    ),
    '',
  ].join('\n');
}

/** What a program that reads the docs should begin with (llmstxt.org). */
function llms() {
  const groups = Object.entries(SITE).flatMap(([group, pages]) => [
    `## ${group}`,
    '',
    ...pages.map(([path, name, text]) => `- [${name}](/${path.replace(/README$/, 'index')}.html): ${text}`),
    '',
  ]);
  return [
    '# Sluice',
    '',
    '> Typed, bounded dataflow graphs on RxJS. A graph is a YAML file, a node is one decorated class, and every edge says how much it may hold and what happens when it is full.',
    '',
    ...groups,
  ].join('\n');
}

const list = features();
const pages = new Map([
  ['docs/reference/cli.md', commandLine()],
  ['docs/reference/config.md', config()],
  ['docs/reference/tests.md', testKeys()],
  ['docs/reference/rules.md', rules()],
  ['docs/reference/metrics.md', metrics()],
  ['docs/reference/api.md', api()],
  ['docs/reference/coverage.md', coverage(list)],
]);
deliver(pages.set('docs/public/llms.txt', llms()), {
  faults: list.filter(({ tests }) => tests.length === 0).map(({ id }) => `${id} has no test.`),
  command: 'run `npm run docs:reference`.',
});
