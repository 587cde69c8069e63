import { flag, list, nullable, ref, shape, text, told } from '@sluice/control/schemas';
import { importGraph, type Diagnostic } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk/catalogue';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT, type Exit } from '../exit';
import { checkFile, printDiagnostics, readGraph, shown } from '../graph-file';
import { writeOut } from '../out-file';
import { catalogues } from '../plugins';
import type { Terminal } from '../terminal';
import { type Outputs } from '../outputs';

export const OUTPUTS: Outputs = {
  import: shape({
    ok: flag,
    file: nullable(text),
    same: told(flag, 'It was a graph of this version already.'),
    graph: text,
    added: list(shape({ node: text, why: text })),
    diagnostics: list(ref('Diagnostic')),
  }),
};

/** `sluice import`: a graph of another dialect as one of ours, on stdout or in a file. */
export async function importFile(terminal: Terminal, path: string, options: { out?: string; force?: true }): Promise<Exit> {
  const text = readGraph(path);
  const file = shown(resolve(path));
  const imported = importGraph({ text, file }, { catalogues: catalogues(), env: process.env });
  if (imported.text === undefined) {
    printDiagnostics(terminal, imported.diagnostics, new Map([[file, text]]));
    throw new SluiceError('IMPORT_UNKNOWN', `${file} is no graph of a dialect that is known.`, {
      hint: 'Read are graphs of version 2 that list their nodes with `id` and `plugin`.',
      details: imported.diagnostics,
    });
  }
  // What is written is checked, too, but named at its place in the file that a person has before him.
  const left = imported.same ? [] : checkFile(path).diagnostics.filter((one) => !known(imported.diagnostics, one));
  const diagnostics = [...imported.diagnostics, ...left];
  printDiagnostics(terminal, diagnostics, new Map([[file, text]]));
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (options.out !== undefined) {
    if (options.force !== true && existsSync(options.out))
      throw new SluiceError('OUT_EXISTS', `${options.out} is there already.`, { hint: 'Choose another file with --out, or add --force.' });
    writeOut(options.out, imported.text);
  }
  if (terminal.json)
    terminal.object({
      ok: errors === 0,
      file: options.out ?? null,
      same: imported.same,
      graph: imported.text,
      added: imported.added,
      diagnostics,
    });
  else {
    if (options.out === undefined) process.stdout.write(imported.text);
    if (imported.same) terminal.note(`${file} is a graph of this version already.`);
    else {
      for (const { node, why } of imported.added) terminal.note(`Added \`${node}\`: ${why}`);
      terminal.note(summary(diagnostics, options.out));
    }
  }
  return errors === 0 ? EXIT.ok : EXIT.invalid;
}

const known = (all: readonly Diagnostic[], one: Diagnostic): boolean =>
  all.some(({ code, line, column, message }) => code === one.code && line === one.line && column === one.column && message === one.message);

function summary(diagnostics: readonly Diagnostic[], out: string | undefined): string {
  const where = out === undefined ? '' : ` to ${out}`;
  const count = diagnostics.length;
  return count === 0
    ? `Imported${where}; all of it was taken over.`
    : `Imported${where}; ${count} ${count === 1 ? 'place needs' : 'places need'} a look, see above.`;
}
