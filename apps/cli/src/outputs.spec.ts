import { openStore } from '@sluice/store';
import Ajv from 'ajv';
import type { Command } from 'commander';
import { join } from 'node:path';
import { schemaOf } from './commands/output';
import { isEachLine, outputs } from './outputs';
import { makeProgram } from './program';
import { Terminal } from './terminal';
import { GOOD, place, TICKS, type Ended } from '../test/place';

jest.setTimeout(300_000);

const KEPT = `version: 2
name: kept
nodes:
  numbers:
    type: core/values
    config: { items: [1, 2] }
  same:
    type: core/identity
    durability: full
  put:
    type: queue/out
    config: { queue: numbers }
edges:
  - numbers -> same
  - same -> put
`;
const PACKED = ['sdk', 'graph', 'runtime', 'store', 'control', 'testing', 'nx', 'cli'];

const here = place({
  ...Object.fromEntries(PACKED.map((name) => [`packed/sluice-${name}-0.1.0.tgz`, ''])),
  'graphs/good.yaml': GOOD,
  'graphs/ticks.yaml': TICKS,
  'graphs/kept.yaml': KEPT,
  'graphs/good.test.yaml': `version: 2
tests:
  - name: ends
    expect:
      numbers: { count: 9 }
`,
  'bad/wrong.yaml': 'version: 2\nname: wrong\nnodes:\n  a: { type: core/vlues }\n',
  'bad/good.yaml': GOOD,
  'bad/good.test.yaml': 'tests:\n  - name: fails\n    expect:\n      numbers: { count: 2 }\n',
  'graphs/echo.yaml': `version: 2
name: echo
inputs:
  in: { type: sluice/any@1, to: same }
outputs:
  out: { type: sluice/any@1, from: same }
nodes:
  same: { type: core/identity }
`,
});

/** What a store and a server have, to ask for it. */
type Known = Readonly<Record<'run' | 'happened' | 'not' | 'artifact' | 'live' | 'other', string>>;

/** Each command as a person may type it. */
const asked = (has: Known): readonly string[] => [
  'validate graphs',
  'validate bad',
  'test bad --coverage',
  'fmt graphs --check',
  'draw graphs/good.yaml',
  'import graphs/good.yaml',
  'plan show graphs/good.yaml --explain --chain',
  'plan hash graphs/good.yaml',
  'plan diff graphs/good.yaml graphs/kept.yaml',
  'nodes list',
  'nodes show core/values',
  'schema',
  'schema test',
  'schema --out schemas',
  'schema output',
  'schema output queue list',
  'completion zsh',
  'doctor --for core --port 0',
  'presets list',
  'presets show inproc-demo',
  'new graph mine --preset inproc-demo --dry-run',
  'new graph mine --preset inproc-demo --print',
  'new plugin billing --packed packed',
  'new node billing/parse --directory billing',
  'assets list',
  'assets verify nanodet',
  'assets stage nanodet --dry-run',
  'plugins list',
  'bench --list',
  'demo --only in-process',
  'test graphs',
  'run graphs/echo.yaml',
  'plugins check queue',
  'plugins docs queue --check',
  'runs list',
  `runs show ${has.run}`,
  'runs tail',
  'actions list',
  `runs skip ${has.happened}`,
  `runs retry ${has.not}`,
  'journal query --limit 3',
  'journal export',
  'journal verify',
  'journal reconcile',
  'queue list',
  'queue peek numbers',
  'queue retry numbers --row 1',
  'queue drop numbers --row 1',
  'queue verify',
  'queue repair',
  'queue repair --out saved.db',
  'queue compact',
  'artifacts list',
  `artifacts show ${has.artifact}`,
  'artifacts gc',
  'token new ci',
  'token list',
  'token revoke ci',
  'top --once',
  `tap ${has.live}/tick.out --limit 1`,
  `runs pause ${has.live}`,
  `runs resume ${has.live}`,
  `runs stop ${has.live}`,
  `runs cancel ${has.other}`,
  'audit tail',
  'audit verify',
  'stop',
];
/** These look at files of packages, print what their children print, or read standard input. */
const PROCESSES = /^(bench|demo|test|run|plugins check|plugins docs) /;

const named = (command: Command, path = ''): readonly string[] =>
  command.commands.flatMap((one) => {
    const name = `${path} ${one.name()}`.trim();
    return [...(one.options.some(({ long }) => long === '--json') ? [name] : []), ...named(one, name)];
  });
