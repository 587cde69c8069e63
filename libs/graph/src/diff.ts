import { canonicalJson } from '@sluice/sdk/catalogue';
import type { Plan, PlanEdge, PlanNode } from './plan';

/** One value that differs. Absent means that there is none on that side; what is secret is the text `(secret)` on both. */
export interface Difference {
  /** Dotted, from the node or edge: `config.threshold`. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What becomes of a node between two plans. */
export interface NodeChange {
  readonly id: string;
  /** Of the plan that it is in; of the later one where it is in both. */
  readonly type: string;
  /** `kept`: the instance and its state can go on. `restarted`: another instance is made, the old one is drained and closed. */
  readonly change: 'kept' | 'restarted' | 'added' | 'removed';
  /** Why it is restarted. */
  readonly differences: readonly Difference[];
}

/** What becomes of an edge between two plans. */
export interface EdgeChange {
  /** `a.port->b.port`. */
  readonly id: string;
  /** `changed`: the same two ports, other options. */
  readonly change: 'kept' | 'changed' | 'added' | 'removed';
  readonly differences: readonly Difference[];
}

/** What it means for what runs to go from one plan to another. */
export interface PlanDiff {
  /** Whether what runs stays as it is. */
  readonly same: boolean;
  readonly before: { readonly name: string; readonly hash: string };
  readonly after: { readonly name: string; readonly hash: string };
  /** Nodes of the later plan in its order, then those that are removed. */
  readonly nodes: readonly NodeChange[];
  /** Likewise; edges of inputs and outputs of the graph are among them. */
  readonly edges: readonly EdgeChange[];
  /** Inputs and outputs whose type is another one. */
  readonly ports: readonly Difference[];
}

/** Compares what two plans run: ids name what is the same. Looks at plans only, so it is the same for a file, a hot swap and a picture. */
export function planDiff(before: Plan, after: Plan): PlanDiff {
  const secrets = new Set([...(before.secrets ?? []), ...(after.secrets ?? [])]);
  const nodes = paired(before.nodes, after.nodes).map(([old, now]): NodeChange => {
    const { id, type } = (now ?? old)!;
    if (old === undefined || now === undefined) return { id, type, change: old === undefined ? 'added' : 'removed', differences: [] };
    const differences = compare(bodyOf(old), bodyOf(now), '', (path) => hidden(secrets, `nodes.${id}.${path}`));
    return { id, type, change: differences.length === 0 ? 'kept' : 'restarted', differences };
  });
  const edges = paired(before.edges, after.edges).map(([old, now]): EdgeChange => {
    const { id } = (now ?? old)!;
    if (old === undefined || now === undefined) return { id, change: old === undefined ? 'added' : 'removed', differences: [] };
    const differences = compare(optionsOf(old), optionsOf(now), '', () => false);
    return { id, change: differences.length === 0 ? 'kept' : 'changed', differences };
  });
  const ports = (['inputs', 'outputs'] as const).flatMap((side) => compare(typesOf(before[side]), typesOf(after[side]), side, () => false));
  return {
    same: ports.length === 0 && [...nodes, ...edges].every(({ change }) => change === 'kept'),
    before: { name: before.name, hash: before.hash },
    after: { name: after.name, hash: after.hash },
    nodes,
    edges,
    ports,
  };
}

function paired<V extends { readonly id: string }>(
  before: readonly V[],
  after: readonly V[],
): readonly (readonly [V | undefined, V | undefined])[] {
  const old = new Map(before.map((item) => [item.id, item]));
  const now = new Set(after.map(({ id }) => id));
  return [
    ...after.map((item) => [old.get(item.id), item] as const),
    ...before.filter(({ id }) => !now.has(id)).map((item) => [item, undefined] as const),
  ];
}

/** All of a node that its instance depends on; what is written about its ports is none of it. */
const bodyOf = ({ id: _, ...body }: PlanNode): object => ({ ...body, in: portsOf(body.in), out: portsOf(body.out) });
const portsOf = (ports: PlanNode['in']): object =>
  Object.fromEntries(Object.entries(ports).map(([name, { doc: _, ...port }]) => [name, port]));
const optionsOf = ({ id: _id, from: _from, to: _to, ...options }: PlanEdge): object => options;
const typesOf = (ports: Plan['inputs']): object => Object.fromEntries(ports.map(({ name, type, profile }) => [name, { type, profile }]));

/** Leaves that differ; a list that has another length differs as one. */
function compare(before: unknown, after: unknown, path: string, secret: (path: string) => boolean): readonly Difference[] {
  if (before === after || (before !== undefined && after !== undefined && canonicalJson(before) === canonicalJson(after))) return [];
  const within = branches(before, after);
  if (within !== undefined) {
    return within.flatMap((key) => compare(valueAt(before, key), valueAt(after, key), path === '' ? key : `${path}.${key}`, secret));
  }
  const shown = (value: unknown): unknown => (secret(path) ? '(secret)' : value);
  return [{ path, ...(before === undefined ? {} : { before: shown(before) }), ...(after === undefined ? {} : { after: shown(after) }) }];
}

function branches(before: unknown, after: unknown): readonly string[] | undefined {
  if (Array.isArray(before) && Array.isArray(after)) return before.length === after.length ? before.map((_, i) => String(i)) : undefined;
  if (!isObject(before) || !isObject(after)) return undefined;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const valueAt = (value: unknown, key: string): unknown =>
  Object.hasOwn(value as object, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;

/** A value is not shown where it, something above it or something in it is secret. */
function hidden(secrets: ReadonlySet<string>, path: string): boolean {
  return [...secrets].some((secret) => secret === path || secret.startsWith(`${path}.`) || path.startsWith(`${secret}.`));
}
