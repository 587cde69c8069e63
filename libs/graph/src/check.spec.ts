import { parse } from 'yaml';
import { CATALOGUE } from '../test/catalogue';
import { FULL, INNER, OUTER, SIMPLE } from '../test/good';
import { checkGraph, planOf, type CheckOptions, type Plan } from './index';

const SECRET = 'hunter2-and-more';
const options: CheckOptions = {
  catalogues: [CATALOGUE],
  secret: (name) => (name === 'TOKEN' ? SECRET : undefined),
  graph: (name) => (name === 'inner' ? { file: 'inner.yaml', text: INNER } : undefined),
};
const check = (text: string, more: Partial<CheckOptions> = {}) => checkGraph({ text, file: 'graphs/full.yaml' }, { ...options, ...more });
function planFor(text: string, more: Partial<CheckOptions> = {}): Plan {
  const { plan, diagnostics } = check(text, more);
  expect(diagnostics).toEqual([]);
  return plan!;
}
const config = (plan: Plan, id: string) => plan.nodes.find((node) => node.id === id)!.config;

describe('a plan', () => {
  it('resolves policies and edges to figures', () => {
    const plan = planFor(FULL);
    expect(plan.nodes.find(({ id }) => id === 'm')!.policies).toEqual({
      retry: { max_attempts: 5, backoff_ms: 50, max_backoff_ms: 2000 },
      timeout_ms: 2000,
      circuit: { failures: 3, reset_ms: 60_000 },
      rate: { count: 10, per_ms: 1000 },
      idempotency: 'meta.idempotency_key',
      fallback: { n: 3 },
      on_error: 'stop',
      concurrency: 8,
      ordered: false,
      placement: 'worker',
      scope: 'orders',
      durability: 'state',
    });
    expect(plan.nodes.find(({ id }) => id === 'p')!.policies.join).toEqual({
      on: 'quorum',
      n: 2,
      by: 'payload.id',
      timeout_ms: 30_000,
      late: 'fire',
      max_held: 10,
    });
    expect(plan.edges.map(({ from: _from, to: _to, ...edge }) => edge)).toEqual([
      { id: '$inputs.orders->p.right', when_full: 'block', capacity: 64, lane: 'data', mode: 'trigger' },
      {
        id: 'a.out->m.in',
        when_full: 'latest',
        capacity: 16,
        max_bytes: 2 * 1024 ** 2,
        max_age_ms: 5000,
        key: 'source_id',
        lane: 'data',
        mode: 'trigger',
      },
      { id: 'm.out->p.left', when_full: 'block', capacity: 64, lane: 'data', mode: 'trigger' },
      {
        id: 'p.out->b.in',
        when_full: 'block',
        capacity: 64,
        lane: 'data',
        mode: 'trigger',
        durable: { max_rows: 1000, retain_ms: 7 * 86_400_000, max_attempts: 3, on_dead: 'park_key' },
      },
      { id: 'm.error->dead.in', when_full: 'error', capacity: 256, lane: 'control', mode: 'trigger' },
      { id: 'p.out->$outputs.all', when_full: 'block', capacity: 64, lane: 'data', mode: 'trigger' },
    ]);
    expect(plan.inputs).toEqual([{ name: 'orders', type: 't/a@1', profile: 'json_portable', at: [{ node: 'p', port: 'right' }] }]);
    expect(plan.outputs).toEqual([{ name: 'all', type: 't/a@1', profile: 'json_portable', at: [{ node: 'p', port: 'out' }] }]);
    expect(plan).toMatchObject({ version: 1, name: 'full', description: 'Everything that a graph can say.', file: 'graphs/full.yaml' });
  });

  it('has the documented defaults', () => {
    const plan = planFor(SIMPLE.replace('a -> b', 'a -> b: { when_full: latest }').replace('t/print }', 't/print, retry: 2, circuit: 4 }'));
    expect(plan.name).toBe('full');
    expect(plan.edges[0]).toMatchObject({ when_full: 'latest', capacity: 1 });
    expect(plan.nodes[0]!.policies).toEqual({ on_error: 'route', concurrency: 1, ordered: true, placement: 'inline', durability: 'none' });
    expect(plan.nodes[1]!.policies).toMatchObject({
      retry: { max_attempts: 2, backoff_ms: 100, max_backoff_ms: 30_000 },
      circuit: { failures: 4, reset_ms: 30_000 },
    });
  });

  it('finds a port that is left out by the type at the other end', () => {
    const plan = planFor(
      FULL.replace('- m -> p.left', '- m -> p.left\n  - c -> two').replace(
        '  b: { type: t/any }',
        '  c: { type: t/cam }\n  two: { type: t/either }\n  b: { type: t/any }',
      ),
    );
    expect(plan.edges.map(({ id }) => id)).toContain('c.frames->two.frames');
  });

  it('is frozen to the last leaf, and leaves the catalogue alone', () => {
    const plan = planFor(FULL);
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      expect(Object.isFrozen(value)).toBe(true);
      Object.values(value).forEach(walk);
    };
    walk(plan);
    expect(Object.isFrozen(CATALOGUE.nodes[0]!.out)).toBe(false);
  });

  it('is the same for a graph built in code, which is not touched', () => {
    const spec = parse(FULL) as object;
    const { plan, diagnostics } = planOf(spec, options);
    expect(diagnostics).toEqual([]);
    expect(plan!.hash).toBe(planFor(FULL).hash);
    expect(plan!.file).toBeUndefined();
    expect(spec).toEqual(parse(FULL));
    expect(Object.isFrozen((spec as { nodes: object }).nodes)).toBe(false);
    const loop: Record<string, unknown> = {};
    loop['again'] = loop;
    loop['more'] = loop;
    const red = planOf({ version: 2, nodes: { a: { type: 't/opts', config: { any: loop } } } }, options);
    expect(red.diagnostics[0]).toMatchObject({ code: 'CONFIG_NOT_JSON', line: 1, column: 1, path: 'nodes.a.config.any.again' });
  });
});

