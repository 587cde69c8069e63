import { randomGraph } from '../test/random-graph';
import { inVirtualTime, unbalanced, fingerprint } from '../test/virtual';
test('scan', async () => {
  const from = Number(process.env['FROM'] ?? 1),
    n = Number(process.env['N'] ?? 300);
  const kinds = new Map<string, number[]>();
  const note = (kind: string, seed: number) => kinds.set(kind, [...(kinds.get(kind) ?? []), seed]);
  for (let seed = from; seed < from + n; seed++) {
    const spec = randomGraph(seed, { plain: process.env['PLAIN'] === '1' });
    try {
      const seen = await inVirtualTime(spec, { steps: 60 });
      const { ledger, report, figures } = seen;
      if (unbalanced(figures).length > 0) note('unbalanced', seed);
      for (const e of figures.edges) {
        if (e.in_flight > 0) note('in_flight', seed);
        if (e.peak > e.capacity) note(`peak ${e.when_full}`, seed);
      }
      for (const nd of figures.nodes) if (nd.busy > 0 || nd.state !== 'closed') note(`state ${nd.state}`, seed);
      for (const o of ledger.settled.values()) if (o.length !== 1) note('twice', seed);
      if (ledger.settled.size !== ledger.emitted) note(`unsettled ${report.status}`, seed);
      if (process.env['TWICE']) {
        if (fingerprint(await inVirtualTime(spec)) !== fingerprint(seen)) note('differs', seed);
      }
      note(
        `status ${report.status} ${report.reasons
          .map((r) => /[A-Z]+_[A-Z_]+/.exec(r)?.[0] ?? '')
          .filter(Boolean)
          .join(',')}`,
        seed,
      );
    } catch (e) {
      note(String(e).slice(0, 60).replace(/\n.*/s, ''), seed);
    }
  }
  console.log([...kinds].map(([k, s]) => `${k}: ${s.length} ${[...new Set(s)].slice(0, 8)}`).join('\n'));
}, 600_000);
