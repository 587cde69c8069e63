import { DURATION, SIZE, type JsonSchema } from '@sluice/sdk/catalogue';
import { DRAFT } from './schema';

const said = (description: string, schema: JsonSchema = {}): JsonSchema => ({ description, ...schema });
const object = (properties: Record<string, JsonSchema>, required: readonly string[] = []): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...(required.length === 0 ? {} : { required }),
});
const TEXT: JsonSchema = { type: 'string', minLength: 1 };
const COUNT: JsonSchema = { type: 'integer', minimum: 1 };
const TIME: JsonSchema = { type: 'string', pattern: DURATION.source, examples: ['250ms', '10s', '7d'] };
const SIZES: JsonSchema = { type: 'string', pattern: SIZE.source, examples: ['64KB', '200MB'] };
const END = '[A-Za-z][A-Za-z0-9_-]*\\.[A-Za-z0-9_-]+';

const PROCESS = object(
  {
    graph: said('File of the graph that it runs, relative to this file.', TEXT),
    params: said("Values of the graph's parameters.", { type: 'object' }),
    replicas: said('How many of it run.', { ...COUNT, default: 1 }),
    env: said('Environment variables that it has beside those of this process.', {
      type: 'object',
      additionalProperties: { type: ['string', 'number', 'boolean'] },
    }),
    restart: said('When it is started again.', { enum: ['always', 'on_failure', 'never'], default: 'on_failure' }),
  },
  ['graph'],
);

const CHANNEL = object({
  kind: said('What carries it: a file of this machine, or a server for many.', { enum: ['sqlite', 'nats'], default: 'sqlite' }),
  key: said('Path by which packets keep their order, such as payload.order_id.', TEXT),
  max_rows: said('Rows that it holds.', COUNT),
  max_bytes: said('Bytes that it holds.', SIZES),
  when_full: said('What happens when it is full.', { enum: ['block', 'drop_newest', 'drop_oldest', 'error'], default: 'block' }),
  dedup: said('How long a packet that is sent again under its key is known, and not stored twice.', { ...TIME, default: '10m' }),
  retain: said('How long what was taken is kept.', TIME),
  max_attempts: said('Deliveries of one packet before it is dead.', { ...COUNT, default: 10 }),
});

/** JSON Schema (draft-07) of a process graph: several graphs in several processes, and the channels between them. */
export function processGraphSchema(): JsonSchema {
  return {
    $schema: DRAFT,
    title: 'Sluice process graph',
    ...object(
      {
        version: said('Version of the format.', { const: 1 }),
        name: said('Name of the process graph; left out it is that of its file.', TEXT),
        description: said('What it is for, one sentence.', TEXT),
        processes: said('Processes by id.', {
          type: 'object',
          minProperties: 1,
          propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9_-]*$' },
          additionalProperties: PROCESS,
        }),
        channels: said('Channels, one a line: `front.orders -> back.orders`, alone or with options.', {
          type: 'array',
          items: {
            anyOf: [
              { type: 'string', pattern: `^\\s*${END}\\s*->\\s*${END}\\s*$` },
              { type: 'object', minProperties: 1, maxProperties: 1, additionalProperties: { anyOf: [CHANNEL, { type: 'null' }] } },
            ],
          },
        }),
      },
      ['version', 'processes'],
    ),
  };
}

/** JSON Schema (draft-07) of `sluice.config.yaml`, the settings of a project. */
export function configFileSchema(): JsonSchema {
  const list = (description: string, examples: readonly string[]): JsonSchema =>
    said(description, { type: 'array', uniqueItems: true, items: { ...TEXT, examples } });
  return {
    $schema: DRAFT,
    title: 'Sluice project settings',
    ...object(
      {
        version: said('Version of the format.', { const: 1 }),
        plugins: list('Packages with node types, each with the versions that will do.', ['sluice-plugin-mine', '@mine/nodes@^1.2']),
        allow_plugins: list('Packages and scopes whose code may be loaded: a whole name, or a whole scope.', [
          'sluice-plugin-mine',
          '@mine',
        ]),
      },
      ['version'],
    ),
  };
}
