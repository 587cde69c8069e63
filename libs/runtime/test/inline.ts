import { Any, definePlugin, Node, port, type Context, type NodeClass, type NodeSpec, type Packet, type Plugin } from '@sluice/sdk';
import type { Observable } from 'rxjs';

/** What a node of one test does; one of the four methods, and what it says of itself. */
export interface Body {
  process?(packet: Packet, ctx: Context): unknown;
  write?(packet: Packet, ctx: Context): unknown;
  writeBatch?(packets: readonly Packet[], ctx: Context): unknown;
  read?(ctx: Context): unknown;
  apply?(input: Observable<Packet>, ctx: Context): unknown;
  open?(ctx: Context): unknown;
  close?(): unknown;
  readonly spec?: Partial<NodeSpec>;
  /** Names of its outputs; default `out`. */
  readonly out?: readonly string[];
  readonly in?: readonly string[];
}

/** A plugin `x` with a node type for each body. */
export function inline(bodies: Readonly<Record<string, Body>>): Plugin {
  return definePlugin({ name: 'x', nodes: Object.entries(bodies).map(([name, body]) => classOf(name, body)) });
}

function classOf(name: string, body: Body): NodeClass {
  const kind =
    body.read !== undefined ? 'source' : body.apply !== undefined ? 'operator' : body.process !== undefined ? 'transform' : 'sink';
  const ports = (names: readonly string[]) => Object.fromEntries(names.map((id) => [id, port(Any, 'Anything.')]));
  class Inline {}
  const { spec, out, in: ins, ...methods } = body;
  Object.assign(Inline.prototype, methods);
  const declared = {
    type: `x/${name}`,
    kind,
    summary: 'For one test.',
    ...(kind === 'source' ? {} : { in: ports(ins ?? ['in']) }),
    ...(kind === 'sink' ? {} : { out: ports(out ?? ['out']) }),
    ...spec,
  } as NodeSpec;
  (Node(declared) as (cls: NodeClass) => void)(Inline);
  return Inline;
}

/** Numbers from 0, as fast as they are taken. */
export function* upTo(count: number): Generator<number, void> {
  for (let i = 0; i < count; i++) yield i;
}

/** A graph from `id: type` or `id: { type, ... }` and edges. */
export function graph(nodes: Readonly<Record<string, string | object>>, edges: readonly unknown[], more: object = {}): object {
  const full = Object.fromEntries(Object.entries(nodes).map(([id, node]) => [id, typeof node === 'string' ? { type: node } : node]));
  return { version: 2, name: 'g', nodes: full, edges, ...more };
}
