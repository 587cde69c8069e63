import { list, ok, text } from '@sluice/control/schemas';
import { configFileSchema, graphSchema, processGraphSchema, testSchema } from '@sluice/graph';
import type { JsonSchema } from '@sluice/sdk/catalogue';
import { join } from 'node:path';
import { EXIT, type Exit } from '../exit';
import { writeOut } from '../out-file';
import type { Outputs } from '../outputs';
import { catalogues } from '../plugins';
import type { Terminal } from '../terminal';
import { ANY_SCHEMA } from './output';

export const OUTPUTS: Outputs = { schema: { anyOf: [ok({ files: list(text) }), ANY_SCHEMA] } };

/** Kinds of files that have a schema, with what they are called where they lie. */
export const SCHEMAS = {
  graph: { make: () => graphSchema(catalogues()), files: 'graphs, *.yaml' },
  test: { make: testSchema, files: 'tests of graphs, *.test.yaml' },
  process: { make: processGraphSchema, files: 'process graphs, *.processes.yaml' },
  config: { make: configFileSchema, files: 'settings of a project, sluice.config.yaml' },
} as const satisfies Readonly<Record<string, { make: () => JsonSchema; files: string }>>;
type Name = keyof typeof SCHEMAS;

/** `sluice schema`: one on stdout or in a file, or all in a folder. */
export async function schema(terminal: Terminal, name: Name | undefined, options: { out?: string }): Promise<Exit> {
  const { out } = options;
  if (out === undefined) {
    process.stdout.write(schemaText(name ?? 'graph'));
    return EXIT.ok;
  }
  const names = name === undefined && !out.endsWith('.json') ? (Object.keys(SCHEMAS) as Name[]) : [name ?? 'graph'];
  const written = names.map((each) => ({
    name: each,
    file: out.endsWith('.json') ? out : join(out, `${each}.schema.json`).replaceAll('\\', '/'),
  }));
  for (const { name: each, file } of written) writeOut(file, schemaText(each));
  if (terminal.json) terminal.object({ ok: true, files: written.map(({ file }) => file) });
  else {
    for (const row of terminal.table(written.map(({ name: each, file }) => [file, SCHEMAS[each].files]))) terminal.out(row);
    terminal.note('An editor reads it where a file begins with this line (the path from that file):');
    terminal.note(`# yaml-language-server: $schema=${written[0]!.file}`);
  }
  return EXIT.ok;
}

/** The text of a schema. */
export const schemaText = (name: Name): string => `${JSON.stringify(SCHEMAS[name].make(), null, 2)}\n`;
