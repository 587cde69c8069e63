import { canonicalJson } from '@sluice/sdk/catalogue';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Document, isCollection, isNode, isPair, parse, visit } from 'yaml';
import {
  addEdges,
  addNode,
  changed,
  changeEdge,
  copyNodes,
  historyOf,
  pasteNodes,
  readGraph,
  redone,
  removeEdges,
  removeNodes,
  renameNode,
  setComment,
  setConfig,
  setValue,
  undone,
  unsetValue,
  type GraphModel,
} from '.';

const ROOT = join(__dirname, '..', '..', '..', '..');

interface File {
  readonly name: string;
  readonly text: string;
  readonly model: GraphModel;
}

/** Every graph of ours that is YAML: those that are shipped, and those that are wrong on purpose. */
const FILES = ['graphs', 'libs/graph/test/fixtures', 'plugins', 'docs'].flatMap((folder) => filesIn(join(ROOT, folder)));

function filesIn(folder: string): readonly File[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): readonly File[] => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return /^(node_modules|dist|out)$/.test(entry.name) ? [] : filesIn(path);
    if (!/\.yaml$/.test(entry.name) || /\.(test|layout)\.yaml$/.test(entry.name)) return [];
    const text = readFileSync(path, 'utf8');
    const model = readGraph(text);
    return model === undefined || model.nodes.length === 0 ? [] : [{ name: relative(ROOT, path), text, model }];
  });
}

type Json = unknown;
const isRecord = (value: Json): value is Record<string, Json> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Paths of the texts, numbers and flags within a value. */
function leaves(value: Json, path: readonly (string | number)[]): readonly (readonly (string | number)[])[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => leaves(item, [...path, i]));
  if (isRecord(value)) return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]));
  return value === null ? [] : [path];
}

const at = (value: Json, path: readonly (string | number)[]): Json =>
  path.reduce<Json>((inner, step) => (inner as Record<string | number, Json>)[step], value);

function withValue(value: Json, [step, ...rest]: readonly (string | number)[], next: Json): Json {
  if (step === undefined) return next;
  if (Array.isArray(value)) return value.map((item, i) => (i === step ? withValue(item, rest, next) : item));
  const record = isRecord(value) ? value : {};
  return { ...record, [step]: withValue(record[step], rest, next) };
}

