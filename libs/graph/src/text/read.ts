import { isMap, type Document } from 'yaml';
import type { Code } from '../codes';
import { docsOf, CODES } from '../codes';
import type { Diagnostic } from '../diagnostic';
import type { Source } from '../source';
import { keyText, parsePositioned } from './document';
import { parseFast } from './fast';

/** A fault of the text itself: it has an offset from the start. */
interface TextFault {
  readonly code: Code;
  readonly offset: number;
  readonly message: string;
  readonly path: string;
  /** What to do, where that of the code does not fit. */
  readonly hint?: string;
}

/** What a text says: a value where it can be gone on with, faults of the text itself. */
export interface Reading {
  readonly value: unknown;
  readonly readable: boolean;
  readonly faults: readonly Diagnostic[];
}

/** Reads a text: fast, and a second time slowly where the fast way found a fault. */
export function read(source: Source): Reading {
  const text = source.text ?? '';
  const torn = text.indexOf(REPLACED);
  if (torn >= 0) return unreadable(source, 'The file is not UTF-8 text.', 'Save it as UTF-8.', torn);
  const fast = parseFast(text);
  if (fast !== undefined) return { value: fast.value, readable: true, faults: [] };
  try {
    const { document, lines } = parsePositioned(text, true);
    const faults = faultsOf(document, text);
    const readable = faults.every(({ code }) => code === 'GRAPH_DUPLICATE_KEY' || code === 'NODE_DUPLICATE_ID');
    const diagnostics = faults.map(({ code, offset, message, path, hint = CODES[code].hint }): Diagnostic => {
      const { line, col } = lines.linePos(offset);
      const { severity } = CODES[code];
      return {
        code,
        severity,
        message,
        file: source.file,
        line: Math.max(1, line),
        column: Math.max(1, col),
        path,
        hint,
        docs: docsOf(code),
      };
    });
    return { value: readable ? document.toJS({ maxAliasCount: 100 }) : undefined, readable, faults: diagnostics };
  } catch (cause) {
    // Text that is nested a thousand levels deep, or aliases that unfold without end.
    if (cause instanceof RangeError) return unreadable(source, DEEP, FLAT);
    if (cause instanceof ReferenceError)
      return unreadable(
        source,
        'The aliases (`*name`) of the file stand for far too much.',
        'Write out what they stand for, or use fewer of them.',
      );
    return unreadable(source, `The file cannot be read as YAML: ${cause instanceof Error ? cause.message : String(cause)}.`);
  }
}

/** What a decoder puts where bytes are no text. */
const REPLACED = '\ufffd';
const DEEP = 'The file is nested too deeply.';
const FLAT = 'Lists and mappings may be nested 64 levels deep.';

/** A text of which nothing can be said but that. */
function unreadable({ file, text = '' }: Source, message: string, hint: string = CODES.GRAPH_YAML_SYNTAX.hint, offset = 0): Reading {
  const code = 'GRAPH_YAML_SYNTAX';
  const before = text.slice(0, offset).split('\n');
  const place = { line: before.length, column: before.at(-1)!.length + 1 };
  return {
    value: undefined,
    readable: false,
    faults: [{ code, severity: 'error', message, file, ...place, path: '', hint, docs: docsOf(code) }],
  };
}

function faultsOf(document: Document.Parsed, text: string): TextFault[] {
  const faults = document.errors.map(({ code, pos: [offset], message }): TextFault => {
    // YAML reads `{ path: ${params.video} }` as the text `$` and then a stray mapping.
    const dollar =
      text[offset] === '$' && text[offset + 1] === '{' ? offset : text[offset] === '{' && text[offset - 1] === '$' ? offset - 1 : -1;
    if (dollar >= 0) {
      const placeholder = /^\$\{[^}\n]*\}?/.exec(text.slice(dollar))?.[0] ?? '${';
      return {
        code: 'GRAPH_UNQUOTED_PLACEHOLDER',
        offset: dollar,
        message: `${placeholder} must be quoted here: "${placeholder}".`,
        path: '',
      };
    }
    if (code === 'DUPLICATE_KEY') return duplicate(document, text, offset);
    if (code === 'MULTIPLE_DOCS')
      return {
        code: 'GRAPH_YAML_SYNTAX',
        offset,
        message: 'A second document begins here.',
        path: '',
        hint: 'Give each a file of its own.',
      };
    // The parser takes its own overflow for a fault of the text.
    if (message.startsWith('Maximum call stack')) return { code: 'GRAPH_YAML_SYNTAX', offset, message: DEEP, path: '', hint: FLAT };
    return { code: 'GRAPH_YAML_SYNTAX', offset, message: `${message.replace(/ at line \d+.*$/s, '')}.`, path: '' };
  });
  // What follows an unquoted placeholder is noise of the same fault; so is the second fault of a line.
  const unquoted = faults.filter(({ code }) => code === 'GRAPH_UNQUOTED_PLACEHOLDER');
  const kept = unquoted.length > 0 ? unquoted : faults;
  const lineOf = (offset: number) => text.lastIndexOf('\n', offset - 1);
  return kept.filter(
    (fault, i) => kept.findIndex(({ offset }) => lineOf(offset) === lineOf(fault.offset)) === i || fault.code !== 'GRAPH_YAML_SYNTAX',
  );
}

function duplicate(document: Document.Parsed, text: string, offset: number): TextFault {
  const nodes = isMap(document.contents) ? document.contents.get('nodes', true) : undefined;
  const pair = isMap(nodes) ? nodes.items.find((item) => (item.key as { range?: number[] } | null)?.range?.[0] === offset) : undefined;
  if (pair !== undefined) {
    const id = keyText(pair.key);
    return { code: 'NODE_DUPLICATE_ID', offset, message: `The graph has two nodes with the id \`${id}\`.`, path: `nodes.${id}` };
  }
  const key = /^[^\s:,}\]]+/.exec(text.slice(offset))?.[0] ?? '';
  return { code: 'GRAPH_DUPLICATE_KEY', offset, message: `The key \`${key}\` occurs twice in this mapping.`, path: '' };
}
