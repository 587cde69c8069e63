import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Path } from '../source';
import { keyText } from '../text/document';

/** A piece of a text that another one takes the place of. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A YAML text with the places of what is written in it. All offsets are of the text. */
export class Written {
  private constructor(
    readonly text: string,
    readonly document: Document.Parsed,
  ) {}

  /** Undefined where the text is no YAML. */
  static of(text: string): Written | undefined {
    try {
      const document = parseDocument(text, { logLevel: 'silent', prettyErrors: false });
      if (document.errors.length > 0) return undefined;
      document.toJS({ maxAliasCount: 100 });
      return new Written(text, document);
    } catch {
      // Nested too deeply, or aliases that unfold without end: nothing for anything but a text editor.
      return undefined;
    }
  }

  /** What stands at a path; undefined where there is nothing, or only by way of an alias. */
  at(path: Path): Node | undefined {
    let node: Node | null | undefined = this.document.contents;
    for (const step of path) {
      if (isMap(node)) node = pairOf(node, step)?.value as Node | null | undefined;
      else if (isSeq(node) && typeof step === 'number') node = node.items[step] as Node | undefined;
      else return undefined;
    }
    return node ?? undefined;
  }

  value(node: unknown): unknown {
    return node === null || node === undefined ? null : (node as Node).toJS(this.document, { maxAliasCount: 100 });
  }

  lineStart(offset: number): number {
    return this.text.lastIndexOf('\n', offset - 1) + 1;
  }

  /** End of the line, before its line break. */
  lineEnd(offset: number): number {
    const found = this.text.indexOf('\n', offset);
    const end = found < 0 ? this.text.length : found;
    return this.text[end - 1] === '\r' && end > offset ? end - 1 : end;
  }

  /** Start of the line after the one of `offset`. */
  nextLine(offset: number): number {
    const found = this.text.indexOf('\n', offset);
    return found < 0 ? this.text.length : found + 1;
  }

  column(offset: number): number {
    return offset - this.lineStart(offset);
  }

  /** Where an item of a mapping or list begins: its key, or what stands behind the dash. */
  start(item: unknown): number {
    const node = (isPair(item) ? item.key : item) as Node;
    // An anchor or a tag stands before what it is of.
    const { anchor, tag } = node as { anchor?: string; tag?: string };
    const start = node.range![0];
    if (anchor === undefined && tag === undefined) return start;
    const before = /(?:[&!]\S*\s+)+$/.exec(this.text.slice(this.lineStart(start), start));
    return before === null ? start : start - before[0].length;
  }

  /** Where the last character of it ends: no comment and no line break behind it. */
  end(item: unknown): number {
    if (isPair(item)) {
      const value = item.value as Node | null;
      return value === null || isEmpty(value) ? this.colon(item) : this.end(value);
    }
    if (isCollection(item) && item.flow !== true && item.items.length > 0) return this.end(item.items[item.items.length - 1]);
    const end = (item as Node).range![1];
    const block = isScalar(item) && (item.type === 'BLOCK_LITERAL' || item.type === 'BLOCK_FOLDED');
    return block ? this.text.slice(0, end).trimEnd().length : end;
  }

  /** Behind the colon of a pair. */
  colon(pair: Pair): number {
    const key = (pair.key as Node).range![1];
    const rest = /^\s*:/.exec(this.text.slice(key));
    return rest === null ? key : key + rest[0].length;
  }

  /** The dash of an item of a block list. */
  dash(item: unknown): number {
    return this.text.lastIndexOf('-', this.start(item) - 1);
  }

  /** Where the line of an item begins to be its own: its key or its dash. */
  head(parent: YAMLMap | YAMLSeq, index: number): number {
    const item: unknown = parent.items[index];
    return isSeq(parent) ? this.dash(item) : this.start(item);
  }

  /** End of the last line of a block's item that stands at a column: comment lines that are indented deeper are its own. */
  lastLine(item: unknown, column: number): number {
    let end = this.lineEnd(this.end(item));
    for (let next = this.nextLine(end); next > end && next < this.text.length; next = this.nextLine(end)) {
      const stop = this.lineEnd(next);
      const line = this.text.slice(next, stop);
      if (line.search(/\S/) <= column || !line.trimStart().startsWith('#')) break;
      end = stop;
    }
    return end;
  }

  /** Start of the comment lines right above a line, indented as it is; the start of the line where there are none. */
  commentStart(lineStart: number, column: number): number {
    let start = lineStart;
    while (start > 0) {
      const above = this.lineStart(start - 1);
      const line = this.text.slice(above, start);
      if (line.search(/\S/) !== column || line[column] !== '#') break;
      start = above;
    }
    return start;
  }
}

/** A text with its splices applied; they do not overlap. */
export function spliced(text: string, splices: readonly Splice[]): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  let made = '';
  let at = 0;
  for (const splice of [...splices].sort((a, b) => a.from - b.from || a.to - b.to)) {
    made += text.slice(at, splice.from) + (eol === '\n' ? splice.text : splice.text.replaceAll('\n', eol));
    at = splice.to;
  }
  return made + text.slice(at);
}

export function pairOf(map: YAMLMap, key: string | number): Pair | undefined {
  return map.items.find((pair) => keyText(pair.key) === String(key));
}

/** A value that is not written: the place behind a colon. */
export function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.range?.[0] === node.range?.[1];
}

/** Whether keys come from elsewhere too: then what is written is not all. */
export function isMerged(map: YAMLMap): boolean {
  return map.items.some(({ key, value }) => keyText(key) === '<<' && (isAlias(value) || isCollection(value)));
}
