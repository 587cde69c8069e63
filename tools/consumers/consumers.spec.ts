import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { authored } from './author';

jest.setTimeout(120_000);
const REPO = resolve(__dirname, '../..');
const FIXTURES = join(__dirname, 'fixtures');

interface Pack {
  readonly name: string;
  readonly size: number;
  readonly files: readonly string[];
}
interface Bench {
  readonly root: string;
  readonly apps: Readonly<Record<string, string>>;
  readonly packed: readonly Pack[];
}

/** Whether there is a network decides which tests there are, so this is done before any is declared. */
function bench(): Bench | { readonly offline: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(__dirname, 'workbench.mjs')], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The packages could not be built, packed or installed.\n${stderr}`);
  return JSON.parse(stdout) as Bench | { offline: string };
}
const made = bench();
const { root, apps, packed }: Bench = 'offline' in made ? { root: '', apps: {}, packed: [] } : made;
if ('offline' in made) console.warn(`Skipped, as npm reached no registry: the packages in apps of their own.\n${made.offline}`);
afterAll(() => {
  if (root !== '') rmSync(root, { recursive: true, force: true });
});

interface Said {
  readonly status: number | null;
  readonly text: string;
}

function node(cwd: string, ...args: readonly string[]): Said {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { status, text: `${stdout}${stderr}` };
}

const tool = (...path: readonly string[]): string => join(root, 'node_modules', ...path);
const fixture = (path: string): string => readFileSync(join(FIXTURES, path), 'utf8');

/** A folder of the app with these fixtures in it, and a graph beside them. */
function folder(app: string, name: string, from: readonly string[], manifest?: object): string {
  const into = join(app, name);
  mkdirSync(into);
  for (const path of ['orders.yaml', ...from])
    cpSync(join(FIXTURES, path), join(into, path.slice(path.lastIndexOf('/') + 1)), { recursive: true });
  if (manifest !== undefined) writeFileSync(join(into, 'package.json'), JSON.stringify(manifest));
  return into;
}

/** What the program prints: the batch without the order that has no rate, the live orders, the status. */
const PRINTED = { status: 0, text: ['a1 1.19', 'a3 3.57', 'b0 0', 'b1 1.19', 'b2 2.14', 'b3 3.57', 'ok', ''].join('\n') };
const PASSED = { status: 0, text: 'ok\n' };

const network = 'offline' in made ? describe.skip : describe;

network('the packages', () => {
  it.each(packed.map((pack) => [pack.name, pack] as const))('%s holds what is needed and nothing else', (name, { files, size }) => {
    const allowed = /^(package\.json|README\.md|LICENSE|src\/.+\.ts|dist\/.+\.(js|d\.ts)(\.map)?)$/;
    expect(files.filter((file) => !allowed.test(file) || /\.spec\.|\/(test|testing|fixtures)\/|tsbuildinfo/.test(file))).toEqual([]);
    for (const file of files.filter((path) => path.endsWith('.js'))) expect(files).toContain(file.replace(/\.js$/, '.d.ts'));
    expect(size).toBeLessThan(300_000);

    const [app] = Object.values(apps);
    const manifest = JSON.parse(readFileSync(join(app!, 'node_modules', name, 'package.json'), 'utf8')) as {
      readonly main: string;
      readonly types: string;
      readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
    };
    for (const target of [
      manifest.main,
      manifest.types,
      ...Object.values(manifest.exports).flatMap((to) => (typeof to === 'string' ? to : Object.values(to))),
    ]) {
      expect(files).toContain(target.replace(/^\.\//, ''));
    }
  });
});

network.each(Object.entries(apps))('an app with %s', (name, app) => {
  let esm: string;
  let cjs: string;
  const strict = {
    target: 'ES2022',
    lib: ['ES2023', 'ESNext.Disposable'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
  };
  const decorators = { experimentalDecorators: true, useDefineForClassFields: false };

  beforeAll(() => {
    esm = folder(app, 'esm', ['program/price.node.ts', 'program/main.ts', 'negative/negative.ts'], { type: 'module' });
    cjs = folder(app, 'cjs', ['program/price.node.ts', 'commonjs/main.ts'], { type: 'commonjs' });
    const compilerOptions = { ...strict, ...decorators, module: 'NodeNext', skipLibCheck: false, types: ['node'] };
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['esm', 'cjs'] }));
    const bundled = {
      ...strict,
      ...decorators,
      module: 'ESNext',
      moduleResolution: 'Bundler',
      skipLibCheck: true,
      noEmit: true,
      types: ['node'],
    };
    writeFileSync(join(app, 'tsconfig.bundler.json'), JSON.stringify({ compilerOptions: bundled, include: ['esm'] }));
  });

  it('has the Inversify that it asked for, once', () => {
    const { version } = JSON.parse(readFileSync(join(app, 'node_modules/inversify/package.json'), 'utf8')) as { version: string };
    expect(`inversify-${version}`.startsWith(`${name}.`)).toBe(true);
    for (const { name: own } of packed) expect(existsSync(join(app, 'node_modules', own, 'node_modules'))).toBe(false);
  });

  it('runs it from JavaScript, as ES modules and as CommonJS, with nodes in plain JavaScript', () => {
    const js = folder(app, 'js', ['javascript/shop.cjs', 'javascript/main.cjs', 'javascript/shop.mjs', 'javascript/main.mjs']);
    expect(node(js, 'main.mjs')).toEqual(PRINTED);
    expect(node(js, 'main.cjs')).toEqual(PRINTED);
  });

  it('runs it under tsx', () => {
    expect(node(esm, '--import', 'tsx', 'main.ts')).toEqual(PRINTED);
    expect(node(cjs, '--import', 'tsx', 'main.ts')).toEqual(PRINTED);
  });

  it('compiles it, and refuses what is wrong, with the library types checked too; then runs what was compiled', () => {
    expect(node(app, tool('typescript/bin/tsc'), '-p', 'tsconfig.json')).toEqual({ status: 0, text: '' });
    expect(node(esm, 'main.js')).toEqual(PRINTED);
    expect(node(cjs, 'main.js')).toEqual(PRINTED);
    expect(readFileSync(join(esm, 'main.js'), 'utf8')).toMatch(/^import /m);
    expect(readFileSync(join(cjs, 'main.js'), 'utf8')).toMatch(/require\("@sluice\/runtime"\)/);
  });

  it('type-checks it the way that bundlers resolve', () => {
    expect(node(app, tool('typescript/bin/tsc'), '-p', 'tsconfig.bundler.json')).toEqual({ status: 0, text: '' });
  });

  it('tests it under its own Jest, which must transform what is published as ES modules only', () => {
    const tests = folder(app, 'jest', ['program/price.node.ts', 'jest/price.spec.ts', 'jest/jest.config.cjs', 'jest/jest.es-modules.cjs']);
    const jest = (config: string): string => node(tests, tool('jest/bin/jest.js'), '--ci', '-i', '-c', config).text;
    const passed = /Tests: +2 passed, 2 total/;
    expect(jest('jest.es-modules.cjs')).toMatch(passed);

    const needed = esModulesOnly(app);
    const [, listed] = /\(\?!\((.+?)\)/.exec(fixture('jest/jest.es-modules.cjs'))!;
    expect(needed.filter((path) => !listed!.split('|').some((one) => path === one || path.startsWith(`${one}/`)))).toEqual([]);
    expect(needed.includes('inversify')).toBe(name === 'inversify-8');
    // Later versions of Node let Jest require ES modules.
    if (needed.length === 0 || Number(process.versions.node.split('.')[0]) >= 24) expect(jest('jest.config.cjs')).toMatch(passed);
    else expect(jest('jest.config.cjs')).toMatch(/Must use import to load ES Module/);
  });

  it('keeps its container to itself, and closing waits for what closes', () => {
    expect(node(folder(app, 'containers', ['checks/containers.mjs']), 'containers.mjs')).toEqual(PASSED);
  });

  it('works with a plugin that has a copy of the SDK of its own', () => {
    const two = folder(app, 'copies', ['checks/copies.mjs', 'checks/plugin']);
    cpSync(join(app, 'node_modules/@sluice/sdk'), join(two, 'plugin/node_modules/@sluice/sdk'), { recursive: true });
    expect(node(two, 'copies.mjs')).toEqual(PASSED);
  });

  it('gets at nothing but what is exported', () => {
    const open = [
      '@sluice/sdk',
      '@sluice/sdk/catalogue',
      '@sluice/sdk/packet',
      '@sluice/graph',
      '@sluice/runtime',
      '@sluice/runtime/package.json',
    ];
    const shut = [
      '@sluice/sdk/dist/node.js',
      '@sluice/sdk/src/index.ts',
      '@sluice/graph/dist/check',
      '@sluice/runtime/dist/engine.js',
      '@sluice/runtime/run',
    ];
    const code = `
      const tried = async (name) => {
        let required = 'ok', imported = 'ok';
        try { require(name); } catch (error) { required = error.code; }
        try { await import(name, name.endsWith('.json') ? { with: { type: 'json' } } : undefined); } catch (error) { imported = error.code; }
        return [required, imported];
      };
      Promise.all(${JSON.stringify([...open, ...shut])}.map(tried)).then((all) => console.log(JSON.stringify(all)));`;
    const { text } = spawnText(app, code);
    const blocked = 'ERR_PACKAGE_PATH_NOT_EXPORTED';
    expect(JSON.parse(text)).toEqual([...open.map(() => ['ok', 'ok']), ...shut.map(() => [blocked, blocked])]);
  });
});

/** Installed packages that cannot be had as CommonJS. */
function esModulesOnly(app: string): readonly string[] {
  const names = readdirSync(join(app, 'node_modules')).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(app, 'node_modules', name)).map((own) => `${name}/${own}`) : name.startsWith('.') ? [] : [name],
  );
  return names.filter((name) => {
    const text = readFileSync(join(app, 'node_modules', name, 'package.json'), 'utf8');
    return (JSON.parse(text) as { type?: string }).type === 'module' && !text.includes('"require"');
  });
}

/** Output of code; warnings of Node's left out. */
function spawnText(cwd: string, code: string): Said {
  return node(cwd, '--no-warnings', '-e', code);
}

describe('the author of a plugin', () => {
  // Here and not beside this file: two that pack the same packages at once take away each other's licence.
  // It links what is installed, which Windows lets few users do.
  (process.platform === 'win32' ? it.skip : it)(
    'has outside of the repository what lints, builds, passes its tests, the contract and its graph test as it was generated',
    () => {
      const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-author-')));
      try {
        authored(folder);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    1_200_000,
  );
});

describe('the program', () => {
  const sources = ['program/main.ts', 'program/price.node.ts', 'commonjs/main.ts', 'jest/price.spec.ts'];

  it.each(sources)('%s needs no cast and no escape from the types', (path) => {
    const code = fixture(path).replace(/\/\/.*$|'[^'\n]*'/gm, '');
    expect(code).not.toMatch(/\b(as|any|unknown as)\b(?! const)|@ts-|!\./);
  });

  it('is 20 lines', () => {
    expect(
      fixture('program/main.ts')
        .split('\n')
        .filter((line) => line.trim() !== '' && !line.startsWith('//')).length,
    ).toBeLessThanOrEqual(20);
  });

  it('is what the guide shows, and the guide shows nothing else', () => {
    const page = readFileSync(join(REPO, 'docs/guide/library.md'), 'utf8');
    const blocks = [...page.matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm)].map(([, language, path, text]) => ({ language, path, text }));
    const programs = blocks.filter(({ path }) => path !== '');
    for (const { path, text } of programs) expect(text).toBe(readFileSync(join(REPO, path!), 'utf8'));
    expect(programs.map(({ path }) => path)).toEqual(
      [
        'program/price.node.ts',
        'orders.yaml',
        'program/main.ts',
        'jest/price.spec.ts',
        'jest/jest.es-modules.cjs',
        'javascript/shop.mjs',
      ].map((path) => `tools/consumers/fixtures/${path}`),
    );
    // Code that no test runs does not belong on the page.
    expect(blocks.filter(({ path, language }) => path === '' && !['sh', 'ini', 'json'].includes(language!))).toEqual([]);
  });

  it('is all that the fixtures are for', () => {
    const files = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter((path) => /\.\w+$/.test(path));
    const text = readFileSync(__filename, 'utf8');
    for (const path of files.map((file) => file.replaceAll('\\', '/')))
      expect(text).toContain(path.startsWith('checks/plugin/') ? 'checks/plugin' : path);
  });
});
