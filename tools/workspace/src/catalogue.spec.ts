import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { catalogueOf, configClass, makeConfig, nodeSpec, type Plugin } from '@sluice/sdk';
import Ajv from 'ajv';

const PLUGINS = resolve(__dirname, '../../../plugins');
const isPlugin = (value: unknown): value is Plugin => typeof value === 'object' && value !== null && 'nodes' in value && 'name' in value;
const plugins = readdirSync(PLUGINS).map((name) => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- whichever plugins there are
  const found = Object.values(require(join(PLUGINS, name, 'src')) as object).find(isPlugin);
  return [name, found!] as const;
});
const examples = plugins.flatMap(([, plugin]) => {
  const schemas = new Map(catalogueOf(plugin).nodes.map(({ type, config }) => [type, config]));
  return plugin.nodes.flatMap((cls) => {
    const { type, examples: all = [] } = nodeSpec(cls);
    return all.map(({ title, config }) => [type, title, schemas.get(type)!, config, cls] as const);
  });
});

it.each(plugins)('%s has node types', (_name, plugin) => expect(plugin.nodes.length).toBeGreaterThan(0));

// The contract suite checks examples by class-validator; editors check graphs by the schema.
it.each(examples)('%s: the example "%s" fits the schema that editors check by', (_type, _title, schema, config, cls) => {
  const check = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  expect([check(config), check.errors]).toEqual([true, null]);
  expect(makeConfig(configClass(nodeSpec(cls)), config)).toBeInstanceOf(configClass(nodeSpec(cls)));
});
