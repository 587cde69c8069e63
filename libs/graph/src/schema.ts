import { DURATION, SIZE, type Catalogue, type JsonSchema, type NodeEntry } from '@sluice/sdk/catalogue';
import { CAPACITY, EDGE_MODES, LANES, ON_DEAD, WHEN_FULL } from './edges';
import { PARAM_TYPES } from './params';
import { DURABILITIES, JOIN_LATE, JOIN_ON, ON_ERROR, PLACEMENTS } from './policies';

/** The version of JSON Schema that editors read best. */
export const DRAFT = 'http://json-schema.org/draft-07/schema#';
const PLACEHOLDER: JsonSchema = { type: 'string', pattern: '\\$\\{' };
/** A value may stand as it is, or come from a placeholder. */
const or = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, PLACEHOLDER] });
const object = (properties: Record<string, JsonSchema>, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...more,
});
const said = (description: string, schema: JsonSchema): JsonSchema => ({ description, ...schema });

const duration = or({ type: 'string', pattern: DURATION.source, examples: ['250ms', '10s', '5m'] });
const size = or({
  anyOf: [
    { type: 'string', pattern: SIZE.source, examples: ['64KB', '200MB'] },
    { type: 'number', minimum: 0 },
  ],
});
const count = or({ type: 'integer', minimum: 1 });
const flag = or({ type: 'boolean' });
const oneOf = (values: readonly string[]): JsonSchema => or({ enum: values });
const FULL: Readonly<Record<(typeof WHEN_FULL)[number], string>> = {
  block: 'Upstream waits; nothing is lost.',
  drop_newest: 'What arrives is dropped and counted.',
  drop_oldest: 'What waits longest is dropped and counted.',
  latest: 'Holds one packet, or one per key; the newest wins.',
  fair: 'Keys share it: the one that has most loses one.',
  error: 'The sender gets an error.',
};
const described = (values: readonly string[], texts: Readonly<Record<string, string>>): JsonSchema => ({
  anyOf: [{ enum: values, enumDescriptions: values.map((value) => texts[value]) }, PLACEHOLDER],
});
const END = '[^\\s.>]+(\\.[^\\s.>]+)?';
const EDGE = `^\\s*${END}\\s*->\\s*${END}\\s*$`;

const POLICIES: Readonly<Record<string, JsonSchema>> = {
  retry: said('Tries again: a number of attempts, or more exactly.', {
    anyOf: [count, object({ max_attempts: count, backoff: duration, max_backoff: duration })],
  }),
  timeout: said('How long one call may take.', duration),
  circuit: said('Stops calling after so many failures in a row.', { anyOf: [count, object({ failures: count, reset: duration })] }),
  rate: said('At most so many calls in so long: 10/1s.', {
    anyOf: [or({ type: 'string', pattern: '^\\d+\\s*/\\s*\\S+$' }), object({ count, per: duration }, { required: ['count'] })],
  }),
  budget: said(
    'What it may use in one run; a warning at 80 %, then its calls fail.',
    object({ calls: count, packets: count, packets_per_call: count, time: duration }),
  ),
  idempotency: said('Path of the key under which a result is kept.', { type: 'string' }),
  fallback: said('Payload that is sent where the node failed for good.', {}),
  on_error: said('Where a failed packet goes: on to the error port, or the run stops.', { ...oneOf(ON_ERROR), default: 'route' }),
  concurrency: said('Calls at the same time.', { ...count, default: 1 }),
  ordered: said('Keep the order of results with concurrency above 1.', { ...flag, default: true }),
  placement: said('Where the node runs.', { ...oneOf(PLACEMENTS), default: 'inline' }),
  join: said('How packets of several inputs are put together.', {
    anyOf: [
      { enum: JOIN_ON.filter((on) => on !== 'quorum') },
      object({ on: oneOf(JOIN_ON), n: count, by: { type: 'string' }, timeout: duration, late: oneOf(JOIN_LATE), max_held: count }),
    ],
  }),
  scope: said('Name of what is cancelled as one.', { type: 'string' }),
  durability: said('What of the node outlives a crash.', { ...oneOf(DURABILITIES), default: 'none' }),
};

const EDGE_OPTIONS = object({
  when_full: said('What happens when the edge is full.', { ...described(WHEN_FULL, FULL), default: 'block' }),
  capacity: said('Items that it holds.', { ...count, default: CAPACITY }),
  max_bytes: said('Bytes that it holds.', size),
  max_age: said('How old a waiting packet may become.', duration),
  key: said('Path by which latest and fair tell packets apart.', { type: 'string' }),
  lane: said('Which edges are served first: control, then data, then telemetry.', { ...oneOf(LANES), default: 'data' }),
  mode: said('Whether a packet starts the node or waits for one that does.', { ...oneOf(EDGE_MODES), default: 'trigger' }),
  durable: said('Keep it in the store.', { ...flag, default: false }),
  max_rows: said('Rows that a durable edge holds.', count),
  retain: said('How long a durable edge keeps what was taken.', duration),
  max_attempts: said('Tries after which a packet of a durable edge is a dead letter; default 100.', count),
  on_dead: said('Whether packets behind a dead letter of their key go on, or wait until a person has seen to it.', {
    ...oneOf(ON_DEAD),
    default: 'skip',
  }),
});

