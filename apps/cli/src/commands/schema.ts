import { graphSchema } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk/catalogue';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { EXIT, type Exit } from '../exit';
import { catalogues } from '../plugins';
import type { Terminal } from '../terminal';

/** `sluice schema`. */
export async function schema(terminal: Terminal, options: { out?: string }): Promise<Exit> {
  const made = graphSchema(catalogues());
  const text = `${JSON.stringify(made, null, 2)}\n`;
  if (options.out === undefined) {
    process.stdout.write(text);
    return EXIT.ok;
  }
  try {
    mkdirSync(dirname(options.out), { recursive: true });
    writeFileSync(options.out, text);
  } catch (error) {
    throw new SluiceError('OUT_NOT_WRITABLE', `${options.out} cannot be written: ${(error as Error).message}.`, {
      hint: 'Choose another file with --out.',
      cause: error,
    });
  }
  if (terminal.json) terminal.object({ ok: true, file: options.out });
  else terminal.note(`Wrote ${options.out}. In a graph: # yaml-language-server: $schema=${options.out}`);
  return EXIT.ok;
}
