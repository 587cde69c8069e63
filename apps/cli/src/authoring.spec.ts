import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCommand } from './main';

const REFERENCE = resolve(__dirname, '../../../libs/graph/test/fixtures/reference');
const GRAPH = `version: 2
name: small
nodes:
  numbers: { type: core/values, config: { items: [1, 2, 3] } }
  show: { type: core/print }
edges:
  - numbers -> show
`;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sluice-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** Runs a command in this process and gives what it wrote. */
async function sluice(...argv: string[]): Promise<{ exit: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const take = (to: 'out' | 'err') => (text: unknown, done?: unknown) => {
    written[to] += String(text);
    if (typeof done === 'function') (done as () => void)();
    return true;
  };
  const out = jest.spyOn(process.stdout, 'write').mockImplementation(take('out'));
  const err = jest.spyOn(process.stderr, 'write').mockImplementation(take('err'));
  try {
    return { exit: await runCommand(argv), ...written };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

describe('sluice import', () => {
  it('writes a graph that this version checks and runs', async () => {
    const target = join(folder, 'demo.yaml');
    expect(await sluice('import', join(REFERENCE, 'inproc-demo.yaml'), '--out', target)).toMatchObject({ exit: 0, out: '' });
    expect(readFileSync(target, 'utf8')).toContain('    # shows where it came from\n'.trimStart());
    expect((await sluice('validate', target, '--deny-warnings')).exit).toBe(0);
    const { exit, out } = await sluice('run', target);
    expect(exit).toBe(0);
    expect(out).toMatch(/^DEV \{.*"kind":"demo".*"payload":\{"hello":"world"\}/);
  });

  it('writes over nothing unasked', async () => {
    const target = file('there.yaml', 'mine');
    expect(await sluice('import', join(REFERENCE, 'inproc-demo.yaml'), '--out', target)).toMatchObject({ exit: 2 });
    expect(readFileSync(target, 'utf8')).toBe('mine');
  });

  it('reports what has no counterpart, with its place, and exits 3 where the graph cannot run', async () => {
    const text = readFileSync(join(REFERENCE, 'inproc-demo.yaml'), 'utf8').replace('dev:PrintSink', 'dev:PrintSnk');
    const { exit, out } = await sluice('import', file('old.yaml', text), '--json');
    expect(exit).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ ok: false, diagnostics: [{ code: 'NODE_UNKNOWN_TYPE', line: 13, column: 13 }] });
  });
});

describe('sluice run runs graphs of the reference platform as they are', () => {
  const run = async (name: string): Promise<{ lines: readonly string[]; metrics: Readonly<Record<string, number>> }> => {
    const { exit, out, err } = await sluice('run', join(REFERENCE, name), '--report', 'json');
    expect([exit, err]).toEqual([0, expect.not.stringContaining('error')]);
    const lines = out.trim().split('\n');
    return { lines: lines.slice(0, -1), metrics: (JSON.parse(lines.at(-1)!) as { metrics: Record<string, number> }).metrics };
  };
  const packets = (lines: readonly string[], prefix: string) =>
    lines.map((line) => (JSON.parse(line.slice(prefix.length)) as { payload: Record<string, unknown> }).payload);

  it('three frames become three events, whose ids are the same in every run', async () => {
    const first = await run('e2e-mock.yaml');
    const second = await run('e2e-mock.yaml');
    const events = packets(first.lines, 'E2E ');
    expect(events).toHaveLength(3);
    expect(events[0]).toMatchObject({
      event_type: 'ZONE_INTRUSION',
      object_type: 'PERSON',
      severity: 'LOW',
      track_id: 0,
      bbox: { x1: 2, y1: 2, x2: 4, y2: 4 },
      confidence: 0.75,
      zone: { zone_id: 'Z1', inside: true },
    });
    expect(first.metrics).toMatchObject({ 'packets.consumed_total': 18, 'packets.produced_total': 21 });
    expect(packets(second.lines, 'E2E ').map(({ event_id }) => event_id)).toEqual(events.map(({ event_id }) => event_id));
  });

  it('of three events the repetition is held back and the more severe one passes', async () => {
    const { lines } = await run('policy-demo.yaml');
    expect(packets(lines, 'POLICY ').map(({ event_id, severity }) => [event_id, severity])).toEqual([
      ['e1', 'LOW'],
      ['e3', 'HIGH'],
    ]);
  });
});

describe('sluice new plugin, sluice new node', () => {
  const LIBRARIES = ['sdk', 'graph', 'runtime', 'store', 'control', 'testing', 'nx', 'cli'];
  const plugin = (...more: readonly string[]): ReturnType<typeof sluice> =>
    sluice('new', 'plugin', 'billing', '--directory', join(folder, 'billing'), ...more);

  it('write a package with a node and its tests, then one more node, and nothing where it is only asked', async () => {
    for (const name of LIBRARIES) file(`sluice-${name}-0.1.0.tgz`, '');
    const dry = await plugin('--packed', folder, '--dry-run', '--json');
    expect(existsSync(join(folder, 'billing'))).toBe(false);
    const files = (JSON.parse(dry.out) as { files: { path: string }[] }).files.map(({ path }) => path);
    expect(await plugin('--packed', folder)).toMatchObject({ exit: 0, err: expect.stringContaining('npm install') });
    expect(files.filter((path) => !existsSync(path))).toEqual([]);
    expect(await sluice('validate', join(folder, 'billing/graphs'))).toMatchObject({ err: expect.stringContaining('billing/scale') });

    const node = ['new', 'node', '--directory', join(folder, 'billing'), '--kind', 'sink'];
    expect((await sluice(...node, 'billing/file-away')).exit).toBe(0);
    expect(readFileSync(join(folder, 'billing/src/index.ts'), 'utf8')).toContain('nodes: [ScaleNode, FileAwayNode]');
    expect(await sluice(...node, 'orders/file-away')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('The plugin here is billing'),
    });
    expect(await plugin('--packed', folder)).toMatchObject({ exit: 2, err: expect.stringContaining('src/index.ts') });
  });

  it('say what is missing, and make no package whose parts anybody could own', async () => {
    expect(await plugin('--packed', folder)).toMatchObject({ exit: 2, err: expect.stringContaining('npm pack') });
    expect(await sluice('new', 'node', 'billing/x', '--directory', folder)).toMatchObject({ exit: 2 });
    expect(existsSync(join(folder, 'billing'))).toBe(false);
  });
});

