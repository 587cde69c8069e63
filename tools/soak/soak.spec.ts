import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** A short round; `npm run test:soak` is the long one. */
it('a backlog that is drained in chunks, with a process killed in between, ends at nothing, and the file gets its size back', () => {
  const args = ['--rows', '1500', '--chunks', '4', '--json'];
  const ran = spawnSync(process.execPath, [join(__dirname, 'main.mjs'), ...args], { encoding: 'utf8' });
  expect({ status: ran.status, stderr: ran.stderr }).toEqual({ status: 0, stderr: '' });
  const { file_full, file_compact, ...result } = JSON.parse(ran.stdout) as Record<string, number>;
  expect(result).toMatchObject({ rows: 1500, killed: 1, lost: 0, out_of_order: 0, depth: 0 });
  expect(file_compact).toBeLessThan(file_full! / 2);
}, 120_000);
