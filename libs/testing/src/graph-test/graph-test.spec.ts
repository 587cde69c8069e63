import { testSchema } from '@sluice/graph';
import { Any, catalogueOf, definePlugin, Doc, IsAny, Node, nodeSpec, port, SluiceError, type Context, type Packet } from '@sluice/sdk';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { junit, testFile, type TestHost, type TestOptions } from '.';

class DoubleConfig {
  @IsAny() @Doc('A path of something.') model = '';
}
@Node({
  type: 'x/double',
  kind: 'transform',
  summary: 'Doubles.',
  config: DoubleConfig,
  in: { in: port(Any, 'A.') },
  out: { out: port(Any, 'B.') },
})
class Double {
  process({ payload }: Packet) {
    if (typeof payload !== 'number') throw new SluiceError('X_NO_NUMBER', 'It is no number.', { retryable: false });
    return payload * 2;
  }
}
@Node({ type: 'x/count', kind: 'source', summary: 'Counts.', out: { out: port(Any, 'A.') } })
class Count {
  *read() {
    yield 1;
    yield 2;
  }
}
const written: unknown[] = [];
@Node({ type: 'x/out', kind: 'sink', summary: 'Writes.', in: { in: port(Any, 'A.') } })
class Out {
  write({ payload }: Packet): void {
    written.push(payload);
  }
}
@Node({ type: 'x/never', kind: 'transform', summary: 'Never answers.', in: { in: port(Any, 'A.') }, out: { out: port(Any, 'B.') } })
class Never {
  process(_packet: Packet, _ctx: Context): Promise<undefined> {
    return new Promise(() => undefined);
  }
}

const x = definePlugin({ name: 'x', nodes: [Double, Count, Out, Never] });
const GRAPH = `version: 2
name: g
params:
  fail: { type: boolean, default: false }
nodes:
  feed: { type: x/count }
  double: { type: x/double, config: { model: "\${asset.net}" } }
  out: { type: x/out }
inputs:
  more: { to: double.in }
edges:
  - feed -> double
  - double -> out
`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  written.length = 0;
});

/** Runs a test text beside the graph above. */
async function run(text: string, options: TestOptions & { graph?: string; files?: Record<string, string>; folder?: string } = {}) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'sluice-tests-'));
  folders.push(...(folders.includes(folder) ? [] : [folder]));
  writeFileSync(join(folder, 'g.yaml'), options.graph ?? GRAPH);
  writeFileSync(join(folder, 'g.test.yaml'), text);
  for (const [name, content] of Object.entries(options.files ?? {})) writeFileSync(join(folder, name), content);
  const host: TestHost = {
    catalogues: [catalogueOf(x)],
    plugins: (types) => (x.nodes.some((cls) => types.includes(nodeSpec(cls).type)) ? [x] : []),
    asset: (name) => (name === 'net' ? '/net.onnx' : undefined),
  };
  const result = await testFile(join(folder, 'g.test.yaml'), host, options);
  const told = result.tests.flatMap(({ failures }) => failures.map(({ line, column, message }) => `${line}:${column} ${message}`));
  const diffs = result.tests.flatMap(({ failures }) => failures.flatMap(({ diff }) => diff));
  const found = result.diagnostics.map(({ line, column, code, message, hint }) => `${line}:${column} ${code} ${message} ${hint ?? ''}`);
  return { result, folder, told, diffs, found, statuses: result.tests.map(({ status }) => status) };
}

