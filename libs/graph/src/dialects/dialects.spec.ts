import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOGUE } from '../../test/catalogue';
import { REFERENCE } from '../../test/reference-catalogue';
import { checkGraph, graphSchema, importGraph, type CheckOptions } from '../index';
import { placeholders } from './placeholders';

const FOLDER = join(__dirname, '../../test/fixtures/reference');
const FILES = readdirSync(FOLDER);
const textOf = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const options: CheckOptions = { catalogues: [CATALOGUE, REFERENCE], env: { SS_INPUT_PLUGIN: 'schnitzel_stream.nodes.dev:StaticSource' } };
const check = (text: string, more: Partial<CheckOptions> = {}) => checkGraph({ text, file: 'a.yaml' }, { ...options, ...more });
const small = (node: string, edge = '{ from: a, to: b }', source = '{ id: a, kind: source, plugin: t/src }'): string =>
  `version: 2\nnodes:\n  - ${source}\n  - ${node}\nedges:\n  - ${edge}\n`;
const SINK = '{ id: b, kind: sink, plugin: t/print }';

describe('a graph of the reference platform', () => {
  it.each(FILES)('%s is read as it is, and what is imported of it is the same plan', (name) => {
    const { plan, diagnostics } = check(textOf(name));
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const imported = importGraph({ text: textOf(name), file: name }, options);
    expect(imported.same).toBe(false);
    // A type from the environment is looked up once, when it is imported.
    const again = check(imported.text!.replace('${oc.env:SS_INPUT_PLUGIN}', 'core/values'));
    expect(again.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(again.plan!.hash).toBe(plan!.hash);
    expect(imported.text).not.toMatch(/plugin:|__runtime__|schnitzel/);
  });

  it('is read with every alias of a key', () => {
    const plain = check(small(SINK, '{ from: a, from_port: out, to: b, to_port: in }')).plan!;
    const aliased = small(SINK.replace('id:', 'node_id:'), '{ src: a, src_port: out, dst: b, dst_port: in }');
    expect(check(aliased).plan!.hash).toBe(plain.hash);
    expect(plain.edges[0]!.id).toBe('a.out->b.in');
  });

  it('needs no version', () => {
    expect(check(small(SINK).replace('version: 2\n', '')).diagnostics).toEqual([]);
  });

  it('gives the inbox of a node to the edges into it', () => {
    const edgeOf = (runtime: string) =>
      check(small(`{ id: b, kind: sink, plugin: t/print, config: { transport: inproc, __runtime__: ${runtime} } }`)).plan!.edges[0];
    expect(edgeOf('{ inbox_max: 3 }')).toMatchObject({ when_full: 'drop_newest', capacity: 3 });
    expect(edgeOf('{ inbox_max: 1, inbox_overflow: drop_oldest }')).toMatchObject({ when_full: 'drop_oldest', capacity: 1 });
    expect(edgeOf('{ inbox_max: 9, inbox_overflow: error }')).toMatchObject({ when_full: 'error', capacity: 9 });
    expect(edgeOf('{ inbox_max: 9, inbox_overflow: weighted_drop, overflow_weight_key: meta.tenant }')).toMatchObject({
      when_full: 'fair',
      key: 'meta.tenant',
      capacity: 9,
    });
    expect(edgeOf('{}')).toMatchObject({ when_full: 'block', capacity: 64 });
  });

  it('takes the type of a node from the environment, and its default', () => {
    const text = textOf('stream-template.yaml');
    expect(check(text).plan!.nodes[0]!.type).toBe('core/values');
    expect(check(text, { env: { SS_INPUT_PLUGIN: 't/src' } }).diagnostics[0]?.code).toBe('CONFIG_UNKNOWN_KEY');
    const preset = text.replace('SS_INPUT_PLUGIN}', 'SS_INPUT_PLUGIN,schnitzel_stream.nodes.dev:StaticSource}');
    expect(check(preset, { env: {} }).plan!.nodes[0]!.type).toBe('core/values');
  });

  it('names findings at their place in the file as it is written, with the path there', () => {
    const text = textOf('http-event.yaml').replace('timeout_sec: 2.5', 'timeout_sec: soon');
    const [found] = check(text).diagnostics;
    expect(found).toMatchObject({ code: 'CONFIG_BAD_DURATION', line: 18, column: 20, path: 'nodes.1.config.timeout_sec', node: 'post' });
  });

  it('turns seconds into durations and retries into a policy', () => {
    const post = check(textOf('http-event.yaml')).plan!.nodes[1]!;
    expect(post.config).toMatchObject({ timeout: '2500ms', url: 'http://127.0.0.1:18080/api/events' });
    expect(post.policies.retry).toEqual({ max_attempts: 3, backoff_ms: 500, max_backoff_ms: 4000 });
  });

  it('asks sources that meet at a node in turn, as they were there', () => {
    const meet = (...edges: string[]): string =>
      `version: 2\nnodes:\n  - { id: a, kind: source, plugin: t/src }\n  - { id: turns, kind: source, plugin: t/src }\n  - { id: x, plugin: t/map }\n  - ${SINK}\nedges:\n${edges
        .map((edge) => `  - { from: ${edge.replace('>', ', to: ')} }\n`)
        .join('')}`;
    const plan = check(meet('a>b', 'turns>b', 'a>x', 'x>b')).plan!;
    expect(plan.edges.map(({ id }) => id)).toEqual([
      'a.out->turns_2.in',
      'turns.out->turns_2.in',
      'turns_2.out->b.in',
      'a.out->x.in',
      'x.out->b.in',
    ]);
    expect(plan.nodes.find(({ id }) => id === 'turns_2')).toMatchObject({ type: 'core/merge', config: { order: 'round_robin' } });
    // One source alone, and what passed another node, comes when it comes.
    expect(check(meet('a>x', 'turns>b', 'x>b')).plan!.nodes).toHaveLength(4);
    const camera = meet('a>b', 'turns>b', 'a>x', 'x>b').replace(
      'id: a, kind: source, plugin: t/src',
      'id: a, kind: source, plugin: t/push',
    );
    expect(check(camera).plan!.nodes.map(({ type }) => type)).not.toContain('core/merge');
  });

  it('is a sub-graph like any other', () => {
    const outer = 'version: 2\nnodes:\n  inner: { type: graph/old }\n';
    const { plan, diagnostics } = check(outer, { graph: () => ({ file: 'old.yaml', text: textOf('inproc-demo.yaml') }) });
    expect(diagnostics).toEqual([]);
    expect(plan!.nodes.map(({ id }) => id)).toEqual(['inner/src', 'inner/out']);
  });

  it('shows nothing of its words in the schema', () => {
    expect(JSON.stringify(graphSchema([CATALOGUE]))).not.toMatch(/plugin"|__runtime__|inbox|from_port|oc\.env/);
  });
});

describe('import', () => {
  const imported = (text: string) => importGraph({ text, file: 'a.yaml' }, options);

  it('keeps comments at what they stand at', () => {
    expect(imported(textOf('inproc-demo.yaml')).text).toBe(`# One packet, printed.
version: 2
nodes:
  src:
    type: core/values
    config:
      kind: raw
      items:
        # The only one.
        - { kind: demo, source_id: demo01, payload: { hello: world } }
  out:
    type: core/print
    config:
      # shows where it came from
      prefix: "DEV "
edges:
  - src -> out
`);
    expect(imported(textOf('http-event.yaml')).text).toContain('  # Posts it; the receiver knows a second try by its key.\n  post:\n');
  });

  it('says what it put in, and writes it above', () => {
    const { text, added } = imported(textOf('interleaving.yaml'));
    expect(added).toEqual([{ node: 'turns', why: 'One packet of each in turn, as the sources a, b of `out` were asked before.' }]);
    expect(text).toContain(`  # ${added[0]!.why}\n  turns:\n    type: core/merge\n`);
    expect(text).toMatch(/- a -> turns\n {2}- b -> turns\n {2}- turns -> out\n$/);
  });

  it('gives back a graph of this version as it is', () => {
    const text = 'version: 2\nnodes: { a: { type: t/src } } # mine\n';
    expect(imported(text)).toEqual({ text, same: true, diagnostics: [], added: [] });
  });

  it('says what it cannot read, and never throws', () => {
    expect(imported('- a\n').text).toBeUndefined();
    expect(imported('nodes: [').diagnostics[0]?.code).toBe('GRAPH_YAML_SYNTAX');
    for (const text of [
      'nodes: [1, { id: [] }]',
      'nodes: [{ id: a, plugin: {} }]\nedges: [1, {}, a]',
      'nodes: [{ id: __proto__ }]\nedges: 5',
    ])
      expect(typeof imported(text).text).toMatch(/string|undefined/);
  });
});

describe('an interpolation', () => {
  it.each([
    ['${oc.env:A}', '${env.A}'],
    ['${oc.env:A,b}', '${env.A:b}'],
    ['${oc.env:A, "b c"}', '${env.A:b c}'],
    ['${oc.env:A,}', '${env.A:}'],
    ['x/${oc.env:A,1}/${oc.env:B}', 'x/${env.A:1}/${env.B}'],
    ['${oc.decode:${oc.env:A,0}}', '${env.A:0}'],
    ['${params.a}', '${params.a}'],
    ['${oc.env:A,${oc.env:B}}', '${oc.env:A,${oc.env:B}}'],
    ['${unclosed', '${unclosed'],
  ])('%s is %s', (from, to) => {
    expect(placeholders({ a: [from] })).toEqual({ a: [to] });
  });
});
