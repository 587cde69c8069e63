// Writes dist/vendor.js, vendor.cache and vendor.json (see bin/vendor.js). Part of the build, after tsc:
//   node vendor.mjs
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What every graph needs to be checked, run and served. All are CommonJS, and know nothing of the folder that they lie in. */
const PACKAGES = [
  '@fastify/ajv-compiler',
  '@fastify/cors',
  '@fastify/rate-limit',
  '@fastify/swagger',
  'class-transformer',
  'class-validator',
  'commander',
  'croner',
  'fastify',
  'inversify',
  'js-yaml',
  'reflect-metadata',
  'rxjs',
  'rxjs/operators',
  'semver',
  'tslib',
  'yaml',
];

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const folder = join(here, 'dist');
const require = createRequire(import.meta.url);
const { compile, stampOf } = require('./bin/vendor.js');
const outputs = { code: join(folder, 'vendor.js'), cache: join(folder, 'vendor.cache'), manifest: join(folder, 'vendor.json') };

for (const file of Object.values(outputs)) rmSync(file, { force: true });
const files = Object.fromEntries(
  PACKAGES.map((name) => [name, relative(root, require.resolve(name, { paths: [root] })).replaceAll('\\', '/')]),
);
const { buildSync } = await import('esbuild').catch(() => {
  console.log('esbuild is not installed: the command starts without a bundle, more slowly.');
  process.exit(0);
});
buildSync({
  stdin: {
    contents: PACKAGES.map((name) => `exports[${JSON.stringify(name)}] = () => require(${JSON.stringify(name)});`).join('\n'),
    resolveDir: root,
  },
  outfile: outputs.code,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // Names stay: messages and stacks show them.
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
});

// Run once, so that the functions that a start needs are compiled, too.
const { script, packages } = compile(folder);
for (const name of PACKAGES) packages[name]();
writeFileSync(outputs.cache, script.createCachedData());
writeFileSync(outputs.manifest, JSON.stringify({ stamp: stampOf(root), files }, null, 2));
