import type { Plan, PlanEdge } from '@sluice/graph';

/** Edges that are part of a cycle: both ends are in one strongly connected component (Tarjan 1972, without recursion). */
export function loopsOf(plan: Plan): ReadonlySet<PlanEdge> {
  const next = new Map<string, string[]>(plan.nodes.map((node) => [node.id, []]));
  for (const { from, to, mode } of plan.edges) if (mode === 'trigger' && next.has(to.node)) next.get(from.node)?.push(to.node);
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const component = new Map<string, number>();
  const stack: string[] = [];
  for (const { id: root } of plan.nodes) {
    if (index.has(root)) continue;
    const work: { node: string; child: number }[] = [{ node: root, child: 0 }];
    while (work.length > 0) {
      const top = work[work.length - 1]!;
      const { node } = top;
      if (top.child === 0) {
        index.set(node, index.size);
        low.set(node, index.get(node)!);
        stack.push(node);
      }
      const child = next.get(node)![top.child++];
      if (child === undefined) {
        if (low.get(node) === index.get(node)) {
          for (let member = ''; member !== node;) {
            member = stack.pop()!;
            component.set(member, index.get(node)!);
          }
        }
        work.pop();
        const parent = work[work.length - 1]?.node;
        if (parent !== undefined) low.set(parent, Math.min(low.get(parent)!, low.get(node)!));
      } else if (!index.has(child)) work.push({ node: child, child: 0 });
      else if (!component.has(child)) low.set(node, Math.min(low.get(node)!, index.get(child)!));
    }
  }
  // Both ends in one component is enough: an edge from a node to itself is a cycle too.
  return new Set(plan.edges.filter(({ from, to }) => component.has(from.node) && component.get(from.node) === component.get(to.node)));
}
