import type { CheckOptions, Code } from '../src';

/** A graph with one fault; `¤` stands before the place where the diagnostic must point. */
export interface Red {
  readonly code: Code;
  readonly text: string;
  readonly says?: RegExp;
  readonly hint?: RegExp;
  readonly options?: Partial<CheckOptions>;
  /** Further codes that the same fault rightly gives. */
  readonly also?: readonly Code[];
}

const lines = (...all: string[]): string => `${all.join('\n')}\n`;
const head = 'version: 2';
/** A source, options for it, and a sink. */
const config = (options: string): string =>
  lines(head, 'nodes:', '  a:', '    type: t/opts', `    ${options}`, '  b: { type: t/print }', 'edges:', '  - a -> b');
/** A source, a map with policies, and a sink. */
const policy = (text: string): string =>
  lines(
    head,
    'nodes:',
    '  a: { type: t/src }',
    '  m:',
    '    type: t/map',
    `    ${text}`,
    '  b: { type: t/print }',
    'edges:',
    '  - a -> m',
    '  - m -> b',
  );
const edge = (...edges: string[]): string => lines(head, 'nodes:', '  a: { type: t/src }', '  b: { type: t/print }', 'edges:', ...edges);
const sub = (text: string): Partial<CheckOptions> => ({ graph: (name) => (name === 'inner' ? { file: 'inner.yaml', text } : undefined) });

