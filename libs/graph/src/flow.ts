import { canonicalJson } from '@sluice/sdk/catalogue';
import type { FlatEdge, FlatNode, Level } from './level';
import type { WhenFull } from './plan';
import type { Path } from './source';

/** Node types that may close a cycle. */
const BREAKERS = new Set(['core/delay', 'core/initial-value']);
const LOSSY = new Set<WhenFull>(['drop_newest', 'drop_oldest', 'latest', 'fair']);

/** What is wrong with the way packets take through a whole graph, sub-graphs taken apart. */
export function lintFlow(level: Level): void {
  const { nodes, edges, inputs, blurred } = level;
  const flow = new Flow(nodes, edges);
  lintPush(flow);
  lintCycles(flow);
  lintModes(edges);
  lintPolicies(nodes);
  lintJoins(flow);
  lintRoutes(flow, new Set(level.outputs.flatMap(({ at }) => at.map(({ node, port }) => `${node}.${port}`))));
  lintReach(flow, new Set([...inputs.flatMap(({ at }) => at.map(({ node }) => node)), ...blurred]));
  lintDurable(flow);
  lintShared(flow);
}

class Flow {
  readonly index = new Map<string, number>();
  readonly out: FlatEdge[][];

  constructor(
    readonly nodes: readonly FlatNode[],
    readonly edges: readonly FlatEdge[],
  ) {
    nodes.forEach(({ node }, i) => this.index.set(node.id, i));
    this.out = nodes.map(() => []);
    for (const edge of edges) this.outOf(edge.from.node).push(edge);
  }

  node(id: string): FlatNode | undefined {
    return this.nodes[this.index.get(id) ?? -1];
  }

  outOf(id: string): FlatEdge[] {
    return this.out[this.index.get(id) ?? -1] ?? [];
  }

  /** All nodes that the edges which `follow` lets pass lead to, the starts included. */
  reach(starts: Iterable<string>, follow: (edge: FlatEdge) => boolean): Set<string> {
    const seen = new Set(starts);
    const left = [...seen];
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      for (const edge of this.outOf(id)) {
        if (seen.has(edge.to.node) || !follow(edge)) continue;
        seen.add(edge.to.node);
        left.push(edge.to.node);
      }
    }
    return seen;
  }
}

function lintPush({ nodes, out }: Flow): void {
  nodes.forEach(({ node }, i) => {
    if (node.mode !== 'push') return;
    for (const { from, to, options, origin } of out[i]!) {
      if (options.when_full !== 'block' || from.port === 'error') continue;
      const message = `\`${node.id}\` (${node.type}) cannot wait, but its edge to \`${to.node}\` blocks when it is full.`;
      origin.source.say('EDGE_PUSH_BLOCKS', origin.path, message, { node: node.id });
    }
  });
}

/** Tarjan's strongly connected components, without recursion; one cycle of each is named. */
function lintCycles(flow: Flow): void {
  const { nodes, index, out } = flow;
  const breaks = nodes.map(({ node }) => BREAKERS.has(node.type));
  const next = out.map((edges) => edges.map((edge) => index.get(edge.to.node) ?? -1).filter((to) => to >= 0 && breaks[to] !== true));
  const order = new Int32Array(nodes.length).fill(-1);
  const low = new Int32Array(nodes.length);
  const cursor = new Int32Array(nodes.length);
  const component = new Int32Array(nodes.length).fill(-1);
  const stack: number[] = [];
  let count = 0;
  for (let root = 0; root < nodes.length; root++) {
    if (order[root] !== -1 || breaks[root] === true) continue;
    const work = [root];
    while (work.length > 0) {
      const at = work[work.length - 1]!;
      if (order[at] === -1) {
        order[at] = low[at] = count++;
        stack.push(at);
      }
      const to = next[at]![cursor[at]!++];
      if (to !== undefined) {
        if (order[to] === -1) work.push(to);
        else if (component[to] === -1) low[at] = Math.min(low[at]!, order[to]!);
        continue;
      }
      work.pop();
      const above = work[work.length - 1];
      if (above !== undefined) low[above] = Math.min(low[above]!, low[at]!);
      if (low[at] !== order[at]) continue;
      const members: number[] = [];
      let member: number;
      do {
        member = stack.pop()!;
        component[member] = at;
        members.push(member);
      } while (member !== at);
      if (members.length > 1 || next[at]!.includes(at)) sayCycle(flow, next, component, Math.min(...members.slice(0, 1000), at));
    }
  }
}

