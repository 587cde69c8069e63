import { Document, isCollection, isMap, isPair, isScalar, isSeq, visit, type Scalar } from 'yaml';
import { tightLists } from '../text/tight';

/** Columns that a list or a mapping on one line may take. */
const WIDTH = 100;

/**
 * A value as YAML in house style: mappings as blocks, plain lists on one line, placeholders quoted.
 * `like` is a scalar whose way of quoting is kept.
 */
function written(value: unknown, flow: boolean, like?: Scalar): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'string' && (scalar.value.includes('${') || (flow && scalar.value.includes('\n'))))
        scalar.type = 'QUOTE_DOUBLE';
    },
    Collection: (_, list) => {
      if (!flow && list === document.contents) return;
      if (flow || list.items.length === 0 || (isSeq(list) && isPlain(list) && String(list).length < WIDTH)) list.flow = true;
    },
  });
  const inner = innermost(document.contents);
  if (like?.type !== undefined && isScalar(inner) && typeof inner.value === 'string' && typeof like.value === 'string') {
    const block = like.type.startsWith('BLOCK');
    // A plain text stays plain where it can; one that has become a single line needs no block.
    if (!(block && (flow || !inner.value.includes('\n'))) && like.type !== 'PLAIN') inner.type = like.type;
  }
  return tightLists(document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER })).replace(/\n$/, '');
}

const isPlain = (list: { readonly items: readonly unknown[] }): boolean =>
  list.items.every(
    (item) => !isMap(item) && !(isScalar(item) && String(item.value).includes('\n')) && !(isCollection(item) && !isPlain(item)),
  );

function innermost(node: unknown): unknown {
  if (!isCollection(node) || node.items.length !== 1) return node;
  const [item] = node.items;
  return isPair(item) ? item.value : item;
}

const indented = (text: string, column: number): string => text.replaceAll(/\n(?=.)/g, `\n${' '.repeat(column)}`);

/** `key: value` for a block mapping whose keys stand at `column`; no line break at its end. */
export function blockPair(key: string, value: unknown, column: number, like?: Scalar): string {
  return indented(written({ [key]: value }, false, like), column);
}

/** What stands behind `key:`, the space or line break before it included. */
export function underKey(value: unknown, column: number, like?: Scalar): string {
  return blockPair('k', value, column, like).slice('k:'.length);
}

/** `- value` for a block list whose dashes stand at `column`. */
export function blockItem(value: unknown, column: number, like?: Scalar): string {
  return indented(written([value], false, like), column);
}

/** `key: value` within `{ }`. */
export function flowPair(key: string, value: unknown, like?: Scalar): string {
  return written({ [key]: value }, true, like).replace(/^\{ (.*) \}$/s, '$1');
}

/** A value within `[ ]` or `{ }`. */
export function flowValue(value: unknown, like?: Scalar): string {
  return written([value], true, like).slice(1, -1);
}
