import { readGraph } from '@sluice/graph';
import { completionsAt, pathAt } from './completion';
import { GRAPH, WORLD } from './world.fixture';

/** What is offered where `|` stands. */
function offered(text: string): readonly string[] {
  const at = text.indexOf('|');
  const plain = text.replace('|', '');
  const found = completionsAt(plain, at, WORLD, readGraph(plain) ?? readGraph(GRAPH)!);
  return found?.options.map(({ label }) => label) ?? [];
}

it.each([
  ['keys of a graph', 'version: 2\n|', ['name', 'nodes', 'edges', 'params']],
  ['keys of a node', GRAPH.replace('    type: test/speak', '    |'), ['type', 'config', 'on_error']],
  ['node types', GRAPH.replace('type: test/speak', 'type: te|'), ['test/camera', 'test/reader', 'test/speak', 'core/discard']],
  ['settings of the type of the node', GRAPH.replace('      mode: fast', '      |'), ['mode', 'loop']],
  ['values of a choice', GRAPH.replace('mode: fast', 'mode: |'), ['fast', 'good']],
  ['yes and no', GRAPH.replace('mode: fast', 'loop: |'), ['true', 'false']],
  ['values below anyOf', GRAPH.replace('    type: test/speak', '    type: test/speak\n    on_error: s|'), ['continue', 'stop']],
  ['kinds of a parameter', 'params:\n  video:\n    type: |\n', ['string', 'number']],
  ['nodes where an edge begins', `${GRAPH}  - |`, ['camera', 'reader', 'speak', 'inner']],
  ['outputs before the arrow', `${GRAPH}  - reader.|`, ['reader.words', 'reader.rest']],
  ['inputs behind it', `${GRAPH}  - camera -> reader.|`, ['reader.frames']],
  ['ports of a graph as a node', `${GRAPH}  - inner.|`, ['inner.words']],
  ['nothing in a comment', GRAPH.replace('Sees', 'Sees |'), []],
])('%s', (_, text, labels) => expect(offered(text)).toEqual(labels));

it('puts the completion in place of the word that was begun', () => {
  const text = `${GRAPH}  - camera -> rea`;
  const found = completionsAt(text, text.length, WORLD, readGraph(GRAPH)!)!;
  expect(text.slice(found.from)).toBe('rea');
});

it('knows where a line stands, lists at the column of their key among them', () => {
  expect(pathAt('nodes:\n  a:\n    config:\n      x: 1\n', 31, '      ')).toEqual(['nodes', 'a', 'config']);
  expect(pathAt('edges:\n- a -> b\n', 16, '- ')).toEqual(['edges']);
});
