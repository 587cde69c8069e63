import { choice, flag, list, moment, nullable, number, open, shape, text, whole } from '@sluice/control/schemas';
import { SluiceError } from '@sluice/sdk/catalogue';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, platform, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { SCENARIOS, type Scenario, type Stage } from '../demo/scenarios';
import { inline, pageOf } from '../demo/page';
import type { Step } from '../demo/step';
import { EXIT, usage, type Exit } from '../exit';
import { shown } from '../graph-file';
import type { Terminal } from '../terminal';
import { type Outputs } from '../outputs';

const status = choice('ok', 'failed', 'skipped');

export const OUTPUTS: Outputs = {
  demo: shape({
    ok: flag,
    ts: moment,
    version: text,
    machine: shape({ node: text, platform: text, arch: text, cpus: whole }),
    duration_ms: number,
    scenarios: list(
      shape({
        name: text,
        title: text,
        about: text,
        status,
        duration_ms: number,
        cause: nullable(shape({ code: text, message: text, hint: nullable(text) })),
        facts: list(shape({ name: text, value: { type: ['string', 'number'] } })),
        steps: list(open),
        pictures: list(text),
      }),
    ),
    summary: shape({ ok: whole, failed: whole, skipped: whole }),
    files: list(text),
  }),
};

interface DemoOptions {
  readonly only: readonly string[];
  readonly out: string;
  readonly camera?: string;
}

/** A scenario as it went. */
export interface Shown {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly status: 'ok' | 'failed' | 'skipped';
  readonly duration_ms: number;
  /** Why it is not ok. */
  readonly cause: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
  readonly facts: readonly { readonly name: string; readonly value: string | number }[];
  readonly steps: readonly Step[];
  /** Files beside the report. */
  readonly pictures: readonly string[];
}

/** What `sluice demo` writes into report.json and prints with `--json`. */
export interface DemoReport {
  readonly ok: boolean;
  readonly ts: string;
  readonly version: string;
  readonly machine: { readonly node: string; readonly platform: string; readonly arch: string; readonly cpus: number };
  readonly duration_ms: number;
  readonly scenarios: readonly Shown[];
  readonly summary: { readonly ok: number; readonly failed: number; readonly skipped: number };
}

const COLOURS = { ok: 'green', failed: 'red', skipped: 'yellow' } as const;

/** `sluice demo`: what Sluice can do, shown on this machine, one scenario after the other; a failed one ends none of the others. */
export async function demo(terminal: Terminal, options: DemoOptions): Promise<Exit> {
  const names = options.only.flatMap((list) => list.split(','));
  const unknown = names.find((name) => !SCENARIOS.some((one) => one.name === name));
  if (unknown !== undefined) throw usage(`There is no scenario ${unknown}.`, `They are ${SCENARIOS.map(({ name }) => name).join(', ')}.`);
  const { version } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as { version: string };
  mkdirSync(options.out, { recursive: true });
  const began = performance.now();
  const scenarios: Shown[] = [];
  for (const scenario of SCENARIOS) {
    if (names.length > 0 && !names.includes(scenario.name)) continue;
    terminal.progress(`${scenario.title} ...`);
    const one = await show(scenario, options);
    scenarios.push(one);
    terminal.progressEnd();
    if (!terminal.json) for (const line of linesOf(terminal, one)) terminal.out(line);
  }
  const count = (status: Shown['status']): number => scenarios.filter((one) => one.status === status).length;
  const summary = { ok: count('ok'), failed: count('failed'), skipped: count('skipped') };
  const report: DemoReport = {
    ok: summary.failed === 0,
    ts: new Date().toISOString(),
    version,
    machine: { node: process.versions.node, platform: platform(), arch: arch(), cpus: availableParallelism() },
    duration_ms: Math.round(performance.now() - began),
    scenarios,
    summary,
  };
  const [json, html] = [join(options.out, 'report.json'), join(options.out, 'report.html')];
  writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(
    html,
    pageOf(report, (file) => inline(join(options.out, file))),
  );
  if (terminal.json) terminal.object({ ...report, files: [json, html] });
  else terminal.out(`${summary.ok} ok, ${summary.failed} failed, ${summary.skipped} skipped: ${shown(html)}`);
  return report.ok ? EXIT.ok : EXIT.failed;
}

async function show(scenario: Scenario, { camera, out }: DemoOptions): Promise<Shown> {
  const { name, title, about } = scenario;
  const folder = mkdtempSync(join(tmpdir(), `sluice-demo-${name}-`));
  const stage: Stage = { folder, camera, steps: [], facts: {}, pictures: [] };
  const began = performance.now();
  let status: Shown['status'] = 'ok';
  let cause: Shown['cause'] = null;
  try {
    const missing = await scenario.missing?.(stage);
    if (missing === undefined) await scenario.show(stage);
    else [status, cause] = ['skipped', told(missing)];
  } catch (thrown) {
    [status, cause] = ['failed', told(SluiceError.from(thrown, 'DEMO_FAILED', { hint: 'The log of its steps is in the report.' }))];
  }
  const pictures = stage.pictures.map((path, at) => {
    const file = `${name}-${at + 1}${extname(path)}`;
    copyFileSync(path, join(out, file));
    return file;
  });
  rmSync(folder, { recursive: true, force: true });
  const facts = Object.entries(stage.facts).map(([fact, value]) => ({ name: fact, value }));
  return { name, title, about, status, duration_ms: Math.round(performance.now() - began), cause, facts, steps: stage.steps, pictures };
}

const told = ({ code, message, hint }: SluiceError): NonNullable<Shown['cause']> => ({ code, message, hint: hint ?? null });

function linesOf(terminal: Terminal, { name, title, status, duration_ms, facts, cause }: Shown): readonly string[] {
  const [first = '', ...more] = terminal.table([[status.padEnd(7), name.padEnd(10), `${title} (${(duration_ms / 1000).toFixed(1)} s)`]]);
  const details = cause === null ? facts.map((fact) => `${fact.name} ${fact.value}`).join(', ') : `${cause.code}: ${cause.message}`;
  const indented = [details, ...(cause?.hint == null ? [] : [`hint: ${cause.hint}`])].flatMap((line) =>
    terminal.table([[''.padEnd(7), ''.padEnd(10), line]]),
  );
  return [first.replace(status, terminal.paint(COLOURS[status], status, process.stdout)), ...more, ...indented];
}
