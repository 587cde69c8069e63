import { addEdges, addNode, freeId } from '@sluice/graph';
import type { Point } from '../live/layout';
import { store } from '../store';
import { t } from '../strings';
import { complain } from '../toasts';
import { chosen, edit, editing, type Editing } from './draft';
import { misfit, type PortAt } from './world';

/** The port that an edge is being drawn from. */
export const drawing = store<{ readonly side: 'in' | 'out'; readonly at: PortAt } | undefined>(undefined);
export function whyNot(now: Editing, from: PortAt, to: PortAt): string | undefined {
  return misfit(now.world, now.model, from, to, {
    self: t('editor.self'),
    twice: t('editor.dup', { from: `${from.node}.${from.port}`, to: `${to.node}.${to.port}` }),
  });
}

/** Why the port does not fit the edge that is being drawn: '' where it does, undefined where none is drawn or it is of the same side. */
export function fit(node: string, port: string, side: 'in' | 'out'): string | undefined {
  const start = drawing.get();
  const now = editing.get();
  if (start === undefined || now === undefined || start.side === side) return undefined;
  const here = { node, port };
  return (side === 'in' ? whyNot(now, start.at, here) : whyNot(now, here, start.at)) ?? '';
}

/** Puts a node of a type into the graph. @returns its id */
export function addOfType(type: string, at?: Point): string | undefined {
  const now = editing.get();
  if (now === undefined) return undefined;
  const id = freeId(
    type.split('/').at(-1)!,
    now.model.nodes.map((node) => node.id),
  );
  if (!edit((text) => addNode(text, id, { type }), at === undefined ? {} : { places: { [id]: at } })) return undefined;
  chosen.set({ nodes: [id], edges: [] });
  return id;
}

export function connect(from: PortAt, to: PortAt): boolean {
  const now = editing.get();
  if (now === undefined) return false;
  const why = whyNot(now, from, to);
  if (why !== undefined) {
    complain(new Error(why));
    return false;
  }
  // A port that goes without saying is left out.
  const only = (node: string, side: 'in' | 'out'): boolean =>
    Object.keys(now.world.type(now.model.nodes.find(({ id }) => id === node)?.type ?? '')?.[side] ?? {}).length === 1;
  const end = ({ node, port }: PortAt, side: 'in' | 'out') => (only(node, side) && port !== 'error' ? { node } : { node, port });
  return edit((text) => addEdges(text, [{ from: end(from, 'out'), to: end(to, 'in') }]));
}
