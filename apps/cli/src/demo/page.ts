import { readFileSync } from 'node:fs';
import type { DemoReport, Shown } from '../commands/demo';
import type { Step } from './step';

const WORDS = { ok: 'ok', failed: 'failed', skipped: 'skipped' } as const;

/** The report as one page that needs nothing else: its pictures are in it. */
export function pageOf({ ts, version, machine, duration_ms, scenarios, summary }: DemoReport, pictures: (file: string) => string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>Sluice demo: ${summary.failed === 0 ? 'ok' : `${summary.failed} failed`}</title>
<style>${STYLE}</style>
<main>
<header>
<h1>Sluice demo</h1>
<p>${text(ts.slice(0, 16).replace('T', ' '))} UTC · Sluice ${text(version)} · Node ${text(machine.node)} on ${text(machine.platform)} ${text(machine.arch)}, ${machine.cpus} cores · ${seconds(duration_ms)}</p>
</header>
<table>
<thead><tr><th>Scenario<th>Result<th>Time<th>Why</thead>
<tbody>
${scenarios.map((one) => `<tr><td><a href="#${one.name}">${text(one.title)}</a><td>${badge(one)}<td>${seconds(one.duration_ms)}<td>${text(one.cause?.message ?? '')}`).join('\n')}
</tbody>
</table>
${scenarios.map((one) => section(one, pictures)).join('\n')}
</main>
</html>
`;
}

function section({ name, title, about, cause, facts, pictures, steps, ...one }: Shown, source: (file: string) => string): string {
  return `<section id="${name}">
<h2>${text(title)} ${badge(one)}</h2>
<p>${text(about)}</p>
${cause === null ? '' : `<div class="cause"><p><code>${text(cause.code)}</code> ${text(cause.message)}</p>${cause.hint === null ? '' : `<p>${text(cause.hint)}</p>`}</div>`}
${pictures.length === 0 ? '' : `<div class="pictures">${pictures.map((file) => `<img src="${source(file)}" alt="What the graph drew: ${text(title)}">`).join('')}</div>`}
${facts.length === 0 ? '' : `<table class="facts"><tbody>${facts.map((fact) => `<tr><th scope="row">${text(fact.name)}<td>${text(String(fact.value))}`).join('')}</tbody></table>`}
${steps.map(stepOf).join('\n')}
</section>`;
}

function stepOf({ command, exit_code, signal, duration_ms, log }: Step): string {
  const end = signal === null ? `exit code ${exit_code ?? 'none'}` : `ended by ${signal}`;
  return `<details><summary><code>${text(command)}</code> <span>${text(end)}, ${seconds(duration_ms)}</span></summary><pre>${text(log.join('\n') || 'It wrote nothing on stderr.')}</pre></details>`;
}

const badge = ({ status }: Pick<Shown, 'status'>): string => `<b class="${status}">${WORDS[status]}</b>`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const LETTERS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const text = (value: string): string => value.replace(/[&<>"']/g, (letter) => LETTERS[letter]!);

/** A picture as an address that holds it. */
export function inline(file: string): string {
  return `data:image/${file.endsWith('.png') ? 'png' : 'jpeg'};base64,${readFileSync(file).toString('base64')}`;
}

const STYLE = `
:root { color-scheme: light dark; --line: #d0d7de; --soft: #f3f5f7; --ok: #116329; --failed: #a40e26; --skipped: #6a5300; }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #1b2027; --ok: #56d364; --failed: #ff8a80; --skipped: #e3b341; } }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { margin: 0; font-size: 1.6rem; } h2 { margin: 0 0 .3rem; font-size: 1.2rem; }
header p { margin: .2rem 0 1.2rem; opacity: .8; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line); font-weight: normal; }
thead th { font-weight: 600; }
td:nth-child(3) { white-space: nowrap; }
td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
section { margin-top: 2.2rem; }
.facts { width: auto; margin: .6rem 0; } .facts th { padding-right: 2rem; opacity: .8; }
b.ok { color: var(--ok); } b.failed { color: var(--failed); } b.skipped { color: var(--skipped); }
h2 b { font-size: .9rem; margin-left: .4rem; }
.cause { border-left: 4px solid var(--failed); background: var(--soft); padding: .5rem .8rem; margin: .6rem 0; }
.cause p { margin: 0; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: .6rem; margin: .6rem 0; }
img { width: 100%; border-radius: 4px; }
details { margin: .3rem 0; } summary { cursor: pointer; overflow-wrap: anywhere; } summary span { opacity: .8; }
pre { background: var(--soft); padding: .6rem; overflow-x: auto; font-size: 13px; }
code { font-size: 13px; }
`;
