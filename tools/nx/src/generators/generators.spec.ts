import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import type { Tree } from '@nx/devkit';
import { catalogueOf } from '@sluice/sdk';
import { readmeNodes, readmePart } from '@sluice/testing';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sample } from '../../template/src';
import { onDisk, tarballs } from '../disk';
import { pluginFiles } from '../plugin';
import { nodeGenerator } from './node';
import { pluginGenerator } from './plugin';

const ROOT = resolve(__dirname, '../../../..');
const ALL = 'source,transform,operator,sink';
const LONGEST = `${'long-'.repeat(6)}xx`;
/** Nx's own files have no meaning here. */
const paths = (tree: Tree): string[] =>
  tree
    .listChanges()
    .map(({ path }) => path)
    .filter((path) => /^(plugins|graphs|apps)\//.test(path));

let tree: Tree;
beforeEach(() => {
  tree = createTreeWithEmptyWorkspace();
  const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
  tree.write('tsconfig.json', json({ files: [], references: [{ path: './libs/sdk' }] }));
  tree.write('apps/cli/package.json', json({ name: '@sluice/cli', dependencies: { '@sluice/plugin-core': '^0.1.0', tslib: '^2.8.1' } }));
  tree.write('graphs/package.json', json({ name: '@sluice/graphs', nx: { implicitDependencies: ['core'] } }));
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => jest.restoreAllMocks());

const textOf = (path: string): string => tree.read(path, 'utf8')!;
const jsonOf = <V>(path: string): V => JSON.parse(textOf(path)) as V;

test('a plugin is a package, a node of each kind with its test, a graph with its test, and is known where plugins are listed', () => {
  pluginGenerator(tree, { name: 'parse-invoice', kinds: ALL });
  expect(paths(tree).sort()).toEqual(
    [
      'apps/cli/package.json',
      'graphs/package.json',
      'graphs/parse-invoice.test.yaml',
      'graphs/parse-invoice.yaml',
      ...['README.md', 'jest.config.js', 'package.json', 'tsconfig.json'].map((name) => `plugins/parse-invoice/${name}`),
      ...['contract.spec.ts', 'index.ts', 'value.ts'].map((name) => `plugins/parse-invoice/src/${name}`),
      ...['numbers', 'scale', 'tally', 'total'].flatMap((name) => [
        `plugins/parse-invoice/src/${name}.node.spec.ts`,
        `plugins/parse-invoice/src/${name}.node.ts`,
      ]),
    ].sort(),
  );
  expect(textOf('plugins/parse-invoice/src/index.ts')).toContain("export const parseInvoice = definePlugin({\n  name: 'parse-invoice',");
  expect(textOf('plugins/parse-invoice/src/scale.node.ts')).toContain("type: 'parse-invoice/scale'");
  expect(jsonOf('tsconfig.json')).toEqual({ files: [], references: [{ path: './libs/sdk' }, { path: './plugins/parse-invoice' }] });
  expect(Object.keys(jsonOf<{ dependencies: object }>('apps/cli/package.json').dependencies)).toEqual([
    '@sluice/plugin-core',
    '@sluice/plugin-parse-invoice',
    'tslib',
  ]);
  expect(jsonOf('graphs/package.json')).toMatchObject({ nx: { implicitDependencies: ['core', 'parse-invoice'] } });
});

test('nothing of the template is left in what is generated', () => {
  pluginGenerator(tree, { name: 'billing', kinds: ALL });
  for (const path of paths(tree)) expect([path, textOf(path)]).toEqual([path, expect.not.stringMatching(/sample/i)]);
});

test('without kinds there is one transform, fed by values of the graph', () => {
  pluginGenerator(tree, { name: 'billing' });
  expect(paths(tree).filter((path) => path.endsWith('.node.ts'))).toEqual(['plugins/billing/src/scale.node.ts']);
  expect(textOf('graphs/billing.yaml')).toContain('  - given -> scale\n');
});

test('a second time nothing changes; over other text nothing is written, and every file is named', () => {
  pluginGenerator(tree, { name: 'billing' });
  const before = paths(tree).map((path) => [path, textOf(path)]);
  pluginGenerator(tree, { name: 'billing' });
  expect(paths(tree).map((path) => [path, textOf(path)])).toEqual(before);

  tree.write('plugins/billing/src/value.ts', '// mine\n');
  expect(() => pluginGenerator(tree, { name: 'billing', kinds: 'sink' })).toThrow(
    /5 files are there already.*\n {2}plugins\/billing\/README.md\n {2}plugins\/billing\/src\/index.ts\n {2}plugins\/billing\/src\/value.ts\n {2}graphs/,
  );
  expect(textOf('plugins/billing/src/value.ts')).toBe('// mine\n');
  expect(tree.exists('plugins/billing/src/tally.node.ts')).toBe(false);
});

test.each([
  ['Billing', 'no name'],
  ['bill_ing', 'no name'],
  ['-billing', 'no name'],
  [`${LONGEST}x`, 'no name'],
  ['class', 'word of JavaScript'],
  ['graph', 'taken'],
  ['con', 'device'],
  ...readdirSync(join(ROOT, 'plugins')).map((name) => [name, 'taken'] as const),
])('the name %s is refused: %s', (name, why) => {
  expect(() => pluginGenerator(tree, { name })).toThrow(new RegExp(why));
  expect(paths(tree).filter((path) => path.startsWith('plugins/'))).toEqual([]);
});

test('a kind that is none is refused', () => {
  expect(() => pluginGenerator(tree, { name: 'billing', kinds: 'transform,sorce' })).toThrow('sorce is no kind of node.');
});

test('a node comes with its test, is listed in the index, and has its section in the README', () => {
  pluginGenerator(tree, { name: 'billing' });
  nodeGenerator(tree, { name: 'billing/read-orders', kind: 'source' });
  expect(textOf('plugins/billing/src/read-orders.node.ts')).toMatch(/type: 'billing\/read-orders'[^]*export class ReadOrdersNode/);
  expect(textOf('plugins/billing/src/read-orders.node.spec.ts')).toContain("from './read-orders.node'");
  expect(textOf('plugins/billing/src/index.ts')).toBe(
    [
      "import { definePlugin } from '@sluice/sdk';",
      "import { ScaleNode } from './scale.node';",
      "import { ReadOrdersNode } from './read-orders.node';",
      '',
      'export const billing = definePlugin({',
      "  name: 'billing',",
      '  nodes: [ScaleNode, ReadOrdersNode],',
      '});',
      '',
    ].join('\n'),
  );
  expect(textOf('plugins/billing/README.md')).toMatch(
    /## billing\/scale[^]*## billing\/read-orders\n\n_source, pull\._[^]*<!-- \/nodes -->/,
  );
  const index = textOf('plugins/billing/src/index.ts');
  nodeGenerator(tree, { name: 'billing/read-orders', kind: 'source' });
  expect(textOf('plugins/billing/src/index.ts')).toBe(index);
});

test('a node of a plugin that is not there, or without a plugin, is refused', () => {
  expect(() => nodeGenerator(tree, { name: 'nowhere/read' })).toThrow('There is no plugins/nowhere/src/index.ts.');
  expect(() => nodeGenerator(tree, { name: 'read' })).toThrow('Write <plugin>/<name>');
  pluginGenerator(tree, { name: 'billing' });
  tree.rename('plugins/billing/src/index.ts', 'plugins/orders/src/index.ts');
  tree.write('plugins/orders/README.md', '');
  expect(() => nodeGenerator(tree, { name: 'orders/read' })).toThrow('The plugin here is billing');
});

describe('a package outside of the workspace', () => {
  const LIBRARIES = ['sdk', 'graph', 'runtime', 'store', 'control', 'testing', 'nx', 'cli', 'plugin-core'];
  let folder: string;
  const home = process.cwd();
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sluice-nx-'))));
  afterEach(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  });
  const pack = (names: readonly string[]): void => {
    for (const name of [...names, 'console']) onDisk(folder).write(`packed/sluice-${name}-0.1.0.tgz`, '');
  };

  test('has all of Sluice from packed packages, and nothing from a registry by a name that is nobody', () => {
    pack(LIBRARIES);
    const packed = tarballs(join(folder, 'packed'), join(folder, 'billing'));
    expect(packed).toEqual(Object.fromEntries(LIBRARIES.map((name) => [`@sluice/${name}`, `file:../packed/sluice-${name}-0.1.0.tgz`])));
    const files = pluginFiles({ name: 'billing', directory: '.', outside: { packed } });
    const manifest = files.find(({ path }) => path === './package.json') as { text: string };
    expect(JSON.parse(manifest.text)).toMatchObject({ name: 'sluice-plugin-billing', devDependencies: packed });
    expect(JSON.parse(manifest.text).dependencies).toEqual({ tslib: '^2.8.1' });
  });

  test('finds the packed packages where the project has its command from', () => {
    pack(LIBRARIES);
    onDisk(folder).write('app/package.json', '{"devDependencies":{"@sluice/cli":"file:../packed/sluice-cli-0.1.0.tgz"}}');
    onDisk(folder).write('app/below/x', '');
    process.chdir(join(folder, 'app/below'));
    expect(tarballs(undefined, process.cwd())).toMatchObject({ '@sluice/sdk': 'file:../../packed/sluice-sdk-0.1.0.tgz' });
  });

  test('is not made without them', () => {
    process.chdir(folder);
    expect(() => tarballs(undefined, folder)).toThrow('not published');
    pack(LIBRARIES.filter((name) => name !== 'store'));
    expect(() => tarballs('packed', folder)).toThrow(/packed has no packed @sluice\/store\.$/);
  });

  test.each(['', 'Bad Name', '../../evil', '@acme', 'a"b', 'x'.repeat(215)])('is not called %j', (packageName) => {
    expect(() => pluginFiles({ name: 'billing', outside: { packageName, packed: {} } })).toThrow('is no name for a package.');
  });

  test('says what stands where it is to be', () => {
    writeFileSync(join(folder, 'plain'), '');
    expect(() => onDisk(join(folder, 'plain')).write('src/index.ts', '')).toThrow(/plain\/src\/index\.ts cannot be written/);
    expect(() => onDisk(tmpdir()).read(folder.slice(tmpdir().length))).toThrow('cannot be written');
  });
});

test.each(['a', 'billing', LONGEST])('what is generated for %s is formatted', (name) => {
  pluginGenerator(tree, { name, kinds: ALL });
  nodeGenerator(tree, { name: `${name}/${LONGEST}`, kind: 'sink' });
  nodeGenerator(tree, { name: `${name}/b`, kind: 'operator' });
  const folder = mkdtempSync(join(tmpdir(), 'sluice-nx-'));
  try {
    for (const path of paths(tree)) onDisk(folder).write(path, textOf(path));
    const prettier = [
      resolve(ROOT, 'node_modules/prettier/bin/prettier.cjs'),
      '--list-different',
      '--config',
      resolve(ROOT, '.prettierrc'),
      '.',
    ];
    const { status, stdout, stderr } = spawnSync(process.execPath, prettier, { cwd: folder, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the template's README is what its nodes declare", () => {
  expect(readmePart(readFileSync(join(__dirname, '../../template/README.md'), 'utf8'))).toBe(readmeNodes(catalogueOf(sample)));
});
