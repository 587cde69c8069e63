import { anything, flag, list, ok, shape, standalone, text, type Schema } from '@sluice/control/schemas';
import { nearest } from '@sluice/graph';
import { EXIT, usage, type Exit } from '../exit';
import { isEachLine, outputs, type Outputs } from '../outputs';
import type { Terminal } from '../terminal';

const DRAFT = 'http://json-schema.org/draft-07/schema#';
/** A schema, as it is. */
export const ANY_SCHEMA: Schema = { type: 'object', required: ['$schema'], allOf: [{ $ref: DRAFT }] };

export const OUTPUTS: Outputs = {
  'schema output': { anyOf: [ok({ commands: list(shape({ command: text, each_line: flag })) }), ANY_SCHEMA] },
};

/** What any command prints in place of its own where it could not begin, or ended by a fault. */
const FAULT = shape({
  ok: { type: 'boolean', const: false },
  error: shape({ code: text, message: text, 'hint?': text, 'node?': text, retryable: flag, details: anything }),
});

const all = (): Outputs => ({ ...outputs(), fault: FAULT });

/** The whole schema of what a command prints; undefined where there is no such command. */
export function schemaOf(command: string): Schema | undefined {
  const schema = all()[command];
  return schema && { $schema: DRAFT, title: `sluice ${command} --json`, ...standalone(schema) };
}

/** `sluice schema output`: what a command prints with `--json`; without a command, which there are. */
export async function outputSchema(terminal: Terminal, words: readonly string[]): Promise<Exit> {
  const command = words.join(' ');
  const schema = schemaOf(command);
  if (schema !== undefined) {
    terminal.out(JSON.stringify(schema, null, 2));
    return EXIT.ok;
  }
  if (command !== '') {
    const near = nearest(command, Object.keys(all()));
    throw usage(`No command is called ${command}.`, near === undefined ? '`sluice schema output` lists them.' : `Did you mean ${near}?`);
  }
  const commands = Object.entries(all())
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => ({ command: name, each_line: isEachLine(one) }));
  if (terminal.json) terminal.object({ ok: true, commands });
  else
    for (const row of terminal.table(commands.map((one) => [one.command, one.each_line ? 'one object a line' : 'one object'])))
      terminal.out(row);
  return EXIT.ok;
}
