import { list, moment, ok, ref, text } from '@sluice/control/schemas';
import { EXIT, type Exit } from '../exit';
import { notReached, theServer, ask, type ServerChoice } from '../servers';
import { onSignals } from '../signals';
import type { Terminal } from '../terminal';
import { eachLine, type Outputs } from '../outputs';

export const OUTPUTS: Outputs = { top: eachLine(ok({ ts: moment, url: text, runs: list(ref('LiveRun')) })) };

/** What the API gives of a run, as far as this screen shows it. */
interface LiveRun {
  readonly id: string;
  readonly state: string;
  readonly status: string;
  readonly reasons: readonly string[];
  readonly duration_ms: number;
  readonly nodes: readonly {
    readonly id: string;
    readonly type: string;
    readonly state: string;
    readonly errors: number;
    readonly consumed_per_s: number;
    readonly produced_per_s: number;
    readonly p95_ms: number;
    readonly last_error?: { readonly message: string };
  }[];
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly when_full: string;
    readonly capacity: number;
    readonly in_flight: number;
    readonly out_per_s: number;
    readonly dropped_per_s: number;
    readonly dropped: Readonly<Record<string, number>>;
  }[];
}

const ALTERNATE = { on: '\x1b[?1049h\x1b[?25l', off: '\x1b[?25h\x1b[?1049l' };
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** `sluice top`: graphs, nodes, edges, drops, errors; live on a terminal, once elsewhere. */
export async function top(terminal: Terminal, options: ServerChoice & { readonly once?: true }): Promise<Exit> {
  const server = theServer(options);
  const { messages } = await import('@sluice/control/client');
  const headers = { ...(server.token === undefined ? {} : { token: server.token }) };
  // A refusal is told in the words of the server.
  await ask(server, '/api/v1/health');
  const live = !terminal.json && options.once !== true && process.stdout.isTTY;
  const stopping = new AbortController();
  const leave = (): void => stopping.abort();
  const forget = onSignals(leave, leave);
  if (live) {
    process.stdout.write(ALTERNATE.on);
    process.stdin.setRawMode?.(true);
    // Raw mode gives Ctrl-C as a letter.
    process.stdin.on('data', (key) => (/[qQ\x03\x1b]/.test(String(key)) ? leave() : undefined)).resume();
  }
  try {
    for (let first = true; !stopping.signal.aborted; first = false) {
      try {
        for await (const { event, data } of messages(`${server.url}/api/v1/events`, { ...headers, signal: stopping.signal })) {
          if (event !== 'figures') continue;
          const { runs } = data as { runs: readonly LiveRun[] };
          if (terminal.json) terminal.object({ ok: true, ts: new Date().toISOString(), url: server.url, runs });
          else if (live) draw(screen(terminal, server.url, runs, process.stdout.columns || 80));
          else for (const line of screen(terminal, server.url, runs, 80)) terminal.out(line);
          if (options.once === true || (!live && !terminal.json)) return EXIT.ok;
        }
      } catch (error) {
        if (stopping.signal.aborted) break;
        if (first || !live) throw notReached(server.url, error);
      }
      if (!live) break;
      draw([`${server.url} does not answer. Waiting; q ends.`]);
      await new Promise((done) => setTimeout(done, 1000));
    }
    return EXIT.ok;
  } finally {
    forget();
    stopping.abort();
    if (live) {
      process.stdin.setRawMode?.(false);
      process.stdin.pause();
      process.stdout.write(ALTERNATE.off);
    }
  }
}

/** Written over what is there: nothing flickers, and little goes over a slow line. */
function draw(lines: readonly string[]): void {
  const rows = process.stdout.rows || 24;
  const shown = lines.length > rows ? [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines`] : lines;
  process.stdout.write(`${HOME}${shown.map((line) => `${line}${CLEAR_LINE}`).join('\r\n')}${CLEAR_BELOW}`);
}

function screen(terminal: Terminal, url: string, runs: readonly LiveRun[], width: number): readonly string[] {
  const paint = (style: Parameters<Terminal['paint']>[0], text: string): string => terminal.paint(style, text, process.stdout);
  const lines = [`${paint('bold', 'sluice top')}  ${url}  ${new Date().toISOString().slice(11, 19)}Z  q ends`];
  if (runs.length === 0) lines.push('', 'No graph runs.');
  for (const run of runs) {
    const colour = run.status === 'ok' ? 'green' : run.status === 'degraded' ? 'yellow' : 'red';
    lines.push('', `${paint('bold', run.id)}  ${paint(colour, `${run.state}, ${run.status}`)}  ${uptime(run.duration_ms)}`);
    for (const reason of run.reasons.slice(0, 3)) lines.push(paint(colour, fit(`  ${reason}`, width)));
    const nodes = run.nodes.map((node) => [
      `  ${node.id}`,
      node.state,
      rate(node.consumed_per_s),
      rate(node.produced_per_s),
      node.p95_ms < 10 ? node.p95_ms.toFixed(1) : node.p95_ms.toFixed(0),
      String(node.errors),
    ]);
    for (const [at, line] of columns([['  node', 'state', 'in/s', 'out/s', 'p95 ms', 'errors'], ...nodes], 2, width).entries()) {
      const node = run.nodes[at - 1];
      lines.push(
        at === 0 ? paint('dim', line) : node !== undefined && (node.errors > 0 || node.state === 'stuck') ? paint('red', line) : line,
      );
    }
    const edges = run.edges.map((edge) => [
      `  ${edge.from} -> ${edge.to}`,
      edge.when_full,
      `${edge.in_flight}/${edge.capacity}`,
      rate(edge.out_per_s),
      rate(edge.dropped_per_s),
      String(Object.values(edge.dropped).reduce((sum, n) => sum + n, 0)),
    ]);
    for (const [at, line] of columns([['  edge', 'when full', 'fill', 'out/s', 'drop/s', 'dropped'], ...edges], 2, width).entries()) {
      const edge = run.edges[at - 1];
      const tone =
        edge === undefined ? 'dim' : edge.dropped_per_s > 0 ? 'red' : edge.in_flight > edge.capacity * 0.8 ? 'yellow' : undefined;
      lines.push(tone === undefined ? line : paint(tone, line));
    }
  }
  return lines;
}

/** Columns, the first `left` of them to the left; the first one gives way where the line is too long. */
function columns(rows: readonly (readonly string[])[], left: number, width: number): readonly string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const rest = widths.slice(1).reduce((sum, each) => sum + each + 2, 0);
  const first = Math.min(widths[0]!, Math.max(16, width - rest));
  return rows.map((row) =>
    [
      fit(row[0]!, first).padEnd(first),
      ...row.slice(1).map((cell, i) => (i + 1 < left ? cell.padEnd(widths[i + 1]!) : cell.padStart(widths[i + 1]!))),
    ]
      .join('  ')
      .trimEnd(),
  );
}

const fit = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);
const rate = (value: number): string => (value === 0 ? '0' : value < 10 ? value.toFixed(1) : Math.round(value).toString());

function uptime(ms: number): string {
  const s = Math.floor(ms / 1000);
  return s < 60 ? `${s}s` : s < 3600 ? `${Math.floor(s / 60)}m ${s % 60}s` : `${Math.floor(s / 3600)}h ${Math.floor(s / 60) % 60}m`;
}
