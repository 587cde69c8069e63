import { GOOD, place } from '../test/place';

// Processes are real, and the machine may be busy.
jest.setTimeout(60_000);

const here = place({
  'graphs/good.yaml': GOOD,
  'graphs/bad.yaml': `version: 2
name: bad
nodes:
  tick:
    type: core/interval
    config: { evry: 1s }
  end:
    type: core/discrad
edges:
  - tick -> end
`,
  'graphs/warned.yaml': `version: 2
name: warned
nodes:
  numbers:
    type: core/values
    config: { items: [1] }
  same:
    type: core/identity
edges:
  - numbers -> same
`,
  'graphs/good.test.yaml': 'no: graph\n',
  'graphs/presets/busy.yaml': 'graph: ../good.yaml\n',
});

describe('validate', () => {
  it('prints every finding with its lines, and says how many', async () => {
    const [good, bad, warned, denied, json] = await here.insideAll(
      ['validate', 'graphs/good.yaml'],
      ['validate', 'graphs/bad.yaml', 'graphs/good.yaml'],
      ['validate', 'graphs/warned.yaml'],
      ['validate', 'graphs/w*.yaml', '--deny-warnings'],
      ['validate', 'graphs', '--json'],
    );
    expect(good).toEqual({ code: 0, out: '1 graph: 0 errors, 0 warnings\n', err: '' });
    expect(bad).toMatchObject({ code: 3, out: '2 graphs: 2 errors, 0 warnings\n' });
    expect(bad.err).toContain('graphs/bad.yaml:6:15 error CONFIG_UNKNOWN_KEY');
    expect(bad.err).toContain('    |               ^\n  hint: Did you mean `every`?');
    expect(bad.err).toContain('Did you mean `core/discard`?');
    expect([warned.code, denied.code]).toEqual([0, 3]);
    const report = JSON.parse(json.out);
    expect(report).toMatchObject({ ok: false, errors: 2, warnings: 1 });
    // Tests and presets are no graphs.
    expect(report.graphs.map(({ file }: { file: string }) => file)).toEqual(['bad', 'good', 'warned'].map((name) => `graphs/${name}.yaml`));
    expect(json.err).toBe('');
  });
});
