import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/tutorial/ten-minutes.md'), 'utf8').replaceAll('\r\n', '\n');

/** What the page tells to type, each with what it says comes of it. */
const steps = [...page.matchAll(/^```sh\n([^]*?)^```\n+(?:```text\n([^]*?)^```)?/gm)].map(([, commands, output]) => ({
  commands: commands!.trim(),
  lines: (output ?? '').split('\n').filter((line) => line.trim() !== ''),
}));

it('has steps, and each says what comes of it', () => {
  expect(steps.length).toBeGreaterThan(4);
  for (const { commands, lines } of steps) expect([commands, lines.length > 0]).toEqual([commands, true]);
});

// Its commands are those of a POSIX shell.
(process.platform === 'win32' ? it.skip : it)(
  'the tutorial does what it says, step by step',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-tutorial-'));
    try {
      cpSync(join(ROOT, 'docs/tutorial/speed'), folder, { recursive: true });
      symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
      for (const { commands, lines } of steps) {
        const script = `set -e\nsluice() { "${process.execPath}" "${join(ROOT, 'apps/cli/bin/sluice.js')}" "$@"; }\n${commands}\n`;
        const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
        const said = `${stdout}\n${stderr}`;
        expect([commands, status, stderr]).toEqual([commands, 0, stderr]);
        for (const line of lines) expect([commands, said]).toEqual([commands, expect.stringContaining(line.trim())]);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  180_000,
);