const other = (value: Json): Json => (typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${value as string}x`);
const json = (value: Json): string => canonicalJson(value ?? null);

/** Numbers of the lines of `after` that are not in `before` at the same place, both read from the top and from the end. */
function touched(before: string, after: string): { readonly removed: readonly string[]; readonly added: readonly string[] } {
  const a = before.split('\n');
  const b = after.split('\n');
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return { removed: a.slice(head, a.length - tail), added: b.slice(head, b.length - tail) };
}

const STREET = FILES.find(({ name }) => name === 'graphs/street-watch.yaml')!;

describe('graphs of the repository', () => {
  it('are many', () => {
    expect(FILES.length).toBeGreaterThanOrEqual(50);
  });

  it.each(FILES)('$name comes back byte for byte where nothing differs', ({ text, model }) => {
    let now = text;
    for (const { id, config, policies } of model.nodes) {
      if (Object.keys(config).length > 0) now = setConfig(now, id, structuredClone(config)) ?? now;
      for (const [key, value] of Object.entries(policies)) now = setValue(now, ['nodes', id, key], structuredClone(value)) ?? now;
    }
    for (const edge of model.edges) now = changeEdge(now, edge.index, { options: { ...edge.options } }) ?? now;
    expect(now).toBe(text);
  });

  it.each(FILES)('$name has one other line where one field is another one, and the old text when it is put back', ({ text, model }) => {
    const value = parse(text, { uniqueKeys: false }) as Json;
    for (const { id, config, policies } of model.nodes) {
      for (const path of leaves({ ...policies, config }, ['nodes', id])) {
        const old = at(value, path);
        const made = setValue(text, path, other(old));
        // Keys that occur twice are no YAML, aliases are for a text editor.
        if (made === undefined) continue;
        expect(json(parse(made))).toBe(json(withValue(value, path, other(old))));
        const { removed, added } = touched(text, made);
        expect([removed.length, added.length]).toEqual([1, 1]);
        expect(setValue(made, path, old)).toBe(text);
      }
    }
  });

  it.each(FILES)('$name is what it was when a node and an edge come and go', ({ text, model }) => {
    const id = 'fresh-one';
    const added = addNode(text, id, { type: 'core/print', config: { every: 2 }, comment: 'Looks.' });
    if (added === undefined) return;
    expect(readGraph(added)!.nodes.at(-1)).toMatchObject({ id, type: 'core/print', config: { every: 2 }, comment: 'Looks.' });
    const first = { node: model.nodes[0]!.id };
    const joined = addEdges(added, [{ from: first, to: { node: id }, options: { when_full: 'latest' } }]);
    if (joined !== undefined) {
      expect(readGraph(joined)!.edges.at(-1)).toMatchObject({ from: first, to: { node: id }, options: { when_full: 'latest' } });
    }
    const back = removeNodes(joined ?? added, [id]);
    // An `edges: []` stays where the graph had no edges; all else is as it was.
    expect(back?.replace(/\nedges: \[\]\n?$/, '').trimEnd()).toBe(text.replace(/\nedges: \[\]\n?$/, '').trimEnd());
  });
});

describe('any YAML', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'path', 'two words', 'x-y', '1', 'true');
  const leaf = fc.oneof(
    fc.integer({ min: -1000, max: 1000 }),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom(
      '',
      'plain',
      '${params.x}',
      'with: colon',
      '- dash',
      '# no comment',
      'a, b',
      'say "so"',
      "it's",
      'two\nlines',
      'yes',
      '12',
      ' pad ',
    ),
  );
  const { value: tree } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }).map((made) => ({ ...made })),
    ),
  }));
  const root = fc.dictionary(key, tree, { minKeys: 1, maxKeys: 4 }).map((made) => ({ ...made }) as Record<string, Json>);

  /** The same value in one of the many ways that it can be written. */
  function written(value: Json, choices: readonly number[]): string {
    const document = new Document(value, { aliasDuplicateObjects: false });
    let i = 0;
    const choose = (n: number): number => choices[i++ % choices.length]! % n;
    visit(document, (_, node) => {
      if (isCollection(node) && node !== document.contents && choose(3) === 0) node.flow = true;
      if (isNode(node) && choose(4) === 0) node.comment = ` c${i}`;
      const key = isPair(node) ? node.key : undefined;
      if (isNode(key) && choose(4) === 0) key.commentBefore = ` b${i}`;
      return undefined;
    });
    const text = document.toString({ lineWidth: 0, indentSeq: choose(2) === 0, indent: 2 + choose(2) });
    return choose(4) === 0 ? text.replaceAll('\n', '\r\n') : choose(4) === 0 ? text.trimEnd() : text;
  }
  const style = fc.array(fc.nat(1000), { minLength: 40, maxLength: 40 });
  const plain = (text: string): Json => parse(text) as Json;
  /** The writer of YAML puts some comments where they change what is said. */
  function says(text: string, value: Json): boolean {
    try {
      return json(plain(text)) === json(value);
    } catch {
      return false;
    }
  }

  it('says after a change what it should, and the old again when it is put back', () => {
    fc.assert(
      fc.property(root, style, fc.nat(), tree, (value, choices, pick, next) => {
        const text = written(value, choices);
        fc.pre(says(text, value));
        const paths = allPaths(value, []);
        const path = paths[pick % paths.length]!;
        const made = setValue(text, path, next);
        expect(made).toBeDefined();
        expect(json(plain(made!))).toBe(json(withValue(value, path, next)));
        expect(json(plain(setValue(made!, path, at(value, path))!))).toBe(json(value));
      }),
      { numRuns: 300 },
    );
  });

  it('says without a key all but that key', () => {
    fc.assert(
      fc.property(root, style, fc.nat(), (value, choices, pick) => {
        const text = written(value, choices);
        fc.pre(says(text, value));
        const paths = allPaths(value, []).filter((path) => path.length <= 3);
        const path = paths[pick % paths.length]!;
        const parent = at(value, path.slice(0, -1));
        const step = path[path.length - 1]!;
        const without = Array.isArray(parent)
          ? parent.filter((_, i) => i !== step)
          : Object.fromEntries(Object.entries(parent as object).filter(([name]) => name !== step));
        expect(json(plain(unsetValue(text, path)!))).toBe(json(withValue(value, path.slice(0, -1), without)));
      }),
      { numRuns: 300 },
    );
  });

  function allPaths(value: Json, path: readonly (string | number)[]): readonly (readonly (string | number)[])[] {
    const own = path.length === 0 ? [] : [path];
    if (Array.isArray(value)) return [...own, ...value.flatMap((item, i) => allPaths(item, [...path, i]))];
    if (isRecord(value)) return [...own, ...Object.entries(value).flatMap(([key, item]) => allPaths(item, [...path, key]))];
    return own;
  }
});

describe('a graph', () => {
  it('keeps quotes, comments and its `{ }` when an option of an edge changes', () => {
    const index = STREET.model.edges.find(({ to }) => to.node === 'print')!.index;
    const made = changeEdge(STREET.text, index, { options: { when_full: 'drop_oldest', capacity: 8 } })!;
    expect(touched(STREET.text, made)).toEqual({
      removed: ['  - calm -> print: { when_full: drop_oldest }'],
      added: ['  - calm -> print: { when_full: drop_oldest, capacity: 8 }'],
    });
  });

  it('gives an edge options on its line, and takes them away', () => {
    const text = 'version: 2\nedges:\n  - a.x -> b # why\n  - b -> c\n';
    const made = changeEdge(text, 0, { options: { when_full: 'latest' } })!;
    expect(made).toBe('version: 2\nedges:\n  - a.x -> b: { when_full: latest } # why\n  - b -> c\n');
    expect(changeEdge(made, 0, { options: {} })).toBe(text);
    expect(changeEdge(made, 0, { to: { node: 'c', port: 'in' } })).toContain('- a.x -> c.in: { when_full: latest } # why');
  });

  it('names a node by its new id in edges and outputs, and nothing else', () => {
    const made = renameNode(STREET.text, 'picture', 'drawing')!;
    const { removed, added } = { removed: STREET.text.split('\n'), added: made.split('\n') };
    const lines = added.filter((line, i) => line !== removed[i]);
    expect(lines).toEqual([
      '  drawing:',
      '  - zones.detections -> drawing: { when_full: latest }',
      '  preview: { type: sluice/image@1, from: drawing.image }',
    ]);
    expect(renameNode(made, 'drawing', 'picture')).toBe(STREET.text);
  });

  it('loses with a node its comment, its edges and the outputs that it alone fed', () => {
    const made = removeNodes(STREET.text, ['picture'])!;
    expect(made).not.toMatch(/picture[.:\n]/);
    expect(made).not.toContain('Boxes, track numbers');
    expect(made).not.toContain('outputs:');
    expect(removeEdges(STREET.text, [0])).toBe(
      STREET.text.replace(
        '  # The model is slower than the camera: only the newest frame matters.\n  - camera -> people: { when_full: "${params.frames}" }\n',
        '',
      ),
    );
  });

  it('has comments that can be said anew', () => {
    const made = setComment(STREET.text, ['nodes', 'tracks'], 'One line.\nAnd another.')!;
    expect(touched(STREET.text, made)).toEqual({
      removed: ['  # One person is one track, also behind a lamp post: without it each frame would be a new visitor.'],
      added: ['  # One line.', '  # And another.'],
    });
    expect(setComment('edges:\n  - a -> b  # old\n', ['edges', 0], 'new')).toBe('edges:\n  - a -> b # new\n');
    expect(setComment('nodes:\n  a:\n    type: x\n', ['nodes', 'a'], 'Why.')).toBe('nodes:\n  # Why.\n  a:\n    type: x\n');
  });

  it('has a copy of nodes with new ids and the edges among them', () => {
    const clip = copyNodes(STREET.model, ['calm', 'log', 'print']);
    const { text, ids } = pasteNodes(STREET.text, clip)!;
    expect([...ids]).toEqual([
      ['calm', 'calm-2'],
      ['log', 'log-2'],
      ['print', 'print-2'],
    ]);
    const model = readGraph(text)!;
    expect(model.nodes.find(({ id }) => id === 'log-2')).toMatchObject({
      type: 'io/jsonl-out',
      config: { path: 'out/events.jsonl' },
      comment: 'The record of the day, a line for each event.',
    });
    expect(text).toContain('  - calm-2 -> log-2\n');
    expect(text).toContain('  - calm-2 -> print-2: { when_full: drop_oldest }');
    expect(text.startsWith(STREET.text.slice(0, STREET.text.indexOf('edges:')))).toBe(true);
  });

  it('writes a node in house style, placeholders quoted', () => {
    const text = addNode('version: 2\n', 'cam', {
      type: 'vision/video-file',
      config: {
        path: '${params.video}',
        zones: [
          [0, 1],
          [2, 3],
        ],
        rules: [{ id: 'a', on: true }],
      },
    });
    expect(text).toBe(
      'version: 2\nnodes:\n  cam:\n    type: vision/video-file\n    config:\n      path: "${params.video}"\n      zones: [[0, 1], [2, 3]]\n      rules:\n        - id: a\n          on: true\n',
    );
  });

  it('is left to a text editor where the text is no YAML or an alias leads there', () => {
    expect(setValue('a: [', ['a'], 1)).toBeUndefined();
    expect(setValue('x: &x { a: 1 }\ny: *x\n', ['y', 'a'], 2)).toBeUndefined();
    expect(setValue('x: &x { a: 1 }\ny:\n  <<: *x\n  b: 1\n', ['y', 'a'], 2)).toBeUndefined();
    expect(setValue('x: &x { a: 1 }\ny: *x\n', ['y'], 2)).toBe('x: &x { a: 1 }\ny: 2\n');
    expect(readGraph('- a\n- b\n')).toBeUndefined();
  });
});

describe('history', () => {
  it('goes back and forth, with changes of one field as one step', () => {
    let history = historyOf('a');
    history = changed(history, 'ab', 'name');
    history = changed(history, 'abc', 'name');
    history = changed(history, 'x', 'type');
    expect(undone(history).present).toBe('abc');
    expect(undone(undone(history)).present).toBe('a');
    expect(redone(undone(undone(history))).present).toBe('abc');
    expect(changed(undone(history), 'y').future).toEqual([]);
  });
});
