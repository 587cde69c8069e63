import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import type { Path } from '../source';

/** A parsed text that knows where each value stands. */
export interface Positioned {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/**
 * Parses with positions. Looking for keys that occur twice takes time with the square of their number, so it is asked for.
 * @throws RangeError where the text is nested too deeply to be read
 */
export function parsePositioned(text: string, uniqueKeys: boolean): Positioned {
  const lines = new LineCounter();
  return { document: parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error', uniqueKeys }), lines };
}

const known = new WeakMap<YAMLMap, ReadonlyMap<string, Pair<Node, Node>>>();

/** The pairs of a mapping by key, made once: a file of many findings is looked into many times. Of a key that occurs twice the first. */
function pairsOf(map: YAMLMap): ReadonlyMap<string, Pair<Node, Node>> {
  let pairs = known.get(map);
  if (pairs === undefined) {
    const items = map.items.filter((item): item is Pair<Node, Node> => isPair(item));
    pairs = new Map(items.reverse().map((pair) => [keyText(pair.key), pair]));
    known.set(map, pairs);
  }
  return pairs;
}

const start = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

/** What of the value at a path to point at. */
export interface Aim {
  /** The key instead of the value. */
  readonly atKey?: boolean;
  /** This text inside of the value, or behind `after`. */
  readonly token?: string;
  readonly after?: string;
}

/** Offset of the value at `path`; where the path ends early, of what was reached. */
export function offsetOf(document: Document.Parsed, text: string, path: Path, { atKey, token, after }: Aim): number {
  let node: unknown = document.contents;
  let offset = start(node) ?? 0;
  let key = offset;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = pairsOf(node).get(String(step));
      if (pair === undefined) break;
      key = start(pair.key) ?? offset;
      // An empty value has a place behind its key; the key is what a reader looks for.
      const empty = isScalar(pair.value) && pair.value.range?.[0] === pair.value.range?.[1];
      offset = empty ? key : (start(pair.value) ?? key);
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number' && step < node.items.length) {
      node = node.items[step];
      offset = start(node) ?? offset;
      key = offset;
    } else break;
  }
  if (atKey === true) return key;
  if (token === undefined) return offset;
  const end = isNode(node) ? (node.range?.[1] ?? text.length) : text.length;
  const found = text.indexOf(token, after === undefined ? offset : Math.max(offset, text.indexOf(after, offset)));
  return found >= 0 && found < end ? found : offset;
}

export function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}