describe('a test of a graph', () => {
  it('runs the graph as it is, and what it says holds', async () => {
    const { told, found, result } = await run('expect:\n  double: [{ payload: 2 }, { payload: 4 }]\n  out: { payloads: [2, 4] }\n');
    expect([told, found]).toEqual([[], []]);
    expect(written).toEqual([2, 4]);
    expect(result.coverage).toMatchObject({ nodes: { covered: 3, total: 3 }, edges: { missing: ['$inputs.more->double.in'] }, mocked: [] });
  });

  it.each([
    ['double: { count: 3 }', /^2:20 double: expected 3 packets, 2 came/, '+ at 0ms: 2'],
    ['double: { count: { min: 3 } }', /^2:20 double: expected at least 3 packets/, '+ at 0ms: 4'],
    ['double: [{ payload: 2 }, { payload: 5 }]', /^2:39 double: packet 2 is not as expected/, '- payload: 5'],
    ['double: { payloads: [2] }', /^2:23 double: expected 1 packet, 2 came/, '+ at 0ms: 4'],
    ['double: { payloads: [2, 4, 6] }', /^2:30 double: expected 3 packets, 2 came/, '- {"payload":6}'],
    ['double: { payloads: [4, 3], order: any }', /^2:27 double: 1 of 2 expected packets did not come/, '- {"payload":3}'],
    ['double: { contains: [{ payload: 4 }, { payload: 2 }] }', /^2:40 double: none of 2 packets behind those before it/, '- {"payload":2}'],
    ['double: { absent: true }', /^2:21 double: expected nothing/, '+ at 0ms: 2'],
    ['double: { absent: [{ payload: { $min: 4 } }] }', /^2:22 double: a packet came that was to be absent/, '+ {"payload":4}'],
    ['double: { after: 1s }', /^2:20 double: the first packet came at 0ms, earlier than 1s/, undefined],
    ['double.error: { codes: [X] }', /^2:26 double: expected the failures X/, '+ none'],
    ['out: { payloads: [2, 5] }', /^2:24 out: packet 2 is not as expected/, '+ payload: 4'],
    ['double: { golden: none.jsonl }', /^2:21 double: there is no golden none.jsonl yet/, undefined],
  ])('%s fails at its place', async (expectation, message, line) => {
    const { told, diffs, statuses } = await run(`expect:\n  ${expectation}\n`);
    expect(statuses).toEqual(['failed']);
    expect(told).toEqual([expect.stringMatching(message)]);
    if (line !== undefined) expect(diffs).toContain(line);
  });

  it.each([
    ['status: degraded', /^2:11 The run is ok, not degraded/],
    ['reasons: [broken]', /^2:13 No reason says "broken"/],
    ['delivery: { nacked: 3 }', /^2:23 Expected 3 deliveries nacked, there are 0/],
    ['nodes: { double: { consumed: 9 } }', /^2:32 Node double is not as expected/],
    ['edges: { feed -> double: { in: 9 } }', /^2:34 Edge feed.out->double.in is not as expected/],
    ['events: ["run:done", "run:started"]', /^2:24 The event run:started did not happen behind/],
  ])('of the run, %s fails at its place', async (expectation, message) => {
    expect((await run(`run:\n  ${expectation}\n`)).told).toEqual([expect.stringMatching(message)]);
  });

  it('fails where the run is not ok and nobody said so', async () => {
    const { told, diffs } = await run('given: { feed: { payloads: [x] } }\n');
    expect(told).toEqual([expect.stringMatching(/The run is degraded, not ok/)]);
    expect(diffs.join()).toContain('It is no number');
    expect(
      (await run('given: { feed: { payloads: [x] } }\nrun: { status: degraded }\nexpect: { double.error: { codes: [X_NO_NUMBER] } }\n'))
        .told,
    ).toEqual([]);
  });

  it('that hangs says what hangs', async () => {
    const { told } = await run('mock: {}\n', { graph: GRAPH.replace('x/double, config: { model: "${asset.net}" }', 'x/never') });
    expect(told).toEqual([expect.stringMatching(/TEST_HANGS: .*double \(1 calls\)/)]);
  });
});

