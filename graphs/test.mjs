// nx run graph:test [graphs/x.test.yaml ...]: those graph tests; without arguments all of them, and the specs beside them.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const run = (file, args, cwd) => spawnSync(process.execPath, [file, ...args], { cwd, stdio: 'inherit' }).status ?? 1;
const sluice = (...args) => run(join(here, '../apps/cli/bin/sluice.js'), ['test', ...args], join(here, '..'));

const args = process.argv.slice(2);
if (args.length > 0) process.exit(sluice(...args));
const specs = run(createRequire(import.meta.url).resolve('jest/bin/jest.js'), [], here);
process.exit(sluice('graphs') || specs);
