import { Command, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Exit } from './exit';
import type { Terminal } from './terminal';

/* eslint-disable @typescript-eslint/no-require-imports -- a command loads its own code only: `validate` needs no server, no plugin */

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];
const count = (name: string) => (value: string) => {
  if (!/^\d+$/.test(value))
    throw new (require('commander') as typeof import('commander')).InvalidArgumentError(`${name} is a whole number.`);
  return Number(value);
};

/**
 * The command line as data.
 * @param done gets the exit code of the command that ran
 */
export function makeProgram(terminal: Terminal, done: (exit: Exit) => void): Command {
  const { version } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as { version: string };
  const program = new Command('sluice')
    .description('Runs typed dataflow graphs.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help of a command')
    .configureHelp({ helpWidth: Math.min(80, process.stdout.columns ?? 80), showGlobalOptions: false, optionDescription: described })
    .configureOutput({ outputError: (text, write) => write(terminal.json ? '' : coded(terminal, text)) })
    .showHelpAfterError('  hint: sluice --help lists commands, sluice <command> --help its options.')
    .exitOverride();

  const add: Add = (parent, name, summary, ...examples) =>
    parent
      .command(name)
      .description(summary)
      .option('--json', 'print JSON on stdout')
      .option('--debug', 'print stack traces, too')
      .addHelpText('after', examples.length === 0 ? '' : ['\nExamples:', ...examples.map((example) => `  sluice ${example}`)].join('\n'))
      .copyInheritedSettings(parent);
  const group = (name: string, summary: string): Command => program.command(name).description(summary).copyInheritedSettings(program);
  const params = (command: Command): Command =>
    command.addOption(
      new Option('--set <name=value>', "set a graph's parameter; may be given several times").argParser(collect).default([], 'none'),
    );
  /** Binds an action to a function of a module that is loaded when it runs. */
  const act = <A extends unknown[]>(command: Command, load: () => (terminal: Terminal, ...args: A) => Promise<Exit>): Command =>
    command.action(async (...args: unknown[]) => done(await load()(terminal, ...(args.slice(0, -1) as A))));

  act(
    params(
      add(
        program,
        'serve',
        'Run a graph, with the HTTP API and the page.',
        'serve graphs/street-watch.yaml',
        'serve graphs/sensor-watch.yaml --set interval=50ms --port 0',
      ),
    )
      .argument('[graph]', 'graph file (default: graphs/street-watch.yaml)')
      .option('--preset <name>', 'a named graph with parameters, presets/<name>.yaml')
      .option('--port <number>', 'port of the API; 0 takes a free one', count('--port'), 7420)
      .option('--host <address>', 'address of this machine', '127.0.0.1')
      .option('--no-console', 'no page, only the API'),
    () => (require('./commands/serve') as typeof import('./commands/serve')).serve,
  );
  act(
    params(
      add(
        program,
        'run',
        'Run a graph until its sources end; inputs and outputs are JSON lines.',
        'run graphs/sensor-watch.yaml --max-packets 1000',
        'run graphs/street-watch.yaml --for 10s --report json',
      ),
    )
      .argument('<graph>', 'graph file')
      .option('--max-packets <n>', 'stop the sources after n packets', count('--max-packets'))
      .option('--for <duration>', 'stop the sources after this time, such as 10s')
      .addOption(new Option('--report <format>', 'print the run report on stdout at the end').choices(['json']))
      .option('--expect-output', 'exit 5 where nothing came out'),
    () => (require('./commands/run') as typeof import('./commands/run')).run,
  );
  act(
    params(
      add(
        program,
        'validate',
        'Check graphs: every finding with file, line, column and remedy.',
        'validate graphs',
        'validate graphs/street-watch.yaml --deny-warnings --json',
      ),
    )
      .argument('<graph...>', 'files, folders or patterns')
      .option('--deny-warnings', 'warnings count as errors'),
    () => (require('./commands/validate') as typeof import('./commands/validate')).validate,
  );
  const plan = group('plan', 'The checked and resolved form of a graph.');
  act(
    params(add(plan, 'show', 'Nodes, edges and settings of the plan.', 'plan show graphs/street-watch.yaml --explain --set fps=5'))
      .argument('<graph>', 'graph file')
      .option('--explain', 'where each value came from')
      .option('--chain', 'what is fused, and where packets wait'),
    () => (require('./commands/plan') as typeof import('./commands/plan')).showPlan,
  );
  act(
    params(add(plan, 'hash', 'The hash of the plan.', 'plan hash graphs/street-watch.yaml')).argument('<graph>', 'graph file'),
    () => (require('./commands/plan') as typeof import('./commands/plan')).hashPlan,
  );
  act(
    params(
      add(
        program,
        'draw',
        'Draw a graph as text for Mermaid or Graphviz.',
        'draw graphs/street-watch.yaml',
        'draw graphs/street-watch.yaml --format dot | dot -Tsvg > street.svg',
      ),
    )
      .argument('<graph>', 'graph file')
      .addOption(new Option('--format <format>', 'language of the drawing').choices(['mermaid', 'dot']).default('mermaid')),
    () => (require('./commands/draw') as typeof import('./commands/draw')).draw,
  );
  const nodes = group('nodes', 'The node types that are there.');
  act(
    add(nodes, 'list', 'All node types.', 'nodes list window').argument('[words...]', 'only those that have these words'),
    () => (require('./commands/nodes') as typeof import('./commands/nodes')).listNodes,
  );
  act(
    add(nodes, 'show', 'Ports, options and examples of a node type.', 'nodes show vision/detect').argument('<type>', 'such as core/print'),
    () => (require('./commands/nodes') as typeof import('./commands/nodes')).showNode,
  );
  act(
    add(program, 'schema', 'JSON Schema of graph files, for editors.', 'schema --out .sluice/graph.schema.json').option(
      '--out <file>',
      'write it to a file, such as .sluice/graph.schema.json',
    ),
    () => (require('./commands/schema') as typeof import('./commands/schema')).schema,
  );
  act(
    add(program, 'doctor', 'What this machine has and lacks, each with its remedy.')
      .addOption(new Option('--for <topic>', 'only what this needs').choices(['core', 'vision']))
      .option('--port <number>', 'the port to try', count('--port'), 7420),
    () => (require('./commands/doctor') as typeof import('./commands/doctor')).doctor,
  );
  addAssets(group('assets', 'Models and media that are staged.'), add, act);
  return program;
}

