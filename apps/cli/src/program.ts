import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Exit } from './exit';
import { addArtifacts } from './artifacts-program';
import { addActions, addJournal, addRuns } from './journal-program';
import { addQueue } from './queue-program';
import { atServer, withState } from './servers';
import { chooseStore } from './store';
import type { Terminal } from './terminal';
import { lazy } from './lazy';

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];
const several = (flags: string, description: string): Option => new Option(flags, description).argParser(collect).default([], 'none');
const count = (name: string) => (value: string) => {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError(`${name} is a whole number.`);
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
    .configureHelp({ helpWidth: Math.min(80, process.stdout.columns || 80), showGlobalOptions: false, optionDescription: described })
    .configureOutput({ outputError: (text, write) => write(terminal.json ? '' : coded(terminal, text)) })
    .showHelpAfterError('  hint: sluice --help lists commands, sluice <command> --help its options.')
    .exitOverride();

  const add: Add = (parent, name, summary, ...examples) =>
    parent
      .command(name)
      .description(summary)
      .option('--json', 'print JSON on stdout')
      .option('--debug', 'print stack traces, too')
      .option('--allow-all-plugins', 'load plugins that are not allowed; only to develop')
      .addHelpText('after', examples.length === 0 ? '' : ['\nExamples:', ...examples.map((example) => `  sluice ${example}`)].join('\n'))
      .copyInheritedSettings(parent);
  const kept: Add = (...args) =>
    add(...args)
      .option('--store <place>', 'file or PostgreSQL URL of the store (default: SLUICE_STORE, else store.db in the state folder)')
      .hook('preAction', (command) => chooseStore({ store: command.opts<{ store?: string }>().store }));
  const group = (name: string, summary: string): Command => program.command(name).description(summary).copyInheritedSettings(program);
  const params = (command: Command): Command =>
    command.addOption(
      new Option('--set <name=value>', "set a graph's parameter; may be given several times").argParser(collect).default([], 'none'),
    );
  const keeping = (command: Command): Command => withState(params(command));
  /** Binds an action to a function of a module that is loaded when it runs. */
  const act = <A extends unknown[]>(command: Command, load: () => (terminal: Terminal, ...args: A) => Promise<Exit>): Command =>
    command.action(async (...args: unknown[]) => done(await load()(terminal, ...(args.slice(0, -1) as A))));

  act(
    keeping(
      add(
        program,
        'serve',
        'Run a graph, with the HTTP API and the page.',
        'serve graphs/street-watch.yaml',
        'serve graphs/sensor-watch.yaml --set interval=50ms --port 0',
      ),
    )
      .argument('[graph]', 'graph file (default: graphs/street-watch.yaml)')
      .option('--preset <name>', 'a named graph with parameters: sluice presets list')
      .option('--port <number>', 'port of the API; 0 takes a free one', count('--port'), 7420)
      .option('--host <address>', 'address to listen at; one that others can reach needs a token', '127.0.0.1')
      .option('--no-console', 'no page, only the API')
      .option('--watch', 'deploy the graph anew when its file changes')
      .option('--detach', 'go on in the background; `sluice stop` ends it')
      .addOption(several('--allow-host <name>', 'a host name to answer to, where others can reach it'))
      .addOption(several('--allow-origin <url>', 'another page that may call the API'))
      .option('--allow-local-mutations', 'let any program on this machine change things, without a token'),
    () => lazy('./commands/serve').serve,
  );
  addOperate(program, add, act, group);
  act(
    keeping(
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
      .option('--pictures <folder>', 'write the pictures of outputs into a folder')
      .option('--expect-output', 'exit 5 where nothing came out'),
    () => lazy('./commands/run').run,
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
    () => lazy('./commands/validate').validate,
  );
  act(
    add(
      program,
      'test',
      'Run tests of graphs (<graph>.test.yaml), in virtual time.',
      'test ./...',
      'test graphs/street-watch.yaml --coverage',
      'test graphs --update --name golden',
    )
      .argument('[target...]', 'tests, graphs or folders; ./... is all below (default)')
      .option('--name <text>', 'only tests that have this in their name')
      .option('--update', 'write goldens instead of comparing with them')
      .option('--watch', 'run again what a change concerns')
      .option('--coverage', 'show which nodes, ports and edges no test went through')
      .option('--min-coverage <percent>', 'fail below this', count('--min-coverage'))
      .option('--junit <file>', 'write the results as JUnit XML, too')
      .option('--verbose', 'show what the graphs printed'),
    () => lazy('./commands/test').test,
  );
  const plan = group('plan', 'The checked and resolved form of a graph.');
  act(
    params(add(plan, 'show', 'Nodes, edges and settings of the plan.', 'plan show graphs/street-watch.yaml --explain --set fps=5'))
      .argument('<graph>', 'graph file')
      .option('--explain', 'where each value came from')
      .option('--chain', 'what is fused, and where packets wait'),
    () => lazy('./commands/plan').showPlan,
  );
  act(
    params(add(plan, 'hash', 'The hash of the plan.', 'plan hash graphs/street-watch.yaml')).argument('<graph>', 'graph file'),
    () => lazy('./commands/plan').hashPlan,
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
    () => lazy('./commands/draw').draw,
  );
  act(
    params(
      add(
        plan,
        'diff',
        'What a change means for a run: nodes and edges kept, restarted, added, removed.',
        'plan diff graphs/street-watch.yaml new/street-watch.yaml',
      ),
    )
      .argument('<before>', 'graph file')
      .argument('<after>', 'graph file'),
    () => lazy('./commands/plan').diffPlans,
  );
  act(
    add(program, 'fmt', 'Write graphs in house style; comments are kept.', 'fmt graphs', 'fmt graphs --check')
      .argument('<graph...>', 'files, folders or patterns')
      .option('--check', 'write nothing: exit 1 where something would change'),
    () => lazy('./commands/fmt').fmt,
  );
  act(
    add(
      program,
      'import',
      'Write a graph of another dialect as one of this version.',
      'import old/street.yaml --out graphs/street.yaml',
      'import old/street.yaml > graphs/street.yaml',
    )
      .argument('<file>', 'graph with a list of nodes that name import paths')
      .option('--out <file>', 'write it to a file')
      .option('--force', 'write over a file that is there'),
    () => lazy('./commands/import').importFile,
  );
  const nodes = group('nodes', 'The node types that are there.');
  act(
    add(nodes, 'list', 'All node types.', 'nodes list window').argument('[words...]', 'only those that have these words'),
    () => lazy('./commands/nodes').listNodes,
  );
  act(
    add(nodes, 'show', 'Ports, options and examples of a node type.', 'nodes show vision/detect').argument('<type>', 'such as core/print'),
    () => lazy('./commands/nodes').showNode,
  );
  const schema = add(
    program,
    'schema',
    'JSON Schemas of graphs, tests, process graphs and settings, for editors.',
    'schema --out .sluice',
    'schema test',
    'schema output queue list',
  )
    .addArgument(new Argument('[name]', 'which (default: graph)').choices(['graph', 'test', 'process', 'config']))
    .option('--out <path>', 'write it to a .json file, or all to a folder, such as .sluice');
  act(schema, () => lazy('./commands/schema').schema);
  act(
    add(schema, 'output', 'JSON Schema of what a command prints with --json.', 'schema output', 'schema output runs show').argument(
      '[command...]',
      'which; `fault` is what any command prints where it fails (default: list them)',
    ),
    () => lazy('./commands/output').outputSchema,
  );
  act(
    add(
      program,
      'doctor',
      'What this machine has and lacks, each with its remedy, and what to do next.',
      'doctor --fix',
      'doctor --for webcam --json',
    )
      .addOption(new Option('--for <topic>', 'only what this needs').choices(['core', 'vision', 'webcam', 'console', 'postgres', 'nats']))
      .option('--fix', 'do what can be done from here: stage what is missing')
      .option('--port <number>', 'the port to try', count('--port'), 7420),
    () => lazy('./commands/doctor').doctor,
  );
  act(
    add(
      program,
      'demo',
      'Show on this machine what Sluice can do; a report with pictures is written.',
      'demo',
      'demo --only in-process,durable --json',
      'demo --only webcam --camera /dev/video0',
    )
      .addOption(several('--only <names>', 'only these of in-process, durable, vision, webcam; commas between'))
      .option('--out <folder>', 'where report.html and report.json are written', 'out/demo')
      .option('--camera <name>', 'path or name of a camera (default: the first one)'),
    () => lazy('./commands/demo').demo,
  );
  addNew(group('new', 'Begin a graph, a plugin or a node.'), add, act, params);
  const catalogue = group('presets', 'Graphs with parameters, to begin with.');
  act(add(catalogue, 'list', 'All that can run with the plugins that are there.', 'presets list'), () => loadPresets().listPresets);
  act(
    add(catalogue, 'show', 'Parameters and assets of a preset.', 'presets show rtsp-frames').argument('<name>', 'name of the preset'),
    () => loadPresets().showPreset,
  );
  addPlugins(group('plugins', 'Packages with node types.'), add, act);
  addQueue(group('queue', 'What waits in durable edges and named queues.'), kept, act, count);
  addJournal(group('journal', 'The log of all durable changes.'), kept, act, count);
  addRuns(group('runs', 'Runs that go, and those on record.'), add, kept, act, count);
  addActions(group('actions', "What waits for a person's decision."), kept, act, count);
  addArtifacts(
    group('artifacts', 'Results that nodes keep, with where they come from.'),
    (...args) => withState(kept(...args)),
    act,
    count,
  );
  addAssets(group('assets', 'Models and media that are staged.'), add, act);
  act(
    add(
      program,
      'completion',
      'A script that completes commands in a shell.',
      'completion bash >> ~/.bashrc',
      'completion fish | source',
    ).addArgument(new Argument('<shell>', 'which').choices(['bash', 'zsh', 'fish'])),
    () => lazy('./commands/completion').completion(program),
  );
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

export type Add = (parent: Command, name: string, summary: string, ...examples: readonly string[]) => Command;
export type Act = <A extends unknown[]>(command: Command, load: () => (terminal: Terminal, ...args: A) => Promise<Exit>) => Command;

const loadPresets = () => lazy('./commands/presets');

function addNew(group: Command, add: Add, act: Act, params: (command: Command) => Command): void {
  const load = () => lazy('./commands/new');
  const dry = (command: Command): Command => command.option('--dry-run', 'say what would be written, and write nothing');
  act(
    dry(
      params(
        add(
          group,
          'graph',
          'A graph, made from a preset; at a terminal it asks for what is not said.',
          'new graph door --preset rtsp-frames --set fps=2',
          'new graph try',
        ),
      ),
    )
      .argument('[name]', 'name of the graph')
      .option('--preset <name>', 'what it is made from (default: inproc-demo)')
      .option('--directory <folder>', 'where it is written', 'graphs')
      .option('--print', 'print it and write nothing'),
    () => load().newGraph,
  );
  act(
    dry(add(group, 'plugin', 'A package with node types of your own.', 'new plugin billing --kinds source,sink --packed ../packed'))
      .argument('<name>', 'name of the plugin, and of its pack: billing/...')
      .option('--kinds <list>', 'kinds of nodes: source,transform,operator,sink', 'transform')
      .option('--directory <folder>', 'folder of the package (default: its name)')
      .option('--package-name <name>', 'name of the package (default: sluice-plugin-<name>)')
      .option('--packed <folder>', 'folder with the packed packages of Sluice'),
    () => load().newPlugin,
  );
  act(
    dry(add(group, 'node', 'A node type with its test, in a plugin.', 'new node billing/parse-invoice --kind transform'))
      .argument('<name>', '<plugin>/<name>')
      .addOption(new Option('--kind <kind>', 'what it is').choices(['source', 'transform', 'operator', 'sink']).default('transform'))
      .option('--directory <folder>', 'folder of the plugin', '.'),
    () => load().newNode,
  );
}

function addPlugins(group: Command, add: Add, act: Act): void {
  const load = () => lazy('./commands/plugins');
  act(
    add(group, 'list', 'Those that come with this command, and those of sluice.config.yaml.', 'plugins list --json'),
    () => load().listPlugins,
  );
  act(
    add(
      group,
      'check',
      'Check the rules that a plugin keeps, each by its name.',
      'plugins check core',
      'plugins check ./plugins/mine --json',
    ).argument('<package...>', 'packages, or their folders; they are run'),
    () => load().checkPlugins,
  );
  act(
    add(group, 'docs', "Write a plugin's catalogue, and its nodes into its README.", 'plugins docs .')
      .argument('<package>', 'a package, or its folder; it is built already')
      .option('--check', 'write nothing: exit 1 where something is out of date'),
    () => load().documentPlugin,
  );
}

/** What looks at a server that runs, and ends it. */
function addOperate(program: Command, add: Add, act: Act, group: (name: string, summary: string) => Command): void {
  act(atServer(add(program, 'stop', 'Drain and end the server that runs here.', 'stop')), () => lazy('./commands/stop').stop);
  act(
    atServer(add(program, 'top', 'Watch graphs, nodes, edges, drops and errors.', 'top', 'top --once --json')).option(
      '--once',
      'print once and end',
    ),
    () => lazy('./commands/top').top,
  );
  act(
    atServer(add(program, 'tap', 'Look at the packets of an output as they pass.', 'tap street-watch-1/people.detections --limit 5'))
      .argument('<run/node.port>', 'an output; the port may be left out where there is one, the run where one runs')
      .option('--limit <n>', 'end after n packets', count('--limit'))
      .option('--hz <n>', 'packets a second at most', '5'),
    () => lazy('./commands/tap').tap,
  );
  const token = group('token', 'Tokens of the HTTP API.');
  const tokens = () => lazy('./commands/token');
  act(
    withState(add(token, 'new', 'Make a token; it is shown this once.', 'token new ci --scope operate --ttl 30d'))
      .argument('<name>', 'what it is for')
      .addOption(new Option('--scope <scope>', 'what it may do').choices(['read', 'operate', 'admin']).default('read'))
      .option('--ttl <duration>', 'how long it holds, such as 30d (default: for ever)'),
    () => tokens().newToken,
  );
  act(withState(add(token, 'list', 'All tokens, without their secrets.', 'token list')), () => tokens().listTokens);
  act(
    withState(add(token, 'revoke', 'Make a token invalid, at once.', 'token revoke ci')).argument('<id>', 'id or name'),
    () => tokens().revokeToken,
  );
  const audit = group('audit', 'The record of every change that was asked for.');
  const audits = () => lazy('./commands/audit');
  act(
    withState(add(audit, 'tail', 'The newest records.', 'audit tail --action run', 'audit tail --follow --json'))
      .option('--limit <n>', 'how many', count('--limit'), 20)
      .option('--action <action>', 'an action, or what it begins with')
      .addOption(new Option('--status <status>', 'how it ended').choices(['ok', 'denied', 'error']))
      .option('--follow', 'go on with new ones'),
    () => audits().tailAudit,
  );
  act(withState(add(audit, 'verify', 'Whether a record was changed or is missing.', 'audit verify')), () => audits().verifyAudit);
  act(
    add(program, 'bench', 'Measure Sluice beside its peers on this machine.', 'bench --only fused-mixed,edges', 'bench --quick --json')
      .option('--only <ids>', 'these cases, parted by commas')
      .option('--quick', '3 rounds instead of 7, and short overloads')
      .option('--rounds <n>', 'so many rounds', count('--rounds'))
      .option('--peers', 'with peers that are installed first')
      .option('--list', 'the cases, and nothing is measured'),
    () => lazy('./commands/bench').bench,
  );
}

function addAssets(assets: Command, add: Add, act: Act): void {
  const load = () => lazy('./commands/assets');
  act(add(assets, 'list', 'All assets of the lock file, and whether they are there.', 'assets list --json'), () => load().listAssets);
  act(
    add(assets, 'stage', 'Fetch what is missing, verify it, put it in place.', 'assets stage ultraface', 'assets stage --restage-model')
      .argument('[name...]', 'only these')
      .option('--offline', 'do not use the network: fail where something is missing')
      .option('--dry-run', 'say what would be done')
      .option('--restage [category]', 'fetch again, all or those of a category (also --restage-<category>)'),
    () => load().stageAssets,
  );
  act(
    add(assets, 'verify', 'Compare what is there with its checksums.', 'assets verify', 'assets verify nanodet').argument(
      '[name...]',
      'only these',
    ),
    () => load().verifyAssets,
  );
}
