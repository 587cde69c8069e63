import { DURATION, SIZE, type Catalogue, type JsonSchema, type NodeEntry, type PortEntry, type Profile } from '@sluice/sdk/catalogue';

const port = (type: string, profile: Profile = 'json_portable', optional?: boolean): PortEntry => ({
  type,
  profile,
  doc: `Carries ${type}.`,
  ...(optional === undefined ? {} : { optional }),
});
const node = (
  type: string,
  kind: NodeEntry['kind'],
  ports: Partial<Pick<NodeEntry, 'in' | 'out' | 'mode' | 'delivery' | 'durable'>>,
  config: JsonSchema = {},
): NodeEntry => ({
  type,
  kind,
  summary: `The node ${type}.`,
  in: {},
  out: {},
  config: { type: 'object', additionalProperties: false, properties: {}, ...config },
  examples: [],
  ...ports,
});

const A = port('t/a@1');
const FRAME = port('t/frame@1', 'inproc_any');
const ANY = port('sluice/any@1', 'inproc_any');
const SPARE = port('sluice/any@1', 'inproc_any', true);

const options: JsonSchema = {
  properties: {
    path: { type: 'string', minLength: 1, description: 'where it is', 'x-formerly': ['file'] },
    count: { type: 'integer', minimum: 0, maximum: 10, default: 3 },
    ratio: { type: 'number', exclusiveMinimum: 0 },
    loop: { type: 'boolean', default: false },
    color: { enum: ['red', 'green', 'blue'] },
    wait: { type: 'string', pattern: DURATION.source },
    limit: { type: 'string', pattern: SIZE.source },
    code: { type: 'string', pattern: '^[A-Z]{3}$' },
    labels: { type: 'array', items: { type: 'string' }, maxItems: 2, uniqueItems: true },
    zones: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: { id: { type: 'string' }, size: { type: 'number', default: 1 } },
        required: ['id'],
      },
    },
    extra: { type: 'object' },
    any: {},
    token: { type: 'string', writeOnly: true, minLength: 4 },
  },
};

export const CATALOGUE: Catalogue = {
  version: 1,
  plugin: 't',
  nodes: [
    node('t/src', 'source', { mode: 'pull', out: { out: A } }),
    node('t/push', 'source', { mode: 'push', out: { out: A } }),
    node('t/cam', 'source', { mode: 'pull', out: { frames: FRAME } }),
    node('t/opts', 'source', { mode: 'pull', out: { out: A } }, options),
    node(
      't/must',
      'source',
      { mode: 'pull', out: { out: A } },
      { properties: { url: { type: 'string', description: 'where to read' } }, required: ['url'] },
    ),
    node(
      't/zones',
      'source',
      { mode: 'pull', out: { out: A } },
      {
        properties: {
          from: { enum: ['inline', 'file'], default: 'inline' },
          zones: { type: 'array', description: 'Tried in this order.' },
          path: { type: 'string' },
          count: { type: 'integer' },
          span: { type: 'string' },
        },
        allOf: [
          { oneOf: [{ required: ['count'] }, { required: ['span'] }] },
          { if: { properties: { from: { const: 'inline' } } }, then: { required: ['zones'] } },
          { if: { properties: { from: { const: 'file' } }, required: ['from'] }, then: { required: ['path'] } },
        ],
      },
    ),
    node('t/queue', 'source', { mode: 'pull', durable: true, out: { out: A } }),
    node(
      'core/switch',
      'transform',
      { in: { in: ANY }, out: { case_1: SPARE, case_2: SPARE, case_3: SPARE, otherwise: SPARE } },
      { properties: { rules: { type: 'array' }, match: { type: 'string' }, no_match: { type: 'string' } } },
    ),
    node('core/join', 'transform', { in: { a: SPARE, b: SPARE, c: SPARE }, out: { out: ANY } }),
    node('t/map', 'transform', { in: { in: A }, out: { out: A } }),
    node('t/detect', 'transform', { in: { frames: FRAME }, out: { found: A, lost: port('t/a@1', 'json_portable', true) } }),
    node('t/to-ref', 'transform', { in: { in: FRAME }, out: { out: port('t/ref@1', 'ref_portable') } }),
    node('t/window', 'operator', { delivery: 'boundary', in: { in: A }, out: { out: A } }),
    node('t/kept-window', 'operator', { delivery: 'boundary', stateful: true, in: { in: A }, out: { out: A } }),
    node('t/pair', 'operator', { delivery: 'explicit', in: { left: A, right: A }, out: { out: A } }),
    node('core/delay', 'operator', { delivery: 'explicit', in: { in: ANY }, out: { out: ANY } }),
    node('core/initial-value', 'operator', { delivery: 'explicit', in: { in: ANY }, out: { out: ANY } }),
    node('t/print', 'sink', { in: { in: A } }),
    node('t/either', 'sink', { in: { frames: { ...FRAME, optional: true }, found: port('t/a@1', 'json_portable', true) } }),
    node('t/any', 'sink', { in: { in: ANY } }),
    node('t/spare', 'sink', { in: { in: port('t/a@1', 'json_portable', true) } }),
    node('t/save', 'sink', { in: { in: port('t/frame@1', 'json_portable') } }),
  ],
};
