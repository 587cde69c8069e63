// Writes dist/catalogue.json of a plugin: what its node types declare, as data. Part of the plugin's build, after tsc:
//   node ../../tools/docgen/catalogue.mjs .
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const folder = resolve(process.argv[2] ?? '.');
const require = createRequire(join(folder, 'package.json'));
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

const { catalogueOf } = require('@sluice/sdk');
const plugins = Object.values(require(join(folder, manifest.main))).filter(
  (value) => Array.isArray(value?.nodes) && typeof value.name === 'string',
);
if (plugins.length !== 1) {
  console.error(
    `${manifest.name} exports ${plugins.length} plugins; a package has exactly one: export const name = definePlugin({ ... }).`,
  );
  process.exit(1);
}

// Renamed into place: a reader sees the old file or the new one.
const file = join(folder, 'dist', 'catalogue.json');
mkdirSync(join(folder, 'dist'), { recursive: true });
writeFileSync(`${file}.new`, `${JSON.stringify(catalogueOf(plugins[0]), null, 2)}\n`);
renameSync(`${file}.new`, file);
