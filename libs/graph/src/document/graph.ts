import { canonicalJson } from '@sluice/sdk/catalogue';
import { isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import { readEnd, type WrittenEnd } from '../edges';
import type { Path } from '../source';
import { setComment } from './comment';
import { appendItems, removeItems, setValue, unsetValue } from './edit';
import { readGraph, type GraphEdge, type GraphModel } from './model';
import { flowValue } from './render';
import { pairOf, spliced, Written, type Splice } from './written';

/** A node that is to be written. */
export interface NewNode {
  readonly type: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly policies?: Readonly<Record<string, unknown>>;
  readonly comment?: string | undefined;
}

/** An edge that is to be written. */
export interface NewEdge {
  readonly from: WrittenEnd;
  readonly to: WrittenEnd;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly comment?: string | undefined;
}

const endText = ({ node, port }: WrittenEnd): string => (port === undefined ? node : `${node}.${port}`);
const arrowText = ({ from, to }: Pick<NewEdge, 'from' | 'to'>): string => `${endText(from)} -> ${endText(to)}`;
const isFilled = (value: object | undefined): boolean => value !== undefined && Object.keys(value).length > 0;

/** Writes a node behind the last one. All changes here give undefined where the text is no YAML or has to be edited as text. */
export function addNode(text: string, id: string, { type, config, policies, comment }: NewNode): string | undefined {
  const made = setValue(text.trim() === '' ? 'version: 2\n' : text, ['nodes', id], {
    type,
    ...(isFilled(config) ? { config } : {}),
    ...policies,
  });
  return made !== undefined && comment !== undefined && comment !== '' ? setComment(made, ['nodes', id], comment) : made;
}

/** The first of `id`, `id-2`, `id-3`, ... that no node has. */
export function freeId(wanted: string, taken: Iterable<string>): string {
  const used = new Set(taken);
  const base = wanted.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[^A-Za-z]+/, '') || 'node';
  let id = base;
  for (let n = 2; used.has(id); n++) id = `${base}-${n}`;
  return id;
}

/** Takes nodes away with their edges, and with the inputs and outputs of the graph that have no other end. */
export function removeNodes(text: string, ids: readonly string[]): string | undefined {
  const found = Written.of(text);
  const model = readGraph(text);
  if (found === undefined || model === undefined) return undefined;
  const gone = new Set(ids);
  const nodes = found.at(['nodes']);
  if (!isMap(nodes)) return undefined;
  const touches = ({ node }: WrittenEnd): boolean => gone.has(node);
  const edges = model.edges.filter(({ from, to }) => touches(from) || touches(to)).map(({ index }) => index);
  let made = spliced(text, [
    ...removeItems(
      found,
      ['nodes'],
      nodes.items.flatMap(({ key }, i) => (gone.has(String((key as Scalar).value)) ? [i] : [])),
    ),
    ...removeItems(found, ['edges'], edges),
  ]);
  for (const [side, key] of SIDES) {
    for (const { name, ends } of model[side]) {
      const left = ends.filter((end) => !touches(end));
      if (left.length === ends.length) continue;
      const next = left.length === 0 ? unsetValue(made, [side, name]) : setEnds(made, side, name, key, left.map(endText));
      if (next === undefined) return undefined;
      made = next;
    }
    // `outputs: {}` says nothing.
    const root = Written.of(made);
    const border = root?.at([side]);
    if (isMap(border) && border.items.length === 0) made = unsetValue(made, [side]) ?? made;
  }
  return made;
}

const SIDES = [
  ['inputs', 'to'],
  ['outputs', 'from'],
] as const;

function setEnds(text: string, side: string, name: string, key: string, ends: readonly string[]): string | undefined {
  const value = ends.length === 1 ? ends[0] : ends;
  return isMap(Written.of(text)?.at([side, name])) ? setValue(text, [side, name, key], value) : setValue(text, [side, name], value);
}

/** Gives a node another id, wherever the graph names it. */
export function renameNode(text: string, id: string, next: string): string | undefined {
  const found = Written.of(text);
  const nodes = found?.at(['nodes']);
  const pair = isMap(nodes) ? pairOf(nodes, id) : undefined;
  if (found === undefined || pair === undefined) return undefined;
  const splices = [scalar(pair.key as Scalar, next)];
  const edges = found.at(['edges']);
  for (const item of isSeq(edges) ? edges.items : []) {
    const arrow = isMap(item) ? item.items[0]?.key : item;
    if (isScalar(arrow)) splices.push(...renamedEnds(found, arrow, id, next));
  }
  for (const [side, key] of SIDES) {
    const borders = found.at([side]);
    for (const { value } of isMap(borders) ? borders.items : []) {
      const ends = isMap(value) ? pairOf(value, key)?.value : value;
      for (const end of isSeq(ends) ? ends.items : [ends]) {
        if (isScalar(end) && readEnd(String(end.value))?.node === id) splices.push(...renamedEnds(found, end, id, next));
      }
    }
  }
  return spliced(text, splices);
}

/** The ends of an edge that name a node, in the text as it is quoted and spaced. */
function renamedEnds(found: Written, node: Scalar, id: string, next: string): readonly Splice[] {
  const [start, end] = node.range!;
  const source = found.text.slice(start, end);
  const escaped = id.replace(/[^A-Za-z0-9_]/g, '\\$&');
  return [...source.matchAll(new RegExp(`(?<=^["']?\\s*|->\\s*)${escaped}(?=[\\s."']|->|$)`, 'g'))].map(({ index }) => ({
    from: start + index,
    to: start + index + id.length,
    text: next,
  }));
}

