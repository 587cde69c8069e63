import { flag, list, nullable, number, shape, text } from '@sluice/control/schemas';
import { SluiceError } from '@sluice/sdk/catalogue';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, type Exit } from '../exit';
import type { Terminal } from '../terminal';
import { type Outputs } from '../outputs';

export const OUTPUTS: Outputs = {
  bench: shape({
    'machine?': text,
    'commit?': nullable(text),
    cases: list(
      shape({
        id: text,
        'peer?': nullable(text),
        'unit?': text,
        'min?': nullable(number),
        'median?': nullable(number),
        'max?': nullable(number),
        'goal?': nullable(number),
        'better?': text,
        'met?': flag,
      }),
    ),
  }),
};

interface BenchOptions {
  readonly only?: string;
  readonly quick?: true;
  readonly rounds?: number;
  readonly peers?: true;
  readonly list?: true;
}

/** `sluice bench`: Sluice beside its peers, which are no dependencies of a package: the benchmark is run from the sources. */
export async function bench(terminal: Terminal, { only, quick, rounds, peers, list }: BenchOptions): Promise<Exit> {
  const main = join(__dirname, '../../../../tools/bench/src/main.mjs');
  if (!existsSync(main)) {
    throw new SluiceError('BENCH_NOT_HERE', 'The benchmark and its peers come with the sources of Sluice, not with the packages.', {
      hint: 'Clone the sources, then `npm install` and `npm run bench`.',
    });
  }
  const args = [
    ...(only === undefined ? [] : ['--only', only]),
    ...(quick ? ['--quick'] : []),
    ...(rounds === undefined ? [] : ['--rounds', String(rounds)]),
    ...(peers ? ['--peers'] : []),
    ...(list ? ['--list'] : []),
    ...(terminal.json ? ['--json'] : []),
  ];
  const child = spawn(process.execPath, [main, ...args], { stdio: 'inherit' });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (signal === 'SIGINT') return EXIT.interrupted;
  return code === EXIT.ok || code === EXIT.usage ? code : EXIT.failed;
}
