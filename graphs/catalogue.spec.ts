import { catalogueOf, configClass, makeConfig, nodeSpec } from '@sluice/sdk';
import Ajv from 'ajv';
import { shippedPlugins } from './testing/shipped';

const examples = shippedPlugins().flatMap((plugin) => {
  const schemas = new Map(catalogueOf(plugin).nodes.map(({ type, config }) => [type, config]));
  return plugin.nodes.flatMap((cls) => {
    const { type, examples: all = [] } = nodeSpec(cls);
    return all.map(({ title, config }) => [type, title, schemas.get(type)!, config, cls] as const);
  });
});

// The contract suite checks examples by class-validator; editors check graphs by the schema.
it.each(examples)('%s: the example "%s" fits the schema that editors check by', (_type, _title, schema, config, cls) => {
  const check = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  expect([check(config), check.errors]).toEqual([true, null]);
  expect(makeConfig(configClass(nodeSpec(cls)), config)).toBeInstanceOf(configClass(nodeSpec(cls)));
});
