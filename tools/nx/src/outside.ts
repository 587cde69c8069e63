import type { Wanted } from './files';

/** What an author outside of this workspace needs besides; versions that work together. */
const TOOLS = {
  '@eslint/js': '9.39.5',
  '@swc/core': '1.16.18',
  '@swc/jest': '0.2.39',
  '@types/jest': '30',
  '@types/node': '20',
  'class-transformer': '0.5.1',
  'class-validator': '0.15.1',
  eslint: '9.39.5',
  inversify: '7.11.0',
  jest: '30.5.2',
  'reflect-metadata': '0.2.2',
  rxjs: '7.8.2',
  typescript: '6.0.3',
  'typescript-eslint': '8.73.0',
};

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

const JEST = `module.exports = {
  testMatch: ['**/src/**/*.spec.ts'],
  transform: {
    '^.+\\\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, useDefineForClassFields: false },
          target: 'es2022',
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
};
`;

const ESLINT = `import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config({ files: ['src/**/*.ts'], extends: [js.configs.recommended, tseslint.configs.recommended] });
`;

/**
 * A package of its own.
 * @param packed packed packages of Sluice by name, as npm takes them (\`file:../x.tgz\`)
 */
export function outsideFiles(name: string, root: string, packageName: string, packed: Readonly<Record<string, string>>): readonly Wanted[] {
  return [
    {
      path: `${root}/package.json`,
      text: json({
        name: packageName,
        version: '0.1.0',
        // Taken out by whoever means to publish it.
        private: true,
        description: `Sluice plugin: ${name}.`,
        keywords: ['sluice-plugin'],
        type: 'commonjs',
        engines: { node: '>=20.19.0' },
        main: './dist/index.js',
        types: './dist/index.d.ts',
        exports: {
          '.': { types: './dist/index.d.ts', default: './dist/index.js' },
          './catalogue': './dist/catalogue.json',
          './package.json': './package.json',
        },
        files: ['dist', 'README.md', '!**/*.tsbuildinfo'],
        scripts: {
          build: 'tsc -p tsconfig.json && sluice plugins docs . && sluice schema --out .sluice',
          lint: 'eslint src && sluice fmt graphs --check',
          test: 'jest',
          check: 'sluice plugins check .',
        },
        dependencies: { tslib: '^2.8.1' },
        peerDependencies: { '@sluice/sdk': '^0.1.0', 'class-transformer': '^0.5.1', 'class-validator': '^0.15.1', rxjs: '^7.8.2' },
        devDependencies: Object.fromEntries(Object.entries({ ...packed, ...TOOLS }).sort(([a], [b]) => (a < b ? -1 : 1))),
      }),
    },
    {
      path: `${root}/tsconfig.json`,
      text: json({
        compilerOptions: {
          target: 'ES2022',
          lib: ['ES2023'],
          module: 'NodeNext',
          rootDir: 'src',
          outDir: 'dist',
          declaration: true,
          sourceMap: true,
          strict: true,
          noUncheckedIndexedAccess: true,
          experimentalDecorators: true,
          useDefineForClassFields: false,
          importHelpers: true,
          esModuleInterop: true,
          skipLibCheck: true,
          types: ['node'],
        },
        include: ['src/**/*.ts'],
        exclude: ['src/**/*.spec.ts'],
      }),
    },
    { path: `${root}/jest.config.js`, text: JEST },
    { path: `${root}/eslint.config.mjs`, text: ESLINT },
    // Binaries for graphic cards are fetched by their users.
    { path: `${root}/.npmrc`, text: 'onnxruntime-node-install=skip\n' },
    { path: `${root}/.gitignore`, text: ['node_modules/', 'dist/', 'out/', '.sluice/', ''].join('\n') },
    {
      path: `${root}/sluice.config.yaml`,
      text: [
        'version: 1',
        '# The package here, by its own name.',
        'plugins:',
        `  - "${packageName}"`,
        'allow_plugins:',
        `  - "${packageName}"`,
        '',
      ].join('\n'),
    },
  ];
}
