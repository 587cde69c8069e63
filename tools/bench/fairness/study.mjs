// All runs, and what the comparison of policies says.
import { mean } from '../src/statistics.mjs';
import { simulate } from './simulate.mjs';
import { holm, interval, wilcoxon } from './statistics.mjs';
import { bursts, LOADS, POLICIES, WORKLOADS } from './workloads.mjs';

export const METRICS = ['gap', 'latency_gap', 'harm'];
const SHOWN = ['miss', 'miss_a', 'miss_b', 'p95_a', 'p95_b', ...METRICS];

/** Two edges: the published one, smaller than one burst; and one with room for several bursts, where overload decides and not the burst. */
export const ROOMS = [
  { name: 'published', times: 1 },
  { name: 'roomy', times: 8 },
];

/**
 * Runs every policy on the same bursts, turn by turn, each seed beginning with another policy.
 * @returns one cell for each room, workload, load and policy, its metrics seed by seed
 */
export async function runAll({ seeds, length, say = () => undefined, simulate: one = simulate }) {
  const cells = [];
  for (const { name: room, times } of ROOMS) {
    for (const workload of WORKLOADS) {
      const sized = { ...workload, capacity: workload.capacity * times };
      for (const load of LOADS) {
        say(`${room} ${workload.name} load ${load}`);
        const own = POLICIES.map((policy) => ({ room, workload: workload.name, load, policy, runs: [] }));
        for (let seed = 0; seed < seeds; seed++) {
          const plan = bursts(workload, load, 1 + seed, length);
          for (let i = 0; i < POLICIES.length; i++) {
            const cell = own[(i + seed) % POLICIES.length];
            cell.runs[seed] = await one(sized, cell.policy, plan);
          }
        }
        cells.push(...own);
      }
    }
  }
  return cells;
}

/** Mean and 95 % interval of each metric of a cell. */
export function describe(cell) {
  return Object.fromEntries(
    SHOWN.map((metric, i) => [
      metric,
      interval(
        cell.runs.map((run) => run[metric]),
        i + 1,
      ),
    ]),
  );
}

/** Every pair of policies on every metric, workload and load of a room, corrected together. */
export function compare(cells) {
  const tests = [];
  const keyOf = ({ room, workload, load }) => `${room} ${workload} ${load}`;
  for (const key of new Set(cells.map(keyOf))) {
    const own = cells.filter((cell) => keyOf(cell) === key);
    for (let a = 0; a < own.length; a++) {
      for (let b = a + 1; b < own.length; b++) {
        for (const metric of METRICS) {
          const differences = own[a].runs.map((run, i) => run[metric] - own[b].runs[i][metric]);
          const { room, workload, load } = own[a];
          tests.push({
            room,
            workload,
            load,
            metric,
            first: own[a].policy,
            second: own[b].policy,
            by: mean(differences),
            p: wilcoxon(differences),
          });
        }
      }
    }
  }
  const adjusted = holm(tests.map(({ p }) => p));
  return tests.map((test, i) => ({ ...test, holm: adjusted[i], significant: adjusted[i] < 0.05 }));
}
