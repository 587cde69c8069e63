import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The ids that the benchmark is known by; later ones are added. */
const IDS = `fused-mixed fused edges-mixed edges fanout fanin diamond async async-sync backlog derive validate streams effect
nodered-native nodered-function overload-rss-block overload-rss-latest overload-rate control-p99 fence-p99 sweep-p99 fence-accepted
hop-p50 hop-p99 start-1000 validate-1000 heap-node chain-10000 heap-growth ready`.split(/\s+/);

const bench = (...args: string[]) => spawnSync(process.execPath, [join(__dirname, 'main.mjs'), ...args], { encoding: 'utf8' });

describe('npm run bench', () => {
  it('lists every case once', () => {
    const { status, stdout } = bench('--list');
    expect(status).toBe(0);
    const ids = stdout.trim().split('\n');
    expect(ids).toEqual(expect.arrayContaining(IDS));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refuses a case that there is none of, and says how to find those that there are', () => {
    const { status, stdout, stderr } = bench('--only', 'fused,fusd');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe('error: There is no case fusd. --list shows all.\n');
  });

  it.each([['--rounds', 'x'], ['--what']])('refuses %s', (...args) => {
    expect(bench(...args)).toMatchObject({ status: 2, stdout: '' });
  });
});
