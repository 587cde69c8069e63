import { isCollection, isMap, isPair, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Path } from '../source';
import { pairOf, spliced, Written } from './written';

/** A comment of an item: the lines above it, or else the one behind it on its first line. */
interface Comment {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly beside: boolean;
}

export function commentAt(found: Written, parent: YAMLMap | YAMLSeq, index: number): Comment | undefined {
  if (parent.flow === true) return undefined;
  const head = found.head(parent, index);
  const line = found.lineStart(head);
  const from = found.commentStart(line, head - line);
  if (from < line) {
    const lines = found.text.slice(from, line).trimEnd().split('\n');
    return { text: lines.map((one) => one.trim().replace(/^# ?/, '')).join('\n'), from, to: line, beside: false };
  }
  const at = firstEnd(found, parent.items[index]);
  const end = found.lineEnd(at);
  const rest = /^\s+#\s?(.*)$/.exec(found.text.slice(at, end));
  return rest === null ? undefined : { text: rest[1]!.trimEnd(), from: at, to: end, beside: true };
}

/** Where the first line of an item ends, its comment left out. */
function firstEnd(found: Written, item: unknown): number {
  let node = item;
  // `- a -> b: { ... }` is a mapping of one pair.
  if (isMap(node) && node.flow !== true && node.items.length > 0) node = node.items[0];
  if (isPair(node)) {
    const { value } = node;
    const block = isCollection(value) && value.flow !== true && value.items.length > 0;
    return block ? found.colon(node) : found.end(node);
  }
  return found.end(node);
}

/**
 * Says what a node, an edge or a parameter is for, in the lines above it; an empty text takes the comment away.
 * @returns undefined where the text is no YAML, or where it stands within `{ }` of one line
 */
export function setComment(text: string, path: Path, comment: string): string | undefined {
  const found = Written.of(text);
  const parent = found?.at(path.slice(0, -1));
  const step = path[path.length - 1];
  if (found === undefined || (!isMap(parent) && !isSeq(parent)) || parent.flow === true || step === undefined) return undefined;
  const pair = isMap(parent) ? pairOf(parent, step) : undefined;
  const index = isMap(parent) ? (pair === undefined ? -1 : parent.items.indexOf(pair)) : Number(step);
  if (index < 0 || index >= parent.items.length) return undefined;
  const old = commentAt(found, parent, index);
  const lines = comment.trim() === '' ? [] : comment.trim().split('\n');
  if (old?.text === lines.join('\n')) return text;
  if (old?.beside === true && lines.length <= 1) {
    return spliced(text, [{ from: old.from, to: old.to, text: lines.length === 0 ? '' : ` # ${lines[0]}` }]);
  }
  const head = found.head(parent, index);
  const start = found.lineStart(head);
  if (found.text.slice(start, head).trim() !== '') return undefined;
  const pad = ' '.repeat(head - start);
  const above = lines.map((line) => `${pad}#${line === '' ? '' : ` ${line}`}\n`).join('');
  const at = old === undefined || old.beside ? { from: start, to: start } : { from: old.from, to: old.to };
  return spliced(text, [{ ...at, text: above }, ...(old?.beside === true ? [{ from: old.from, to: old.to, text: '' }] : [])]);
}
