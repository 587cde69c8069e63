import type { Plan, PlanEdge, PlanNode } from '@sluice/graph';
import { nodeSpec, type NodeClass } from '@sluice/sdk';
import { hasPolicies } from './policy';

/** Longest run of nodes that is fused; a longer one is cut, so that no call chain grows with the graph. */
const MAX_FUSED = 64;

/** What runs as one: a source, an operator, or one or more nodes in a row with nothing between them. */
export interface SegmentPlan {
  readonly kind: 'source' | 'operator' | 'calls';
  readonly nodes: readonly PlanNode[];
  readonly edgesIn: readonly PlanEdge[];
}

/** The segments that a plan is compiled to, and the edges that were fused away. */
export interface Chain {
  readonly segments: readonly SegmentPlan[];
  /** Edges that were fused away: nothing ever waits there. A pulled source runs the segment behind it directly. */
  readonly fused: ReadonlySet<PlanEdge>;
}

/**
 * Splits a plan into segments. Depends on nothing but the plan, the declarations, and which inputs are pushed: those
 * cannot wait, so they are never fused.
 */
export function chainOf(
  plan: Plan,
  classOf: (type: string) => NodeClass,
  pushed: ReadonlySet<string> = new Set(),
  fuse = true,
  hooked: (node: PlanNode) => boolean = () => false,
): Chain {
  const plain = (node: PlanNode): boolean => isPlainCall(node, classOf) && !hooked(node);
  const incoming = new Map<string, PlanEdge[]>(plan.nodes.map((node) => [node.id, []]));
  /** How many edges start at a port. */
  const starts = new Map<string, number>();
  for (const edge of plan.edges) {
    incoming.get(edge.to.node)?.push(edge);
    const start = `${edge.from.node}.${edge.from.port}`;
    starts.set(start, (starts.get(start) ?? 0) + 1);
  }
  const byId = new Map(plan.nodes.map((node) => [node.id, node]));
  const fused = new Set<PlanEdge>();
  const next = new Map<string, PlanEdge>();
  const fedBy = new Set<string>();
  for (const edge of plan.edges) {
    const from = byId.get(edge.from.node);
    const to = byId.get(edge.to.node);
    const pulled = (edge.from.node === '$inputs' && !pushed.has(edge.from.port)) || (from?.kind === 'source' && from.mode === 'pull');
    if (!fuse || to === undefined || from === to) continue;
    const alone = incoming.get(to.id)!.length === 1;
    const sole = starts.get(`${edge.from.node}.${edge.from.port}`) === 1;
    if (!alone || !sole || !isDefault(edge) || !plain(to) || edge.from.port === 'error') continue;
    // A source runs one segment directly; what leaves by another port has an edge.
    if (pulled && !fedBy.has(edge.from.node + (from === undefined ? `.${edge.from.port}` : ''))) {
      fused.add(edge);
      fedBy.add(edge.from.node + (from === undefined ? `.${edge.from.port}` : ''));
    } else if (pulled) continue;
    else if (from !== undefined && plain(from) && !next.has(from.id)) {
      next.set(from.id, edge);
      fused.add(edge);
    }
  }
  const inside = new Set([...next.values()].map((edge) => edge.to.node));
  const segments: SegmentPlan[] = [];
  const placed = new Set<string>();
  const place = (head: PlanNode): void => {
    let nodes: PlanNode[] = [];
    let edgesIn: readonly PlanEdge[] = incoming.get(head.id)!;
    for (let node: PlanNode | undefined = head; node !== undefined && !placed.has(node.id);) {
      nodes.push(node);
      placed.add(node.id);
      const edge = next.get(node.id);
      if (edge === undefined) break;
      if (nodes.length === MAX_FUSED) {
        fused.delete(edge);
        segments.push({ kind: 'calls', nodes, edgesIn });
        nodes = [];
        edgesIn = [edge];
      }
      node = byId.get(edge.to.node);
    }
    const kind = head.kind === 'source' || head.kind === 'operator' ? head.kind : 'calls';
    if (nodes.length > 0) segments.push({ kind, nodes, edgesIn });
  };
  for (const node of plan.nodes) if (!inside.has(node.id)) place(node);
  // A loop of fusable nodes has no head: it is entered where the file names it first, and cut there.
  for (const node of plan.nodes) {
    if (placed.has(node.id)) continue;
    for (const edge of incoming.get(node.id)!) fused.delete(edge);
    place(node);
  }
  return { segments, fused };
}

function isDefault(edge: PlanEdge): boolean {
  return (
    edge.when_full === 'block' &&
    edge.capacity === 64 &&
    edge.lane === 'data' &&
    edge.mode === 'trigger' &&
    edge.durable === undefined &&
    edge.max_age_ms === undefined &&
    edge.max_bytes === undefined
  );
}

/** Whether a node is called and returns, with nothing around the call. */
function isPlainCall(node: PlanNode, classOf: (type: string) => NodeClass): boolean {
  if (node.kind !== 'transform' && node.kind !== 'sink') return false;
  const { policies } = node;
  if (hasPolicies(policies) || policies.concurrency > 1 || policies.placement !== 'inline' || policies.join !== undefined) return false;
  if (policies.on_error === 'stop' || policies.durability !== 'none') return false;
  const cls = classOf(node.type);
  nodeSpec(cls);
  const proto = cls.prototype as Record<string, unknown>;
  // What is written in batches waits for the end of a turn.
  if ('writeBatch' in proto) return false;
  const method = proto['process'] ?? proto['write'];
  return typeof method === 'function' && method.constructor === Function;
}

/** The chain as text, for `sluice plan show --chain`. */
export function drawChain(chain: Chain): string {
  return chain.segments
    .map((segment) => {
      const ids = segment.nodes.map((node) => node.id).join(' + ');
      const from = segment.edgesIn.map((edge) =>
        chain.fused.has(edge) ? `direct(${edge.id})` : `edge(${edge.id}, ${edge.when_full} ${edge.capacity})`,
      );
      const head = from.length === 0 ? '' : from.length === 1 ? `${from[0]} | ` : `merge(${from.join(', ')}) | `;
      return `${head}${segment.kind === 'calls' ? 'segment' : segment.kind}(${ids})`;
    })
    .join('\n');
}
