import dagre from '@dagrejs/dagre';

export interface Point {
  readonly x: number;
  readonly y: number;
}

interface LayoutOptions {
  /** Across, or down where there is little width. */
  readonly down?: boolean;
  readonly width: number;
  readonly height: number | ((id: string) => number);
}

/** Places of nodes (upper left corners), laid out in layers along the flow. */
export function layoutOf(
  nodes: readonly string[],
  edges: readonly { readonly from: string; readonly to: string }[],
  { down = false, width, height }: LayoutOptions,
): ReadonlyMap<string, Point> {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: down ? 'TB' : 'LR', nodesep: down ? 28 : 26, ranksep: down ? 56 : 92, ranker: 'network-simplex' });
  graph.setDefaultEdgeLabel(() => ({}));
  const tall = (id: string): number => (typeof height === 'number' ? height : height(id));
  for (const id of nodes) graph.setNode(id, { width, height: tall(id) });
  const known = new Set(nodes);
  edges.forEach(({ from, to }, i) => known.has(from) && known.has(to) && graph.setEdge(from, to, {}, String(i)));
  dagre.layout(graph);
  return new Map(
    nodes.map((id) => {
      const { x, y } = graph.node(id) as unknown as Point;
      return [id, { x: Math.round(x - width / 2), y: Math.round(y - tall(id) / 2) }];
    }),
  );
}

/** The node of `node.port`. */
export function nodeOf(end: string): string {
  return end.slice(0, end.lastIndexOf('.'));
}
