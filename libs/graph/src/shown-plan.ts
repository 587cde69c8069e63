import { mask } from './hash';
import type { Plan } from './plan';

const HIDDEN = '***';
const ADDRESS = /^([a-z][a-z\d+.-]*:\/\/)(?:[^\s/]*@)?([^\s?#]*)(\?[^\s#]+)?/i;

/** A plan as it may be shown: what its graph says is secret is ***, and so are user, password and query of addresses. */
export function shownPlan(plan: Plan): Plan {
  const secrets = (plan.secrets ?? []).map((path) => path.split('.').slice(1));
  const nodes = plan.nodes.map((node) => {
    const own = secrets.flatMap(([id, ...path]) => (id === node.id ? [path] : []));
    return withoutCredentials(own.reduce<unknown>((value, path) => mask(value, path, HIDDEN), node)) as typeof node;
  });
  return { ...plan, nodes };
}

function withoutCredentials(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replace(ADDRESS, (whole, scheme: string, rest: string, query?: string) =>
      query === undefined && whole.length === scheme.length + rest.length
        ? whole
        : `${scheme}${rest}${query === undefined ? '' : `?${HIDDEN}`}`,
    );
  if (Array.isArray(value)) return value.map(withoutCredentials);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutCredentials(item)]));
}
