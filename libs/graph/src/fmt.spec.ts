import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { FULL, INNER, OUTER, SIMPLE } from '../test/good';
import { RED } from '../test/red';
import { formatGraph } from './index';

const FOLDER = join(__dirname, '../test/fixtures/reference');
const texts = [
  ...[FULL, INNER, OUTER, SIMPLE, ...RED.map(({ text }) => text.replace('¤', ''))].map((text, i) => [`text ${i}`, text] as const),
  ...readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')] as const),
];
// One of the red ones unfolds without end where it is read.
const readable = texts.filter(([, text]) => formatGraph(text) !== undefined && !text.includes('&b ['));
const arrowed = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null).replace(/\s*->\s*/g, ' -> ')) as unknown;
const comments = (text: string): readonly string[] => [...text.matchAll(/(?<=^|\s)#.*$/gm)].map(([comment]) => comment.trim()).sort();

describe('formatting', () => {
  it.each(readable)('of %s keeps its values and comments, and is the same when done twice', (_, text) => {
    const made = formatGraph(text)!;
    expect(formatGraph(made)).toBe(made);
    expect(arrowed(parse(made, { uniqueKeys: false }))).toEqual(arrowed(parse(text, { uniqueKeys: false })));
    expect(comments(made)).toEqual(comments(text));
    expect(made).not.toMatch(/ $|\n\n\n/m);
  });

  it('gives the house style', () => {
    const text = `# yaml-language-server: $schema=x.json
version:   2
nodes:
    # Why it is there.
    a:   {type: t/src,config: {zones: [ [1,2], [ 3, 4 ] ]}}   # behind


    b:
        type: 't/print'
edges:
- a->b:   {when_full: latest}   # newest
-   "a  ->  c"
`;
    expect(formatGraph(text)).toBe(
      `# yaml-language-server: $schema=x.json
version: 2
nodes:
  # Why it is there.
  a: { type: t/src, config: { zones: [[1, 2], [3, 4]] } } # behind

  b:
    type: 't/print'
edges:
  - a->b: { when_full: latest } # newest
  - "a -> c"
`.replace('a->b', 'a -> b'),
    );
  });

  it('turns a line that is too long into a block', () => {
    const long = Array.from({ length: 30 }, (_, i) => `value_${i}`).join(', ');
    const made = formatGraph(`nodes: { a: { type: t/src, config: { labels: [${long}] } } }\n`)!;
    expect(made).toContain('      labels:\n        - value_0\n');
    expect(Math.max(...made.split('\n').map((line) => line.length))).toBeLessThan(140);
  });

  it('leaves what is no YAML to the checker', () => {
    expect(formatGraph('nodes: [')).toBeUndefined();
    expect(formatGraph('')).toBe('');
    expect(formatGraph('# only this\n')).toBe('# only this\n');
  });

  it('keeps block texts, anchors and windows line ends apart', () => {
    const text = 'description: |\r\n  One.\r\n\r\n  Two.\r\nnodes: &n { a: { type: t/src } }\r\nother: *n\r\n';
    const made = formatGraph(text)!;
    expect(made).toBe('description: |\n  One.\n\n  Two.\nnodes: &n { a: { type: t/src } }\nother: *n\n');
  });
});