const PARAM = object({
  type: said('Type that a value is read as.', { enum: Object.keys(PARAM_TYPES), default: 'string' }),
  default: said('Value where none is set; without it the parameter must be set.', {}),
  description: said('What it is for, one sentence.', { type: 'string' }),
  enum: said('The values that are allowed.', { type: 'array' }),
  minimum: said('Least value.', { type: 'number' }),
  maximum: said('Greatest value.', { type: 'number' }),
  secret: said('Its value is never printed.', { type: 'boolean', default: false }),
});

/** JSON Schema (draft-07) of a graph file, with the config of every node type: for editors. */
export function graphSchema(catalogues: readonly Catalogue[]): JsonSchema {
  const entries = catalogues.flatMap(({ nodes }) => nodes).sort((a, b) => (a.type < b.type ? -1 : 1));
  const border = (end: 'to' | 'from', description: string): JsonSchema =>
    said(description, {
      type: 'object',
      additionalProperties: {
        anyOf: [
          { type: 'string' },
          object(
            {
              type: said('Port type, pack/name@version; left out it is that of the port.', { type: 'string' }),
              [end]: said(end === 'to' ? 'Port that it goes to, or a list of them.' : 'Port that it comes from, or a list of them.', {
                anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
              }),
            },
            { required: [end] },
          ),
        ],
      },
    });
  return {
    $schema: DRAFT,
    title: 'Sluice graph',
    ...object(
      {
        version: said('Version of the format.', { const: 2 }),
        name: said('Name of the graph; left out it is that of its file.', { type: 'string' }),
        description: said('What it is for, one sentence.', { type: 'string' }),
        params: said('What can be set from outside, used as ${params.name}.', {
          type: 'object',
          additionalProperties: { $ref: '#/definitions/param' },
        }),
        nodes: said('Nodes by id.', {
          type: 'object',
          minProperties: 1,
          propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9_-]*$' },
          additionalProperties: { $ref: '#/definitions/node' },
        }),
        edges: said('Edges, one a line: `a.port -> b.port`, alone or with options.', {
          type: 'array',
          items: {
            anyOf: [
              { type: 'string', pattern: EDGE },
              {
                type: 'object',
                minProperties: 1,
                maxProperties: 1,
                additionalProperties: { anyOf: [{ $ref: '#/definitions/edge' }, { type: 'null' }] },
              },
            ],
          },
        }),
        inputs: border('to', 'What a program feeds, by name.'),
        outputs: border('from', 'What a program reads, by name.'),
      },
      { required: ['version', 'nodes'] },
    ),
    definitions: {
      param: PARAM,
      edge: EDGE_OPTIONS,
      node: object(
        {
          type: said('Node type, pack/name; graph/<name> for a sub-graph.', {
            anyOf: [
              { enum: entries.map(({ type }) => type), enumDescriptions: entries.map(({ summary }) => summary) },
              { type: 'string', pattern: '^graph/' },
            ],
          }),
          config: said('Options of the node type.', { type: 'object' }),
          ...POLICIES,
        },
        {
          required: ['type'],
          allOf: entries.map((entry) => ({
            if: { properties: { type: { const: entry.type } }, required: ['type'] },
            then: { properties: { type: { description: aboutNode(entry) }, config: open(entry.config) } },
          })),
        },
      ),
    },
  };
}

/** What an editor shows of a node type: summary, and its ports. */
function aboutNode({ summary, in: inputs, out: outputs }: NodeEntry): string {
  const list = (word: string, ports: NodeEntry['in']): readonly string[] =>
    Object.entries(ports).map(([name, { type, doc }]) => `${word} ${name} (${type}): ${doc}`);
  return [summary, ...list('in', inputs), ...list('out', outputs)].join('\n\n');
}

/** The schema with placeholders let in wherever a text alone would not pass. */
function open(schema: JsonSchema): JsonSchema {
  const made: JsonSchema = { ...schema };
  const properties = schema['properties'] as Readonly<Record<string, JsonSchema>> | undefined;
  if (properties !== undefined)
    made['properties'] = Object.fromEntries(Object.entries(properties).flatMap(([key, field]) => named(key, field)));
  if (typeof schema['items'] === 'object') made['items'] = leaf(schema['items'] as JsonSchema);
  return made;
}

/** A field under its name, and under each that it had: those are taken, marked, and not offered. */
function named(key: string, field: JsonSchema): readonly (readonly [string, JsonSchema])[] {
  const { 'x-formerly': formerly, ...rest } = field;
  const made = leaf(rest);
  const old = { ...made, deprecationMessage: `This is called ${key} now.`, doNotSuggest: true };
  return [[key, made], ...((formerly ?? []) as readonly string[]).map((name) => [name, old] as const)];
}

function leaf(schema: JsonSchema): JsonSchema {
  const { description, default: preset, examples, ...rules } = schema;
  const free = rules['type'] === undefined && rules['enum'] === undefined;
  const text =
    rules['type'] === 'string' && Object.keys(rules).every((key) => key === 'type' || key === 'writeOnly' || key === 'minLength');
  if (free || text) return schema;
  // What an editor shows stays outside of the choice.
  const shown = { description, default: preset, examples };
  return { ...Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined)), ...or(open(rules)) };
}
