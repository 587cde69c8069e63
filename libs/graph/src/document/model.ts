import { isMap, isPair, isScalar, isSeq, type YAMLMap } from 'yaml';
import { legacyKey } from '../level';
import { isReference } from '../dialects/reference';
import { readArrow, readEnd, type WrittenEnd } from '../edges';
import { isRecord } from '../fields';
import { commentAt } from './comment';
import { pairOf, Written } from './written';

/** A node as it stands in the file: placeholders are not filled in, nothing is checked. */
export interface GraphNode {
  readonly id: string;
  /** Empty where none is written. */
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Its other keys: retry, timeout, placement and so on. */
  readonly policies: Readonly<Record<string, unknown>>;
  readonly comment: string | undefined;
  /** Counts from 1. */
  readonly line: number;
}

/** An edge as it is written. */
export interface GraphEdge {
  /** Place in the list of edges. */
  readonly index: number;
  readonly from: WrittenEnd;
  readonly to: WrittenEnd;
  readonly options: Readonly<Record<string, unknown>>;
  readonly comment: string | undefined;
  readonly line: number;
}

/** An input or output of the graph with the ports that it is joined to. */
export interface GraphBorder {
  readonly name: string;
  readonly type: string | undefined;
  readonly ends: readonly WrittenEnd[];
}

/** What a graph's text says, as an editor shows it. */
export interface GraphModel {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  readonly nodes: readonly GraphNode[];
  /** Those that can be read as edges; of the others the check tells. */
  readonly edges: readonly GraphEdge[];
  readonly inputs: readonly GraphBorder[];
  readonly outputs: readonly GraphBorder[];
}

/** Reads a graph to be drawn and edited, with its faults. Undefined where the text is no YAML, no mapping, or a graph of another dialect. */
export function readGraph(text: string): GraphModel | undefined {
  const found = Written.of(text);
  if (found === undefined) return undefined;
  const { contents } = found.document;
  if (contents === null) return { ...EMPTY };
  const value = found.value(contents);
  if (!isMap(contents) || !isRecord(value) || legacyKey(value) !== undefined || isReference(value)) return undefined;
  const lineOf = lineCounter(text);
  return {
    name: textOf(value['name']),
    description: textOf(value['description']),
    params: recordOf(value['params']),
    nodes: nodesOf(found, contents, recordOf(value['nodes']), lineOf),
    edges: edgesOf(found, contents, lineOf),
    inputs: bordersOf(value['inputs'], 'to'),
    outputs: bordersOf(value['outputs'], 'from'),
  };
}

const EMPTY: GraphModel = { name: undefined, description: undefined, params: {}, nodes: [], edges: [], inputs: [], outputs: [] };
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});

function nodesOf(
  found: Written,
  root: YAMLMap,
  values: Readonly<Record<string, unknown>>,
  lineOf: (offset: number) => number,
): readonly GraphNode[] {
  const nodes = pairOf(root, 'nodes')?.value;
  return Object.entries(values).map(([id, node]) => {
    const { type, config, ...policies } = recordOf(node);
    const pair = isMap(nodes) ? pairOf(nodes, id) : undefined;
    const index = isMap(nodes) && pair !== undefined ? nodes.items.indexOf(pair) : -1;
    return {
      id,
      type: textOf(type) ?? '',
      config: recordOf(config),
      policies,
      comment: index < 0 ? undefined : commentAt(found, nodes as YAMLMap, index)?.text,
      line: pair === undefined ? 1 : lineOf(found.start(pair)),
    };
  });
}

function edgesOf(found: Written, root: YAMLMap, lineOf: (offset: number) => number): readonly GraphEdge[] {
  const edges = pairOf(root, 'edges')?.value;
  if (!isSeq(edges)) return [];
  return edges.items.flatMap((item, index) => {
    const pair = isMap(item) && item.items.length === 1 ? item.items[0] : undefined;
    const arrow = isScalar(item) ? item : pair?.key;
    const ends = isScalar(arrow) ? readArrow(String(arrow.value)) : undefined;
    if (ends === undefined) return [];
    const options = recordOf(isPair(pair) ? found.value(pair.value) : undefined);
    return [{ index, ...ends, options, comment: commentAt(found, edges, index)?.text, line: lineOf(found.start(item)) }];
  });
}

function bordersOf(value: unknown, side: 'to' | 'from'): readonly GraphBorder[] {
  return Object.entries(recordOf(value)).map(([name, border]) => {
    const ends = isRecord(border) ? border[side] : border;
    return {
      name,
      type: isRecord(border) ? textOf(border['type']) : undefined,
      ends: [ends].flat().flatMap((end) => (typeof end === 'string' ? (readEnd(end) ?? []) : [])),
    };
  });
}

function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