/** An option with its choices and its default. */
function described({ description, argChoices, defaultValue }: Option): string {
  const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`;
  const plain = typeof defaultValue === 'string' || typeof defaultValue === 'number';
  return `${description}${choices}${plain ? ` (default ${defaultValue})` : ''}`;
}

/** What the parser says, in the form of all faults. */
function coded(terminal: Terminal, text: string): string {
  const [first = '', ...rest] = text.trim().split('\n');
  return `${terminal.paint('red', 'error USAGE_INVALID')}: ${[first.replace(/^error: /, ''), ...rest].join(' ')}\n`;
}

type Add = (parent: Command, name: string, summary: string, ...examples: readonly string[]) => Command;
type Act = <A extends unknown[]>(command: Command, load: () => (terminal: Terminal, ...args: A) => Promise<Exit>) => Command;

function addAssets(assets: Command, add: Add, act: Act): void {
  const load = (): typeof import('./commands/assets') => require('./commands/assets') as typeof import('./commands/assets');
  act(add(assets, 'list', 'All assets of the lock file, and whether they are there.'), () => load().listAssets);
  act(
    add(assets, 'stage', 'Fetch what is missing, verify it, put it in place.', 'assets stage ultraface', 'assets stage --restage-model')
      .argument('[name...]', 'only these')
      .option('--offline', 'do not use the network: fail where something is missing')
      .option('--dry-run', 'say what would be done')
      .option('--restage [category]', 'fetch again, all or those of a category (also --restage-<category>)'),
    () => load().stageAssets,
  );
  act(add(assets, 'verify', 'Compare what is there with its checksums.').argument('[name...]', 'only these'), () => load().verifyAssets);
}
