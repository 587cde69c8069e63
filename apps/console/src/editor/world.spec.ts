import { readGraph } from '@sluice/graph';
import { check, endsOf, misfit, portOf } from './world';
import { GRAPH, WORLD } from './world.fixture';

const model = readGraph(GRAPH)!;
const words = { self: 'itself', twice: 'twice' };
const at = (end: string) => {
  const [node = '', port = ''] = end.split('.');
  return { node, port };
};

it.each([
  ['camera.frames', 'inner.frames', undefined],
  ['reader.rest', 'inner.frames', undefined],
  ['inner.words', 'speak.words', undefined],
  ['reader.error', 'inner.frames', /inner\.frames takes test\/frame@1/],
  ['camera.frames', 'speak.words', /camera\.frames gives test\/frame@1, but speak\.words takes test\/text@1/],
  ['reader.words', 'reader.frames', /^itself$/],
  // The edge that is there names no ports: they go without saying.
  ['camera.frames', 'reader.frames', /^twice$/],
])('%s -> %s: %p', (from, to, why) => {
  const said = misfit(WORLD, model, at(from), at(to), words);
  if (why === undefined) expect(said).toBeUndefined();
  else expect(said).toMatch(why);
});

it('finds the ports that an edge means where it names none', () => {
  expect(model.edges.map((edge) => endsOf(WORLD, model, edge))).toEqual([
    { from: 'frames', to: 'frames' },
    { from: 'words', to: 'words' },
  ]);
});

it('gives a graph as a node the ports of its inputs and outputs, its parameters as config, and every node an error port', () => {
  const { in: inputs, out, config } = WORLD.type('graph/inner')!;
  expect([Object.keys(inputs), Object.keys(out)]).toEqual([['frames'], ['words']]);
  expect(config['properties']).toEqual({
    pace: { type: 'string', default: '2s', description: 'How often.' },
    size: { type: 'integer', default: 3, minimum: 1 },
  });
  expect(portOf(WORLD, model, 'speak', 'error', 'out')).toBeDefined();
  expect(WORLD.type('graph/none')).toBeUndefined();
});

it('checks as the command line does, but for what only the server knows', () => {
  const text = GRAPH.replace('test/speak', 'test/speek').replace('mode: fast', 'mode: "${env.NOT_SET}"');
  expect(check(text, 'reading.yaml', WORLD).diagnostics).toEqual(
    expect.arrayContaining([expect.objectContaining({ code: 'NODE_UNKNOWN_TYPE', line: 12, node: 'speak' })]),
  );
  expect(check(text, 'reading.yaml', WORLD).diagnostics.map(({ code }) => code)).not.toContain('CONFIG_ENV_UNSET');
});
