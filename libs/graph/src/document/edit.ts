import { isAlias, isCollection, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { canonicalJson } from '@sluice/sdk/catalogue';
import { isRecord } from '../fields';
import type { Path } from '../source';
import { blockItem, blockPair, flowPair, flowValue, underKey } from './render';
import { isEmpty, isMerged, pairOf, spliced, Written, type Splice } from './written';

/** Where a value stands: the pair or the list that has it. */
type Holder = { readonly pair: Pair; readonly map: YAMLMap } | { readonly list: YAMLSeq; readonly index: number };

/**
 * Sets the value at a path, makes the mappings that lead to it. What is the same stays as it is written: lines, comments, quotes.
 * @returns undefined where the text is no YAML, or where an alias or a merged mapping leads there: that is for a text editor
 */
export function setValue(text: string, path: Path, value: unknown): string | undefined {
  const found = Written.of(text);
  if (found === undefined) return undefined;
  const splices = set(found, path, value);
  return splices && spliced(text, splices);
}

/** Takes out what is at a path, and the mappings within a node that are left empty by it. The comment lines right above go with it. */
export function unsetValue(text: string, path: Path): string | undefined {
  const found = Written.of(text);
  if (found === undefined) return undefined;
  if (found.at(path) === undefined) return passesAlias(found, path) ? undefined : text;
  let last = path;
  // A graph's own keys and its nodes stay, however empty; `config: {}` says nothing.
  while (last.length > 3) {
    const parent = found.at(last.slice(0, -1));
    if (!isCollection(parent) || parent.items.length > 1) break;
    last = last.slice(0, -1);
  }
  const parent = found.at(last.slice(0, -1));
  if (!isMap(parent) && !isSeq(parent)) return undefined;
  const index = indexOf(parent, last[last.length - 1]!);
  const splices = index < 0 ? [] : remove(found, parent, [index]);
  return spliced(text, splices);
}

/** Takes several items out of the mapping or list at a path. */
export function removeItems(found: Written, path: Path, indexes: readonly number[]): readonly Splice[] {
  const parent = found.at(path);
  return (isMap(parent) || isSeq(parent)) && indexes.length > 0 ? remove(found, parent, indexes) : [];
}

/** Puts items behind the last one of the list at a path. */
export function appendItems(text: string, path: Path, values: readonly unknown[]): string | undefined {
  const found = Written.of(text);
  if (found === undefined) return undefined;
  const list = found.at(path);
  const splices =
    isSeq(list) && list.items.length > 0 ? insertItems(found, list, list.items.length - 1, values) : set(found, path, [...values]);
  return splices && spliced(text, splices);
}

function indexOf(parent: YAMLMap | YAMLSeq, step: string | number): number {
  if (isSeq(parent)) return typeof step === 'number' && step < parent.items.length ? step : -1;
  const pair = pairOf(parent, step);
  return pair === undefined ? -1 : parent.items.indexOf(pair);
}

/** Whether something on the way is written elsewhere. */
function passesAlias(found: Written, path: Path): boolean {
  return path.some((_, i) => {
    const node = found.at(path.slice(0, i));
    return isAlias(node) || (isMap(node) && isMerged(node));
  });
}

function set(found: Written, path: Path, value: unknown): readonly Splice[] | undefined {
  if (passesAlias(found, path)) return undefined;
  const { contents } = found.document;
  if (path.length === 0 || contents === null) return undefined;
  // The longest part of the path that is there.
  let depth = path.length;
  while (depth > 0 && !exists(found, path.slice(0, depth))) depth--;
  if (depth < path.length) {
    const parent = found.at(path.slice(0, depth));
    const made = nested(path.slice(depth + 1), value);
    if (isMap(parent) && parent.items.length > 0)
      return insertPairs(found, parent, parent.items.length - 1, [[String(path[depth])!, made]]);
    return depth === 0 ? undefined : set(found, path.slice(0, depth), nested(path.slice(depth), value));
  }
  const parent = found.at(path.slice(0, -1));
  const step = path[path.length - 1]!;
  if (isMap(parent)) return replace(found, { map: parent, pair: pairOf(parent, step)! }, value);
  return isSeq(parent) ? replace(found, { list: parent, index: step as number }, value) : undefined;
}

function exists(found: Written, path: Path): boolean {
  const parent = found.at(path.slice(0, -1));
  return (isMap(parent) || isSeq(parent)) && indexOf(parent, path[path.length - 1]!) >= 0;
}

const nested = (path: Path, value: unknown): unknown => path.reduceRight<unknown>((inner, step) => ({ [step]: inner }), value);
const same = (a: unknown, b: unknown): boolean => a === b || (a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b));

const nodeOf = (holder: Holder): Node | null =>
  'pair' in holder ? (holder.pair.value as Node | null) : (holder.list.items[holder.index] as Node | null);

