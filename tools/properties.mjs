// The property tests of the runtime with 10,000 cases each (CI runs 300): `npm run test:properties [-- jest's own options]`.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const env = { ...process.env, SLUICE_CASES: process.env['SLUICE_CASES'] ?? '10000' };
const { status } = spawnSync(
  process.execPath,
  [jest, '--runInBand', '--rootDir', 'libs/runtime', '-c', 'libs/runtime/jest.config.js', ...process.argv.slice(2)],
  {
    stdio: 'inherit',
    env,
  },
);
process.exit(status ?? 1);