describe('what a test names and is not there', () => {
  it.each([
    ['expect: { dubble: { count: 1 } }', /^1:11 .*no port or output `dubble`\. Did you mean `double`\?/],
    ['expect: { double.aut: { count: 1 } }', /^1:11 .*no port or output `double.aut`/],
    ['mock: { dubble: {} }', /^1:9 .*no node `dubble`\. Did you mean `double`\?/],
    ['mock: { feed: {} }', /^1:9 .*feed is a source; what it gives stands under `given`/],
    ['fault: { nobody: { fail: 1 } }', /^1:10 .*no node `nobody`/],
    ['given: { feeed: [] }', /^1:10 .*no input or source `feeed`\. Did you mean `feed`\?/],
    ['given: { feed: { file: no.jsonl } }', /^1:24 .*there is no file/],
    ['run: { edges: { feed -> nowhere: {} } }', /^1:17 .*no edge `feed -> nowhere`/],
    ['params: { fial: true }', /GRAPH_PARAM_UNKNOWN/],
    ['graph: other.yaml', /^1:8 .*there is no graph/],
    ['expcet: {}', /^1:1 CONFIG_UNKNOWN_KEY .*Did you mean `expect`\?/],
    ['expect: { double: { cuont: 1 } }', /^1:21 CONFIG_UNKNOWN_KEY .*Did you mean `count`\?/],
    ['expect: { double: { count: -1 } }', /^1:28 CONFIG_OUT_OF_RANGE/],
    ['fault: { double: { fail: sometimes } }', /^1:26 CONFIG_PATTERN/],
    ['given: { feed: [{ paylod: 1 }] }', /^1:17 CONFIG_MISSING|^1:19 CONFIG_UNKNOWN_KEY/],
    ['tests: []', /CONFIG_OUT_OF_RANGE/],
    ['tests: [{ each: [{ a: 1 }], name: "${each.b}" }]', /CONFIG_PLACEHOLDER_UNKNOWN .*no column `b`/],
    ['- 1', /CONFIG_WRONG_TYPE/],
    ['expect: [', /GRAPH_YAML_SYNTAX/],
    ['at: { 5s: dance }', /CONFIG_NOT_IN_ENUM/],
    ['at: { soon: drain }', /^1:7 CONFIG_BAD_DURATION/],
    ['start: yesterday', /^1:8 CONFIG_PATTERN/],
  ])('%s is said at its place, and nothing is run', async (text, message) => {
    const { found, result } = await run(`${text}\n`);
    expect(found.join('\n')).toMatch(new RegExp(message.source, 'm'));
    expect(result.tests).toEqual([]);
  });
});

describe('doubles', () => {
  it('a mock answers in turn, by match, or always, and says so when its replies are used up', async () => {
    const replies = await run('mock: { double: { replies: [{ payload: a }, { none: true }] } }\nexpect: { double: { payloads: [a] } }\n');
    expect(replies.told).toEqual([]);
    const when = await run(
      'mock: { double: { when: [{ match: { payload: 1 }, payloads: [a, b] }, { match: {}, error: X_NO, message: no }] } }\nexpect:\n  double: { payloads: [a, b] }\n  double.error: { codes: [X_NO] }\nrun: { status: degraded }\n',
    );
    expect(when.told).toEqual([]);
    expect(
      (await run('mock: { double: { returns: 7, after: 1s } }\nexpect: { double: [{ payload: 7, at: 1s }, { payload: 7, at: 2s }] }\n'))
        .told,
    ).toEqual([]);
    const short = await run('mock: { double: { replies: [{ payload: a }] } }\n');
    expect(short.told).toEqual([expect.stringMatching(/The mock of double has no reply for call 2/)]);
  });

  it('a mocked node needs neither its plugin nor its asset; a real one says which asset is missing', async () => {
    const other = GRAPH.replace('asset.net', 'asset.other');
    expect((await run('mock: { double: { pass: true } }\nexpect: { out: { payloads: [1, 2] } }\n', { graph: other })).told).toEqual([]);
    expect((await run('expect: {}\n', { graph: other })).told).toEqual([
      expect.stringMatching(/double needs the asset other, which is not staged/),
    ]);
  });

  it('given packets come at their times, with what they say of themselves', async () => {
    const { told } = await run(
      `given:
  feed:
    - { payload: 1, at: 1s, kind: tick, meta: { a: 1 }, source_id: left, key: k1, time: "2026-05-01T00:00:00Z" }
  more: { file: more.jsonl, every: 2s }
expect:
  feed: [{ at: 1s, kind: tick, meta: { a: 1 }, source_id: left, key: k1 }]
  double: { payloads: [6, 2, 8], within: 2s }
`,
      { files: { 'more.jsonl': '3\n{"payload":4,"source_id":"right"}\n' } },
    );
    expect(told).toEqual([]);
  });

  it('faults fail, slow and crash the real node', async () => {
    expect(
      (
        await run(
          'fault: { double: { fail: 1, code: X_DOWN } }\nexpect: { double: { payloads: [4] }, double.error: { codes: [X_DOWN] } }\nrun: { status: degraded }\n',
        )
      ).told,
    ).toEqual([]);
    expect((await run('fault: { double: { slow: 3s } }\nexpect: { double: [{ at: 3s }, { at: 6s }] }\n')).told).toEqual([]);
    expect(
      (
        await run(
          'fault: { out: { crash: after 1 } }\nexpect: { out: { payloads: [2] } }\nrun: { status: degraded, delivery: { nacked: 0 } }\n',
        )
      ).told,
    ).toEqual([]);
  });
});

