// `npm run bench:fairness`: writes REPORT.md, its plots and its numbers. The same seeds give the same files.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { build, stale } from '../src/place.mjs';
import { grid } from './plot.mjs';
import { csv, report } from './report.mjs';
import { compare, describe, ROOMS, runAll } from './study.mjs';
import { LOADS, POLICIES, WORKLOADS } from './workloads.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '30' },
    bursts: { type: 'string', default: '150' },
    out: { type: 'string', default: import.meta.dirname },
  },
});
const seeds = Number(values.seeds);
const length = Number(values.bursts);
const say = (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);

const packages = stale();
const fault = packages.length > 0 ? build(packages) : undefined;
if (fault !== undefined) {
  process.stderr.write(`error: The build failed:\n${fault}`);
  process.exit(1);
}
const cells = await runAll({ seeds, length, say });
say('');
const described = cells.map((cell) => ({ ...cell, figures: describe(cell) }));
const markdown = async (text) => format(text, { ...(await resolveConfig(import.meta.filename)), parser: 'markdown' });
const write = (name, text) => writeFileSync(`${values.out}/${name}`, text);
write('REPORT.md', await markdown(report({ described, tests: compare(cells), seeds, length, command: 'npm run bench:fairness' })));
write('results.csv', csv(described));
for (const { name: room, times } of ROOMS) {
  write(
    `${room}.svg`,
    grid({
      title: times === 1 ? 'Edge as published: less room than one burst' : `Edge with ${times} times the room`,
      subtitle: `Mean and 95 % interval over ${seeds} seeds, the same bursts for every policy. Lower is better. error lies on drop_newest.`,
      columns: WORKLOADS.map(({ name }) => name),
      rows: [
        { id: 'gap', label: 'gap of miss rates' },
        { id: 'latency_gap', label: 'gap of p95, ms' },
        { id: 'harm', label: 'harm-weighted cost' },
      ],
      x: { label: 'offered load (arrival rate / service rate)', values: LOADS },
      series: POLICIES,
      at: (workload, metric, policy, load) =>
        described.find((cell) => cell.room === room && cell.workload === workload && cell.policy === policy && cell.load === load).figures[
          metric
        ],
    }),
  );
}
process.stdout.write(`${values.out}/REPORT.md\n`);
