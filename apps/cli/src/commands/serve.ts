import { ok, text, told, whole } from '@sluice/control/schemas';
import { createServer, Runs } from '@sluice/control';
import type { Engine, Run, RunReport } from '@sluice/runtime';
import { Image } from '@sluice/sdk';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DETACHED, detach } from '../detach';
import { engineFor, startRun } from '../engine';
import { consoleFolder } from '../console';
import { EXIT, usage, type Exit } from '../exit';
import { planFile } from '../graph-file';
import { terminalLog } from '../log';
import { readSets } from '../params';
import { presetOf } from '../presets';
import { redeploying } from '../redeploy';
import { secretValues } from '../secrets';
import { onSignals } from '../signals';
import { note } from '../servers';
import { closeStore } from '../store';
import type { Terminal } from '../terminal';
import { workspaceOf } from '../workspace';
import { type Outputs } from '../outputs';

export const OUTPUTS: Outputs = {
  serve: ok({
    url: text,
    link: told(text, 'With a token for the page.'),
    graph: text,
    'pid?': told(whole, 'With --detach.'),
    'log?': text,
  }),
};

interface ServeOptions {
  readonly set: readonly string[];
  readonly port: number;
  readonly host: string;
  readonly console: boolean;
  readonly preset?: string;
  readonly detach?: true;
  readonly watch?: true;
  readonly state: string;
  readonly allowLocalMutations?: true;
  readonly allowHost: readonly string[];
  readonly allowOrigin: readonly string[];
}

const DEFAULT_GRAPH = 'street-watch.yaml';
/** The graphs of the workspace that this command is part of, for when the working folder has none. */
const WORKSPACE_GRAPHS = resolve(__dirname, '..', '..', '..', '..', 'graphs');
/** What is under way gets this long; a supervisor waits ten seconds, a person three. */
const DRAIN = '2s';

/** `sluice serve`: the server first (so that a busy port stops nothing half-way), then the graph. */
export async function serve(terminal: Terminal, graph: string | undefined, options: ServeOptions): Promise<Exit> {
  if (options.detach === true) return detach(terminal, options.state);
  const { path, params } = target(graph, options);
  const { plan } = planFile(path, params, terminal);
  if (plan.inputs.length > 0) {
    throw usage(
      `${plan.name} has inputs (${plan.inputs.map(({ name }) => name).join(', ')}), and nothing feeds them here.`,
      'Feed it with `sluice run`, or give it sources.',
    );
  }
  const log = terminalLog(terminal);
  const runs = new Runs();
  let ask: () => void = () => undefined;
  const asked = new Promise<'asked'>((done) => (ask = () => done('asked')));
  const server = createServer({
    runs,
    host: options.host,
    port: options.port,
    page: options.console && consoleFolder(),
    log,
    workspace: workspaceOf(dirname(path), options.state, log),
    secrets: secretValues,
    allowLocalMutations: options.allowLocalMutations === true,
    hosts: options.allowHost,
    origins: options.allowOrigin,
    onShutdown: () => {
      runs.phase = 'draining';
      ask();
    },
  });
  const url = await server.listen();
  const token = server.newToken();
  const forgetServer = note(options.state, { url, token, graph: plan.name });
  let engine: Engine | undefined;
  let run: Run | undefined;
  const forget = onSignals(
    () => {
      runs.phase = 'draining';
      terminal.note('Draining; once more ends at once.');
      ask();
    },
    () => void run?.cancel('killed'),
  );
  try {
    engine = engineFor(plan, log);
    const starting = startRun(engine, plan, { inputs: {} }, (made) => {
      run = made;
      runs.add(made, undefined, params);
    });
    if ((await Promise.race([starting, asked])) === 'asked') {
      starting.catch(() => undefined);
      await run?.cancel('stopped while starting');
      return EXIT.ok;
    }
    const running = await starting;
    runs.phase = 'ready';
    const pictures = plan.nodes.some(({ out }) => Object.values(out).some(({ type }) => type === Image.name));
    if (options.watch === true) void asked.then(redeploying(terminal, path, params, { url, token }));
    announce(terminal, url, token, plan.name, pictures, options);
    const report = await untilAsked(terminal, runs, running, asked);
    return verdict(terminal, report);
  } finally {
    forget();
    forgetServer();
    runs.phase = 'draining';
    await server.close();
    await engine?.close();
    await closeStore();
  }
}

function target(graph: string | undefined, options: ServeOptions): { path: string; params: Readonly<Record<string, unknown>> } {
  const sets = readSets(options.set);
  if (options.preset === undefined) return { path: graph ?? defaultGraph(), params: sets };
  if (graph !== undefined) throw usage('A preset names its graph: give one of the two.', `Leave ${graph} out, or --preset.`);
  const preset = presetOf(options.preset);
  return { path: preset.graph, params: { ...preset.set, ...sets } };
}

function defaultGraph(): string {
  const own = join('graphs', DEFAULT_GRAPH);
  return existsSync(own) ? own : join(WORKSPACE_GRAPHS, DEFAULT_GRAPH);
}

function announce(terminal: Terminal, url: string, token: string, name: string, pictures: boolean, options: ServeOptions): void {
  // The log of a server that was detached is no place for a token; who detached it prints the link.
  const link = process.env[DETACHED] === undefined ? `${url}/#token=${token}` : `${url}/`;
  if (terminal.json) terminal.object({ ok: true, url, link, graph: name });
  else {
    terminal.out(`${name} runs: ${options.console ? link : `${url}/api/v1/runs`}`);
    const preview = pictures ? `Preview ${url}/preview.jpg, metrics` : 'Metrics';
    terminal.note(terminal.paint('dim', `${preview} ${url}/metrics. Ctrl-C ends it.`));
  }
  if (options.allowLocalMutations === true)
    terminal.note(
      `${terminal.paint('yellow', 'warning')}: --allow-local-mutations: every program on this machine may change what runs here, without a token.`,
    );
}

/**
 * Until somebody asks it to end. Where the sources have ended the figures stay to be looked at, unless something went wrong; where another
 * run took its place, that one counts.
 */
async function untilAsked(terminal: Terminal, runs: Runs, first: Run, asked: Promise<'asked'>): Promise<RunReport> {
  const live = (): readonly Run[] => runs.list().filter((run) => run.figures().state !== 'done');
  const ended = await Promise.race([first.done, asked]);
  if (ended !== 'asked' && live().length === 0) {
    if (ended.status === 'error') return ended;
    terminal.note(`All sources have ended (${ended.status}). The figures stay until Ctrl-C.`);
  }
  await asked;
  const reports = await Promise.all(live().map((run) => run.drain({ timeout: DRAIN })));
  return reports.find(({ status }) => status !== 'ok') ?? reports.at(-1) ?? first.report();
}

function verdict(terminal: Terminal, report: RunReport): Exit {
  if (report.status === 'ok') return EXIT.ok;
  terminal.note(`${terminal.paint('yellow', report.status)}: ${report.reasons.join('; ')}`);
  return EXIT.failed;
}