describe('files of tests', () => {
  it('hold several, with what is shared, tables, skip and only', async () => {
    const text = (only: string) => `given: { feed: { payloads: [1] } }
tests:
  - name: as shared
    expect: { double: { payloads: [2] } }
  - name: twice \${each.n} is \${each.twice}
    each: [{ n: 1, twice: 2 }, { n: 2, twice: 4 }, { n: 3, twice: 7 }]
    given: { feed: { payloads: ["\${each.n}"] } }
    expect: { double: { payloads: ["\${each.twice}"] } }
  - name: later
    skip: not yet
    ${only}
`;
    const { result, statuses, told } = await run(text(''));
    expect(result.tests.map(({ name }) => name)).toEqual(['as shared', 'twice 1 is 2', 'twice 2 is 4', 'twice 3 is 7', 'later']);
    expect(statuses).toEqual(['passed', 'passed', 'passed', 'failed', 'skipped']);
    expect(told).toEqual([expect.stringMatching(/^8:36 double: packet 1 is not as expected/)]);
    expect((await run(text('only: true'))).statuses).toEqual(['skipped', 'skipped', 'skipped', 'skipped', 'skipped']);
    expect((await run(text(''), { name: 'as sh' })).result.tests.map(({ name }) => name)).toEqual(['as shared']);
  });

  it('compare with goldens, which --update writes', async () => {
    const text = 'expect: { double: { golden: deep/g.jsonl } }\n';
    const first = await run(text, { update: true });
    expect(first.told).toEqual([]);
    expect(readFileSync(join(first.folder, 'deep/g.jsonl'), 'utf8')).toBe(
      '{"at":0,"kind":"any","payload":2}\n{"at":0,"kind":"any","payload":4}\n',
    );
    expect((await run(text, { folder: first.folder })).told).toEqual([]);
    const { told, diffs } = await run(`given: { feed: { payloads: [1, 3] } }\n${text}`, { folder: first.folder });
    expect(told).toEqual([expect.stringMatching(/^2:29 double: packet 2 is not that of the golden/)]);
    expect(diffs).toEqual(['- payload: 4', '+ payload: 6']);
  });

  it('are told as JUnit, with all that XML does not take', async () => {
    const { result } = await run(
      'tests:\n  - { name: "a <b> & \\"c\\"\\u0001", expect: { double: { count: 9 } } }\n  - { name: s, skip: why }\n',
    );
    const xml = junit([result]);
    expect(xml).toContain('name="a &lt;b&gt; &amp; &quot;c&quot;\ufffd"');
    expect(xml).toMatch(/tests="2" failures="1" errors="0" skipped="1"/);
    expect(xml).toContain('<skipped message="why"/>');
    expect(xml).toContain('double: expected 9 packets, 2 came.');
  });

  it('have a schema that is draft-07 and closed', () => {
    const schema = testSchema();
    expect(schema['$schema']).toBe('http://json-schema.org/draft-07/schema#');
    expect(schema['additionalProperties']).toBe(false);
  });
});
