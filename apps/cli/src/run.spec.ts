import { GOOD, LOAD, place } from '../test/place';

// Processes are real, and the machine may be busy.
jest.setTimeout(60_000);

const here = place({
  'graphs/pipe.yaml': `version: 2
name: pipe
inputs:
  numbers: { type: sluice/any@1, to: same }
outputs:
  doubled: { type: sluice/any@1, from: same }
nodes:
  same:
    type: core/identity
`,
  'graphs/seen.yaml': `version: 2
name: seen
inputs:
  numbers: { type: sluice/any@1, to: same }
outputs:
  picture: { type: sluice/image@1, from: same }
  doubled: { type: sluice/any@1, from: same }
nodes:
  same:
    type: core/identity
`,
  'graphs/load.yaml': LOAD,
  'graphs/good.yaml': GOOD,
  'graphs/logged.yaml': `version: 2
name: logged
nodes:
  numbers:
    type: core/values
    config: { items: [1] }
  log:
    type: io/jsonl-out
    config: { path: out/log.jsonl }
edges:
  - numbers -> log
`,
});

describe('run', () => {
  it('feeds inputs from JSON lines and prints outputs as JSON lines', async () => {
    const { code, out } = await here.sluice(['run', 'graphs/pipe.yaml', '--json'], '{"a":1}\n\n2\n');
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.slice(0, 2)).toEqual([
      { output: 'doubled', payload: { a: 1 } },
      { output: 'doubled', payload: 2 },
    ]);
    expect(lines[2].report).toMatchObject({ status: 'ok', engine: 'sluice' });
    expect(code).toBe(0);
  });

  it('prints no pictures', async () => {
    const { code, out } = await here.sluice(['run', 'graphs/seen.yaml'], '1\n2\n');
    expect({ code, out }).toEqual({ code: 0, out: '{"output":"doubled","payload":1}\n{"output":"doubled","payload":2}\n' });
  });

  it('stops at limits, sets parameters, and has an exit code for what went wrong', async () => {
    const [limited, timed, wrong, empty, broken] = await Promise.all([
      here.sluice(['run', 'graphs/load.yaml', '--max-packets', '50', '--report', 'json']),
      here.sluice(['run', 'graphs/load.yaml', '--for', '50ms']),
      here.sluice(['run', 'graphs/good.yaml', '--set', 'n=many']),
      here.sluice(['run', 'graphs/pipe.yaml', '--expect-output']),
      here.sluice(['run', 'graphs/pipe.yaml'], '1\n{broken\n'),
    ]);
    expect(JSON.parse(limited.out).metrics).toMatchObject({ 'node.numbers.produced': 50, 'node.many.consumed': 50 });
    expect([limited.code, timed.code]).toEqual([0, 0]);
    expect(timed.err).toMatch(/^load ok in [\d.]+ m?s\n {2}numbers +\d+ out\n {2}many +\d+ in +\d+ out\n {2}end +\d+ in\n$/);
    expect([wrong.code, wrong.err]).toEqual([3, expect.stringContaining('GRAPH_PARAM_VALUE')]);
    expect([empty.code, empty.err]).toEqual([5, expect.stringContaining('OUTPUT_EMPTY')]);
    expect([broken.code, broken.out, broken.err]).toEqual([
      3,
      '{"output":"doubled","payload":1}\n',
      expect.stringContaining('Line 2 of standard input is not JSON'),
    ]);
  });
});

describe('a run that cannot start', () => {
  it('says why and what to do, exits 4, and shows a stack only with --debug', async () => {
    // A file where the folder should be: what no user, root included, may write into.
    here.write('out', '');
    const [plain, debug] = await Promise.all([
      here.sluice(['run', 'graphs/logged.yaml']),
      here.sluice(['run', 'graphs/logged.yaml', '--debug']),
    ]);
    expect([plain.code, debug.code]).toEqual([4, 4]);
    expect(plain.err).toMatch(/error FILE_\w+: .*log\.jsonl.*\n  hint: /);
    expect(plain.err).not.toMatch(/\n\s+at /);
    expect(debug.err).toMatch(/\n\s+at /);
  });
});
