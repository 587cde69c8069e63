import type { GraphModel } from '@sluice/graph';
import { layoutOf, type Point } from '../live/layout';
import { chosen, editing, place, type Editing, type Places } from './draft';

export const WIDTH = 200;
export const HEAD = 48;
export const ROW = 22;

/** What a block shows of a node. */
export interface Block extends Record<string, unknown> {
  readonly type: string;
  readonly kind: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly comment: string;
  /** `error`, `warning`, or nothing; with what it says. */
  readonly severity: string;
  readonly finding: string;
}

const heightOf = ({ inputs, outputs }: Pick<Block, 'inputs' | 'outputs'>): number =>
  HEAD + ROW * Math.max(1, inputs.length, outputs.length) + 6;

export function blockOf(now: Editing, node: GraphModel['nodes'][number]): Block {
  const { world, model, diagnostics } = now;
  const entry = world.type(node.type);
  // Ports that edges name are drawn even where the type is not known.
  const named = (side: 'from' | 'to'): string[] =>
    model.edges.flatMap((edge) => (edge[side].node === node.id && edge[side].port !== undefined ? [edge[side].port] : []));
  const ports = (side: 'in' | 'out'): readonly string[] =>
    entry === undefined ? [...new Set(named(side === 'in' ? 'to' : 'from'))].filter((port) => port !== 'error') : Object.keys(entry[side]);
  const found = diagnostics.filter(
    (one) => one.node === node.id || one.path === `nodes.${node.id}` || one.path.startsWith(`nodes.${node.id}.`),
  );
  const worst = found.find(({ severity }) => severity === 'error') ?? found.find(({ severity }) => severity === 'warning');
  return {
    type: node.type,
    kind: node.type.startsWith('graph/') ? 'graph' : (entry?.kind ?? 'unknown'),
    inputs: ports('in'),
    outputs: ports('out'),
    comment: node.comment ?? '',
    severity: worst?.severity ?? '',
    finding: worst === undefined ? '' : `${worst.message}${worst.hint === undefined ? '' : ` ${worst.hint}`}`,
  };
}

/** Places of all nodes: those that are kept, and laid out those that have none. */
export function placed(now: Editing, blocks: ReadonlyMap<string, Block>): Places {
  const { places } = now.history.present;
  const ids = now.model.nodes.map(({ id }) => id);
  if (ids.every((id) => places[id] !== undefined)) return places;
  const auto = arranged(now, blocks);
  const kept = ids.filter((id) => places[id] !== undefined);
  if (kept.length === 0) return auto;
  // New ones come below what is there.
  let y = Math.max(...kept.map((id) => places[id]!.y)) + 130;
  const made: Record<string, Point> = { ...places };
  for (const id of ids) {
    if (made[id] !== undefined) continue;
    made[id] = { x: auto[id]?.x ?? 0, y };
    y += heightOf(blocks.get(id)!) + 20;
  }
  return made;
}

function arranged(now: Editing, blocks: ReadonlyMap<string, Block>): Places {
  const made = layoutOf(
    now.model.nodes.map(({ id }) => id),
    now.model.edges.map(({ from, to }) => ({ from: from.node, to: to.node })),
    { width: WIDTH, height: (id) => heightOf(blocks.get(id)!) },
  );
  return folded(made, (id) => heightOf(blocks.get(id)!));
}

/** A long row of columns as several rows, where they are larger on the screen that way. */
function folded(places: ReadonlyMap<string, Point>, heightOfNode: (id: string) => number): Places {
  const columns = [...new Set([...places.values()].map(({ x }) => x))].sort((a, b) => a - b);
  const step = WIDTH + 70;
  const top = Math.min(...[...places.values()].map(({ y }) => y));
  const tall = Math.max(...[...places].map(([id, { y }]) => y - top + heightOfNode(id))) + 60;
  const sizeOf = (rows: number): number => Math.max((Math.ceil(columns.length / rows) * step) / SCREEN, rows * tall);
  const rows = [1, 2, 3, 4].reduce((best, rows) => (sizeOf(rows) < sizeOf(best) * 0.85 ? rows : best), 1);
  const across = Math.ceil(columns.length / rows);
  return Object.fromEntries(
    [...places].map(([id, { x, y }]) => {
      const column = columns.indexOf(x);
      return [id, { x: (column % across) * step, y: y - top + Math.floor(column / across) * tall }];
    }),
  );
}

/** Width of a canvas by its height, about. */
const SCREEN = 1.1;

/** Lays the graph out anew. */
export function arrange(): void {
  const now = editing.get();
  if (now !== undefined) place(arranged(now, new Map(now.model.nodes.map((node) => [node.id, blockOf(now, node)]))));
}

/** Lines the chosen nodes up: in a column where they are taller than wide as a group, else in a row. */
export function align(): void {
  const now = editing.get();
  const { nodes } = chosen.get();
  if (now === undefined || nodes.length < 2) return;
  const all = placed(now, new Map(now.model.nodes.map((node) => [node.id, blockOf(now, node)])));
  const points = nodes.map((id) => all[id]!);
  const span = (axis: 'x' | 'y'): number => Math.max(...points.map((p) => p[axis])) - Math.min(...points.map((p) => p[axis]));
  const axis = span('x') <= span('y') ? 'x' : 'y';
  const mean = Math.round(points.reduce((sum, p) => sum + p[axis], 0) / points.length);
  place(Object.fromEntries(nodes.map((id) => [id, { ...all[id]!, [axis]: mean }])));
}
