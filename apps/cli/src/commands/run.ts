import { anything, ref, shape, text, told } from '@sluice/control/schemas';
import type { Plan } from '@sluice/graph';
import type { Run, RunReport, Throttle } from '@sluice/runtime';
import { Image, SluiceError, toJsonText } from '@sluice/sdk';
import { parseDuration } from '@sluice/sdk/catalogue';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { engineFor, startRun } from '../engine';
import { EXIT, exitOf, usage, type Exit } from '../exit';
import { planFile } from '../graph-file';
import { Lines } from '../lines';
import { terminalLog } from '../log';
import { readSets } from '../params';
import { onSignals } from '../signals';
import { closeStore } from '../store';
import type { Terminal } from '../terminal';
import { lazy } from '../lazy';
import { eachLine, type Outputs } from '../outputs';

export const OUTPUTS: Outputs = {
  run: eachLine({ oneOf: [shape({ output: text, payload: anything }), told(shape({ report: ref('RunReport') }), 'The last line.')] }),
};

interface RunOptions {
  readonly set: readonly string[];
  readonly maxPackets?: number;
  readonly for?: string;
  readonly report?: 'json';
  readonly pictures?: string;
  readonly expectOutput?: true;
}

/** `sluice run`: until the sources end or a limit is reached; JSON lines in and out. */
export async function run(terminal: Terminal, path: string, options: RunOptions): Promise<Exit> {
  const params = readSets(options.set);
  const limit = options.for === undefined ? undefined : parseDuration(options.for);
  if (options.for !== undefined && limit === undefined)
    throw usage(`--for ${options.for} is no duration.`, 'Write a number and a unit: 250ms, 10s, 5m.');
  const { plan } = planFile(path, params, terminal);
  const log = terminalLog(terminal);
  const engine = engineFor(plan, log);
  let made: Run | undefined;
  let interrupted = false;
  const drain = (): void => void made?.drain();
  const forget = onSignals(
    () => {
      interrupted = true;
      terminal.note('Draining; once more ends at once.');
      drain();
    },
    () => void made?.cancel('killed'),
  );
  let timer: NodeJS.Timeout | undefined;
  const lines = new Lines(plan.inputs, process.stdin);
  if (plan.inputs.length > 0 && process.stdin.isTTY) terminal.note('Reading JSON lines from the terminal; Ctrl-D ends them.');
  try {
    const out = new Printer(options.pictures);
    const running = await startRun(engine, plan, { inputs: lines.inputs(), ...limits(options) }, (begun) => {
      made = begun;
      out.follow(begun);
    });
    if (interrupted) drain();
    // The budget is looked at when a source has something to give: one that waits is told.
    if (limit !== undefined) timer = setTimeout(drain, limit);
    const report = await running.done;
    await out.done();
    if (terminal.json || options.report === 'json') terminal.object(terminal.json ? { report } : report);
    else summarise(terminal, plan, report);
    if (lines.fault !== undefined) {
      terminal.error(lines.fault);
      return exitOf(lines.fault);
    }
    if (interrupted) return EXIT.interrupted;
    if (report.status !== 'ok') return EXIT.failed;
    return options.expectOutput === true && out.count + written(running) === 0 ? nothing(terminal) : EXIT.ok;
  } finally {
    clearTimeout(timer);
    forget();
    // A terminal or pipe that nobody closes must not keep the program.
    process.stdin.destroy();
    await engine.close();
    await closeStore();
  }
}

/**
 * Writes the graph's outputs as JSON lines; a slow reader slows the graph. Pictures are to be looked at: a line of their bytes helps nobody,
 * so they become files, where a folder is named.
 */
class Printer {
  count = 0;
  #followed: Promise<unknown> = Promise.resolve();

  constructor(private readonly folder: string | undefined) {}

  follow(run: Run): void {
    const pictures = run.plan.outputs.filter(({ type }) => type === Image.name).map(({ name }) => name);
    const wanted = Object.entries(run.outputs).filter(([output]) => this.folder !== undefined || !pictures.includes(output));
    this.#followed = Promise.all(
      wanted.map(async ([output, values]) => {
        let nth = 0;
        for await (const payload of values) {
          this.count++;
          if (pictures.includes(output)) await this.#picture(`${output}-${String(++nth).padStart(6, '0')}`, payload as Image);
          else await line({ output, payload });
        }
      }),
    );
    // Told by done(); until then it is nobody's.
    this.#followed.catch(() => void run.cancel('an output could not be written'));
  }

  /** @throws SluiceError OUTPUT_NOT_WRITTEN */
  async done(): Promise<void> {
    try {
      await this.#followed;
    } catch (error) {
      const hint =
        (error as NodeJS.ErrnoException).path === undefined
          ? 'An output of a graph must be something that JSON can hold.'
          : 'Name a folder that can be written.';
      throw SluiceError.from(error, 'OUTPUT_NOT_WRITTEN', { hint });
    }
  }

  async #picture(name: string, { content_type, data }: Image): Promise<void> {
    await mkdir(this.folder!, { recursive: true });
    await writeFile(join(this.folder!, `${name}.${content_type === 'image/png' ? 'png' : 'jpg'}`), data);
  }
}

async function line(value: object): Promise<void> {
  const room = process.stdout.write(`${toJsonText(value)}\n`);
  if (!room) await new Promise<void>((done) => process.stdout.once('drain', done));
}

/** `--max-packets` and `--for` as a throttle: sources are asked before each packet, so not one more is given. */
function limits({ maxPackets, for: time }: RunOptions): { throttle?: Throttle } {
  if (maxPackets === undefined && time === undefined) return {};
  const { budget } = lazy('@sluice/runtime');
  return { throttle: budget({ ...(maxPackets === undefined ? {} : { packets: maxPackets }), ...(time === undefined ? {} : { time }) }) };
}

function written(run: Run): number {
  return run.figures().nodes.reduce((sum, node) => sum + (node.kind === 'sink' ? node.consumed - node.errors : 0), 0);
}

function nothing(terminal: Terminal): Exit {
  terminal.note(
    `${terminal.paint('red', 'error OUTPUT_EMPTY')}: Nothing came out of the graph.\n  hint: See where packets went with --report json.`,
  );
  return EXIT.empty;
}

function summarise(terminal: Terminal, plan: Plan, report: RunReport): void {
  const colour = report.status === 'ok' ? 'green' : report.status === 'degraded' ? 'yellow' : 'red';
  terminal.note(`${plan.name} ${terminal.paint(colour, report.status)} in ${took(report.duration_ms)}`);
  const figure = (id: string, name: string): number => report.metrics[`node.${id}.${name}`] ?? 0;
  const counts = plan.nodes.map(({ id, kind }) => ({
    id,
    taken: kind === 'source' ? '' : `${figure(id, 'consumed')} in`,
    given: kind === 'sink' ? '' : `${figure(id, 'produced')} out`,
    amiss: ['errors', 'dropped']
      .map((what) => [figure(id, what === 'errors' ? 'errors' : 'inbox_dropped_total'), what] as const)
      .flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]))
      .join(', '),
  }));
  const [wide, wider] = [Math.max(...counts.map(({ taken }) => taken.length)), Math.max(...counts.map(({ given }) => given.length))];
  const rows = counts.map(({ id, taken, given, amiss }) => [`  ${id}`, taken.padStart(wide), given.padStart(wider), amiss]);
  for (const row of terminal.table(rows)) terminal.note(row);
  for (const reason of report.reasons) terminal.note(`  ${terminal.paint(colour, reason)}`);
}

function took(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
