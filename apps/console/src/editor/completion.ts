import type { GraphModel } from '@sluice/graph';
import type { World } from './world';

interface Completions {
  readonly from: number;
  readonly options: readonly { readonly label: string; readonly detail?: string; readonly info?: string; readonly apply?: string }[];
}
type Schema = Readonly<Record<string, unknown>>;

/** What may be written at a place: keys and values of the schema of graphs, node types, ports. Reads indentation, so that it works in a text that is half written. */
export function completionsAt(text: string, at: number, world: World, model: GraphModel): Completions | undefined {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const line = text.slice(start, at);
  const path = pathAt(text, start, line);
  const edge = /^\s*-\s+(.*)$/.exec(line);
  if (path[0] === 'edges' && edge !== null && !edge[1]!.includes(':')) return ends(edge[1]!, at, world, model);
  const value = /^\s*(?:-\s+)?([\w-]+):\s+("?[^\s"{[]*)$/.exec(line);
  const from = at - (value?.[2] ?? /[\w./-]*$/.exec(line)![0]).length;
  if (value !== null) {
    const schema = schemaAt(world, model, [...path, value[1]!]);
    if (path[0] === 'nodes' && path.length === 2 && value[1] === 'type') {
      return { from, options: world.entries.map(({ type, summary, kind }) => ({ label: type, detail: kind, info: summary })) };
    }
    const values = valuesOf(schema);
    return values.length === 0 ? undefined : { from, options: values.map((label) => ({ label })) };
  }
  if (!/^\s*(?:-\s+)?[\w-]*$/.test(line)) return undefined;
  const properties = (schemaAt(world, model, path)?.['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  const options = Object.entries(properties)
    .filter(([, field]) => field['doNotSuggest'] !== true)
    .map(([label, field]) => ({ label, apply: `${label}: `, info: String(field['description'] ?? '') }));
  return options.length === 0 ? undefined : { from, options };
}

/** Keys above a line whose indentation is less: where it stands. */
export function pathAt(text: string, start: number, line: string): readonly string[] {
  let indent = line.search(/\S|$/);
  const path: string[] = [];
  const above = text.slice(0, start).split('\n').slice(0, -1);
  for (let i = above.length - 1; i >= 0 && indent > 0; i--) {
    const found = /^(\s*)(?:-\s+)?("?)([\w.-]+)\2:/.exec(above[i]!);
    if (found === null || found[1]!.length >= indent) continue;
    indent = found[1]!.length;
    path.unshift(found[3]!);
  }
  // A list may stand at the column of its key.
  if (path.length === 0 && /^\s*-/.test(line)) {
    const key = above.findLast((one) => /^[\w-]+:/.test(one));
    if (key !== undefined) path.push(key.slice(0, key.indexOf(':')));
  }
  return path;
}

function schemaAt(world: World, model: GraphModel, [head, id, ...rest]: readonly string[]): Schema | undefined {
  const { schema } = world;
  const definitions = (schema['definitions'] ?? {}) as Readonly<Record<string, Schema>>;
  const top = schema['properties'] as Readonly<Record<string, Schema>>;
  if (head === undefined) return schema;
  if (id === undefined) return top[head];
  if (head === 'params') return below(definitions['param'], rest);
  if (head !== 'nodes') return undefined;
  if (rest[0] === 'config') return below(world.type(model.nodes.find((node) => node.id === id)?.type ?? '')?.config, rest.slice(1));
  return below(definitions['node'], rest);
}

function below(schema: Schema | undefined, path: readonly string[]): Schema | undefined {
  return path.reduce<Schema | undefined>((inner, key) => {
    const items = inner?.['items'] as Schema | undefined;
    return ((inner?.['properties'] ?? items?.['properties']) as Readonly<Record<string, Schema>> | undefined)?.[key];
  }, schema);
}

function valuesOf(schema: Schema | undefined): readonly string[] {
  if (schema === undefined) return [];
  const inner = (schema['anyOf'] ?? []) as readonly Schema[];
  const flags = schema['type'] === 'boolean' ? ['true', 'false'] : [];
  return [...((schema['enum'] ?? []) as readonly unknown[]).map(String), ...flags, ...inner.flatMap(valuesOf)];
}

/** Nodes, and behind a point their ports: outputs before the arrow, inputs behind it. */
function ends(typed: string, at: number, world: World, model: GraphModel): Completions {
  const behind = typed.includes('->');
  const word = /[\w.-]*$/.exec(behind ? typed.slice(typed.indexOf('->') + 2) : typed)![0];
  const from = at - word.length;
  const point = word.indexOf('.');
  if (point < 0) return { from, options: model.nodes.map(({ id, type }) => ({ label: id, detail: type })) };
  const id = word.slice(0, point);
  const entry = world.type(model.nodes.find((node) => node.id === id)?.type ?? '');
  const ports = entry?.[behind ? 'in' : 'out'] ?? {};
  return { from, options: Object.entries(ports).map(([port, { type, doc }]) => ({ label: `${id}.${port}`, detail: type, info: doc })) };
}
