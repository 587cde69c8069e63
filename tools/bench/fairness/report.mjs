// The report: tables, and sentences that follow from the numbers.
import { METRICS, ROOMS } from './study.mjs';
import { LOADS, POLICIES, WORKLOADS } from './workloads.mjs';

const NAMES = { gap: 'gap of miss rates', latency_gap: 'gap of p95 latencies', harm: 'harm-weighted cost' };
const percent = (value) => (100 * value).toFixed(1);
const span = ({ mean, low, high }, digits, scale = 1) =>
  `${(mean * scale).toFixed(digits)} [${(low * scale).toFixed(digits)}, ${(high * scale).toFixed(digits)}]`;

const row = (cells) => `| ${cells.join(' | ')} |`;
function table(head, rows) {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

/** How often `better` was significantly lower than `worse` on a metric, and the other way round. */
function score(tests, room, metric, one, other) {
  const own = tests.filter(
    (test) =>
      test.room === room && test.metric === metric && [test.first, test.second].includes(one) && [test.first, test.second].includes(other),
  );
  const signed = own.map((test) => ({ ...test, by: test.first === one ? test.by : -test.by }));
  const lower = signed.filter(({ significant, by }) => significant && by < 0).length;
  const higher = signed.filter(({ significant, by }) => significant && by > 0).length;
  return { lower, higher, same: own.length - lower - higher };
}

/**
 * @param described cells with their means and intervals
 * @param tests all comparisons, corrected
 */
export function report({ described, tests, seeds, length, command }) {
  const find = (room, workload, load, policy) =>
    described.find((cell) => cell.room === room && cell.workload === workload && cell.load === load && cell.policy === policy);
  const significant = tests.filter((test) => test.significant);
  const rooms = ROOMS.map(({ name }) => name);
  const identical = tests
    .filter(({ first, second }) => first === 'drop_newest' && second === 'error')
    .every(({ by, p }) => by === 0 && p === 1);
  const pairs = POLICIES.filter((policy) => policy !== 'fair').map((policy) => ['fair', policy]);
  const out = [
    '# Do overflow policies treat groups differently?',
    '',
    significant.length > 0
      ? 'Yes, where the source does not wait: what an edge does when it is full decides who is missed, who waits and what that costs, by more than chance. Which policy looks fairest depends on how much room the edge has, and on what one calls fair.'
      : 'Nothing that was measured here shows it.',
    'This is measured in virtual time, with one command that gives this same file again:',
    '',
    '```',
    command,
    '```',
    '',
    '## What was run',
    '',
    `A source sends bursts of packets of one of two groups, a and b, and never waits; an edge with the policy; a consumer that serves one packet at a time. Offered load is arrival rate / service rate, from ${LOADS[0]} to ${LOADS.at(-1)}.`,
    `${seeds} seeds, ${length} bursts each; every policy sees the same bursts and the same service times, in turn. Real graphs on the real engine (source, a node that passes on, edge, sink), driven by its virtual clock; every run checks that the books of the edge balance.`,
    '',
    table(
      ['workload', 'burst', 'capacity', 'share of b', 'ms a', 'ms b', 'weight of b', 'budget ms'],
      WORKLOADS.map(({ name, count, capacity, share, delay, more, weight, budget }) => [
        name,
        count,
        capacity,
        share,
        delay,
        (delay + more).toFixed(1),
        weight,
        budget,
      ]),
    ),
    '',
    'Two sizes of the edge: `published` as in the table, which is less than one burst, and `roomy`, eight times that, so that overload decides and not the single burst.',
    '',
    'Policies: `drop_newest`, `drop_oldest`, `error` (the sender gets the error and goes on), `latest` with a key (one packet per group), `fair` with the group as key.',
    'A policy that evicts by fixed weights is not one of the edge and so is not here.',
    '',
    'Metrics: miss rate of each group (what was offered and never served); `gap`, the distance between the two; `latency gap`, the distance between their p95; `harm` = 100 x weighted miss rate + 10 x weighted min(5, p95 / budget) + 5 where the run failed.',
    `Intervals are 95 % bootstrap intervals of the mean over seeds. Tests are Wilcoxon signed-rank on differences seed by seed, all ${tests.length} of them (pairs of policies x workloads x loads x sizes x metrics) corrected together after Holm.`,
    '',
    '## What differs',
    '',
    `${significant.length} of ${tests.length} comparisons are significant at 0.05 after the correction.`,
    ...(identical
      ? [
          '`error` and `drop_newest` gave the same result in every single run: refusing and dropping the arriving packet are the same to whoever waits.',
        ]
      : []),
    '',
    ...rooms.flatMap((room) => [
      `Edge \`${room}\`: in how many of the ${WORKLOADS.length * LOADS.length} workloads and loads \`fair\` was significantly lower (better) / higher (worse) / not different:`,
      '',
      table(
        ['fair against', ...METRICS.map((metric) => NAMES[metric])],
        pairs.map(([one, other]) => [
          `\`${other}\``,
          ...METRICS.map((metric) => Object.values(score(tests, room, metric, one, other)).join(' / ')),
        ]),
      ),
      '',
    ]),
    '![Gaps and harm by load, published capacity](./published.svg)',
    '',
    '![Gaps and harm by load, eight times the capacity](./roomy.svg)',
    '',
    ...rooms.flatMap((room) => sentences(room, find)),
    '',
    '## Numbers',
    '',
    'Mean [95 % interval] over seeds at offered loads 0.75, 1.25 and 2; all loads are in `results.csv`.',
    '',
    ...rooms.flatMap((room) => [
      `### Edge \`${room}\``,
      '',
      table(
        ['workload', 'load', 'policy', 'miss a %', 'miss b %', 'gap %', 'p95 a ms', 'p95 b ms', 'latency gap ms', 'harm'],
        WORKLOADS.flatMap(({ name }) =>
          [0.75, 1.25, 2].flatMap((load) =>
            POLICIES.map((policy) => {
              const { figures: f } = find(room, name, load, policy);
              return [
                name,
                load,
                `\`${policy}\``,
                percent(f.miss_a.mean),
                percent(f.miss_b.mean),
                span(f.gap, 1, 100),
                f.p95_a.mean.toFixed(1),
                f.p95_b.mean.toFixed(1),
                span(f.latency_gap, 1),
                span(f.harm, 1),
              ];
            }),
          ),
        ),
      ),
      '',
    ]),
    '## How to read it',
    '',
    '- `fair` takes from the groups in turn and, when full, drops from the group with the most waiting. So each group gets an equal part of the consumer as long as it asks for one, not an equal miss rate: with room for it, a small group is served almost whole and the large one pays for its own load. A smaller gap of miss rates is then not the aim; who wants equal miss rates does better with `drop_newest`.',
    '- `drop_oldest` misses the slow group more than `drop_newest` does: while one of its packets is served, those that wait behind it are pushed out by whatever comes next.',
    '- `latest` with a key keeps one packet per group: short waits for both and by far the most misses, so its gaps are small because everybody is missed.',
    '- On an edge that is smaller than one burst, the burst decides: even at half the load a third to a half of all packets are missed.',
    '',
    '## What it does not say',
    '',
    'One source, one consumer, two groups, bursts of one group each: a minority that comes in bursts loses them together. Service times are known to nobody, so no policy here weighs them. Harm is a weighted sum that somebody chose; another choice of weights can order policies differently.',
    '',
  ];
  return out.join('\n');
}

/** What the numbers of a room say about each workload at twice the load. */
function sentences(room, find) {
  const load = 2;
  return [
    `At load ${load}, edge \`${room}\`:`,
    '',
    ...WORKLOADS.map(({ name }) => {
      const rows = POLICIES.filter((policy) => policy !== 'error').map((policy) => [policy, find(room, name, load, policy).figures]);
      const least = (metric) => rows.reduce((best, each) => (each[1][metric].mean < best[1][metric].mean ? each : best));
      const said = rows
        .map(([policy, f]) => `\`${policy}\` misses ${percent(f.miss_a.mean)} % of a and ${percent(f.miss_b.mean)} % of b`)
        .join(', ');
      const [[gap], [late], [harm]] = METRICS.map(least);
      return `- ${name}: ${said}. Smallest gap \`${gap}\`, smallest latency gap \`${late}\`, least harm \`${harm}\`.`;
    }),
    '',
  ];
}

/** All cells as CSV. */
export function csv(described) {
  const metrics = Object.keys(described[0].figures);
  const head = ['edge', 'workload', 'load', 'policy', ...metrics.flatMap((metric) => [metric, `${metric}_low`, `${metric}_high`])];
  const rows = described.map(({ room, workload, load, policy, figures }) => [
    room,
    workload,
    load,
    policy,
    ...metrics.flatMap((metric) => [figures[metric].mean, figures[metric].low, figures[metric].high].map((value) => value.toFixed(4))),
  ]);
  return `${[head, ...rows].map((cells) => cells.join(',')).join('\n')}\n`;
}
