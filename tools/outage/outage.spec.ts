import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** A short round; `npm run test:outage` is the long one. */
it('a service that is away for a while gets all that waited, once and in order, and the run is degraded until then', () => {
  const args = ['--down', '2', '--rate', '20', '--json'];
  const ran = spawnSync(process.execPath, [join(__dirname, 'main.mjs'), ...args], { encoding: 'utf8' });
  expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(ran.stdout)).toMatchObject({
    ...{ packets: 115, lost: 0, doubled: 0, out_of_order: 0, degraded_share: 1, ready_share: 1, exit: 0 },
  });
}, 240_000);
