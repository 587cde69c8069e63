import { Document, isCollection, isMap, isPair, isScalar, isSeq, parseDocument, type Node, type Pair, type YAMLMap } from 'yaml';
import type { CheckInput, CheckOptions } from '../check';
import type { Diagnostic } from '../diagnostic';
import { isRecord } from '../fields';
import { Filled } from '../fill';
import { Source, type Path } from '../source';
import { locate } from '../text/locate';
import { read } from '../text/read';
import { tightLists } from '../text/tight';
import { World } from '../world';
import type { Places } from './places';
import { fromReference, isReference } from './reference';

/** What `importGraph` made of a file. */
export interface Imported {
  /** The graph as version 2 of ours; undefined where the file cannot be read as a graph of a dialect that is known. */
  readonly text: string | undefined;
  /** What could not be taken over, at its place in the file that was read. */
  readonly diagnostics: readonly Diagnostic[];
  /** Nodes that the graph has now and the file had not, and why. */
  readonly added: readonly { readonly node: string; readonly why: string }[];
  /** Whether the file is one of ours: `text` is then what it was. */
  readonly same: boolean;
}

/** Writes a graph of another dialect as one of ours. Comments go with what they stand at. */
export function importGraph(input: CheckInput, options: CheckOptions): Imported {
  const source = new Source(input.file, input.text);
  const { value, readable, faults } = read(source);
  if (!readable) return { text: undefined, diagnostics: faults, added: [], same: false };
  if (!isRecord(value) || !isReference(value))
    return { text: isRecord(value) ? input.text : undefined, diagnostics: faults, added: [], same: isRecord(value) };
  const world = new World(options.catalogues, undefined, options);
  const { env } = world.values;
  const {
    value: graph,
    places,
    added,
  } = fromReference(value, { env, type: (name) => world.type(name), typeNames: () => world.typeNames() }, source.sayAt.bind(source));
  return {
    text: write(graph, places, added, input.text),
    diagnostics: [...faults, ...locate(source)],
    added: Array.from(added, ([node, why]) => ({ node, why })),
    same: false,
  };
}

function write(graph: Readonly<Record<string, unknown>>, places: Places, added: ReadonlyMap<string, string>, text: string): string {
  const from = parseDocument(text, { logLevel: 'silent', uniqueKeys: false });
  const made = new Document(graph, (_, value) => (value instanceof Filled ? value.value : value));
  made.commentBefore = from.commentBefore;
  made.comment = from.comment;
  if (isMap(made.contents)) new Comments(from, places).take(made.contents, []);
  const nodes = made.get('nodes');
  for (const pair of isMap(nodes) ? nodes.items : []) {
    const why = isScalar(pair.key) ? added.get(String(pair.key.value)) : undefined;
    if (why !== undefined) (pair.key as Commented).commentBefore = ` ${why}`;
  }
  return tightLists(made.toString(STYLE));
}

/** Long lines stay: a break within a list or a text would be a change that nobody asked for. */
const STYLE = { lineWidth: 0 } as const;

interface Commented {
  comment?: string | null;
  commentBefore?: string | null;
  spaceBefore?: boolean;
}

/** Takes comments, blank lines, quotes and flow style of lists from where a value was written. */
class Comments {
  constructor(
    private readonly from: Document,
    private readonly places: Places,
  ) {}

  take(map: YAMLMap, path: Path): void {
    for (const pair of map.items as Pair<Node, Node>[]) {
      const at: Path = [...path, String(isScalar(pair.key) ? pair.key.value : pair.key)];
      this.move(pair, at);
    }
  }

  private move(pair: Pair<Node, Node | null>, at: Path): void {
    const place = this.places.of(at);
    const old = this.pairAt(place);
    if (old !== undefined) copy(old.key as Commented, pair.key as Commented);
    // An item of the list is a key here: what stands before or behind it belongs to the key.
    const item = old === undefined ? (this.from.getIn(place, true) as Node | undefined) : (old.value as Node | undefined);
    const moved = old === undefined && item !== undefined;
    if (moved) copy(item as Commented, pair.key as Commented, false);
    if (pair.value !== null) this.value(pair.value, item, at, moved);
  }

  private value(made: Node, old: Node | undefined, at: Path, moved = false): void {
    if (old !== undefined && !moved) copy(old as Commented, made as Commented, isScalar(made));
    // What stood behind { } stands above the block that it became.
    if (isCollection(made) && made.flow !== true && old?.comment != null) made.commentBefore ??= old.comment;
    // House style: a placeholder is quoted, so that it may also stand within { }.
    if (isScalar(made) && typeof made.value === 'string' && made.value.includes('${')) made.type = 'QUOTE_DOUBLE';
    if (isScalar(made) && isScalar(old) && made.value === old.value && old.type !== undefined && old.type !== 'PLAIN') made.type = old.type;
    if (isCollection(made) && isCollection(old) && at.length > 3 && old.flow === true) made.flow = true;
    if (isMap(made)) {
      if (at.length === 3 && at[0] === 'edges') made.flow = true;
      this.take(made, at);
    } else if (isSeq(made)) {
      made.items.forEach((item, i) => {
        const place = [...at, i];
        const was = this.from.getIn(this.places.of(place), true) as Node | undefined;
        this.value(item as Node, was, place);
      });
    }
  }

  private pairAt(path: Path): Pair<Node, Node> | undefined {
    const owner = this.from.getIn(path.slice(0, -1), true);
    const last = path[path.length - 1];
    if (!isMap(owner)) return undefined;
    return owner.items.find(
      (item): item is Pair<Node, Node> => isPair(item) && isScalar(item.key) && String(item.key.value) === String(last),
    );
  }
}

function copy(from: Commented, to: Commented, behind = true): void {
  if (from.commentBefore != null) to.commentBefore ??= from.commentBefore;
  if (behind && from.comment != null) to.comment ??= from.comment;
  if (from.spaceBefore === true) to.spaceBefore = true;
}
