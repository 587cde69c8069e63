import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

// A workspace of its own, with what is installed here, and the commands that a person would type.
jest.setTimeout(600_000);
const ROOT = resolve(__dirname, '../../../..');
const LIMIT = 240_000;
let work: string;

function run(script: string, ...args: readonly string[]): { status: number | null; text: string } {
  const { SWC_NODE_PROJECT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: work,
    encoding: 'utf8',
    timeout: LIMIT,
    env: { ...env, NX_DAEMON: 'false', CI: '1', NO_COLOR: '1' },
  });
  return { status, text: stripVTControlCharacters(`${stdout}${stderr}`) };
}
const nx = (...args: readonly string[]): ReturnType<typeof run> => run(join(ROOT, 'node_modules/nx/dist/bin/nx.js'), ...args);

/** As npm links a package of the workspace. */
function link(folder: string): void {
  const manifest = join(work, folder, 'package.json');
  if (!existsSync(manifest)) return;
  const at = join(work, 'node_modules', (JSON.parse(readFileSync(manifest, 'utf8')) as { name: string }).name);
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(join(work, folder), at, 'junction');
}

beforeAll(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-e2e-')));
  const left = /(^|[\\/])(node_modules|dist|\.git|\.nx|\.sluice|out|coverage)$|\.tsbuildinfo$|[\\/](docs|bench|console)$/;
  cpSync(ROOT, work, { recursive: true, filter: (path) => path === ROOT || !left.test(path.slice(ROOT.length)) });
  mkdirSync(join(work, 'node_modules'));
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (name !== '@sluice' && name !== '.cache') symlinkSync(join(ROOT, 'node_modules', name), join(work, 'node_modules', name));
  for (const group of ['libs', 'apps', 'plugins', 'tools']) for (const name of readdirSync(join(work, group))) link(`${group}/${name}`);
  link('graphs');
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

test('a generated plugin is found, formatted, lints, passes its tests, and its graph runs and passes its test', () => {
  expect(nx('g', 'plugin', 'billing', '--kinds', 'source,transform,operator,sink')).toMatchObject({ status: 0 });
  expect(nx('g', 'node', 'billing/parse-invoice', '--kind', 'transform')).toMatchObject({ status: 0 });
  link('plugins/billing');
  const bin = (name: string): string => join(ROOT, 'node_modules', name);
  const files = [
    'plugins/billing',
    'graphs/billing.yaml',
    'graphs/billing.test.yaml',
    'tsconfig.json',
    'apps/cli/package.json',
    'graphs/package.json',
  ];
  expect(run(bin('prettier/bin/prettier.cjs'), '--list-different', ...files)).toEqual({ status: 0, text: '' });
  expect(run(bin('eslint/bin/eslint.js'), 'plugins/billing')).toEqual({ status: 0, text: '' });
  const tested = nx('test', 'billing', '--skip-nx-cache');
  expect(tested.text).toMatch(/Tests: +\d+ passed, \d+ total/);
  expect(tested.status).toBe(0);
  expect(nx('run', 'graph:run', 'graphs/billing.yaml').text).toMatch(/\n6\n14\n22\n30\n38\n/);
  expect(nx('run', 'graph:test', 'graphs/billing.test.yaml').text).toContain('3 passed, 0 failed');
});
