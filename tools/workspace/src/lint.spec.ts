import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');
const nodeFile = (() => {
  const folder = 'plugins/core/src';
  const found = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('.node.ts'));
  return join(folder, found ?? 'missing.node.ts');
})();

const BOUNDARY = '@nx/enforce-module-boundaries';
const SYNTAX = 'no-restricted-syntax';
const uses = (name: string): string => `import * as it from '${name}';\nexport const x = it;\n`;

/** What must be found: file, code, rule, and a word of the message. */
const RED: readonly (readonly [what: string, file: string, code: string, rule: string, word: string])[] = [
  ['sdk imports a library of ours', 'libs/sdk/src/index.ts', uses('@sluice/graph'), BOUNDARY, ''],
  ['graph imports runtime', 'libs/graph/src/index.ts', uses('@sluice/runtime'), BOUNDARY, ''],
  ['graph imports rxjs', 'libs/graph/src/index.ts', uses('rxjs'), BOUNDARY, 'rxjs'],
  ['graph imports rxjs/operators', 'libs/graph/src/index.ts', uses('rxjs/operators'), BOUNDARY, 'rxjs'],
  ['graph imports inversify', 'libs/graph/src/index.ts', uses('inversify'), BOUNDARY, 'inversify'],
  ['graph imports node:fs', 'libs/graph/src/index.ts', uses('node:fs'), 'no-restricted-imports', 'browser'],
  ['graph imports crypto', 'libs/graph/src/index.ts', uses('crypto'), 'no-restricted-imports', 'browser'],
  ['store imports runtime', 'libs/store/src/index.ts', uses('@sluice/runtime'), BOUNDARY, ''],
  ['runtime imports store', 'libs/runtime/src/index.ts', uses('@sluice/store'), BOUNDARY, ''],
  ['runtime imports control', 'libs/runtime/src/index.ts', uses('@sluice/control'), BOUNDARY, ''],
  ['control imports a plugin', 'libs/control/src/index.ts', uses('@sluice/plugin-core'), BOUNDARY, ''],
  ['the client imports the server', 'libs/control/src/client/index.ts', uses('../runs'), 'no-restricted-imports', 'browser'],
  ['the client imports runtime', 'libs/control/src/client/index.ts', uses('@sluice/runtime'), 'no-restricted-imports', 'browser'],
  ['the client imports node:fs', 'libs/control/src/client/index.ts', uses('node:fs'), 'no-restricted-imports', 'browser'],
  ['a plugin imports runtime', nodeFile, uses('@sluice/runtime'), BOUNDARY, ''],
  ['a plugin imports testing outside of its tests', nodeFile, uses('@sluice/testing'), BOUNDARY, ''],
  ['a plugin imports another plugin', nodeFile, uses('@sluice/plugin-vision'), BOUNDARY, ''],
  ['the generators import the runtime', 'tools/nx/src/index.ts', uses('@sluice/runtime'), BOUNDARY, ''],
  ['a library imports the app', 'libs/control/src/index.ts', uses('@sluice/cli'), BOUNDARY, ''],
  ['a project reaches into another by path', 'libs/graph/src/index.ts', uses('../../sdk/src/index'), BOUNDARY, 'relative'],
  ['a default export', 'libs/sdk/src/index.ts', 'export default 1;\n', SYNTAX, 'Named exports only'],
  ['a default export in disguise', 'libs/sdk/src/index.ts', 'const x = 1;\nexport { x as default };\n', SYNTAX, 'Named exports only'],
  ['a default export in the runtime', 'libs/runtime/src/index.ts', 'export default 1;\n', SYNTAX, 'Named exports only'],
  [
    'mergeMap without a bound',
    'libs/control/src/index.ts',
    "import { mergeMap } from 'rxjs';\nexport const x = mergeMap((y: number) => [y]);\n",
    SYNTAX,
    'mergeMap',
  ],
  [
    'shareReplay without a bound',
    nodeFile,
    "import { shareReplay } from 'rxjs';\nexport const x = shareReplay();\n",
    SYNTAX,
    'shareReplay',
  ],
  ['bufferTime without a bound', nodeFile, "import { bufferTime } from 'rxjs';\nexport const x = bufferTime(10);\n", SYNTAX, 'bufferTime'],
  ['Date.now in a node', nodeFile, 'export const x = Date.now();\n', SYNTAX, 'ctx.now()'],
  ['new Date() in a node', nodeFile, 'export const x = new Date();\n', SYNTAX, 'ctx.now()'],
  ['performance.now in a node', nodeFile, 'export const x = performance.now();\n', SYNTAX, 'ctx.now()'],
  ['Math.random in a node', nodeFile, 'export const x = Math.random();\n', SYNTAX, 'ctx.random()'],
  ['setTimeout in a node', nodeFile, 'setTimeout(() => undefined, 1);\nexport {};\n', SYNTAX, 'ctx.sleep()'],
  ['node:timers/promises in a node', nodeFile, uses('node:timers/promises'), SYNTAX, 'ctx.sleep()'],
  ['any across a boundary', 'libs/sdk/src/index.ts', 'export const x = (y: any) => y;\n', '@typescript-eslint/no-explicit-any', 'any'],
  [
    'a promise that nobody waits for',
    'libs/sdk/src/index.ts',
    'const f = async () => 1;\nf();\nexport {};\n',
    '@typescript-eslint/no-floating-promises',
    'Promises',
  ],
];

