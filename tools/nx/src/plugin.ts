import type { Wanted } from './files';
import { camel, packageName as checkedName, pluginName, ScaffoldError } from './names';
import { indexOf } from './node';
import { outsideFiles } from './outside';
import { fromTemplate, KINDS, nodeFile, readmePart, readmeSection, SAMPLES, type Kind } from './template';

export interface PluginOptions {
  readonly name: string;
  /** Default: one transform. */
  readonly kinds?: readonly Kind[];
  /** Where the package comes to be, with `/`. */
  readonly directory?: string;
  /** Where it is no part of this workspace: its package name, and where it gets Sluice from, by package. */
  readonly outside?: { readonly packageName?: string; readonly packed: Readonly<Record<string, string>> };
}

/** Kinds as a person writes them: `source,sink`. @throws ScaffoldError */
export function readKinds(text: string): readonly Kind[] {
  const named = text.split(',').map((kind) => kind.trim());
  const wrong = named.find((kind) => !(KINDS as readonly string[]).includes(kind));
  if (wrong !== undefined)
    throw new ScaffoldError(`${wrong === '' ? 'Nothing' : wrong} is no kind of node.`, `Kinds are ${KINDS.join(', ')}.`);
  return KINDS.filter((kind) => named.includes(kind));
}

/** All files of a plugin package, and where it is registered. @throws ScaffoldError */
export function pluginFiles(options: PluginOptions): readonly Wanted[] {
  const name = pluginName(options.name);
  const kinds = options.kinds ?? ['transform'];
  const root = (options.directory ?? (options.outside === undefined ? `plugins/${name}` : name)).replace(/\/+$/, '');
  const nodes = kinds.map((kind) => SAMPLES[kind]);
  const source = kinds.flatMap((kind): Wanted[] =>
    (['.node.ts', '.node.spec.ts'] as const).map((ending) => ({
      path: `${root}/src/${SAMPLES[kind]}${ending}`,
      text: nodeFile(kind, name, SAMPLES[kind], ending),
    })),
  );
  const packageName =
    options.outside === undefined ? `@sluice/plugin-${name}` : checkedName(options.outside.packageName ?? `sluice-plugin-${name}`);
  const graphs = options.outside === undefined ? 'graphs' : `${root}/graphs`;
  const commands = options.outside === undefined ? INSIDE(name) : OUTSIDE(name);
  const readme = [
    `# ${packageName}`,
    '',
    `Node types \`${name}/...\` for Sluice graphs.`,
    '',
    ...commands.map(([command, text]) => `- \`${command}\` ${text}`),
    '',
    readmePart(kinds.map((kind) => readmeSection(kind, name, SAMPLES[kind]))),
    '',
  ].join('\n');
  return [
    ...(options.outside === undefined ? insideFiles(name, root) : outsideFiles(name, root, packageName, options.outside.packed)),
    { path: `${root}/README.md`, text: readme },
    { path: `${root}/src/index.ts`, text: indexOf(name, camel(name), nodes) },
    { path: `${root}/src/value.ts`, text: fromTemplate('src/value.ts', name) },
    { path: `${root}/src/contract.spec.ts`, text: fromTemplate('src/contract.spec.ts', name) },
    ...source,
    { path: `${graphs}/${name}.yaml`, text: graphOf(name, kinds) },
    { path: `${graphs}/${name}.test.yaml`, text: testOf(name, kinds) },
  ];
}

const INSIDE = (name: string): readonly (readonly [string, string])[] => [
  [`npx nx test ${name}`, 'runs its tests, the contract of all nodes among them'],
  [`npx nx run graph:run graphs/${name}.yaml`, 'runs its graph'],
  [`npx nx run graph:test graphs/${name}.test.yaml`, 'tests its graph, in virtual time'],
  [`npx nx g node ${name}/<name> --kind transform`, 'adds a node'],
];

