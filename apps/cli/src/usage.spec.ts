import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputs } from './outputs';
import { GOOD, LOAD, place } from '../test/place';

// Processes are real, and the machine may be busy.
jest.setTimeout(60_000);

const here = place({
  'graphs/good.yaml': GOOD,
  'graphs/load.yaml': LOAD,
  'graphs/presets/busy.yaml': 'graph: ../load.yaml\n',
});

describe('what is typed wrongly', () => {
  it('is exit 2 with what was meant, and a graph that is none is exit 3; never a stack', async () => {
    const all = await here.insideAll(
      ['valdate', 'x'],
      ['run', 'graphs/good.yaml', '--set', 'n'],
      ['serve', 'graphs/good.yaml', '--host', '0.0.0.0', '--port', '0'],
      ['nodes', 'show', 'core/prnt'],
      ['run', 'graphs/godo.yaml'],
      ['run', 'graphs'],
      ['serve', '--preset', 'bsy', '--port', '0'],
      ['assets', 'stage', '--restage-modles', '--dry-run'],
    );
    expect(all.map(({ code }) => code)).toEqual([2, 2, 2, 2, 3, 3, 2, 2]);
    const said = [
      "error USAGE_INVALID: unknown command 'valdate' (Did you mean validate?)",
      'USAGE_INVALID',
      'HOST_NOT_LOCAL',
      'Did you mean core/print?',
      'GRAPH_NOT_FOUND',
      'GRAPH_IS_FOLDER',
      'Did you mean busy?',
      'ASSET_CATEGORY_UNKNOWN',
    ];
    for (const [i, text] of said.entries()) {
      expect(all[i]!.err).toContain(text);
      expect(all[i]!.err).not.toMatch(/\n\s+at /);
    }
  });
});

describe('help', () => {
  it('fits a terminal of 80 columns and shows how each command is used', async () => {
    const commands = Object.keys(outputs());
    const pages = await here.insideAll(['--help'], ...commands.map((command) => [...command.split(' '), '--help']));
    expect(pages.flatMap(({ out }) => out.split('\n')).filter((line) => line.length > 80)).toEqual([]);
    for (const [at, command] of commands.entries()) {
      expect(pages[at + 1]).toMatchObject({ code: 0, out: expect.stringMatching(new RegExp(`\nExamples:\n  sluice ${command}( |\n)`)) });
    }
  });
});

it('is the binary that says its version and refuses an unknown command', async () => {
  const { version } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8'));
  const [said, unknown] = await Promise.all([here.sluice(['--version']), here.sluice(['valdate'])]);
  expect(said).toEqual({ code: 0, out: `${version}\n`, err: '' });
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('Did you mean validate?')]);
});