describe('sluice fmt', () => {
  it('formats in place, once', async () => {
    const path = file('a.yaml', GRAPH.replace('- numbers -> show', '-   numbers->show   # all').replace('nodes:', 'nodes:\n\n\n'));
    expect((await sluice('fmt', path, '--check')).exit).toBe(1);
    expect((await sluice('fmt', path)).exit).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('  - numbers -> show # all\n');
    expect(await sluice('fmt', path, '--check')).toMatchObject({ exit: 0, out: '' });
  });

  it('leaves alone what is no YAML, formats the rest, and exits 3', async () => {
    const bad = file('bad.yaml', 'nodes: [');
    const good = file('good.yaml', GRAPH.replace('version: 2', 'version:   2'));
    expect((await sluice('fmt', folder)).exit).toBe(3);
    expect(readFileSync(bad, 'utf8')).toBe('nodes: [');
    expect(readFileSync(good, 'utf8')).toBe(GRAPH);
  });

  it('has nothing to say of the graphs that are shipped', async () => {
    expect(await sluice('fmt', resolve(__dirname, '../../../graphs'), '--check')).toMatchObject({ exit: 0, out: '' });
  });
});

describe('sluice plan diff', () => {
  it('says which nodes and edges go on', async () => {
    const before = file('a.yaml', GRAPH);
    const after = file(
      'b.yaml',
      GRAPH.replace('items: [1, 2, 3]', 'items: [1, 2, 4]').replace('-> show', '-> show: { when_full: latest }'),
    );
    const { exit, out } = await sluice('plan', 'diff', before, after);
    expect(exit).toBe(0);
    expect(out.split('\n').slice(1)).toEqual([
      '',
      'nodes',
      '  ~ numbers (core/values)  restarted',
      '       config.items.2: 3 -> 4',
      '    1 kept',
      '',
      'edges',
      '  ~ numbers.out -> show.in  changed',
      '       capacity: 64 -> 1',
      '       when_full: "block" -> "latest"',
      '',
    ]);
  });

  it('gives the same as data', async () => {
    const path = file('a.yaml', GRAPH);
    expect(JSON.parse((await sluice('plan', 'diff', path, path, '--json')).out)).toMatchObject({ ok: true, same: true });
  });
});
