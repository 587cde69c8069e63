import { grid } from './plot.mjs';
import { metrics } from './simulate.mjs';
import { holm, interval, wilcoxon } from './statistics.mjs';
import { compare, runAll } from './study.mjs';
import { bursts, LOADS, POLICIES, WORKLOADS } from './workloads.mjs';

describe('what is offered', () => {
  const [, skewed] = WORKLOADS;

  it('is the same for the same seed and another for another', () => {
    expect(bursts(skewed!, 1, 5, 40)).toEqual(bursts(skewed!, 1, 5, 40));
    expect(bursts(skewed!, 1, 6, 40)).not.toEqual(bursts(skewed!, 1, 5, 40));
  });

  it.each(LOADS)('has the load that it says: %d', (load) => {
    const all = bursts(skewed!, load, 1, 20_000);
    const work = all.flatMap(({ services }: { services: number[] }) => services).reduce((sum: number, ms: number) => sum + ms, 0);
    expect(work / all.at(-1)!.at).toBeGreaterThan(load * 0.97);
    expect(work / all.at(-1)!.at).toBeLessThan(load * 1.03);
    expect(all.filter(({ group }: { group: string }) => group === 'b').length / all.length).toBeCloseTo(0.18, 2);
  });
});

describe('statistics of the study', () => {
  it('gives the p-value of a known signed-rank test', () => {
    // W+ = 1 + 2 + 3 + 10 = 16 of n = 10: z = (|16 - 27.5| - 0.5) / sqrt(96.25) = 1.1212, p = 0.2622.
    expect(wilcoxon([1, 2, 3, -4, -5, -6, -7, 12, -9, -10])).toBeCloseTo(0.2622, 4);
    expect(wilcoxon(Array.from({ length: 30 }, (_, i) => i + 1))).toBeLessThan(1e-5);
    expect(wilcoxon([0, 0, 0])).toBe(1);
  });

  it('corrects after Holm: never below the one before it, never above 1', () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    expect(adjusted).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([0.5, 0.9])).toEqual([1, 1]);
  });

  it('brackets the mean, the same way every time', () => {
    const values = Array.from({ length: 30 }, (_, i) => i);
    const first = interval(values, 3);
    expect(first).toEqual(interval(values, 3));
    expect(first.mean).toBe(14.5);
    expect(first.low).toBeGreaterThan(10);
    expect(first.low).toBeLessThan(first.mean);
    expect(first.high).toBeLessThan(19);
  });

  it('weighs harm by group, and lateness up to five budgets', () => {
    const groups = { a: { offered: 10, served: 5, latencies: [10, 10] }, b: { offered: 10, served: 10, latencies: [2000] } };
    const found = metrics({ weight: 3, budget: 100 }, groups, false);
    // a: half of weight 1 of 4 missed, late 0.1 budgets; b: nothing missed, late 5 budgets at most.
    expect(found).toMatchObject({ miss: 0.25, miss_a: 0.5, miss_b: 0, gap: 0.5, latency_gap: 1990 });
    expect(found.harm).toBeCloseTo((100 * 0.5) / 4 + 10 * ((0.1 + 3 * 5) / 4));
  });
});

it('finds a difference that is there, and none where there is none, on the same bursts for every policy', async () => {
  const seen = new Map<unknown, Set<string>>();
  const cells = await runAll({
    seeds: 30,
    length: 3,
    simulate: async (_workload: unknown, policy: string, plan: { at: number }[]) => {
      seen.set(plan, (seen.get(plan) ?? new Set()).add(policy));
      const noise = plan[0]!.at % 1;
      return { gap: policy === 'fair' ? noise : noise + 1 + noise / 10, latency_gap: noise, harm: 1 };
    },
  });
  expect([...seen.values()].every((policies) => policies.size === POLICIES.length)).toBe(true);
  const tests = compare(cells);
  for (const { metric, first, second, significant } of tests) {
    expect(significant).toBe(metric === 'gap' && (first === 'fair') !== (second === 'fair'));
  }
});

it('draws every series into every cell', () => {
  const svg = grid({
    title: 't',
    subtitle: 's',
    columns: ['one', 'two'],
    rows: [{ id: 'm', label: 'metric' }],
    x: { label: 'load', values: [0.5, 1, 2] },
    series: POLICIES,
    at: (_column: string, _row: string, _series: string, x: number) => ({ mean: x, low: x - 0.1, high: x + 0.1 }),
  });
  expect(svg.match(/<polyline/g)).toHaveLength(2 * POLICIES.length);
  expect(svg).not.toMatch(/NaN|undefined/);
});