const OUTSIDE = (name: string): readonly (readonly [string, string])[] => [
  ['npm run build', 'compiles it, and writes its catalogue, the part below and the schema that editors read'],
  ['npm run lint', 'looks at its code and its graphs'],
  ['npm test', 'runs its tests, the contract of all nodes among them'],
  ['npm run check', 'checks the whole package'],
  [`npx sluice run graphs/${name}.yaml`, 'runs its graph'],
  [`npx sluice test graphs/${name}.test.yaml`, 'tests its graph, in virtual time'],
  [`npx sluice new node ${name}/<name> --kind transform`, 'adds a node'],
];

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** A package of this workspace, and the places that know all of them. */
function insideFiles(name: string, root: string): readonly Wanted[] {
  const packageName = `@sluice/plugin-${name}`;
  const up = root
    .split('/')
    .map(() => '..')
    .join('/');
  return [
    {
      path: `${root}/package.json`,
      text: json({
        name: packageName,
        version: '0.1.0',
        license: 'Apache-2.0',
        description: `Sluice plugin: ${name}.`,
        type: 'commonjs',
        main: './dist/index.js',
        types: './dist/index.d.ts',
        exports: {
          '.': { '@sluice/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
          './catalogue': './dist/catalogue.json',
          './package.json': './package.json',
        },
        files: ['dist', 'src', '!**/*.spec.*'],
        scripts: { prepack: `node ${up}/tools/pack.mjs before`, postpack: `node ${up}/tools/pack.mjs after` },
        dependencies: { tslib: '^2.8.1' },
        peerDependencies: { '@sluice/sdk': '^0.1.0', 'class-transformer': '^0.5.1', 'class-validator': '^0.15.1', rxjs: '^7.8.2' },
        devDependencies: { '@sluice/testing': '^0.1.0' },
        nx: {
          name,
          tags: ['type:plugin'],
          targets: { build: { command: `tsc -b tsconfig.json && node ${up}/tools/docgen/catalogue.mjs .` }, test: {} },
        },
      }),
    },
    {
      path: `${root}/tsconfig.json`,
      text: json({
        extends: `${up}/tsconfig.base.json`,
        compilerOptions: { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'tsconfig.tsbuildinfo' },
        include: ['src/**/*.ts'],
        exclude: ['src/**/*.spec.ts'],
        references: [{ path: `${up}/libs/sdk` }],
      })
        // As the formatter has it: short lists in one line.
        .replace(/\[\s+("[^"]*")\s+\]/g, '[$1]'),
    },
    {
      path: `${root}/jest.config.js`,
      text: `module.exports = { ...require('${up}/jest.preset.js'), displayName: '${name}', rootDir: __dirname };\n`,
    },
    {
      path: 'tsconfig.json',
      edit: (before) => edited<{ references: { path: string }[] }>(before, ({ references }) => add(references, root)),
    },
    {
      path: 'apps/cli/package.json',
      edit: (before) =>
        edited<{ dependencies: Record<string, string> }>(before, (manifest) => {
          manifest.dependencies = Object.fromEntries(
            Object.entries({ ...manifest.dependencies, [packageName]: '^0.1.0' }).sort(([a], [b]) => (a < b ? -1 : 1)),
          );
        }),
    },
    {
      path: 'graphs/package.json',
      edit: (before) =>
        edited<{ nx: { implicitDependencies: string[] } }>(before, ({ nx }) => {
          if (!nx.implicitDependencies.includes(name)) nx.implicitDependencies.push(name);
        }),
    },
  ];
}

function add(references: { path: string }[], root: string): void {
  if (!references.some(({ path }) => path === `./${root}`)) references.push({ path: `./${root}` });
}

function edited<V extends object>(text: string, change: (value: V) => void): string {
  const value = JSON.parse(text) as V;
  const before = JSON.stringify(value);
  change(value);
  return JSON.stringify(value) === before ? text : json(value);
}

/** What tells an editor where the schema is; `sluice schema --out .sluice` writes it. */
const modeline = (schema: 'graph' | 'test'): string => `# yaml-language-server: $schema=../.sluice/${schema}.schema.json`;

/** A graph that goes through all of its nodes and shows what comes out. */
function graphOf(name: string, kinds: readonly Kind[]): string {
  const first = kinds.includes('source') ? 'numbers' : 'given';
  const chain = [first, ...(['transform', 'operator'] as const).filter((kind) => kinds.includes(kind)).map((kind) => SAMPLES[kind])];
  const last = chain.at(-1)!;
  const nodes: string[] = [];
  if (kinds.includes('source')) nodes.push('  # Ten numbers, ten a second.', '  numbers:', `    type: ${name}/numbers`);
  else
    nodes.push(
      '  # Stands for a source of your own.',
      '  given:',
      '    type: core/values',
      '    config:',
      '      items: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]',
    );
  if (kinds.includes('transform'))
    nodes.push('  # Twice as much.', '  scale:', `    type: ${name}/scale`, '    config:', '      factor: "${params.factor}"');
  if (kinds.includes('operator')) nodes.push('  # By twos.', '  total:', `    type: ${name}/total`, '    config:', '      count: 2');
  if (kinds.includes('sink')) nodes.push('  # Into the run report: sluice run ... --report json.', '  tally:', `    type: ${name}/tally`);
  return [
    modeline('graph'),
    'version: 2',
    `name: ${name}`,
    `description: What the plugin ${name} does, shown on the terminal.`,
    ...(kinds.includes('transform')
      ? ['params:', '  factor: { type: number, default: 2, description: What each number is multiplied by. }']
      : []),
    'nodes:',
    ...nodes,
    '  # One line for each packet.',
    '  print:',
    '    type: core/print',
    '    config:',
    '      body: payload',
    'edges:',
    ...chain.slice(1).map((node, i) => `  - ${chain[i]} -> ${node}`),
    ...(kinds.includes('sink') ? [`  - ${last} -> tally`] : []),
    '  # A terminal that stands still holds nothing back.',
    `  - ${last} -> print: { when_full: drop_oldest }`,
    '',
  ].join('\n');
}

/** What comes out of that graph: the nodes themselves run, the terminal is left out. */
function testOf(name: string, kinds: readonly Kind[]): string {
  const first = kinds.includes('source') ? 'numbers' : 'given';
  const through = (numbers: readonly number[], factor: number): readonly number[] => {
    const scaled = kinds.includes('transform') ? numbers.map((n) => n * factor) : numbers;
    return kinds.includes('operator') ? scaled.filter((_, i) => i % 2 === 0).map((n, i) => n + (scaled[2 * i + 1] ?? 0)) : scaled;
  };
  const list = (values: readonly unknown[]): string => `[${values.join(', ')}]`;
  const ten = Array.from({ length: 10 }, (_, i) => i + 1);
  return [
    modeline('test'),
    `# The graph as it is, in virtual time; what it prints is not printed. Run: sluice test ${name}.test.yaml`,
    `description: What comes out of ${name}.`,
    'mock:',
    '  print: {}',
    'tests:',
    '  - name: ten numbers come out as they should',
    '    expect:',
    `      print: { payloads: ${list(through(ten, 2))} }`,
    ...(kinds.includes('source') ? ['      numbers: { count: 10, within: 1s }'] : []),
    ...(kinds.includes('transform')
      ? [
          '  - name: the factor is a parameter',
          '    params: { factor: 10 }',
          '    given:',
          `      ${first}: { payloads: [1, 2, 3] }`,
          '    expect:',
          `      print: { payloads: ${list(through([1, 2, 3], 10))} }`,
          '  - name: what is no number is an error, and the rest goes on',
          '    given:',
          `      ${first}: { payloads: [1, two, 3] }`,
          '    expect:',
          `      print: { payloads: ${list(through([1, 3], 2))} }`,
          '      scale.error: { codes: [PACKET_UNFIT] }',
          '    run: { status: degraded }',
        ]
      : []),
    '',
  ].join('\n');
}
