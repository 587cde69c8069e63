import Ajv from 'ajv';
import { parse } from 'yaml';
import { CATALOGUE } from '../test/catalogue';
import { FULL, INNER, OUTER, SIMPLE } from '../test/good';
import { checkGraph, drawGraph, formatDiagnostic, graphSchema, nearest } from './index';

const options = { catalogues: [CATALOGUE], secret: () => 'hunter2' };

describe('formatDiagnostic', () => {
  it('shows place, lines, caret and hint', () => {
    const text = SIMPLE.replace('t/print', 't/pront');
    const [diagnostic] = checkGraph({ text, file: 'graphs/a.yaml' }, options).diagnostics;
    expect(formatDiagnostic(diagnostic!, text)).toBe(
      [
        'graphs/a.yaml:5:14 error NODE_UNKNOWN_TYPE No plugin has the node type `t/pront`.',
        '  4 |   a: { type: t/src }',
        '  5 |   b: { type: t/pront }',
        '    |              ^',
        '  hint: Did you mean `t/print`?',
      ].join('\n'),
    );
    expect(formatDiagnostic(diagnostic!).split('\n')).toHaveLength(2);
  });

  it('cuts lines of any length, also where no width is asked for', () => {
    const text = `version: 2\nnodes:\n  a: { type: t/none, config: { x: "${'x'.repeat(100_000)}" } }\n`;
    const { diagnostics } = checkGraph({ text, file: 'x.yaml' }, { catalogues: [CATALOGUE] });
    expect(diagnostics.length).toBeGreaterThan(0);
    for (const row of diagnostics.flatMap((one) => formatDiagnostic(one, text).split('\n'))) expect(row.length).toBeLessThan(400);
  });

  it('stays within a width: sentences are broken, lines are cut around the caret', () => {
    const long = `nodes: { ${Array.from({ length: 12 }, (_, i) => `n${i}: { type: t/src }`).join(', ')}, z: { type: t/pront } }`;
    const text = `version: 2\n${long}\n`;
    const found = checkGraph({ text, file: `graphs/${'deep/'.repeat(10)}a.yaml` }, options).diagnostics.find(
      ({ code }) => code === 'NODE_UNKNOWN_TYPE',
    )!;
    const rows = formatDiagnostic(found, text, { width: 60 }).split('\n').slice(1);
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(60);
    const caret = rows.findIndex((row) => row.trim() === '| ^' || row.endsWith('^'));
    expect(rows[caret - 1]!.slice(rows[caret]!.length - 1)).toMatch(/^t\/pront/);
    expect(rows[0]).toBe('  No plugin has the node type `t/pront`.');
    expect(rows[caret - 1]).toContain('…');
  });

  it('does without lines that the text does not have', () => {
    const [diagnostic] = checkGraph({ text: '', file: 'a.yaml' }, options).diagnostics;
    expect(formatDiagnostic({ ...diagnostic!, line: 99 }, 'x')).toMatch(/^a\.yaml:99:1 error GRAPH_NOT_A_MAPPING .*\n {2}hint/);
  });
});

describe('drawGraph', () => {
  const plan = checkGraph({ text: FULL, file: 'a.yaml' }, options).plan!;

  it('draws Mermaid', () => {
    expect(drawGraph(plan, 'mermaid')).toBe(`flowchart LR
  n0>"orders"]
  n1(["a<br/>t/opts"])
  n2["m<br/>t/map"]
  n3[["p<br/>t/pair"]]
  n4[/"b<br/>t/any"/]
  n5[/"dead<br/>t/any"/]
  n6>"all"]
  n0 --> n3
  n1 -.->|"out, latest"| n2
  n2 -->|"out"| n3
  n3 ==>|"out, durable"| n4
  n2 -.->|"error, error, control"| n5
  n3 -->|"out"| n6
`);
  });

  it('draws dot, without secrets', () => {
    const dot = drawGraph(plan, 'dot');
    expect(dot).toContain('  "a" [label="a\\nt/opts", shape=oval];');
    expect(dot).toContain('  "p" -> "b" [label="out, durable", style=bold];');
    expect(dot).toContain('  "$inputs.orders" -> "p" [label="", style=solid];');
    expect(dot + drawGraph(plan, 'mermaid')).not.toContain('hunter2');
  });
});

describe('graphSchema', () => {
  const validate = new Ajv({ strict: false }).compile(graphSchema([CATALOGUE]));

  it.each([
    ['full', FULL],
    ['simple', SIMPLE],
    ['inner', INNER],
    ['outer', OUTER],
  ])('takes the good graph %s', (_name, text) => {
    validate(parse(text));
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each([
    ['an unknown node type', 't/src', 't/nothing'],
    ['an unknown key', 'nodes:', 'nods: {}\nnodes:'],
    ['an unknown option', '- a -> b', '- a -> b: { when_ful: latest }'],
    ['a wrong config', 't/src', 't/opts, config: { count: 99 }'],
    ['an unknown config key', 't/src', 't/opts, config: { colour: red }'],
    ['another version', 'version: 2', 'version: 3'],
  ])('refuses %s', (_name, from, to) => {
    expect(SIMPLE).toContain(from);
    expect(validate(parse(SIMPLE.replace(from, to)))).toBe(false);
  });
});

describe('nearest', () => {
  it.each([
    ['vision/detct', 'vision/detect'],
    ['detect', 'vision/detect'],
    ['vision/DETECT', 'vision/detect'],
    ['visoin/zones', 'vision/zones'],
    ['core/map', undefined],
    ['x', undefined],
  ])('of %s is %s', (name, found) => {
    expect(nearest(name, ['vision/zones', 'vision/detect', 'a', 'io/jsonl-out'])).toBe(found);
  });
});
