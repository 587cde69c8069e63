// Copies the console as it was built, presets, the graphs that they name, their samples and the lock file of assets into dist, so that a
// packed command has them.
// Part of the build:
//   node graphs.mjs
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const from = join(here, '..', '..', 'graphs');
const to = join(here, 'dist', 'graphs');
rmSync(to, { recursive: true, force: true });
for (const name of readdirSync(from)) {
  if (['presets', 'samples'].includes(name) || /^[\w-]+\.yaml$/.test(name)) cpSync(join(from, name), join(to, name), { recursive: true });
}

// What their models and samples are, and where they come from.
cpSync(join(here, '..', '..', 'assets.lock.yaml'), join(here, 'dist', 'assets.lock.yaml'));

const page = { from: join(here, '..', 'console', 'dist', 'site'), to: join(here, 'dist', 'console') };
rmSync(page.to, { recursive: true, force: true });
cpSync(page.from, page.to, { recursive: true });