const COMMANDS = named(makeProgram(new Terminal(), () => undefined));

it('every command that takes --json says what it prints, and closes it', () => {
  expect(Object.keys(outputs()).sort()).toEqual([...COMMANDS].sort());
  for (const [command, schema] of Object.entries(outputs())) {
    const parts = (schema['anyOf'] ?? schema['oneOf'] ?? [schema]) as readonly Record<string, unknown>[];
    expect([command, parts.filter((part) => part['additionalProperties'] !== false && part['allOf'] === undefined)]).toEqual([command, []]);
  }
});

it('each prints what it says', async () => {
  const check = checks();
  expect((await here.sluice(['run', 'graphs/kept.yaml'])).code).toBe(0);
  const kept = await inStore();
  const serving = here.start(['serve', 'graphs/ticks.yaml', '--port', '0', '--json']);
  const [said, url, token] = await serving.saw(/\{.*"link":"(.*)\/#token=(.*?)".*\}/);
  const faults = [...check('serve', said!)];
  const post = await fetch(`${url}/api/v1/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{"graph":"ticks"}',
  });
  const { run } = (await post.json()) as { run: { id: string } };

  const commands = asked({ ...kept, live: 'ticks-1', other: run.id });
  for (const line of commands) {
    const { out } = await answer([...line.split(' '), '--json']);
    const command = nameOf(line);
    for (const text of eachOf(command, out)) faults.push(...check(command, text));
  }
  expect(faults).toEqual([]);
  expect((await serving.ended).code).toBe(0);
  expect([...new Set(commands.map(nameOf)), 'serve'].sort()).toEqual([...COMMANDS].sort());

  const wrong = await here.inside('runs', 'show', 'nothing', '--json');
  expect(check('fault', wrong.out)).toEqual([]);
  expect(check('queue list', '{"ok":true,"queues":[],"more":1}')).toEqual([expect.stringContaining('additionalProperties')]);
});

/** The longest command that the line begins with. */
const nameOf = (line: string): string =>
  [...COMMANDS].sort((a, b) => b.length - a.length).find((name) => `${line} `.startsWith(`${name} `))!;

const answer = (args: readonly string[]): Promise<Ended> =>
  PROCESSES.test(args.join(' ')) ? here.sluice(args, '{"a":1}\n') : here.inside(...args);

/** What was printed, object by object. */
function eachOf(command: string, out: string): readonly string[] {
  if (!isEachLine(outputs()[command]!)) return [out];
  const lines = out.trim().split('\n');
  expect([command, lines.length > 0]).toEqual([command, true]);
  return lines;
}

/** Compares with what `sluice schema output` prints. */
function checks(): (command: string, text: string) => readonly string[] {
  const ajv = new Ajv({ strict: false, formats: { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) } });
  const made = new Map<string, ReturnType<typeof ajv.compile>>();
  return (command, text) => {
    if (!made.has(command)) made.set(command, ajv.compile(schemaOf(command)!));
    const fits = made.get(command)!;
    return fits(JSON.parse(text)) ? [] : [`${command}: ${JSON.stringify(fits.errors)}: ${text.slice(0, 300)}`];
  };
}

/** Effects of which nobody knows whether they happened, and an artifact. */
async function inStore(): Promise<Omit<Known, 'live' | 'other'>> {
  const store = await openStore({ path: join(here.folder, '.sluice/store.db') });
  const { runs } = JSON.parse((await here.inside('runs', 'list', '--json')).out) as { runs: { id: string }[] };
  const run = runs[0]!.id;
  const ids = ['kept/same/k1', 'kept/same/k2'] as const;
  for (const id of ids) {
    await store.journal.change({
      machine: 'node_run',
      id,
      to: 'running',
      from: null,
      run,
      data: { graph: 'kept', node: 'same', effect: true },
    });
    await store.journal.change({ machine: 'node_run', id, to: 'uncertain', reason: 'its process ended' });
  }
  const from = { contentType: 'application/json', graph: 'kept', node: 'same', run, sources: [{ packet_id: 'r1:src:0', key: 'k' }] };
  const artifact = await store.artifacts.keep(new TextEncoder().encode('{}'), { ...from, schema: 'report@1' });
  await store.close();
  return { run, happened: ids[0], not: ids[1], artifact: artifact.id };
}
