import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');
/** What comes of requiring each from the workspace, by Node's own resolution and not Jest's. */
function resolved(requests: readonly string[]): readonly string[] {
  const code = `console.log(JSON.stringify(${JSON.stringify(requests)}.map((name) => { try { return require.resolve(name); } catch (error) { return error.code; } })))`;
  const { stdout } = spawnSync(process.execPath, ['-e', code], { cwd: ROOT, encoding: 'utf8' });
  return JSON.parse(stdout) as string[];
}

interface Manifest {
  readonly name: string;
  readonly type?: string;
  readonly private?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly nx?: { readonly name?: string; readonly tags?: readonly string[] };
}
const packages = ['libs', 'apps', 'plugins'].flatMap((group) =>
  readdirSync(join(ROOT, group))
    .map((name) => join(ROOT, group, name))
    // A name that is kept for a package to come has no sources yet.
    .filter(
      (folder) =>
        existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'src')) && readdirSync(join(folder, 'src')).length > 0,
    )
    .map(
      (folder) =>
        [folder.slice(ROOT.length + 1), folder, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest] as const,
    )
    // A page is built and served; nobody imports it.
    .filter(([, , { nx }]) => nx?.tags?.includes('scope:console') !== true),
);

it('are there', () => {
  expect(packages.length).toBeGreaterThanOrEqual(9);
});

describe.each(packages)('%s', (_name, folder, manifest) => {
  it('exports what it lists and nothing else', () => {
    expect(Object.keys(manifest.exports ?? {})).toEqual(expect.arrayContaining(['.', './package.json']));
    for (const path of Object.keys(manifest.exports ?? {})) expect(path).not.toContain('*');
    const [first] = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const deep = [`src/${first ?? 'x'}`, 'src/index.ts', 'src/index', 'dist/index.js', 'dist/index', 'tsconfig.json'];
    expect(resolved(deep.map((path) => `${manifest.name}/${path}`))).toEqual(deep.map(() => 'ERR_PACKAGE_PATH_NOT_EXPORTED'));
    expect(resolved([`${manifest.name}/package.json`])).toEqual([join(folder, 'package.json')]);
  });

  it('names a source, types and a build for each entry, in the order that tools read them', () => {
    for (const target of Object.values(manifest.exports ?? {})) {
      // Data, such as a catalogue, is what it is.
      if (typeof target === 'string' || !('types' in target)) continue;
      const conditions = Object.keys(target);
      expect(conditions.indexOf('types')).toBeLessThan(conditions.indexOf('default'));
      expect(conditions[0]).toBe('@sluice/source');
      expect(existsSync(join(folder, target['@sluice/source'] ?? ''))).toBe(true);
      expect(target['default']).toBe(target['@sluice/source']?.replace('./src/', './dist/').replace(/\.ts$/, '.js'));
      expect(target['types']).toBe(target['default']?.replace(/\.js$/, '.d.ts'));
    }
  });

  it('is CommonJS and carries the tag that the import law goes by', () => {
    expect(manifest.type).toBe('commonjs');
    expect(manifest.nx?.tags).toEqual([
      expect.stringMatching(/^(scope:(sdk|graph|runtime|store|control|fleet|testing)|type:(plugin|app))$/),
    ]);
  });
});

it('carries licence and README when it is packed, and leaves neither behind', () => {
  for (const [name, , manifest] of packages) {
    if (manifest.private === true) continue;
    expect([name, manifest.scripts?.['prepack'], manifest.scripts?.['postpack']]).toEqual([
      name,
      'node ../../tools/pack.mjs before',
      'node ../../tools/pack.mjs after',
    ]);
  }
  const folder = join(ROOT, 'libs/sdk');
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--loglevel=error'], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ files: readonly { path: string }[] }];
  expect(packed.files.map(({ path }) => path)).toEqual(expect.arrayContaining(['LICENSE', 'README.md']));
  expect(existsSync(join(folder, 'LICENSE')) || existsSync(join(folder, 'README.md'))).toBe(false);
}, 60_000);
