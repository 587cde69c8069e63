import type { RunFigures } from '.';
import { MAX_BURST } from './edge';
import { randomGraph, type Spec } from '../test/random-graph';
import { tuning } from './straight';
import { fingerprint, inVirtualTime, unbalanced, type Seen } from '../test/virtual';

const CASES = Number(process.env['SLUICE_CASES'] ?? 300);
const SEED = Number(process.env['SLUICE_SEED'] ?? 1);
const CODED = /^(ok|degraded|error)$/;

/** Nodes that may exceed a bound: what they give is pushed, or they take control packets without room. */
function pushing(figures: RunFigures, spec: Spec): Set<string> {
  const ids = Object.entries(spec.nodes).flatMap(([id, { type, config }]) =>
    type === 't/window' || type === 't/boundary' || ['obs', 'timed'].includes((config as { way?: string } | undefined)?.way ?? '')
      ? [id]
      : [],
  );
  for (const { id, lane } of figures.edges) if (lane === 'control') ids.push(id.slice(id.indexOf('->') + 2, id.lastIndexOf('.')));
  // What runs right behind one pushes on what it is given.
  const pushes = new Set(ids);
  const ends = figures.edges.map(({ id }) => [id.slice(0, id.indexOf('.')), id.slice(id.indexOf('->') + 2, id.lastIndexOf('.'))] as const);
  for (let before = -1; before !== pushes.size;) {
    before = pushes.size;
    for (const [from, to] of ends) if (pushes.has(from)) pushes.add(to);
  }
  return pushes;
}

function wrong({ ledger, report, figures }: Seen, spec: Spec): string[] {
  const faults = unbalanced(figures);
  const bursts = pushing(figures, spec);
  for (const edge of figures.edges) {
    const pushes = edge.id.includes('$join->') || bursts.has(edge.id.slice(0, edge.id.indexOf('.')));
    const limit = edge.capacity + (edge.when_full === 'block' && pushes ? MAX_BURST : 0);
    if (edge.peak > limit) faults.push(`${edge.id} held ${edge.peak} of ${edge.capacity}`);
  }
  if (!CODED.test(report.status)) faults.push(`status ${report.status}`);
  if (report.status !== 'ok' && report.reasons.length === 0) faults.push('no reason');
  for (const edge of figures.edges) if (edge.in_flight > 0) faults.push(`${edge.id} still holds ${edge.in_flight}`);
  for (const node of figures.nodes)
    if (node.busy > 0 || node.state !== 'closed') faults.push(`${node.id} is ${node.state}, ${node.busy} busy`);
  let settled = 0;
  for (const [key, outcomes] of ledger.settled) {
    settled++;
    if (outcomes.length !== 1) faults.push(`${key} was settled ${outcomes.join(', ')}`);
  }
  if (settled !== ledger.emitted) faults.push(`${ledger.emitted - settled} of ${ledger.emitted} never settled`);
  return faults;
}

const usual = { ...tuning };
afterEach(() => Object.assign(tuning, usual));

test(
  `RUN-40: ${CASES} random graphs end, or fault with a code; books balance; each source packet is settled once`,
  async () => {
    for (let seed = SEED; seed < SEED + CASES; seed++) {
      const spec = randomGraph(seed);
      let seen: Seen;
      // Every second one runs as code made for it from the first packet on.
      if (seed % 2 === 1) Object.assign(tuning, { hot: 0, sampleAfter: 0 });
      else Object.assign(tuning, usual);
      try {
        seen = await inVirtualTime(spec);
      } catch (error) {
        throw new Error(`seed ${seed}: ${String(error)}`);
      }
      const faults = wrong(seen, spec);
      if (faults.length > 0)
        throw new Error(
          `seed ${seed}: ${faults.join('\n')}\n${JSON.stringify(seen.report.reasons)}\n${JSON.stringify(spec, undefined, 1)}`,
        );
      if (seed % 10 < 2) expect(fingerprint(await inVirtualTime(spec))).toBe(fingerprint(seen));
    }
  },
  60_000 + CASES * 400,
);
