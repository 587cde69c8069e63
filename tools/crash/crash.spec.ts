import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** A short round; `npm run test:crash` is the long one. */
function crash(...args: string[]): Record<string, number> {
  const ran = spawnSync(process.execPath, [join(__dirname, 'main.mjs'), '--json', ...args], { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${ran.stderr}${ran.stdout}`);
  return JSON.parse(ran.stdout) as Record<string, number>;
}

describe('a graph with durable edges', () => {
  it.each([
    ['killed at any moment', 'kill'],
    ['killed while the clock is set back', 'clock'],
    ['killed beside another process that shares its queues', 'two'],
  ])(
    'loses nothing, does nothing twice and keeps the order of each key: %s',
    (_, name) => {
      expect(crash('--case', name, '--kills', '4', '--packets', '600', '--seed', '7')).toMatchObject({
        ...{ packets: 600, lost: 0, doubled_effects: 0, out_of_order: 0 },
      });
    },
    120_000,
  );

  it('names the effects of which nobody can tell, and does none of them again', () => {
    const { uncertain, ...judged } = crash('--case', 'nodes', '--kills', '4', '--packets', '300', '--seed', '7');
    expect(judged).toMatchObject({ packets: 300, lost: 0, doubled_effects: 0, out_of_order: 0, not_asked: 0 });
    expect(uncertain).toBeGreaterThan(0);
  }, 120_000);
});