/** Names the shortest cycle through `start`, at the edge that closes it. */
function sayCycle({ nodes, out }: Flow, next: readonly (readonly number[])[], component: Int32Array, start: number): void {
  const from = new Map<number, number>();
  const queue = [start];
  let last = -1;
  for (let head = 0; head < queue.length && last < 0; head++) {
    const at = queue[head]!;
    for (const to of next[at]!) {
      if (component[to] !== component[start]) continue;
      if (to === start) {
        last = at;
        break;
      }
      if (from.has(to)) continue;
      from.set(to, at);
      queue.push(to);
    }
  }
  const cycle = [start];
  for (let at = last; at !== start; at = from.get(at)!) cycle.push(at);
  cycle.push(start);
  const names = cycle.reverse().map((i) => nodes[i]!.node.id);
  const shown = names.length > 12 ? [...names.slice(0, 6), '...', ...names.slice(-5)] : names;
  const closing = out[last]!.find(({ to }) => to.node === nodes[start]!.node.id);
  const { source, path } = (closing ?? nodes[start]!).origin;
  source.say('GRAPH_CYCLE', path, `Nothing breaks the cycle ${shown.join(' -> ')}.`, { node: nodes[start]!.node.id });
}

function lintReach(flow: Flow, starts: ReadonlySet<string>): void {
  const roots = flow.nodes.filter(({ node }) => node.kind === 'source' || node.type === 'core/initial-value').map(({ node }) => node.id);
  // What only waits for a node to fire does not make it fire.
  const reached = flow.reach([...roots, ...starts], ({ options }) => options.mode === 'trigger');
  const fed = new Set(flow.edges.map(({ to }) => to.node));
  for (const { node, origin } of flow.nodes) {
    if (reached.has(node.id)) continue;
    const lame = fed.has(node.id) && flow.edges.every(({ to, options }) => to.node !== node.id || options.mode !== 'trigger');
    const message = lame
      ? `All edges into \`${node.id}\` only give context: nothing makes it fire.`
      : `No source or input of the graph leads to \`${node.id}\`.`;
    const hint = lame ? 'Let one edge into it be `mode: trigger`, which is the default.' : undefined;
    origin.source.say('NODE_UNREACHABLE', origin.path, message, { node: node.id, atKey: true, hint });
  }
}

/** Two edges between one pair of nodes that differ in mode: whether a packet fires the node would depend on its port alone. */
function lintModes(edges: readonly FlatEdge[]): void {
  const first = new Map<string, FlatEdge>();
  for (const edge of edges) {
    const pair = `${edge.from.node} -> ${edge.to.node}`;
    const other = first.get(pair);
    if (other === undefined) first.set(pair, edge);
    else if (other.options.mode !== edge.options.mode) {
      const message = `The edges ${pair} have the modes ${other.options.mode} and ${edge.options.mode}.`;
      edge.origin.source.say('EDGE_MODE_MIXED', edge.origin.path, message, { node: edge.to.node });
    }
  }
}

/** Policies are put around calls; a source and an operator are not called for a packet, a sink gives nothing out. */
const WITHOUT_EFFECT = {
  source: ['timeout', 'circuit', 'rate', 'budget', 'idempotency', 'fallback', 'concurrency', 'ordered'],
  operator: ['retry', 'timeout', 'circuit', 'rate', 'budget', 'idempotency', 'fallback', 'concurrency', 'ordered'],
  transform: [],
  sink: ['fallback'],
} as const satisfies Readonly<Record<FlatNode['node']['kind'], readonly string[]>>;