/** The value of a holder becomes another one: only what differs is written. */
function replace(found: Written, holder: Holder, value: unknown): readonly Splice[] {
  const node = nodeOf(holder);
  if (same(found.value(node), value)) return [];
  if (isMap(node) && isRecord(value) && !isMerged(node)) {
    const made = mapping(found, node, value);
    if (made !== undefined) return made;
  }
  if (isSeq(node) && Array.isArray(value)) {
    const made = listing(found, node, value);
    if (made !== undefined) return made;
  }
  return [whole(found, holder, value)];
}

/** The value of a holder, written anew. */
function whole(found: Written, holder: Holder, value: unknown): Splice {
  const node = nodeOf(holder);
  const parent = 'pair' in holder ? holder.map : holder.list;
  const like = isScalar(node) ? node : undefined;
  const end = found.end('pair' in holder ? holder.pair : node);
  if (parent.flow === true) {
    const from = 'pair' in holder ? found.colon(holder.pair) : found.start(node);
    const gap = 'pair' in holder ? ' ' : '';
    return { from, to: Math.max(end, from), text: gap + flowValue(value, like) };
  }
  // What is on one line stays on one line; an empty one had no other way.
  const oneLine =
    isCollection(node) &&
    node.flow === true &&
    node.items.length > 0 &&
    isCollectionValue(value) &&
    !/\n/.test(found.text.slice(node.range![0], end));
  const column = found.column('pair' in holder ? found.start(holder.pair) : found.dash(node));
  const item = 'pair' in holder ? holder.pair : node;
  // A comment line below would become a part of a text of several lines.
  const inline = oneLine || found.lastLine(item, column) > found.lineEnd(end);
  const from = 'pair' in holder ? found.colon(holder.pair) : found.dash(node) + 1;
  const text = inline ? ` ${flowValue(value)}` : 'pair' in holder ? underKey(value, column, like) : blockItem(value, column, like).slice(1);
  // Comments behind the key and behind the old value go behind the first line of a new value that has several.
  if (text.includes('\n')) {
    const stop = Math.max(from, end);
    const before = found.text.slice(from, Math.min(found.lineEnd(from), node?.range?.[0] ?? stop)).trimEnd();
    const comment =
      (/^\s+#/.test(before) && found.lineEnd(from) < stop ? before : '') + found.text.slice(stop, found.lineEnd(stop)).trimEnd();
    return { from, to: found.lineEnd(stop), text: text.replace(/(?=\n)/, comment.replaceAll('$', '$$$$')) };
  }
  if (isScalar(node) && !isEmpty(node) && !text.includes('\n')) return { from: node.range![0], to: end, text: text.slice(1) };
  return { from, to: Math.max(end, from), text };
}

const isCollectionValue = (value: unknown): boolean => Array.isArray(value) || isRecord(value);

function mapping(found: Written, map: YAMLMap, value: Readonly<Record<string, unknown>>): readonly Splice[] | undefined {
  const kept = map.items.filter(({ key }) => Object.hasOwn(value, keyName(key)));
  if (kept.length === 0) return undefined;
  const changed = kept.flatMap((pair) => replace(found, { map, pair }, value[keyName(pair.key)]));
  const gone = map.items.flatMap((pair, i) => (kept.includes(pair) ? [] : [i]));
  const names = new Set(map.items.map(({ key }) => keyName(key)));
  const fresh = Object.entries(value).filter(([key, item]) => !names.has(key) && item !== undefined);
  return [
    ...changed,
    ...(gone.length === 0 ? [] : remove(found, map, gone)),
    ...(fresh.length === 0 ? [] : insertPairs(found, map, map.items.indexOf(kept[kept.length - 1]!), fresh)),
  ];
}

const keyName = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));

function listing(found: Written, list: YAMLSeq, value: readonly unknown[]): readonly Splice[] | undefined {
  const old = list.items.map((item) => found.value(item));
  let head = 0;
  while (head < old.length && head < value.length && same(old[head], value[head])) head++;
  let tail = 0;
  while (tail < old.length - head && tail < value.length - head && same(old[old.length - 1 - tail], value[value.length - 1 - tail])) tail++;
  const pairs = Math.min(old.length, value.length) - head - tail;
  const survivors = head + pairs;
  if (survivors + tail === 0 || (survivors === 0 && value.length > old.length)) return undefined;
  const changed = Array.from({ length: pairs }, (_, i) => replace(found, { list, index: head + i }, value[head + i])).flat();
  const gone = Array.from({ length: old.length - tail - survivors }, (_, i) => survivors + i);
  const fresh = value.slice(survivors, value.length - tail);
  return [
    ...changed,
    ...(gone.length === 0 ? [] : remove(found, list, gone)),
    ...(fresh.length === 0 ? [] : insertItems(found, list, survivors - 1, fresh)),
  ];
}

function insertPairs(found: Written, map: YAMLMap, after: number, pairs: readonly (readonly [string, unknown])[]): readonly Splice[] {
  if (map.flow === true)
    return inFlow(
      found,
      map,
      after,
      pairs.map(([key, value]) => flowPair(key, value)),
    );
  const column = found.column(found.start(map.items[0]));
  return behind(
    found,
    map.items[after],
    pairs.map(([key, value]) => blockPair(key, value, column)),
    column,
  );
}

