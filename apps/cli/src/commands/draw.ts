import { choice, ok, text } from '@sluice/control/schemas';
import { drawGraph } from '@sluice/graph';
import { EXIT, type Exit } from '../exit';
import { planFile } from '../graph-file';
import { readSets } from '../params';
import type { Terminal } from '../terminal';
import { type Outputs } from '../outputs';

export const OUTPUTS: Outputs = { draw: ok({ format: choice('mermaid', 'dot'), drawing: text }) };

/** `sluice draw`. */
export async function draw(
  terminal: Terminal,
  path: string,
  options: { set: readonly string[]; format: 'mermaid' | 'dot' },
): Promise<Exit> {
  const { plan } = planFile(path, readSets(options.set), terminal);
  const drawing = drawGraph(plan, options.format);
  if (terminal.json) terminal.object({ ok: true, format: options.format, drawing });
  else terminal.out(drawing.trimEnd());
  return EXIT.ok;
}
