import { DURATION, SIZE, type Catalogue, type JsonSchema } from '@sluice/sdk/catalogue';
import { EDGE_MODES, LANES, WHEN_FULL } from './edges';
import { PARAM_TYPES } from './params';
import { DURABILITIES, JOIN_LATE, JOIN_ON, ON_ERROR, PLACEMENTS } from './policies';

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
  idempotency: said('Path of the key under which a result is kept.', { type: 'string' }),
  fallback: said('Payload that is sent where the node failed for good.', {}),
  on_error: said('Where a failed packet goes: on to the error port, or the run stops.', oneOf(ON_ERROR)),
  concurrency: said('Calls at the same time.', count),
  ordered: said('Keep the order of results with concurrency above 1.', flag),
  placement: said('Where the node runs.', oneOf(PLACEMENTS)),
  join: said('How packets of several inputs are put together.', {
    anyOf: [
      { enum: JOIN_ON.filter((on) => on !== 'quorum') },
      object({ on: oneOf(JOIN_ON), n: count, by: { type: 'string' }, timeout: duration, late: oneOf(JOIN_LATE), max_held: count }),
    ],
  }),
  scope: said('Name of what is cancelled as one.', { type: 'string' }),
  durability: said('What of the node outlives a crash.', oneOf(DURABILITIES)),
};

const EDGE_OPTIONS = object({
  when_full: said('What happens when the edge is full.', oneOf(WHEN_FULL)),
  capacity: said('Items that it holds.', count),
  max_bytes: said('Bytes that it holds.', size),
  max_age: said('How old a waiting packet may become.', duration),
  key: said('Path by which latest and fair tell packets apart.', { type: 'string' }),
  lane: said('Which edges are served first.', oneOf(LANES)),
  mode: said('Whether a packet starts the node or waits for one that does.', oneOf(EDGE_MODES)),
  durable: said('Keep it in the store.', flag),
  max_rows: said('Rows that a durable edge holds.', count),
  retain: said('How long a durable edge keeps what was taken.', duration),
});

/** JSON Schema (draft-07) of a graph file, with the config of every node type: for editors. */
export function graphSchema(catalogues: readonly Catalogue[]): JsonSchema {
  const entries = catalogues.flatMap(({ nodes }) => nodes);
  const border = (end: 'to' | 'from'): JsonSchema => ({
    type: 'object',
    additionalProperties: {
      anyOf: [
        { type: 'string' },
        object(
          { type: { type: 'string' }, [end]: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] } },
          { required: [end] },
        ),
      ],
    },
  });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Sluice graph',
    ...object(
      {
        version: { const: 2 },
        name: { type: 'string' },
        description: { type: 'string' },
        params: {
          type: 'object',
          additionalProperties: object({
            type: { enum: Object.keys(PARAM_TYPES) },
            default: {},
            description: { type: 'string' },
            enum: { type: 'array' },
            minimum: { type: 'number' },
            maximum: { type: 'number' },
            secret: { type: 'boolean' },
          }),
        },
        nodes: {
          type: 'object',
          minProperties: 1,
          propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9_-]*$' },
          additionalProperties: { $ref: '#/definitions/node' },
        },
        edges: {
          type: 'array',
          items: {
            anyOf: [
              { type: 'string', pattern: EDGE },
              {
                type: 'object',
                minProperties: 1,
                maxProperties: 1,
                additionalProperties: { anyOf: [{ type: 'null' }, { $ref: '#/definitions/edge' }] },
              },
            ],
          },
        },
        inputs: border('to'),
        outputs: border('from'),
      },
      { required: ['version', 'nodes'] },
    ),
    definitions: {
      edge: EDGE_OPTIONS,
      node: object(
        {
          type: { anyOf: [{ enum: entries.map(({ type }) => type) }, { type: 'string', pattern: '^graph/' }] },
          config: { type: 'object' },
          ...POLICIES,
        },
        {
          required: ['type'],
          allOf: entries.map(({ type, summary, config }) => ({
            if: { properties: { type: { const: type } } },
            then: { properties: { type: { description: summary }, config: open(config) } },
          })),
        },
      ),
    },
  };
}

/** The schema with placeholders let in wherever a text alone would not pass. */
function open(schema: JsonSchema): JsonSchema {
  const made: JsonSchema = { ...schema };
  const properties = schema['properties'] as Readonly<Record<string, JsonSchema>> | undefined;
  if (properties !== undefined)
    made['properties'] = Object.fromEntries(Object.entries(properties).map(([key, field]) => [key, leaf(field)]));
  if (typeof schema['items'] === 'object') made['items'] = leaf(schema['items'] as JsonSchema);
  return made;
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
