import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const BIN = join(__dirname, '..', 'bin', 'sluice.js');

// What it measures is no test; the rules of its arithmetic are tested beside it.
it('sluice bench lists its cases, and says which one there is not', () => {
  const ids = execFileSync(process.execPath, [BIN, 'bench', '--list'], { encoding: 'utf8' }).trim().split('\n');
  expect(ids).toEqual(expect.arrayContaining(['fused-mixed', 'overload-rate', 'queue-64', 'ready']));
  const { status, stderr } = spawnSync(process.execPath, [BIN, 'bench', '--only', 'fused,nothing'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([2, 'error: There is no case nothing. --list shows all.\n']);
});
