import { canonicalJson, type NodeEntry } from '@sluice/sdk/catalogue';
import type { Plan, PlanPort } from './plan';
import { sha256 } from './sha256';

const HIDDEN = '${secret}';
const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const byName = (a: PlanPort, b: PlanPort): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** sha256 of what a plan does: no names of files, no texts, no secrets; the order in the file does not matter. */
export function hashPlan({
  nodes,
  edges,
  inputs,
  outputs,
  secrets = [],
}: Pick<Plan, 'nodes' | 'edges' | 'inputs' | 'outputs' | 'secrets'>): string {
  const types: Record<string, unknown> = {};
  const hidden = new Map<string, string[][]>();
  for (const path of secrets) {
    const [, node = '', ...rest] = path.split('.');
    const list = hidden.get(node);
    if (list === undefined) hidden.set(node, [rest]);
    else list.push(rest);
  }
  const shown = nodes.map((node) => {
    const { id, type, config, policies } = node;
    // A type has the same ports wherever it is used: they are written once.
    types[type] ??= { kind: node.kind, mode: node.mode, delivery: node.delivery, in: ports(node.in), out: ports(node.out) };
    const bare = { id, type, config, policies };
    return (hidden.get(id) ?? []).reduce<typeof bare>((value, path) => mask(value, path) as typeof bare, bare);
  });
  return sha256(
    canonicalJson({
      types,
      nodes: shown.sort(byId),
      edges: [...edges].sort(byId),
      inputs: [...inputs].sort(byName),
      outputs: [...outputs].sort(byName),
    }),
  );
}

function ports(list: NodeEntry['in']): unknown {
  return Object.fromEntries(Object.entries(list).map(([name, { type, profile, optional }]) => [name, [type, profile, optional === true]]));
}

/** The value with what is at `path` hidden. Keys may have dots, so the longest key that fits is taken. */
export function mask(value: unknown, path: readonly string[], hidden = HIDDEN): unknown {
  if (path.length === 0) return hidden;
  if (typeof value !== 'object' || value === null) return value;
  for (let n = path.length; n > 0; n--) {
    const key = path.slice(0, n).join('.');
    if (!Object.hasOwn(value, key)) continue;
    if (Array.isArray(value)) return value.map((item: unknown, i) => (String(i) === key ? mask(item, path.slice(n), hidden) : item));
    return { ...value, [key]: mask((value as Readonly<Record<string, unknown>>)[key], path.slice(n), hidden) };
  }
  return value;
}
