import type { Plan } from '@sluice/graph';
import type { PlanResult } from './run-plan';
import type { Covered, GraphCoverage } from './types';

/** What the tests of a graph went through, all of them together. */
export class Coverage {
  private readonly all = { nodes: new Set<string>(), ports: new Set<string>(), edges: new Set<string>() };
  private readonly hit = { nodes: new Set<string>(), ports: new Set<string>(), edges: new Set<string>() };
  /** Nodes whose own code has run. */
  private readonly ran = new Set<string>();

  constructor(private readonly graph: string) {}

  note(plan: Plan, { figures, out, mocked }: Pick<PlanResult, 'figures' | 'out' | 'mocked'>): void {
    for (const { id, out: ports } of plan.nodes) {
      this.all.nodes.add(id);
      // An optional port that nothing reads is not in use.
      for (const [port, { optional }] of Object.entries(ports))
        if (optional !== true || plan.edges.some(({ from }) => from.node === id && from.port === port)) this.all.ports.add(`${id}.${port}`);
    }
    for (const { id } of plan.edges) this.all.edges.add(id);
    for (const { id, consumed, produced } of figures.nodes) {
      if (consumed + produced === 0) continue;
      this.hit.nodes.add(id);
      if (!mocked.has(id)) this.ran.add(id);
    }
    for (const port of out.keys()) if (this.all.ports.has(port)) this.hit.ports.add(port);
    for (const edge of figures.edges) if (edge.in > 0) this.hit.edges.add(edge.id);
    // An output that nobody reads in a test has no edge: what left its port has left the graph.
    for (const { id, from, to } of plan.edges) if (to.node === '$outputs' && out.has(`${from.node}.${from.port}`)) this.hit.edges.add(id);
  }

  result(): GraphCoverage {
    const of = (what: 'nodes' | 'ports' | 'edges'): Covered => ({
      covered: [...this.all[what]].filter((one) => this.hit[what].has(one)).length,
      total: this.all[what].size,
      missing: [...this.all[what]].filter((one) => !this.hit[what].has(one)),
    });
    return {
      graph: this.graph,
      nodes: of('nodes'),
      ports: of('ports'),
      edges: of('edges'),
      mocked: [...this.hit.nodes].filter((id) => !this.ran.has(id)),
    };
  }
}
