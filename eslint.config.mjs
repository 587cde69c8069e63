// The import law of the house (docs/guide/architecture.md), and the few habits that a reader relies on.
import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

// Without a project graph @nx/enforce-module-boundaries warns and lets all pass: a fresh clone has none yet. This writes it, or throws.
process.env.NX_DAEMON ??= 'false';
await createProjectGraphAsync({ exitOnError: false });

const LIBS = ['scope:sdk', 'scope:graph', 'scope:runtime', 'scope:store', 'scope:control', 'scope:testing'];

/** Who may import whom. `testing` is for tests, so plugins get it there only. */
const boundaries = (pluginMayUse) => [
  'error',
  {
    allowCircularSelfDependency: false,
    depConstraints: [
      { sourceTag: 'scope:sdk', onlyDependOnLibsWithTags: [] },
      { sourceTag: 'scope:graph', onlyDependOnLibsWithTags: ['scope:sdk'], bannedExternalImports: ['rxjs', 'rxjs/*', 'inversify'] },
      { sourceTag: 'scope:store', onlyDependOnLibsWithTags: ['scope:sdk'] },
      { sourceTag: 'scope:runtime', onlyDependOnLibsWithTags: ['scope:sdk', 'scope:graph'] },
      { sourceTag: 'scope:control', onlyDependOnLibsWithTags: ['scope:sdk', 'scope:graph', 'scope:runtime', 'scope:store'] },
      {
        sourceTag: 'scope:console',
        onlyDependOnLibsWithTags: ['scope:graph', 'scope:control'],
        bannedExternalImports: ['node:*', 'rxjs', 'inversify'],
      },
      { sourceTag: 'scope:testing', onlyDependOnLibsWithTags: ['scope:sdk', 'scope:graph', 'scope:runtime'] },
      { sourceTag: 'type:plugin', onlyDependOnLibsWithTags: pluginMayUse },
      { sourceTag: 'type:app', onlyDependOnLibsWithTags: [...LIBS, 'type:plugin', 'type:generators'] },
      // In a fresh clone nothing is built, and generators run all the same: only their templates use the libraries.
      { sourceTag: 'type:generators', onlyDependOnLibsWithTags: ['scope:sdk', 'scope:testing'] },
      { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['*'] },
      { sourceTag: 'type:graphs', onlyDependOnLibsWithTags: [...LIBS, 'type:plugin'] },
    ],
  },
];

const NO_DEFAULT = ['ExportDefaultDeclaration', 'ExportSpecifier[exported.name="default"]'].map((selector) => ({
  selector,
  message: 'Named exports only: from CommonJS output a default import is the whole namespace.',
}));
const NO_HIDDEN_BUFFER = [
  ['mergeMap', 2],
  ['flatMap', 2],
  ['shareReplay', 1],
  ['bufferTime', 3],
].map(([name, bounded]) => ({
  selector: `CallExpression[callee.name="${name}"][arguments.length<${bounded}]`,
  message: `${name} without a bound is a hidden buffer: bound it, or let an edge do it. Only libs/runtime may.`,
}));
const CONTEXT_TIME = [
  ['CallExpression[callee.object.name="Date"][callee.property.name="now"]', 'ctx.now()'],
  ['NewExpression[callee.name="Date"][arguments.length=0]', 'ctx.now()'],
  ['CallExpression[callee.object.name="performance"][callee.property.name="now"]', 'ctx.now()'],
  ['CallExpression[callee.object.name="Math"][callee.property.name="random"]', 'ctx.random()'],
  ['CallExpression[callee.name=/^set(Timeout|Interval|Immediate)$/]', 'ctx.sleep() or ctx.scheduler'],
  ['ImportDeclaration[source.value=/^(node:)?timers/]', 'ctx.sleep() or ctx.scheduler'],
].map(([selector, instead]) => ({
  selector,
  message: `A node takes time and chance from its context, so that it runs in virtual time: ${instead}.`,
}));

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      'docs/.vitepress/{.temp,cache}/**',
      '**/coverage/**',
      '**/out/**',
      '**/node_modules/**',
      '**/.nx/**',
      '**/.sluice/**',
      '**/fixtures/**',
      '**/*.d.ts',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommended],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(['scope:sdk']),
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      // What a machine may lack is asked for where it is needed.
      '@typescript-eslint/no-require-imports': ['error', { allow: ['^onnxruntime-node$', '^@ffmpeg-installer/'] }],
      // An argument that a signature asks for, and what is taken out of an object to leave it behind, are no waste.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // Checked by hand where it stands; a thrown undefined would be worse.
      '@typescript-eslint/no-non-null-assertion': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': ['error', ...NO_DEFAULT, ...NO_HIDDEN_BUFFER],
    },
  },
  {
    files: ['{libs,apps,plugins}/*/src/**/*.ts', 'apps/*/src/**/*.tsx'],
    ignores: ['**/*.spec.ts', '**/test/**', '**/src/testing/**'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
    },
  },
  {
    files: ['libs/runtime/src/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...NO_DEFAULT] },
  },
  {
    files: ['libs/graph/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      // The boundaries rule does not see Node's own modules.
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(node:|(fs|path|os|url|util|crypto|events|stream|buffer|worker_threads|child_process)(/|$))',
              message: 'libs/graph runs in a browser.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['libs/control/src/client/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(\\.\\.|node:|rxjs|fastify|@fastify/|@sluice/(?!graph$))',
              message: 'The client runs in a browser: of ours it imports libs/graph, and nothing of the server.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['apps/console/src/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: [{ name: '@sluice/control', message: 'The console is a client: import @sluice/control/client.' }] },
      ],
    },
  },
  {
    files: ['plugins/*/src/**/*.node.ts'],
    rules: { 'no-restricted-syntax': ['error', ...NO_DEFAULT, ...NO_HIDDEN_BUFFER, ...CONTEXT_TIME] },
  },
  {
    files: ['plugins/**/*.spec.ts', 'plugins/*/test/**/*.ts'],
    plugins: { '@nx': nx },
    rules: { '@nx/enforce-module-boundaries': boundaries(['scope:sdk', 'scope:testing']) },
  },
);
