import { CATALOGUE } from '../test/catalogue';
import { FULL } from '../test/good';
import { checkGraph, planDiff, type Plan } from './index';

const planFor = (text: string, token = 'hunter2'): Plan => {
  const { plan, diagnostics } = checkGraph({ text, file: 'a.yaml' }, { catalogues: [CATALOGUE], secret: () => token });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return plan!;
};
const before = planFor(FULL);
const changes = (text: string) => {
  const diff = planDiff(before, planFor(text));
  return {
    ...diff,
    nodes: diff.nodes.filter(({ change }) => change !== 'kept'),
    edges: diff.edges.filter(({ change }) => change !== 'kept'),
  };
};

describe('the difference of two plans', () => {
  it('is none for the same graph, also where only words changed', () => {
    const diff = planDiff(
      before,
      planFor(FULL.replace('Everything that a graph can say.', 'Other words.').replace('name: full', 'name: other')),
    );
    expect(diff.same).toBe(true);
    expect(new Set([...diff.nodes, ...diff.edges].map(({ change }) => change))).toEqual(new Set(['kept']));
    expect(diff.after.name).toBe('other');
  });

  it('restarts a node whose config or policy changed, and says which value', () => {
    expect(changes(FULL.replace('"${env.COUNT:7}"', '8').replace('timeout: 2s', 'timeout: 3s')).nodes).toEqual([
      { id: 'a', type: 't/opts', change: 'restarted', differences: [{ path: 'config.count', before: 7, after: 8 }] },
      { id: 'm', type: 't/map', change: 'restarted', differences: [{ path: 'policies.timeout_ms', before: 2000, after: 3000 }] },
    ]);
  });

  it('names what is new and what is gone, nodes and edges', () => {
    const text = FULL.replace('  dead: { type: t/any }', '  grave: { type: t/any }').replace('m.error -> dead', 'm.error -> grave');
    const diff = changes(text);
    expect(diff.nodes.map(({ id, change }) => [id, change])).toEqual([
      ['grave', 'added'],
      ['dead', 'removed'],
    ]);
    expect(diff.edges.map(({ id, change }) => [id, change])).toEqual([
      ['m.error->grave.in', 'added'],
      ['m.error->dead.in', 'removed'],
    ]);
  });

  it('changes an edge whose options changed, and keeps its nodes', () => {
    const diff = changes(FULL.replace('max_rows: 1000', 'max_rows: 5').replace('capacity: 16', 'capacity: 17'));
    expect(diff.nodes).toEqual([]);
    expect(diff.same).toBe(false);
    expect(diff.edges).toEqual([
      { id: 'a.out->m.in', change: 'changed', differences: [{ path: 'capacity', before: 16, after: 17 }] },
      { id: 'p.out->b.in', change: 'changed', differences: [{ path: 'durable.max_rows', before: 1000, after: 5 }] },
    ]);
  });

  it('tells that a policy is new or gone', () => {
    const { nodes } = changes(FULL.replace('    circuit: { failures: 3, reset: 1m }\n', ''));
    expect(nodes[0]!.differences).toEqual([{ path: 'policies.circuit', before: { failures: 3, reset_ms: 60_000 } }]);
  });

  it('never shows a secret', () => {
    const diff = planDiff(before, planFor(FULL, 'another-secret'));
    expect(JSON.stringify(diff)).not.toMatch(/hunter2|another/);
    expect(diff.nodes.find(({ id }) => id === 'a')!.differences).toEqual([{ path: 'config.token', before: '(secret)', after: '(secret)' }]);
  });

  it('sees a border of another type', () => {
    const text = FULL.replace('all: { type: t/a@1, from: p.out }', 'every: { type: t/a@1, from: p.out }');
    expect(changes(text).ports.map(({ path }) => path)).toEqual(['outputs.all', 'outputs.every']);
  });

  it('turned around has added and removed turned around', () => {
    const after = planFor(
      FULL.replace('  dead: { type: t/any }', '  grave: { type: t/any }').replace('m.error -> dead', 'm.error -> grave'),
    );
    const there = planDiff(before, after);
    const back = planDiff(after, before);
    const ids = (diff: typeof there, change: string) => diff.nodes.filter((node) => node.change === change).map(({ id }) => id);
    expect(ids(back, 'added')).toEqual(ids(there, 'removed'));
    expect(ids(back, 'removed')).toEqual(ids(there, 'added'));
  });
});
