import { place } from '../test/place';

// Processes are real, and the machine may be busy.
jest.setTimeout(60_000);

const here = place();

describe('assets', () => {
  it('are listed as the lock file has them, and compared with it', async () => {
    const [list, one, none] = await here.insideAll(
      ['assets', 'list', '--json'],
      ['assets', 'verify', 'nanodet'],
      ['assets', 'verify', 'nanodte'],
    );
    const { assets } = JSON.parse(list.out) as { assets: { name: string; state: string }[] };
    expect(assets.find(({ name }) => name === 'nanodet')).toMatchObject({ category: 'model', licence: 'Apache-2.0', state: 'shipped' });
    expect([one.code, one.out]).toEqual([0, expect.stringMatching(/^nanodet +model +7\.3 MB +Apache-2\.0 +shipped\n$/)]);
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('ASSET_UNKNOWN')]);
  });
});

describe('doctor', () => {
  it('says what it found with a remedy for what is missing', async () => {
    const { code, out } = await here.inside('doctor', '--for', 'core', '--port', '0', '--json');
    expect(code).toBe(0);
    const { findings, next_action } = JSON.parse(out);
    expect(findings.map(({ check }: { check: string }) => check)).toEqual(['port', 'node', 'folder', 'assets']);
    const staged = findings.every(({ state }: { state: string }) => state === 'ok');
    expect(next_action).toBe(staged ? 'sluice serve' : 'sluice doctor --for core --fix');
  });

  it('looks at the database that SLUICE_STORE names', async () => {
    const { child, ended } = here.start(['doctor', '--for', 'postgres', '--json'], {
      SLUICE_STORE: 'postgres://me:opensesame@127.0.0.1:9/orders',
    });
    child.stdin.end();
    const { code, out } = await ended;
    const { findings } = JSON.parse(out) as { findings: { check: string }[] };
    expect(code).toBe(4);
    expect(findings.at(-1)).toEqual({
      check: 'postgres',
      state: 'failed',
      message: '127.0.0.1:9: nothing listens there',
      fix: expect.stringContaining('SLUICE_STORE'),
    });
    expect(out).not.toContain('opensesame');
  });
});
