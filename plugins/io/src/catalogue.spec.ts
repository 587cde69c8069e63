import { catalogueOf, configClass, makeConfig, nodeSpec } from '@sluice/sdk';
import Ajv from 'ajv';
import { io } from './index';

const entries = catalogueOf(io).nodes;

test.each(entries.map((entry) => [entry.type, entry] as const))(
  '%s is documented, and its schema says what each field is',
  (_type, entry) => {
    expect(entry.summary).toMatch(/^[A-Z].*\.$/);
    expect(entry.examples.length).toBeGreaterThan(0);
    for (const { doc } of [...Object.values(entry.in), ...Object.values(entry.out)]) expect(doc).toMatch(/\.$/);
    const fields = entry.config['properties'] as Record<string, { description?: string }>;
    for (const [name, schema] of Object.entries(fields)) expect([name, schema.description]).toEqual([name, expect.stringMatching(/\.$/)]);
  },
);

test.each(
  io.nodes.flatMap((cls) => nodeSpec(cls).examples!.map((example) => [nodeSpec(cls).type, example.title, cls, example.config] as const)),
)('%s: the example "%s" fits the schema and makes a node', (_type, _title, cls, config) => {
  const entry = entries.find(({ type }) => type === nodeSpec(cls).type)!;
  const check = new Ajv({ strict: false, validateFormats: false }).compile(entry.config);
  expect([check(config), check.errors]).toEqual([true, null]);
  expect(new cls(makeConfig(configClass(nodeSpec(cls)), config))).toBeInstanceOf(cls);
});
