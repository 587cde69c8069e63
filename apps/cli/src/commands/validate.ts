import { flag, hash, list, ref, shape, text, whole } from '@sluice/control/schemas';
import type { Diagnostic } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk/catalogue';
import { EXIT, type Exit } from '../exit';
import { checkFile, expand, printDiagnostics } from '../graph-file';
import { readSets } from '../params';
import type { Terminal } from '../terminal';
import { type Outputs } from '../outputs';

export const OUTPUTS: Outputs = {
  validate: shape({
    ok: flag,
    graphs: list(shape({ file: text, ok: flag, 'hash?': hash })),
    diagnostics: list(ref('Diagnostic')),
    errors: whole,
    warnings: whole,
  }),
};

/** `sluice validate`: all findings of all graphs, at once. */
export async function validate(
  terminal: Terminal,
  targets: readonly string[],
  options: { set: readonly string[]; denyWarnings?: true },
): Promise<Exit> {
  const params = readSets(options.set);
  const files = [...new Set(targets.flatMap(expand))];
  if (files.length === 0) {
    throw new SluiceError('GRAPH_NOT_FOUND', `No graph matches ${targets.join(' ')}.`, {
      hint: 'Give files, folders or patterns; graphs end in .yaml.',
    });
  }
  const diagnostics: Diagnostic[] = [];
  const graphs = files.map((path) => {
    const checked = checkFile(path, params);
    diagnostics.push(...checked.diagnostics);
    printDiagnostics(terminal, checked.diagnostics, new Map([[checked.file, checked.text]]));
    return { file: checked.file, ok: checked.plan !== undefined, ...(checked.plan === undefined ? {} : { hash: checked.plan.hash }) };
  });
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning').length;
  const ok = errors === 0 && !(options.denyWarnings === true && warnings > 0);
  if (terminal.json) terminal.object({ ok, graphs, diagnostics, errors, warnings });
  else {
    const found = `${plural(graphs.length, 'graph')}: ${plural(errors, 'error')}, ${plural(warnings, 'warning')}`;
    terminal.out(terminal.paint(ok ? 'green' : 'red', found, process.stdout));
  }
  return ok ? EXIT.ok : EXIT.invalid;
}

function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
