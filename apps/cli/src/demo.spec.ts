import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DemoReport } from './commands/demo';
import { runCommand } from './main';

const home = process.cwd();
let folder: string;
let said: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-demo-')));
  process.chdir(folder);
  said = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    said += String(chunk);
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

// Six commands, each a process of its own as a person would start it: that one dies is part of what is shown.
it('shows the scenarios, goes on after one that fails, and writes the true cause and pictures into a report', async () => {
  // A project's own preset wins: with this one the first scenario cannot run.
  mkdirSync('graphs/presets', { recursive: true });
  writeFileSync(
    'graphs/presets/sensor-watch.yaml',
    'version: 2\nname: sensor-watch\nparams:\n  "<b>": { type: string }\nnodes:\n  a: { type: core/values, config: { items: ["${params.<b>}"] } }\n',
  );
  expect(await runCommand(['demo', '--only', 'in-process,durable', '--only', 'vision', '--json'])).toBe(1);
  const report = JSON.parse(said) as DemoReport & { files: readonly string[] };
  expect(report.scenarios.map(({ name, status, cause }) => [name, status, cause?.code])).toEqual([
    ['in-process', 'failed', 'GRAPH_INVALID'],
    ['durable', 'ok', undefined],
    ['vision', 'ok', undefined],
  ]);
  expect(report).toMatchObject({ ok: false, summary: { ok: 2, failed: 1, skipped: 0 } });
  expect(report.files).toEqual(['out/demo/report.json', 'out/demo/report.html']);
  const [broken, durable, vision] = report.scenarios;
  expect(broken?.steps).toMatchObject([{ exit_code: 3 }]);

  const facts = Object.fromEntries((durable?.facts ?? []).map(({ name, value }) => [name, value]));
  expect(durable?.steps.map(({ signal }) => signal)).toEqual([null, 'SIGKILL', null, null]);
  expect(facts).toMatchObject({ 'received before the kill': 40, 'received in all': 120, lost: 0, 'left in the queue': 0 });
  expect(facts['came again, known by their key']).toBeGreaterThan(0);

  expect(vision?.pictures.length).toBeGreaterThan(0);
  for (const picture of vision!.pictures) expect(readFileSync(join('out/demo', picture)).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  const { files: _, ...written } = report;
  expect(JSON.parse(readFileSync('out/demo/report.json', 'utf8'))).toEqual(written);
  const page = readFileSync('out/demo/report.html', 'utf8');
  expect(page).toContain('<code>GRAPH_INVALID</code>');
  expect(page.match(/src="data:image\/jpeg;base64,/g)).toHaveLength(vision!.pictures.length);
  // One file that needs nothing else, and nothing that a graph says becomes part of the page.
  expect(page).not.toMatch(/<script|<b>"|src="(?!data:)|href="(?!#)/);
}, 240_000);

it('names the scenarios where an unknown one is asked for', async () => {
  expect(await runCommand(['demo', '--only', 'vison', '--json'])).toBe(2);
  expect(JSON.parse(said)).toMatchObject({ error: { code: 'USAGE_INVALID', hint: 'They are in-process, durable, vision, webcam.' } });
  expect(existsSync('out')).toBe(false);
});
