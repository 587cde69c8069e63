import { createServer, Runs } from '@sluice/control';
import type { Engine, Run, RunReport } from '@sluice/runtime';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { engineFor, startRun } from '../engine';
import { EXIT, usage, type Exit } from '../exit';
import { planFile } from '../graph-file';
import { terminalLog } from '../log';
import { readPreset, readSets } from '../params';
import { onSignals } from '../signals';
import type { Terminal } from '../terminal';

interface ServeOptions {
  readonly set: readonly string[];
  readonly port: number;
  readonly host: string;
  readonly console: boolean;
  readonly preset?: string;
}

const DEFAULT_GRAPH = 'street-watch.yaml';
/** The graphs of the workspace that this command is part of, for when the working folder has none. */
const WORKSPACE_GRAPHS = resolve(__dirname, '..', '..', '..', '..', 'graphs');
/** What is under way gets this long; a supervisor waits ten seconds, a person three. */
const DRAIN = '2s';

/** `sluice serve`: the server first (so that a busy port stops nothing half-way), then the graph. */
export async function serve(terminal: Terminal, graph: string | undefined, options: ServeOptions): Promise<Exit> {
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
  const server = createServer({ runs, host: options.host, port: options.port, page: options.console, log });
  const url = await server.listen();
  let engine: Engine | undefined;
  let run: Run | undefined;
  let ask: () => void = () => undefined;
  const asked = new Promise<'asked'>((done) => (ask = () => done('asked')));
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
      runs.add(made);
    });
    if ((await Promise.race([starting, asked])) === 'asked') {
      starting.catch(() => undefined);
      await run?.cancel('stopped while starting');
      return EXIT.ok;
    }
    const running = await starting;
    runs.phase = 'ready';
    announce(terminal, url, plan.name, options.console);
    const ended = await Promise.race([running.done, asked]);
    const report = ended === 'asked' ? await running.drain({ timeout: DRAIN }) : await afterEnd(terminal, ended, asked);
    return verdict(terminal, report);
  } finally {
    forget();
    runs.phase = 'draining';
    await server.close();
    await engine?.close();
  }
}

function target(graph: string | undefined, options: ServeOptions): { path: string; params: Readonly<Record<string, unknown>> } {
  const sets = readSets(options.set);
  if (options.preset === undefined) return { path: graph ?? defaultGraph(), params: sets };
  if (graph !== undefined) throw usage('A preset names its graph: give one of the two.', `Leave ${graph} out, or --preset.`);
  const preset = readPreset(options.preset, existsSync('graphs') ? 'graphs' : WORKSPACE_GRAPHS);
  return { path: preset.graph, params: { ...preset.params, ...sets } };
}

function defaultGraph(): string {
  const own = join('graphs', DEFAULT_GRAPH);
  return existsSync(own) ? own : join(WORKSPACE_GRAPHS, DEFAULT_GRAPH);
}

function announce(terminal: Terminal, url: string, name: string, page: boolean): void {
  if (terminal.json) {
    terminal.object({ ok: true, url, graph: name });
    return;
  }
  terminal.out(`${name} runs: ${url}/${page ? '' : 'api/v1/runs'}`);
  terminal.note(terminal.paint('dim', `Preview ${url}/preview.jpg, metrics ${url}/metrics. Ctrl-C ends it.`));
}

/** The sources have ended: the figures stay to be looked at, unless something went wrong. */
async function afterEnd(terminal: Terminal, report: RunReport, asked: Promise<unknown>): Promise<RunReport> {
  if (report.status === 'error') return report;
  terminal.note(`All sources have ended (${report.status}). The figures stay until Ctrl-C.`);
  await asked;
  return report;
}

function verdict(terminal: Terminal, report: RunReport): Exit {
  if (report.status === 'ok') return EXIT.ok;
  terminal.note(`${terminal.paint('yellow', report.status)}: ${report.reasons.join('; ')}`);
  return EXIT.failed;
}
