import type { RunFigures } from '.';
import { randomGraph } from '../test/random-graph';
import { inVirtualTime, unbalanced, type Seen } from '../test/virtual';
import { tuning } from './straight';

const CASES = Number(process.env['SLUICE_CASES'] ?? 300);
const SEED = Number(process.env['SLUICE_SEED'] ?? 1);

/** Where edges meet, the order is not promised: these nodes, and all that comes after them. */
function mixed(figures: RunFigures): { readonly meets: ReadonlySet<string>; readonly after: ReadonlySet<string> } {
  const ends = figures.edges.map(({ id }) => id.split('->').map((end) => end.slice(0, end.indexOf('.'))) as [string, string]);
  const meets = new Set(ends.map(([, to]) => to).filter((to) => ends.filter(([, other]) => other === to).length > 1));
  const after = new Set<string>();
  for (let grown = true; grown;) {
    grown = false;
    for (const [from, to] of ends) {
      if ((meets.has(from) || after.has(from)) && !after.has(to)) {
        after.add(to);
        grown = true;
      }
    }
  }
  return { meets, after };
}

/**
 * What fusion must not change: what each node took, in order, upstream of any meeting of edges, and as a multiset where
 * they meet; counters, outcomes and errors. When it happened may differ.
 */
function same({ ledger, report, figures }: Seen): object {
  const { meets, after } = mixed(figures);
  const seen = [...ledger.seen]
    .map(([edge, list]) => ({
      edge,
      node: edge.slice(edge.indexOf('->') + 2, edge.lastIndexOf('.')),
      list: list.map((value) => JSON.stringify(value)),
    }))
    .filter(({ edge, node }) => !after.has(node) && !edge.includes('.$join.'))
    .map(({ edge, node, list }) => [edge, meets.has(node) ? list.sort() : list] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const edges = figures.edges
    .filter(({ id }) => ![...meets, ...after].includes(id.slice(0, id.indexOf('.'))))
    .map((edge) => [edge.id, edge.in, edge.out, edge.dropped]);
  const nodes = figures.nodes
    .filter(({ id }) => !meets.has(id) && !after.has(id))
    .map((node) => [node.id, node.consumed, node.produced, node.errors, node.counters]);
  if (meets.size > 0) return { seen, edges, nodes };
  const settled = [...ledger.settled].map(([key, outcome]) => `${key} ${outcome.join()}`).sort();
  return { seen, edges, nodes, settled, status: report.status, reasons: [...report.reasons].sort() };
}

test(
  `FUSE-1: ${CASES} random graphs of blocking edges say the same with and without fusion`,
  async () => {
    let fused = 0;
    for (let seed = SEED; seed < SEED + CASES; seed++) {
      const spec = randomGraph(seed, { plain: true });
      const one = await inVirtualTime(spec);
      const other = await inVirtualTime(spec, { engine: { fuse: false } });
      expect([seed, unbalanced(one.figures), unbalanced(other.figures)]).toEqual([seed, [], []]);
      expect({ seed, ...same(one) }).toEqual({ seed, ...same(other) });
      if (one.figures.edges.some((edge) => edge.peak === 0 && edge.in > 0)) fused++;
    }
    expect(fused).toBeGreaterThan(CASES / 3);
  },
  60_000 + CASES * 400,
);

test(
  `FUSE-2: ${CASES} random graphs say the same with code made for them, from the first packet on, and without`,
  async () => {
    const { hot, sampleAfter } = tuning;
    try {
      for (let seed = SEED; seed < SEED + CASES; seed++) {
        const spec = randomGraph(seed, { plain: true });
        Object.assign(tuning, { hot: 0, sampleAfter: 0 });
        const straight = await inVirtualTime(spec);
        Object.assign(tuning, { hot: Infinity, sampleAfter });
        const loop = await inVirtualTime(spec);
        expect([seed, unbalanced(straight.figures), unbalanced(loop.figures)]).toEqual([seed, [], []]);
        expect({ seed, ...same(straight) }).toEqual({ seed, ...same(loop) });
      }
    } finally {
      Object.assign(tuning, { hot, sampleAfter });
    }
  },
  60_000 + CASES * 400,
);
