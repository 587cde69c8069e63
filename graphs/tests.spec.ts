import { catalogueOf, nodeSpec } from '@sluice/sdk';
import { testFile, type TestHost } from '@sluice/testing';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { assetPath, GRAPHS, shippedPlugins } from './testing/shipped';

const plugins = shippedPlugins();
const host: TestHost = {
  catalogues: plugins.map(catalogueOf),
  plugins: (types) => plugins.filter(({ nodes }) => nodes.some((cls) => types.includes(nodeSpec(cls).type))),
  asset: assetPath,
};
const files = readdirSync(GRAPHS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.yaml') && !name.includes('node_modules'))
  .sort();

it.each(files)('%s passes, with and without fusion, and goes through all nodes', async (name) => {
  for (const fuse of [true, false]) {
    const { diagnostics, tests, coverage } = await testFile(join(relative('', GRAPHS), name), { ...host, fuse });
    expect(diagnostics).toEqual([]);
    expect(tests.flatMap((test) => test.failures.map((failure) => [test.name, failure.line, failure.message, ...failure.diff]))).toEqual(
      [],
    );
    expect(tests.filter(({ status }) => status === 'passed').length).toBeGreaterThan(0);
    expect(coverage?.nodes.missing).toEqual([]);
  }
});

const shipped = ['', 'presets/'].flatMap((folder) =>
  readdirSync(join(GRAPHS, folder))
    .filter((name) => /(?<!\.test)\.yaml$/.test(name) && /^nodes:/m.test(readFileSync(join(GRAPHS, folder, name), 'utf8')))
    .map((name) => folder + name),
);
it.each(shipped)('%s, which is shipped, has tests', (name) => {
  const beside = ['.test.yaml', '.spec.ts'].map((end) => join(GRAPHS, name.replace(/\.yaml$/, end)));
  expect(beside.some(existsSync)).toBe(true);
});