describe('findings', () => {
  it('come all at once, in the order of the file', () => {
    const { diagnostics } = check(
      'version: 2\nnam: x\nnodes:\n  a: { type: t/scr }\n  b: { type: t/opts, config: { count: x, colour: red } }\nedges:\n  - a -> c\n  - b.oot -> a\n',
    );
    expect(diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([
      '2:1 GRAPH_UNKNOWN_KEY',
      '4:14 NODE_UNKNOWN_TYPE',
      '5:39 CONFIG_WRONG_TYPE',
      '5:42 CONFIG_UNKNOWN_KEY',
      '7:10 EDGE_UNKNOWN_NODE',
      '8:5 PORT_UNKNOWN',
    ]);
  });

  it('of a faulty edge do not blame its nodes for lacking edges', () => {
    const { diagnostics } = check(SIMPLE.replace('a -> b', 'a.x -> b'));
    expect(diagnostics.map(({ code }) => code)).toEqual(['PORT_UNKNOWN']);
  });

  it('come with the place of duplicate ids, and the rest of the file', () => {
    const { diagnostics } = check(`${SIMPLE.replace('a: { type: t/src }', 'a: { type: t/src }\n  a: { type: t/src }')}nam: x\n`);
    expect(diagnostics.map(({ code, line }) => [code, line])).toEqual([
      ['NODE_DUPLICATE_ID', 5],
      ['GRAPH_UNKNOWN_KEY', 9],
    ]);
  });

  it('count lines the same with Windows line ends', () => {
    const { diagnostics } = check(SIMPLE.replace('t/print', 't/pront').replaceAll('\n', '\r\n'));
    expect(diagnostics[0]).toMatchObject({ code: 'NODE_UNKNOWN_TYPE', line: 5, column: 14 });
  });
});

describe('no finding is made', () => {
  const graph = (nodes: string, ...edges: string[]) =>
    `version: 2\nnodes: { ${nodes} }\nedges:\n${edges.map((edge) => `  - ${edge}\n`).join('')}`;

  it.each([
    ['of a pushed source with a lossy edge', graph('a: { type: t/push }, b: { type: t/print }', 'a -> b: { when_full: drop_oldest }')],
    [
      'of a fan-out where all but one may drop',
      graph('a: { type: t/src }, b: { type: t/print }, c: { type: t/any }', 'a -> b', 'a -> c: { when_full: latest }'),
    ],
    [
      'of a fan-out that meets again',
      graph('a: { type: t/src }, p: { type: t/pair }, b: { type: t/print }', 'a -> p.left', 'a -> p.right', 'p -> b'),
    ],
    [
      'of a cycle through a delay',
      graph(
        'a: { type: t/src }, m: { type: t/map }, d: { type: core/delay }, b: { type: t/print }',
        'a -> m',
        'm -> d: { when_full: latest }',
        'd -> m',
        'm -> b',
      ),
    ],
    [
      'of a loss above a durable edge',
      graph('a: { type: t/src }, m: { type: t/map }, b: { type: t/print }', 'a -> m: { when_full: latest }', 'm -> b: { durable: true }'),
    ],
    [
      'of a reference over a durable edge',
      graph('c: { type: t/cam }, r: { type: t/to-ref }, b: { type: t/any }', 'c -> r', 'r -> b: { durable: true }'),
    ],
    [
      'of an optional output and a left out error port',
      graph('c: { type: t/cam }, d: { type: t/detect }, b: { type: t/print }', 'c -> d', 'd.found -> b'),
    ],
    ['of several edges into one port', graph('a: { type: t/src }, c: { type: t/src }, b: { type: t/print }', 'a -> b', 'c -> b')],
  ])('%s', (_what, text) => expect(planFor(text).nodes.length).toBeGreaterThan(1));

  it('about the nodes in a sub-graph that a faulty edge leads to', () => {
    const { diagnostics } = check(OUTER.replace('a -> one', 'a.x -> one'));
    expect(diagnostics.map(({ code }) => code)).toEqual(['PORT_UNKNOWN']);
  });
});

describe('placeholders', () => {
  it('are replaced after parsing and coerced by the schema', () => {
    const plan = planFor(FULL, { env: { VIDEO: 'x: [1', LABELS: '["car"]' }, params: { many: '4' } });
    expect(config(plan, 'a')).toEqual({
      path: 'x: [1',
      count: 7,
      loop: true,
      wait: '4s',
      labels: ['car'],
      token: `Bearer ${SECRET}`,
      any: { plain: 1, mixed: '4 of ${x}' },
    });
  });

  it('name the layer that each value came from', () => {
    const plan = planFor(FULL, { env: { COUNT: '2' }, params: { many: 4 } });
    expect(plan.layers).toMatchObject({
      'params.video': 'file',
      'params.many': 'flag',
      'nodes.a.config.path': 'file',
      'nodes.a.config.count': 'env',
      'nodes.a.config.wait': 'flag',
      'nodes.m.fallback.n': 'flag',
    });
    expect(planFor(FULL, { env: { VIDEO: 'v' } }).layers).toMatchObject({ 'params.video': 'env', 'nodes.a.config.path': 'env' });
    expect(planFor(SIMPLE.replace('t/src', 't/opts')).layers).toEqual({
      'nodes.a.config.count': 'default',
      'nodes.a.config.loop': 'default',
    });
  });

  it('are not looked for in what they gave', () => {
    const plan = planFor(FULL, { env: { VIDEO: '${secret.TOKEN}' } });
    expect(config(plan, 'a')['path']).toBe('${secret.TOKEN}');
  });

  it('report parameters with their values, secrets without', () => {
    expect(check(FULL, { params: { many: '9' } }).params).toEqual({
      video: { name: 'video', type: 'string', description: 'What to read.', value: 'samples/street.mp4', layer: 'file', secret: false },
      many: { name: 'many', type: 'integer', value: 9, layer: 'flag', secret: false },
      token: { name: 'token', type: 'string', layer: 'env', secret: true },
    });
  });
});

describe('secrets', () => {
  it('are in the config only: marked, and not in the hash', () => {
    const plan = planFor(FULL);
    expect(plan.secrets).toEqual(['nodes.a.config.token']);
    const { nodes, ...rest } = plan;
    expect(JSON.stringify(rest)).not.toContain(SECRET);
    expect(planFor(FULL, { secret: () => 'another-one' }).hash).toBe(plan.hash);
  });

  it('are not told in a diagnostic', () => {
    const { diagnostics } = check(
      FULL.replace('Bearer ${params.token}', '${params.token}').replace('loop: "${env.LOOP:true}"', 'color: "${secret.TOKEN}"'),
      {
        secret: () => 'abc',
      },
    );
    expect(diagnostics.map(({ code }) => code).sort()).toEqual(['CONFIG_NOT_IN_ENUM', 'CONFIG_OUT_OF_RANGE']);
    expect(JSON.stringify(diagnostics)).not.toContain('abc');
  });
});

describe('sub-graphs', () => {
  it('are flattened, each with its own parameters', () => {
    const plan = planFor(OUTER, { env: { SIZE: '6' } });
    expect(plan.nodes.map(({ id }) => id)).toEqual(['a', 'one/own', 'one/pair', 'two/own', 'two/pair', 'b']);
    expect(config(plan, 'one/own')).toMatchObject({ count: 4, path: 'hello' });
    expect(config(plan, 'two/own')).toMatchObject({ count: 6, path: 'bye' });
    expect(plan.edges.map(({ id, when_full }) => `${id} ${when_full}`)).toEqual([
      'one/own.out->one/pair.right block',
      'two/own.out->two/pair.right block',
      'a.out->one/pair.left block',
      'one/pair.out->two/pair.left drop_oldest',
      'two/pair.out->b.in block',
    ]);
    expect(plan.layers).toMatchObject({ 'nodes.two/own.config.count': 'env', 'nodes.one/own.config.count': 'file' });
  });

  it('have findings at their own places, once; wrong parameters at the use', () => {
    const inner = { graph: () => ({ file: 'inner.yaml', text: INNER.replace('t/opts', 't/optz') }) };
    expect(check(OUTER, inner).diagnostics.map(({ file, line, code }) => `${file}:${line} ${code}`)).toEqual([
      'inner.yaml:8 NODE_UNKNOWN_TYPE',
    ]);
    const { diagnostics } = check(OUTER.replace('size: 4', 'sise: 4'));
    expect(diagnostics.map(({ file, line, code }) => `${file}:${line} ${code}`)).toEqual([
      'graphs/full.yaml:5 CONFIG_MISSING',
      'graphs/full.yaml:5 CONFIG_UNKNOWN_KEY',
    ]);
  });

  it('may close a cycle only through what breaks one', () => {
    const loop =
      'version: 2\nnodes:\n  a: { type: t/src }\n  m: { type: t/map }\n  s: { type: graph/way }\nedges: [ a -> m, m -> s, s -> m ]\n';
    const way = (type: string) => ({
      graph: () => ({
        file: 'way.yaml',
        text: `version: 2\nnodes: { x: { type: ${type} } }\ninputs: { in: { type: t/a@1, to: x } }\noutputs: { out: { type: t/a@1, from: x } }\n`,
      }),
    });
    expect(check(loop, way('core/delay')).diagnostics).toEqual([]);
    expect(check(loop, way('t/map')).diagnostics).toMatchObject([{ code: 'GRAPH_CYCLE', file: 'graphs/full.yaml', line: 6 }]);
  });
});

describe('hash', () => {
  const base = planFor(FULL).hash;

  it('is that of sha256', () => expect(base).toMatch(/^[0-9a-f]{64}$/));

  it('does not change with comments, order, names or layout', () => {
    expect(planFor(`# hello\n${FULL}`).hash).toBe(base);
    expect(planFor(FULL.replace('name: full', 'name: other')).hash).toBe(base);
    const { nodes, edges, ...rest } = parse(FULL) as { nodes: object; edges: unknown[] };
    const turned = { edges: edges.reverse(), nodes: Object.fromEntries(Object.entries(nodes).reverse()), ...rest };
    expect(planOf(turned, options).plan!.hash).toBe(base);
  });

  it.each([
    ['a config', 'count: "${env.COUNT:7}"', 'count: 8'],
    ['a policy', 'timeout: 2s', 'timeout: 3s'],
    ['an edge', 'capacity: 16', 'capacity: 17'],
    ['an output', 'all: {', 'some: {'],
  ])('changes with %s', (_what, from, to) => {
    expect(FULL).toContain(from);
    expect(planFor(FULL.replace(from, to)).hash).not.toBe(base);
  });
});

it.each([
  ['0', 'at least 1, not 0.'],
  ['-1', 'at least 1, not -1.'],
  ['1.5', 'at least 1, not 1.5.'],
  ['"64"', 'at least 1, not the text "64".'],
  ['1e99', 'at least 1 and at most 9007199254740991, not 1e+99.'],
  // What is filled in may be a secret.
  ['"${secret.TOKEN}"', 'at least 1, not text.'],
])('capacity: %s is refused with what is allowed', (capacity, said) => {
  const text = `version: 2\nname: g\nnodes:\n  a: { type: t/src }\n  b: { type: t/print }\nedges:\n  - a -> b: { capacity: ${capacity} }\n`;
  const message = `\`capacity\` must be a whole number of ${said}`;
  expect(check(text).diagnostics).toMatchObject([{ code: 'EDGE_INVALID_OPTION', severity: 'error', message }]);
});

test('a boundary operator before the fork, or behind a join with `by`, is no fault of the join', () => {
  const joinOf = (edges: string, join = 'all') =>
    checkGraph(
      {
        text: `version: 2\nnodes:\n  a: { type: t/src }\n  w: { type: t/window }\n  m: { type: t/map }\n  p: { type: t/pair, join: ${join} }\n  b: { type: t/print }\nedges:\n${edges}  - p -> b\n`,
        file: 'join.yaml',
      },
      { catalogues: [CATALOGUE] },
    ).diagnostics.filter(({ severity }) => severity === 'error');
  expect(joinOf('  - a -> w\n  - w -> m\n  - m -> p.left\n  - w -> p.right\n')).toEqual([]);
  const inOne = '  - a -> w\n  - w -> p.left\n  - a -> m\n  - m -> p.right\n';
  expect(joinOf(inOne).map(({ code }) => code)).toEqual(['NODE_JOIN_BOUNDARY']);
  expect(joinOf(inOne, '{ on: all, by: payload.id }')).toEqual([]);
  expect(joinOf(inOne, 'any')).toEqual([]);
});
