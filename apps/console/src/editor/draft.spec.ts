import { historyOf, readGraph, removeNodes, setConfig } from '@sluice/graph';
import { connect } from './connecting';
import { chosen, edit, editing, isDirty, layoutFile, place, redo, undo } from './draft';
import { align } from './placing';
import { GRAPH, WORLD } from './world.fixture';

const text = () => editing.get()!.history.present.text;
const config = (mode: string) => edit((old) => setConfig(old, 'reader', { mode }), { of: 'mode' });

beforeEach(() => {
  // The server is not asked before somebody has paused, which nobody does here.
  jest.useFakeTimers();
  const draft = { text: GRAPH, places: {} };
  editing.set({
    name: 'reading',
    file: 'reading.yaml',
    world: WORLD,
    base: null,
    saved: draft,
    history: historyOf(draft),
    model: readGraph(GRAPH)!,
    broken: false,
    diagnostics: [],
  });
  chosen.set({ nodes: [], edges: [] });
});
afterEach(() => {
  jest.clearAllTimers();
  jest.useRealTimers();
});

it('takes letters typed into one field as one step, and goes back and forth', () => {
  config('g');
  config('go');
  config('good');
  expect(text()).toContain('mode: good');
  expect(isDirty(editing.get()!)).toBe(true);
  undo();
  expect(text()).toBe(GRAPH);
  expect(isDirty(editing.get()!)).toBe(false);
  redo();
  expect(text()).toContain('mode: good');
});

it('checks at once, and forgets what was chosen and is gone', () => {
  chosen.set({ nodes: ['speak', 'camera'], edges: [1] });
  edit((old) => removeNodes(old, ['speak']));
  expect(chosen.get()).toEqual({ nodes: ['camera'], edges: [] });
  expect(editing.get()!.model.nodes.map(({ id }) => id)).toEqual(['camera', 'reader', 'inner']);
  expect(editing.get()!.diagnostics.map(({ code }) => code)).toContain('PORT_UNCONNECTED');
});

it('keeps the last graph that could be read while the text is none', () => {
  edit(() => 'nodes: [');
  expect(editing.get()).toMatchObject({ broken: true });
  expect(editing.get()!.model.nodes).toHaveLength(4);
  expect(editing.get()!.diagnostics).not.toEqual([]);
});

it('writes places of nodes that are there, and no others', () => {
  place({ camera: { x: 1, y: 2 }, gone: { x: 3, y: 4 } });
  expect(layoutFile(editing.get()!.history.present)).toEqual({ version: 1, nodes: { camera: { x: 1, y: 2 } } });
  undo();
  expect(isDirty(editing.get()!)).toBe(false);
});

it('lines chosen nodes up along the side where they are nearer', () => {
  place({ camera: { x: 0, y: 0 }, reader: { x: 10, y: 200 }, speak: { x: 400, y: 0 }, inner: { x: 400, y: 300 } });
  chosen.set({ nodes: ['camera', 'reader'], edges: [] });
  align();
  expect(editing.get()!.history.present.places).toMatchObject({ camera: { x: 5, y: 0 }, reader: { x: 5, y: 200 } });
});

it('connects what fits, leaves out ports that go without saying, and nothing that does not', () => {
  expect(connect({ node: 'inner', port: 'words' }, { node: 'speak', port: 'words' })).toBe(true);
  expect(text()).toBe(`${GRAPH}  - inner -> speak\n`);
  expect(connect({ node: 'camera', port: 'frames' }, { node: 'speak', port: 'words' })).toBe(false);
  expect(text()).toBe(`${GRAPH}  - inner -> speak\n`);
});