const scalar = (node: Scalar, value: string): Splice => ({ from: node.range![0], to: node.range![1], text: flowValue(value, node) });

/** The config of a node becomes another one: only what differs is written. */
export function setConfig(text: string, id: string, config: Readonly<Record<string, unknown>>): string | undefined {
  return isFilled(config) ? setValue(text, ['nodes', id, 'config'], config) : unsetValue(text, ['nodes', id, 'config']);
}

/** Writes edges behind the last one. */
export function addEdges(text: string, edges: readonly NewEdge[]): string | undefined {
  const before = readGraph(text);
  const items = edges.map((edge) => (isFilled(edge.options) ? { [arrowText(edge)]: edge.options } : arrowText(edge)));
  const count = lengthOf(text);
  let made = before === undefined || items.length === 0 ? undefined : appendItems(text, ['edges'], items);
  // Options of an edge stand on its line.
  edges.forEach(({ options, comment }, i) => {
    if (made !== undefined && isFilled(options)) made = oneLine(made, ['edges', count + i], edges[i]!);
    if (made !== undefined && comment) made = setComment(made, ['edges', count + i], comment) ?? made;
  });
  return made;
}

function lengthOf(text: string): number {
  const edges = Written.of(text)?.at(['edges']);
  return isSeq(edges) ? edges.items.length : 0;
}

/** An edge with its options in `{ }` on its line. */
function oneLine(text: string, path: Path, { from, to, options }: NewEdge): string | undefined {
  const found = Written.of(text);
  const item = found?.at(path);
  if (found === undefined || item === undefined) return undefined;
  const arrow = arrowText({ from, to });
  return spliced(text, [
    { from: found.start(first(item)), to: found.end(item), text: isFilled(options) ? `${arrow}: ${flowValue(options)}` : arrow },
  ]);
}

const first = (item: Node): unknown => (isMap(item) && item.flow !== true ? item.items[0] : item);

/** Takes edges away, by their places in the list. */
export function removeEdges(text: string, indexes: readonly number[]): string | undefined {
  const found = Written.of(text);
  return found && spliced(text, removeItems(found, ['edges'], indexes));
}

/** Changes where an edge goes or its options; what is left out stays. */
export function changeEdge(text: string, index: number, change: Partial<NewEdge>): string | undefined {
  const found = Written.of(text);
  const edge = readGraph(text)?.edges.find((one) => one.index === index);
  const item = found?.at(['edges', index]);
  if (found === undefined || edge === undefined || item === undefined) return undefined;
  const next = { from: change.from ?? edge.from, to: change.to ?? edge.to, options: change.options ?? edge.options };
  const old = arrowText(edge);
  const arrow = arrowText(next);
  let made = text;
  if (arrow !== old) {
    const node = (isMap(item) ? item.items[0]!.key : item) as Scalar;
    made = spliced(text, [{ from: node.range![0], to: node.range![1], text: arrow }]);
  }
  if (change.options === undefined || canonicalJson(change.options) === canonicalJson(edge.options)) return made;
  const key = keyOf(made, index);
  if (key !== undefined && isFilled(next.options)) return setValue(made, ['edges', index, key], next.options);
  return oneLine(made, ['edges', index], next);
}

/** The text of an edge that has options. */
function keyOf(text: string, index: number): string | undefined {
  const item = Written.of(text)?.at(['edges', index]);
  const pair = isMap(item) ? item.items[0] : undefined;
  return pair !== undefined && isMap(pair.value) ? String((pair.key as Scalar).value) : undefined;
}

/** Nodes and the edges among them, as YAML that can be put into another graph. */
export function copyNodes(model: GraphModel, ids: readonly string[]): string {
  const wanted = new Set(ids);
  let text: string | undefined = 'nodes: {}\n';
  for (const { id, type, config, policies, comment } of model.nodes) {
    if (wanted.has(id)) text = addNode(text, id, { type, config, policies, comment }) ?? text;
  }
  const among = model.edges.filter(({ from, to }) => wanted.has(from.node) && wanted.has(to.node));
  return among.length === 0 ? text : (addEdges(text, among) ?? text);
}

/**
 * Puts what `copyNodes` gave into a graph; an id that is taken gets a number.
 * @returns the text and the ids that the nodes have now; undefined where the clip holds no nodes
 */
export function pasteNodes(text: string, clip: string): { readonly text: string; readonly ids: ReadonlyMap<string, string> } | undefined {
  const model = readGraph(text);
  const given = readGraph(clip);
  if (model === undefined || given === undefined || given.nodes.length === 0) return undefined;
  const taken = new Set(model.nodes.map(({ id }) => id));
  const ids = new Map<string, string>();
  let made: string | undefined = text;
  for (const node of given.nodes) {
    const id = freeId(node.id, taken);
    taken.add(id);
    ids.set(node.id, id);
    made = made === undefined ? undefined : addNode(made, id, node);
  }
  const moved = (end: WrittenEnd): WrittenEnd => ({ ...end, node: ids.get(end.node) ?? end.node });
  const edges = given.edges.filter(({ from, to }) => ids.has(from.node) && ids.has(to.node));
  if (made !== undefined && edges.length > 0) {
    made = addEdges(
      made,
      edges.map((edge: GraphEdge) => ({ ...edge, from: moved(edge.from), to: moved(edge.to) })),
    );
  }
  return made === undefined ? undefined : { text: made, ids };
}
