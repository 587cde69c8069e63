import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { parse } from 'yaml';
import { runCommand } from './main';
import { instantiate, presetOf, presets } from './presets';
import { Terminal } from './terminal';
import { askGraph } from './wizard';

const terminal = new Terminal({});
const SHIPPED = resolve(__dirname, '../../../graphs/presets');
let folder: string;
const home = process.cwd();
let said = '';

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-presets-')));
  process.chdir(folder);
  said = '';
  for (const name of ['stdout', 'stderr'] as const)
    jest.spyOn(process[name], 'write').mockImplementation((chunk) => {
      said += String(chunk);
      return true;
    });
});
afterEach(() => {
  jest.restoreAllMocks();
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const own = (name: string, text: string): void => {
  mkdirSync('graphs/presets', { recursive: true });
  writeFileSync(`graphs/presets/${name}.yaml`, text);
};
const made = (name: string, set: Record<string, unknown>): { params: Record<string, { default?: unknown }>; name: string } =>
  parse(instantiate(terminal, presetOf(name), 'mine', set, 'graphs').text) as never;

describe('the catalogue', () => {
  it('has every shipped preset, with a sentence on each parameter', () => {
    const all = presets();
    expect(all.map(({ name }) => name)).toEqual(
      readdirSync(SHIPPED)
        .filter((file) => !file.endsWith('.test.yaml'))
        .map((file) => file.replace('.yaml', ''))
        .sort(),
    );
    for (const { description, params } of all)
      expect([description, ...params.map((param) => param.description)]).toEqual(expect.not.arrayContaining([undefined, '']));
    expect(presetOf('file-detect').assets).toEqual(['nanodet']);
    expect(presetOf('sensor-watch').params.find(({ name }) => name === 'interval')).toMatchObject({ type: 'duration', default: '5ms' });
  });

  it('is listed, and each preset says what it takes', async () => {
    expect(await runCommand(['presets', 'list'])).toBe(0);
    expect(said).toMatch(/^file-detect +\S/m);
    said = '';
    expect(await runCommand(['presets', 'show', 'rtsp-frames'])).toBe(0);
    expect(said).toContain('serve it     sluice serve --preset rtsp-frames');
    expect(said).toMatch(/^ {2}url +string +\S/m);
    expect(said.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(await runCommand(['presets', 'show', 'rtsp-frame'])).toBe(2);
  });

  it("leaves out what needs node types that are not there, and takes the project's own first", () => {
    own('ghost', 'version: 2\nname: ghost\nnodes:\n  a: { type: spirit/box }\n');
    own('inproc-demo', 'version: 2\nname: own\ndescription: Mine.\nnodes:\n  a: { type: core/values }\n');
    const names = presets().map(({ name }) => name);
    expect(names).toContain('inproc-demo');
    expect(names).not.toContain('ghost');
    expect(presetOf('inproc-demo').description).toBe('Mine.');
  });

  it.each([
    ['inproc-dmo', 'PRESET_NOT_FOUND', 'Did you mean inproc-demo?'],
    ['../../etc', 'PRESET_NOT_FOUND', ''],
    ['broken', 'PRESET_INVALID', ''],
    ['empty', 'PRESET_INVALID', ''],
  ])('says of %s: %s', (name, code, hint) => {
    own('broken', 'version: [');
    own('empty', 'version: 2\n');
    expect(() => presetOf(name)).toThrow(expect.objectContaining({ code, hint: expect.stringContaining(hint) as string }) as Error);
  });
});

describe('a graph of a preset', () => {
  it('has what was set as defaults, typed as declared, and else the text of the preset', () => {
    const text = readFileSync(join(SHIPPED, 'file-detect.yaml'), 'utf8');
    const odd = 'a: "b", [c] # d';
    const graph = instantiate(
      terminal,
      presetOf('file-detect'),
      'mine',
      { fps: '2.5', pace: 'true', labels: '["car","a, b"]', out: odd },
      'graphs',
    ).text;
    const { params } = parse(graph) as { params: Record<string, { default: unknown }> };
    expect([params['fps']!.default, params['pace']!.default, params['labels']!.default, params['out']!.default]).toEqual([
      2.5,
      true,
      ['car', 'a, b'],
      odd,
    ]);
    const changed = graph.split('\n').filter((line, i) => line !== text.split('\n')[i]);
    expect(changed.map((line) => line.trim().split(':')[0])).toEqual(['name', 'path', 'fps', 'pace', 'labels', 'out']);
    expect(
      instantiate(terminal, presetOf('file-detect'), 'mine', { fps: '2.5', pace: 'true', labels: '["car","a, b"]', out: odd }, 'graphs')
        .text,
    ).toBe(graph);
  });

  it('brings the samples that it names, and carries what a short preset sets', () => {
    const { samples } = instantiate(terminal, presetOf('file-frames'), 'mine', {}, 'graphs');
    expect(samples).toEqual({ 'samples/street.mp4': resolve(SHIPPED, '../samples/street.mp4') });
    expect(made('file-frames', {}).params['path']!.default).toBe('samples/street.mp4');
    expect(made('file-frames', { path: 'mine.mp4' }).params['path']!.default).toBe('mine.mp4');
    expect(made('sensor-watch', { enter: 9 })).toMatchObject({
      name: 'mine',
      params: { interval: { default: '5ms' }, loop: { default: true }, enter: { default: 9 } },
    });
  });

  it.each([
    ['fps', 'quick', 'GRAPH_PARAM_VALUE'],
    ['threshold', '7', 'GRAPH_PARAM_VALUE'],
    ['speed', '1', 'GRAPH_PARAM_UNKNOWN'],
  ])('is not made with %s=%s', (name, value, code) => {
    expect(() => made('file-detect', { [name]: value })).toThrow(expect.objectContaining({ code: 'GRAPH_INVALID' }) as Error);
    expect(said).toContain(code);
  });

  it('holds no secret, and gets a default where the preset has none', () => {
    own(
      'sealed',
      'version: 2\nname: s\ndescription: S.\nparams:\n  key: { type: string, default: x, secret: true }\n  n: { type: integer }\nnodes:\n  a: { type: core/values, config: { repeat: "${params.n}" } }\n  b: { type: core/discard }\nedges: [a -> b]\n',
    );
    expect(() => made('sealed', { key: 'k', n: '2' })).toThrow(/secret/);
    expect(made('sealed', { n: '2' }).params['n']).toEqual({ default: 2, type: 'integer' });
    expect(() => made('sealed', {})).toThrow(/cannot be made/);
  });

  it('runs as it is written', async () => {
    expect(await runCommand(['new', 'graph', 'try', '--preset', 'inproc-demo', '--set', 'every=1ms', '--set', 'least=5'])).toBe(0);
    expect(await runCommand(['validate', 'graphs', '--deny-warnings'])).toBe(0);
    const [first, second] = readFileSync('graphs/try.yaml', 'utf8').split('\n');
    expect([first, second]).toEqual(['# yaml-language-server: $schema=../.sluice/graph.schema.json', 'version: 2']);
    expect(JSON.parse(readFileSync('.sluice/graph.schema.json', 'utf8'))).toHaveProperty('properties.nodes');
    expect(await runCommand(['new', 'graph', 'try', '--preset', 'inproc-demo', '--set', 'every=1ms', '--set', 'least=5'])).toBe(0);
    expect(await runCommand(['new', 'graph', 'try'])).toBe(2);
    expect(said).toContain('SCAFFOLD_REFUSED');
  });
});

describe('the wizard', () => {
  const answers = async (...lines: readonly string[]): Promise<{ given: Awaited<ReturnType<typeof askGraph>>; shown: string }> => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    let shown = '';
    const rest = [...lines];
    output.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
      if (!/[:>] $/.test(shown)) return;
      const next = rest.shift();
      // Only when it is asked, as a person would; nobody more to answer is the end.
      setImmediate(() => (next === undefined ? input.end() : input.write(`${next}\n`)));
    });
    return { given: await askGraph(terminal, undefined, undefined, {}, { input, output }), shown };
  };

  it('gives what options would have said, and asks again where an answer does not fit', async () => {
    const { given, shown } = await answers('inproc-dem', 'inproc-demo', 'No Name', 'mine', 'soon', '5ms', '', '4');
    expect(given).toEqual({ name: 'mine', preset: 'inproc-demo', set: { every: '5ms', least: '4' } });
    expect(shown).toContain('Did you mean inproc-demo?');
    expect(shown).toContain('No Name is no name for a graph.');
    expect(said).toContain('GRAPH_PARAM_VALUE');
  });

  it('is left where its input ends', async () => {
    expect((await answers('inproc-demo', 'mine')).given).toBe('left');
  });
});