function lintPolicies(nodes: readonly FlatNode[]): void {
  for (const { node, origin, policies } of nodes) {
    for (const key of WITHOUT_EFFECT[node.kind]) {
      if (!policies.includes(key)) continue;
      const kind = node.kind === 'operator' ? 'an operator' : `a ${node.kind}`;
      origin.source.say('NODE_POLICY_UNUSED', [...origin.path, key], `\`${key}\` has no effect on ${kind}.`, {
        node: node.id,
        atKey: true,
      });
    }
  }
}

/**
 * Without `by` a join puts together what comes from one source packet. An operator that acks what it takes begins new ones:
 * every branch must have the same of those before it, or none.
 */
function lintJoins({ nodes, edges, index }: Flow): void {
  const joins = nodes.filter(
    ({ node: { policies } }) => policies.join !== undefined && policies.join.by === undefined && policies.join.on !== 'any',
  );
  if (joins.length === 0) return;
  const into = nodes.map((): string[] => []);
  for (const { from, to, options } of edges) if (options.mode === 'trigger') into[index.get(to.node) ?? -1]?.push(from.node);
  const begins = (id: string): boolean => {
    const node = nodes[index.get(id) ?? -1]?.node;
    return node?.kind === 'operator' && node.delivery === 'boundary';
  };
  for (const { node, origin } of joins) {
    const before = new Map<string, Set<string>>();
    for (const { from, to, options } of edges) {
      if (to.node !== node.id || options.mode !== 'trigger') continue;
      const found = before.get(to.port) ?? new Set();
      before.set(to.port, found);
      const seen = new Set([node.id, from.node]);
      const left = [from.node];
      for (let id = left.pop(); id !== undefined; id = left.pop()) {
        if (begins(id)) found.add(id);
        else for (const next of into[index.get(id) ?? -1] ?? []) if (seen.size < seen.add(next).size) left.push(next);
      }
    }
    const [first, ...others] = before.values();
    const odd = others.flatMap((set) => [...set].filter((id) => !first!.has(id)).concat([...first!].filter((id) => !set.has(id))))[0];
    if (odd === undefined) continue;
    const message = `\`${odd}\` in one branch of the join of \`${node.id}\` gives packets that belong to none of the other branches.`;
    origin.source.say('NODE_JOIN_BOUNDARY', [...origin.path, 'join'], message, { node: node.id, atKey: true });
  }
}

/** The node type whose config says by which output a packet leaves. */
const ROUTER = 'core/switch';

interface RouterConfig {
  readonly rules?: readonly { readonly when?: unknown; readonly to?: string }[];
  readonly match?: string;
  readonly no_match?: string;
}

/** Rules and edges of a router must know the same outputs; of two equal rules the second never decides. */
function lintRoutes({ nodes, out }: Flow, outputs: ReadonlySet<string>): void {
  nodes.forEach(({ node, origin: { source, path } }, i) => {
    if (node.type !== ROUTER) return;
    const { rules = [], match, no_match = 'fail' } = node.config as RouterConfig;
    const config: Path = [...path, 'config'];
    const read = (port: string): boolean => out[i]!.some(({ from }) => from.port === port) || outputs.has(`${node.id}.${port}`);
    const earlier = new Map<string, number>();
    rules.forEach(({ when, to }, n) => {
      const at: Path = [...config, 'rules', n];
      const same = canonicalJson(when ?? null);
      const before = earlier.get(same);
      if (match !== 'all_matches' && before !== undefined) {
        const message = `Rule ${n + 1} of \`${node.id}\` has the conditions of rule ${before + 1} and never decides.`;
        source.say('NODE_ROUTE_REPEATED', at, message, { node: node.id });
      } else earlier.set(same, n);
      if (to === undefined || to === 'otherwise' || read(to)) return;
      source.say('NODE_ROUTE_UNREAD', [...at, 'to'], `Rule ${n + 1} of \`${node.id}\` sends to ${to}, and no edge leaves there.`, {
        node: node.id,
      });
    });
    if (no_match !== 'fail' && no_match !== 'otherwise' && !read(no_match)) {
      const message = `What no rule of \`${node.id}\` fits goes to ${no_match}, and no edge leaves there.`;
      source.say('NODE_ROUTE_UNREAD', [...config, 'no_match'], message, { node: node.id });
    }
    const sent = new Set([...rules.map(({ to }) => to), no_match, 'error']);
    for (const { from, origin } of out[i]!) {
      if (sent.has(from.port)) continue;
      const message = `No rule of \`${node.id}\` sends to ${from.port}: nothing ever passes this edge.`;
      origin.source.say('EDGE_NEVER_SENT', origin.path, message, { node: node.id });
    }
  });
}