function insertItems(found: Written, list: YAMLSeq, after: number, values: readonly unknown[]): readonly Splice[] {
  if (list.flow === true)
    return inFlow(
      found,
      list,
      after,
      values.map((value) => flowValue(value)),
    );
  const column = found.column(found.dash(list.items[0]));
  return behind(
    found,
    list.items[after],
    values.map((value) => blockItem(value, column)),
    column,
  );
}

/** Lines below an item of a block. */
function behind(found: Written, item: unknown, texts: readonly string[], column: number): readonly Splice[] {
  const at = found.lastLine(item, column);
  const pad = `\n${' '.repeat(column)}`;
  return [{ from: at, to: at, text: texts.map((text) => pad + text).join('') }];
}

function inFlow(found: Written, parent: YAMLMap | YAMLSeq, after: number, texts: readonly string[]): readonly Splice[] {
  if (parent.items.length === 0) {
    const { range } = parent as { range?: [number, number, number] | null };
    const text = isMap(parent) ? `{ ${texts.join(', ')} }` : `[${texts.join(', ')}]`;
    return [{ from: range![0], to: range![1], text }];
  }
  const item = parent.items[after];
  const at = found.end(item);
  const start = found.start(item);
  // One item a line stays one item a line.
  const ownLine = after > 0 && found.lineStart(start) !== found.lineStart(found.start(parent.items[after - 1]));
  const gap = ownLine || /^\s*$/.test(found.text.slice(found.lineStart(start), start)) ? `,\n${' '.repeat(found.column(start))}` : ', ';
  return [{ from: at, to: at, text: texts.map((text) => gap + text).join('') }];
}

/** Takes items out of a mapping or a list, with the comment lines right above them. */
function remove(found: Written, parent: YAMLMap | YAMLSeq, indexes: readonly number[]): readonly Splice[] {
  const items: readonly unknown[] = parent.items;
  const gone = new Set(indexes);
  if (gone.size === items.length) {
    const empty = isMap(parent) ? '{}' : '[]';
    const { range } = parent as { range?: [number, number, number] | null };
    if (parent.flow === true) return [{ from: range![0], to: range![1], text: empty }];
    const head = found.head(parent, 0);
    const end = found.end(items[items.length - 1]);
    // `nodes:` and a block below it become `nodes: {}`; the comment behind the key stays.
    const start = found.commentStart(found.lineStart(head), found.column(head));
    const ownLine = found.text.slice(found.lineStart(head), head).trim() === '';
    if (!ownLine || start === 0) return [{ from: head, to: end, text: empty }];
    const line = found.lineStart(start - 1);
    const colon = /^(?:[^#"']|"[^"]*"|'[^']*')*?:(?=\s)/.exec(found.text.slice(line, start));
    if (colon === null) return [{ from: start, to: end, text: ' '.repeat(found.column(head)) + empty }];
    const at = line + colon[0].length;
    return [
      { from: at, to: at, text: ` ${empty}` },
      { from: start, to: found.nextLine(end), text: '' },
    ];
  }
  if (parent.flow === true) return indexes.flatMap((i) => cutFlow(found, items, i, gone));
  const head = found.head(parent, 0);
  if (!gone.has(0) || found.text.slice(found.lineStart(head), head).trim() === '') return indexes.map((i) => cutBlock(found, parent, i));
  // The first of a mapping that shares its line with a dash: the next one that stays comes up to it.
  const next = items.findIndex((_, i) => !gone.has(i));
  return [
    { from: head, to: found.head(parent, next), text: '' },
    ...indexes.filter((i) => i > next).map((i) => cutBlock(found, parent, i)),
  ];
}

function cutFlow(found: Written, items: readonly unknown[], i: number, gone: ReadonlySet<number>): readonly Splice[] {
  const next = i + 1;
  // Behind the last that stays, the comma before it goes; else the one behind it.
  const trailing = items.every((_, j) => j < i || gone.has(j));
  if (!trailing) return [{ from: found.start(items[i]), to: found.start(items[next]), text: '' }];
  return [{ from: found.end(items[i - 1]), to: found.end(items[i]), text: '' }];
}

function cutBlock(found: Written, parent: YAMLMap | YAMLSeq, i: number): Splice {
  const head = found.head(parent, i);
  const line = found.lineStart(head);
  const from = found.commentStart(line, head - line);
  const to = found.nextLine(found.lastLine(parent.items[i], head - line));
  // Of a blank line above and one below, one stays.
  const above = from > 0 && found.text.slice(found.lineStart(from - 1), from).trim() === '';
  const below = to < found.text.length && found.text.slice(to, found.nextLine(to)).trim() === '';
  if (above && below) return { from, to: found.nextLine(to), text: '' };
  // The last line of a file that ends without a line break takes the break before it along.
  if (to === found.text.length && !found.text.endsWith('\n') && from > 0) {
    const back = found.text[from - 2] === '\r' ? 2 : 1;
    return { from: from - back, to, text: '' };
  }
  return { from, to, text: '' };
}