const GREEN: readonly (readonly [what: string, file: string, code: string])[] = [
  ['graph imports sdk', 'libs/graph/src/index.ts', uses('@sluice/sdk/catalogue')],
  [
    'runtime imports rxjs, sdk and graph',
    'libs/runtime/src/index.ts',
    "export * as a from 'rxjs';\nexport * as b from '@sluice/sdk';\nexport * as c from '@sluice/graph';\n",
  ],
  [
    'the runtime uses a bare mergeMap',
    'libs/runtime/src/index.ts',
    "import { mergeMap } from 'rxjs';\nexport const x = mergeMap((y: number) => [y]);\n",
  ],
  ['mergeMap with a bound', nodeFile, "import { mergeMap } from 'rxjs';\nexport const x = mergeMap((y: number) => [y], 4);\n"],
  ['a plugin imports sdk and rxjs', nodeFile, "export * as a from 'rxjs';\nexport * as b from '@sluice/sdk';\n"],
  ['a plugin imports testing in a test', nodeFile.replace('.node.ts', '.node.spec.ts'), uses('@sluice/testing')],
  ['the app imports the generators', 'apps/cli/src/main.ts', uses('@sluice/nx')],
  ['the app lists a plugin', 'apps/cli/src/main.ts', uses('@sluice/plugin-core')],
];

let found: readonly (readonly string[])[];
beforeAll(() => {
  const { stdout, stderr } = spawnSync(process.execPath, [resolve(__dirname, '../lint-snippets.mjs')], {
    input: JSON.stringify([...RED, ...GREEN].map(([, file, code]) => ({ file, code }))),
    encoding: 'utf8',
    cwd: ROOT,
    timeout: 120_000,
  });
  if (!stdout) throw new Error(stderr);
  // Nx may warn before: the answer is the last line.
  found = JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1)) as readonly (readonly string[])[];
}, 130_000);

it('lints files that exist', () => {
  expect([...RED, ...GREEN].map(([, file]) => file).filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});

it.each(RED.map((row, index) => [row[0], index] as const))('finds: %s', (_what, index) => {
  const [, , , rule, word] = RED[index]!;
  expect(found[index]).toContainEqual(expect.stringMatching(new RegExp(`^${rule}: .*${word.replace(/[().]/g, '\\$&')}`)));
});

it.each(GREEN.map((row, index) => [row[0], index] as const))('allows: %s', (_what, index) => {
  expect(found[RED.length + index]).toEqual([]);
});