/** Below a durable edge, or a source that reads from a store or keeps its state there, nothing should be lost unasked. */
function lintDurable(flow: Flow): void {
  const starts = [
    ...flow.edges.filter(({ options }) => options.durable !== undefined).map(({ to }) => to.node),
    ...flow.nodes
      .filter(({ node, durable }) => node.kind === 'source' && (durable || node.policies.durability === 'full'))
      .map(({ node }) => node.id),
  ];
  if (starts.length === 0) return;
  const below = flow.reach(starts, ({ options }) => options.durable === undefined && !LOSSY.has(options.when_full));
  for (const { from, to, options, origin } of flow.edges) {
    if (!below.has(from.node) || !LOSSY.has(options.when_full)) continue;
    origin.source.say(
      'EDGE_LOSSY_BELOW_DURABLE',
      origin.path,
      `The edge ${from.node}.${from.port} -> ${to.node}.${to.port} may drop packets that were stored before.`,
      { node: to.node },
    );
  }
  for (const { node, origin, stateful } of flow.nodes) {
    if (node.kind !== 'operator' || node.delivery !== 'boundary' || !below.has(node.id)) continue;
    const kept = node.policies.durability !== 'none';
    if (kept && stateful) continue;
    const why = kept ? ', whatever its durability: its type does not keep that in its state' : '';
    const message = `\`${node.id}\` (${node.type}) acks what it takes, so what it holds is lost at a crash${why}.`;
    origin.source.say('NODE_BOUNDARY_BELOW_DURABLE', origin.path, message, { node: node.id, atKey: true });
  }
}

/** A fan-out whose branches block all the way to different sinks: the slowest of them sets the pace. */
function lintShared(flow: Flow): void {
  const blocks = ({ options }: FlatEdge): boolean => options.when_full === 'block' && options.durable === undefined;
  const forks = flow.nodes.filter((_, i) => flow.out[i]!.filter(blocks).length > 1);
  if (forks.length === 0) return;
  const sinks = blockedSinks(flow, blocks);
  for (const { node } of forks) {
    const branches = flow.outOf(node.id).filter((edge) => blocks(edge) && edge.from.port !== 'error');
    const found: { edge: FlatEdge; sink: string }[] = [];
    for (const edge of branches) {
      const sink = [...(sinks.get(edge.to.node) ?? [])].find((id) => found.every((other) => other.sink !== id));
      if (sink !== undefined) found.push({ edge, sink });
    }
    const second = found[1];
    if (second === undefined) continue;
    const { source, path } = second.edge.origin;
    const names = found.map(({ sink }) => `\`${sink}\``);
    const list = `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
    source.say('EDGE_SHARED_BLOCKING', path, `${list} share the blocking path from \`${node.id}\`: the slowest holds back the others.`, {
      node: node.id,
    });
  }
}

/** For every node up to four sinks that can hold it back; four are enough to find two that differ. */
function blockedSinks(flow: Flow, blocks: (edge: FlatEdge) => boolean): Map<string, Set<string>> {
  const into = new Map<string, string[]>();
  for (const edge of flow.edges) {
    if (!blocks(edge) || edge.from.port === 'error') continue;
    const list = into.get(edge.to.node);
    if (list === undefined) into.set(edge.to.node, [edge.from.node]);
    else list.push(edge.from.node);
  }
  const sinks = new Map<string, Set<string>>();
  for (const { node } of flow.nodes) {
    if (node.kind !== 'sink') continue;
    const left = [node.id];
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      const known = sinks.get(id) ?? new Set<string>();
      if (known.size >= 4 || known.has(node.id)) continue;
      sinks.set(id, known.add(node.id));
      left.push(...(into.get(id) ?? []));
    }
  }
  return sinks;
}