export const RED: readonly Red[] = [
  { code: 'GRAPH_YAML_SYNTAX', text: lines(head, 'nodes:', '  a: [1, 2', '¤edges: 3') },
  {
    code: 'GRAPH_YAML_SYNTAX',
    text: lines('¤a: &a [x, x, x]', ...'bcdefghi'.split('').map((c, i) => `${c}: &${c} [${`*${'abcdefgh'[i]}, `.repeat(9)}]`)),
  },
  { code: 'GRAPH_UNQUOTED_PLACEHOLDER', text: config('config: { path: ¤${params.video}, loop: true }'), says: /quoted/, hint: /Quote it/ },
  { code: 'GRAPH_UNQUOTED_PLACEHOLDER', text: config('config: { labels: [¤${params.video}] }') },
  { code: 'GRAPH_NOT_A_MAPPING', text: '¤- a\n- b\n' },
  { code: 'GRAPH_NOT_A_MAPPING', text: '¤', says: /empty/ },
  {
    code: 'GRAPH_DUPLICATE_KEY',
    text: lines(head, 'name: a', '¤name: b', 'nodes: { a: { type: t/src }, b: { type: t/print } }', 'edges: [ a -> b ]'),
  },
  { code: 'GRAPH_LEGACY', text: lines('¤version: 1', 'nodes: []'), hint: /sluice import/ },
  { code: 'GRAPH_LEGACY', text: lines('¤job:', '  nodes: []') },
  { code: 'GRAPH_VERSION_MISSING', text: `¤${edge('  - a -> b').replace('version: 2\n', '')}` },
  { code: 'GRAPH_VERSION_UNSUPPORTED', text: edge('  - a -> b').replace('version: 2', 'version: ¤3') },
  { code: 'GRAPH_VERSION_UNSUPPORTED', text: edge('  - a -> b').replace('version: 2', 'version: ¤"2"'), hint: /without quotes/ },
  { code: 'GRAPH_UNKNOWN_KEY', text: `${edge('  - a -> b')}¤ouputs: {}\n`, hint: /outputs/ },
  { code: 'GRAPH_WRONG_TYPE', text: `${edge('  - a -> b')}name: ¤[a]\n` },
  { code: 'GRAPH_WRONG_TYPE', text: lines(head, 'nodes:', '  ¤- a') },
  {
    code: 'GRAPH_WRONG_TYPE',
    text: lines(head, 'nodes: { a: { type: t/src }, b: { type: t/print } }', 'edges: ¤{ a: b }'),
    also: ['PORT_UNCONNECTED', 'PORT_UNREAD', 'NODE_UNREACHABLE'],
  },
  { code: 'GRAPH_NODES_MISSING', text: `¤${head}\n` },
  { code: 'GRAPH_NODES_MISSING', text: lines(head, '¤nodes: {}') },
  { code: 'GRAPH_PARAM_INVALID', text: `${edge('  - a -> b')}params: { x: { type: ¤sting } }\n`, hint: /string/ },
  { code: 'GRAPH_PARAM_INVALID', text: `${edge('  - a -> b')}params: { x: ¤5 }\n` },
  {
    code: 'GRAPH_PARAM_UNKNOWN',
    text: `params: { video: { default: x } }\n${config('config: { path: "¤${params.vidoe}" }')}`,
    hint: /video/,
  },
  {
    code: 'GRAPH_PARAM_UNKNOWN',
    text: `¤params: { video: { default: x } }\n${config('')}`,
    options: { params: { vidoe: 'y' } },
    hint: /video/,
  },
  {
    code: 'GRAPH_PARAM_MISSING',
    text: `params: { ¤video: { type: string } }\n${config('config: { path: "${params.video}" }')}`,
    hint: /--set video=/,
  },
  {
    code: 'GRAPH_PARAM_VALUE',
    text: `params: { ¤n: { type: integer, default: 1 } }\n${config('config: { count: "${params.n}" }')}`,
    options: { params: { n: 'many' } },
  },
  {
    code: 'GRAPH_PARAM_VALUE',
    text: `params: { ¤n: { type: integer, default: 1, maximum: 5 } }\n${config('')}`,
    options: { params: { n: 6 } },
  },
  {
    code: 'GRAPH_CYCLE',
    text: lines(
      head,
      'nodes: { a: { type: t/src }, m: { type: t/map }, n: { type: t/map }, b: { type: t/print } }',
      'edges:',
      '  - a -> m',
      '  - m -> n',
      '  - ¤n -> m',
      '  - n -> b: { when_full: drop_oldest }',
    ),
    says: /m -> n -> m/,
    hint: /core\/delay/,
  },
  { code: 'GRAPH_SUBGRAPH_UNKNOWN', text: lines(head, 'nodes: { a: { type: ¤graph/nowhere } }') },
  {
    code: 'GRAPH_SUBGRAPH_RECURSION',
    text: lines(head, 'nodes: { a: { type: ¤graph/self } }'),
    options: { graph: () => ({ file: 'red.yaml', text: '' }) },
  },
  { code: 'NODE_INVALID_ID', text: edge('  - a -> b').replace('a: {', '¤1a: {').replace('a ->', '1a ->') },
  {
    code: 'NODE_DUPLICATE_ID',
    text: lines(head, 'nodes:', '  a: { type: t/src }', '  b: { type: t/print }', '  ¤a: { type: t/src }', 'edges: [ a -> b ]'),
  },
  { code: 'NODE_TYPE_MISSING', text: lines(head, 'nodes:', '  a: { type: t/src }', '  ¤b: {}', 'edges:', '  - a -> b') },
  { code: 'NODE_UNKNOWN_TYPE', text: edge('  - a -> b').replace('t/print', '¤t/pront'), hint: /t\/print/ },
  { code: 'NODE_UNKNOWN_TYPE', text: edge('  - a -> b').replace('t/print', '¤elsewhere/thing'), hint: /plugins are t/ },
  { code: 'NODE_UNKNOWN_KEY', text: policy('¤timout: 2s'), hint: /timeout/ },
  { code: 'NODE_UNKNOWN_KEY', text: policy('retry: { ¤max_attempt: 2 }'), hint: /max_attempts/ },
  { code: 'NODE_INVALID_POLICY', text: policy('retry: ¤0') },
  { code: 'NODE_INVALID_POLICY', text: policy('circuit: ¤often') },
  { code: 'NODE_INVALID_POLICY', text: policy('rate: ¤fast') },
  { code: 'NODE_INVALID_POLICY', text: policy('concurrency: ¤1.5') },
  { code: 'NODE_INVALID_POLICY', text: policy('ordered: ¤yes') },
  { code: 'NODE_INVALID_POLICY', text: policy('placement: ¤workr'), hint: /worker/ },
  { code: 'NODE_INVALID_POLICY', text: policy('on_error: ¤ignore') },
  { code: 'NODE_INVALID_POLICY', text: policy('idempotency: ¤[a]') },
  {
    code: 'NODE_SUBGRAPH_POLICY',
    text: lines(head, 'nodes:', '  s:', '    type: graph/inner', '    ¤retry: 3'),
    options: sub(edge('  - a -> b')),
  },
  {
    code: 'NODE_UNREACHABLE',
    text: lines(head, 'nodes: { ¤d: { type: core/delay }, m: { type: t/map } }', 'edges: [ d -> m, m -> d ]'),
    also: ['NODE_UNREACHABLE'],
  },
  {
    code: 'NODE_UNREACHABLE',
    text: lines(head, 'nodes: { a: { type: t/src }, b: { type: t/print }, ¤c: { type: t/spare } }', 'edges: [ a -> b ]'),
  },
  { code: 'NODE_JOIN_ONE_INPUT', text: policy('¤join: all') },
  {
    code: 'NODE_JOIN_QUORUM',
    text: lines(
      head,
      'nodes:',
      '  a: { type: t/src }',
      '  p: { type: t/pair, join: { on: quorum, n: ¤3 } }',
      '  b: { type: t/print }',
      'edges: [ a -> p.left, a -> p.right, p -> b ]',
    ),
  },
  {
    code: 'NODE_BOUNDARY_BELOW_DURABLE',
    text: lines(
      head,
      'nodes:',
      '  a: { type: t/src }',
      '  ¤w: { type: t/window }',
      '  b: { type: t/print }',
      'edges:',
      '  - a -> w: { durable: true }',
      '  - w -> b',
    ),
  },
  { code: 'PORT_UNKNOWN', text: edge('  - ¤a.oot -> b'), says: /no output `oot`/, hint: /`out`.*has the outputs out/ },
  { code: 'PORT_UNKNOWN', text: edge('  - a -> ¤b.data'), says: /no input `data`/, hint: /has the inputs in/ },
  {
    code: 'PORT_AMBIGUOUS',
    text: lines(head, 'nodes: { a: { type: t/cam }, d: { type: t/detect }, b: { type: t/print } }', 'edges:', '  - a -> d', '  - ¤d -> b'),
    hint: /d\.found or d\.lost/,
  },
  {
    code: 'PORT_TYPE_MISMATCH',
    text: lines(head, 'nodes: { c: { type: t/cam }, b: { type: t/print } }', 'edges:', '  - ¤c -> b'),
    says: /c\.frames gives t\/frame@1, but b\.in takes t\/a@1/,
    hint: /t\/detect/,
  },
  { code: 'PORT_TYPE_MISMATCH', text: lines(head, 'nodes: { a: { type: t/src } }', 'outputs: { o: { type: ¤t/frame@1, from: a.out } }') },
  {
    code: 'PORT_PROFILE_MISMATCH',
    text: lines(head, 'nodes: { c: { type: t/cam }, s: { type: t/save } }', 'edges:', '  - ¤c -> s'),
    hint: /t\/to-ref/,
  },
  {
    code: 'PORT_UNCONNECTED',
    text: lines(head, 'nodes:', '  a: { type: t/src }', '  b: { type: t/any }', '  ¤c: { type: t/print }', 'edges: [ a -> b ]'),
  },
  { code: 'PORT_UNREAD', text: lines(head, 'nodes:', '  ¤a: { type: t/src }') },
  { code: 'EDGE_SYNTAX', text: edge('  - a -> b', '  - ¤a => b') },
  { code: 'EDGE_SYNTAX', text: edge('  - a -> b', '  - ¤a -> b -> a'), hint: /a line for each/ },
  { code: 'EDGE_SYNTAX', text: edge('  - a -> b', '  - ¤a -> b: {}', '    when_full: latest'), hint: /Options belong under/ },
  { code: 'EDGE_UNKNOWN_NODE', text: edge('  - a -> b', '  - ¤alpha -> b') },
  {
    code: 'EDGE_UNKNOWN_NODE',
    text: lines(head, 'nodes: { camera: { type: t/src }, b: { type: t/print } }', 'edges:', '  - ¤camra -> b'),
    hint: /camera/,
    also: ['PORT_UNREAD'],
  },
  { code: 'EDGE_UNKNOWN_KEY', text: edge('  - a -> b: { ¤when_ful: latest }'), hint: /when_full/ },
  { code: 'EDGE_INVALID_OPTION', text: edge('  - a -> b: { when_full: ¤drop_newst }'), hint: /drop_newest/ },
  { code: 'EDGE_INVALID_OPTION', text: edge('  - a -> b: { capacity: ¤0 }') },
  { code: 'EDGE_INVALID_OPTION', text: edge('  - a -> b: ¤latest') },
  { code: 'EDGE_DUPLICATE', text: edge('  - a -> b', '  - ¤a.out -> b.in') },
  { code: 'EDGE_INTO_SOURCE', text: edge('  - a -> b', '  - a -> ¤a') },
  { code: 'EDGE_OUT_OF_SINK', text: edge('  - a -> b', '  - ¤b -> b') },
  { code: 'EDGE_PUSH_BLOCKS', text: edge('  - ¤a -> b').replace('t/src', 't/push'), hint: /drop_oldest/ },
  { code: 'EDGE_LATEST_CAPACITY', text: edge('  - a -> b: { when_full: latest, ¤capacity: 4 }') },
  { code: 'EDGE_KEY_MISSING', text: edge('  - ¤a -> b: { when_full: fair }') },
  { code: 'EDGE_NEEDS_DURABLE', text: edge('  - a -> b: { ¤max_rows: 10 }') },
  {
    code: 'EDGE_DURABLE_PAYLOAD',
    text: lines(head, 'nodes: { c: { type: t/cam }, b: { type: t/any } }', 'edges:', '  - ¤c -> b: { durable: true }'),
    hint: /t\/to-ref/,
  },
  {
    code: 'EDGE_LOSSY_BELOW_DURABLE',
    text: lines(
      head,
      'nodes: { a: { type: t/src }, m: { type: t/map }, b: { type: t/print } }',
      'edges:',
      '  - a -> m: { durable: true }',
      '  - ¤m -> b: { when_full: drop_oldest }',
    ),
  },
  {
    code: 'EDGE_SHARED_BLOCKING',
    text: lines(head, 'nodes: { a: { type: t/src }, b: { type: t/print }, c: { type: t/any } }', 'edges:', '  - a -> b', '  - ¤a -> c'),
    says: /`b` and `c` share/,
  },
  { code: 'CONFIG_UNKNOWN_KEY', text: config('config: { ¤colour: red }'), hint: /color/ },
  { code: 'CONFIG_UNKNOWN_KEY', text: config('config: { zones: [{ id: a, ¤sise: 2 }] }'), says: /zones\.0\.sise/ },
  { code: 'CONFIG_WRONG_TYPE', text: config('config: { loop: ¤yes }'), hint: /true and false/ },
  { code: 'CONFIG_WRONG_TYPE', text: config('config: { count: ¤"3" }'), hint: /quotes/ },
  { code: 'CONFIG_WRONG_TYPE', text: config('config: { path: ¤5 }'), hint: /Quote it/ },
  { code: 'CONFIG_WRONG_TYPE', text: config('config: { labels: ¤red }') },
  { code: 'CONFIG_WRONG_TYPE', text: config('config: ¤[a]') },
  { code: 'CONFIG_WRONG_TYPE', text: config('config: { count: ¤"${env.N:many}" }'), hint: /placeholder/ },
  { code: 'CONFIG_OUT_OF_RANGE', text: config('config: { count: ¤11 }'), says: /at most 10/ },
  { code: 'CONFIG_OUT_OF_RANGE', text: config('config: { ratio: ¤0 }'), says: /more than 0/ },
  { code: 'CONFIG_OUT_OF_RANGE', text: config('config: { path: ¤"" }'), says: /empty/ },
  { code: 'CONFIG_OUT_OF_RANGE', text: config('config: { labels: ¤[a, b, c] }') },
  { code: 'CONFIG_OUT_OF_RANGE', text: config('config: { labels: [a, ¤a] }'), says: /twice/ },
  {
    code: 'CONFIG_MISSING',
    text: lines(head, 'nodes:', '  ¤a: { type: t/must }', '  b: { type: t/print }', 'edges: [ a -> b ]'),
    says: /needs `url`/,
    hint: /where to read/,
  },
  { code: 'CONFIG_MISSING', text: config('config: { zones: [¤{ size: 2 }] }'), says: /zones\.0\.id/ },
  { code: 'CONFIG_NOT_IN_ENUM', text: config('config: { color: ¤gren }'), hint: /green/ },
  { code: 'CONFIG_PATTERN', text: config('config: { code: ¤abc }') },
  { code: 'CONFIG_BAD_DURATION', text: config('config: { wait: ¤10 seconds }') },
  { code: 'CONFIG_BAD_DURATION', text: policy('timeout: ¤2 s') },
  { code: 'CONFIG_BAD_DURATION', text: edge('  - a -> b: { max_age: ¤soon }') },
  { code: 'CONFIG_BAD_SIZE', text: config('config: { limit: ¤10 MB }') },
  { code: 'CONFIG_BAD_SIZE', text: edge('  - a -> b: { max_bytes: ¤much }') },
  { code: 'CONFIG_NOT_JSON', text: config('config: { any: ¤.nan }') },
  { code: 'CONFIG_NOT_JSON', text: config('config: { any: { __proto__: ¤1 } }') },
  { code: 'CONFIG_PLACEHOLDER_UNKNOWN', text: config('config: { path: "x-¤${host.name}" }') },
  { code: 'CONFIG_PLACEHOLDER_UNKNOWN', text: config('config: { path: "¤${oc.env:NAME,x}" }') },
  { code: 'CONFIG_ENV_UNSET', text: config('config: { path: "¤${env.NOWHERE}" }'), hint: /\$\{env\.NOWHERE:default\}/ },
  { code: 'CONFIG_SECRET_MISSING', text: config('config: { token: "¤${secret.NOWHERE}" }') },
  { code: 'ASSET_MISSING', text: config('config: { path: "¤${asset.nowhere}" }'), hint: /sluice assets stage/ },
];
