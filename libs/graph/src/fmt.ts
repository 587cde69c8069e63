import { isAlias, isCollection, isMap, isPair, isScalar, isSeq, parseDocument, visit, type Document, type Node, type Scalar } from 'yaml';
import { tightLists } from './text/tight';

/** Columns that a `{ }` or `[ ]` may reach; a longer one becomes a block. */
const WIDTH = 140;
const EDGE = /^\s*([^\s>]+)\s*->\s*([^\s>]+)\s*$/;

/**
 * A graph in house style: two spaces of indentation, spaces within `{ }` and none within `[ ]`, one around `->`, at most one blank
 * line. Comments stay, values stay, the order of keys stays. Formatting twice is formatting once. Undefined where the text is no YAML.
 */
export function formatGraph(text: string): string | undefined {
  const document = parseDocument(text.replaceAll('\r\n', '\n'), { logLevel: 'silent', uniqueKeys: false });
  if (document.errors.length > 0) return undefined;
  if (document.contents === null) return text;
  arrows(document);
  blocks(document.contents, 0);
  return tightLists(document.toString({ lineWidth: 0 }));
}

/** One space on each side of the arrow of an edge. */
function arrows(document: Document): void {
  const edges = isMap(document.contents) ? document.contents.get('edges', true) : undefined;
  if (!isSeq(edges)) return;
  for (const item of edges.items) {
    if (isScalar(item)) arrow(item);
    else if (isMap(item)) for (const { key } of item.items) if (isScalar(key)) arrow(key);
  }
}

function arrow(scalar: Scalar): void {
  const [, from, to] = (typeof scalar.value === 'string' ? EDGE.exec(scalar.value) : null) ?? [];
  if (from !== undefined) scalar.value = `${from} -> ${to}`;
}

/** Turns what does not fit a line into a block, from the outside in. `indent` is that of a block here, `start` where one line would begin. */
function blocks(node: unknown, indent: number, start = indent): void {
  if (!isCollection(node)) return;
  if (node.flow === true) {
    if (start + widthOf(node) <= WIDTH || commented(node)) return;
    node.flow = false;
  }
  for (const item of node.items) {
    if (isPair(item)) blocks(item.value, indent + 2, indent + widthOf(item.key) + 2);
    else blocks(item, indent + 2);
  }
}

/** Columns of a value on one line. */
function widthOf(node: unknown): number {
  if (isScalar(node)) return (node.source ?? String(node.value)).length + (node.type?.startsWith('QUOTE') === true ? 2 : 0);
  if (isAlias(node)) return node.source.length + 1;
  if (isPair(node)) return widthOf(node.key) + 2 + widthOf(node.value);
  if (!isCollection(node)) return 0;
  const gaps = 2 * Math.max(0, node.items.length - 1);
  return node.items.reduce<number>((sum, item) => sum + widthOf(item), gaps + (isMap(node) ? 4 : 2));
}

/** A comment within makes the writer use several lines as it is. */
function commented(node: Node): boolean {
  let found = false;
  visit(node, {
    Node: (_, inner) => {
      found ||= inner !== node && (inner.comment != null || inner.commentBefore != null);
    },
  });
  return found;
}
