import { flag, list, shape, text, whole } from '@sluice/control/schemas';
import { formatGraph } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk/catalogue';
import { EXIT, type Exit } from '../exit';
import { expand, readGraph, shown } from '../graph-file';
import { writeOut } from '../out-file';
import type { Terminal } from '../terminal';
import { type Outputs } from '../outputs';

export const OUTPUTS: Outputs = { fmt: shape({ ok: flag, files: whole, changed: list(text), unreadable: list(text) }) };

/** `sluice fmt`: house style, in place. */
export async function fmt(terminal: Terminal, targets: readonly string[], options: { check?: true }): Promise<Exit> {
  const files = [...new Set(targets.flatMap(expand))];
  if (files.length === 0) {
    throw new SluiceError('GRAPH_NOT_FOUND', `No graph matches ${targets.join(' ')}.`, {
      hint: 'Give files, folders or patterns; graphs end in .yaml.',
    });
  }
  const changed: string[] = [];
  const unreadable: string[] = [];
  for (const file of files) {
    const text = readGraph(file);
    const made = formatGraph(text);
    if (made === undefined) unreadable.push(shown(file));
    else if (made !== text) {
      changed.push(shown(file));
      if (options.check !== true) writeOut(file, made);
    }
  }
  const ok = unreadable.length === 0 && (options.check !== true || changed.length === 0);
  if (terminal.json) terminal.object({ ok, files: files.length, changed, unreadable });
  else {
    for (const file of changed) terminal.out(file);
    for (const file of unreadable) terminal.note(`${file} is no YAML and was left as it is; \`sluice validate ${file}\` says why.`);
    terminal.note(summary(files.length, changed.length, options.check === true));
  }
  if (unreadable.length > 0) return EXIT.invalid;
  return ok ? EXIT.ok : EXIT.failed;
}

function summary(files: number, changed: number, check: boolean): string {
  const all = files === 1 ? '1 file' : `${files} files`;
  if (changed === 0) return `${all}, nothing to change`;
  return check ? `${all}, ${changed} to format: run \`sluice fmt\`` : `${all}, ${changed} formatted`;
}
