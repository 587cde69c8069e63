import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { en } from './en';
import { ko } from './ko';

const SRC = resolve(__dirname, '..');
const KEYS = Object.keys(en) as (keyof typeof en)[];
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file) && !file.includes('.spec.'));

/** Names, keys, measures, words of a file: the same in all languages. */
const NAMES = new Set(['Sluice', 'Ctrl K', 'Y', 'p50', 'p95', 'p99', '30d', 'YAML', 'true', 'false']);
/** Attributes that are read by people. */
const READ = new Set(['aria-label', 'title', 'placeholder', 'alt', 'label', 'note', 'text', 'verb']);

/** Texts in a file that people read and that are not of the catalogue. */
function bare(file: string): readonly string[] {
  const source = ts.createSourceFile(file, readFileSync(join(SRC, file), 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const see = (text: string, node: ts.Node): void => {
    const words = text.trim();
    if (!/\p{L}{2}/u.test(words) || NAMES.has(words)) return;
    found.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${words}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) see(node.text, node);
    else if (
      ts.isJsxExpression(node) &&
      node.expression !== undefined &&
      ts.isStringLiteralLike(node.expression) &&
      !ts.isJsxAttribute(node.parent)
    )
      see(node.expression.text, node);
    else if (
      ts.isJsxAttribute(node) &&
      READ.has(node.name.getText()) &&
      node.initializer !== undefined &&
      ts.isStringLiteral(node.initializer)
    )
      see(node.initializer.text, node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('the catalogue', () => {
  it('has the same keys in both languages, each with a text and the same places to fill in', () => {
    const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
    expect(Object.keys(ko).sort()).toEqual([...KEYS].sort());
    for (const key of KEYS) expect([key, ko[key].trim() === '', holes(ko[key])]).toEqual([key, false, holes(en[key])]);
  });

  it('is Korean in Korean', () => {
    const same = KEYS.filter((key) => ko[key] === en[key] && /\p{L}{3}/u.test(en[key]) && !NAMES.has(en[key]));
    expect(same).toEqual([]);
  });

  it('has all texts that people read: no component writes its own', () => {
    expect(files.filter((file) => file.endsWith('.tsx')).length).toBeGreaterThan(30);
    expect(files.flatMap(bare)).toEqual([]);
  });

  it('has no text that nobody shows', () => {
    const code = files
      .filter((file) => !/strings/.test(file))
      .map((file) => readFileSync(join(SRC, file), 'utf8'))
      .join('\n');
    // Keys that are put together, such as `run.state.${state}`.
    const made = [...code.matchAll(/`([\w.]+\.)\$\{/g)].map((match) => match[1]!);
    expect(KEYS.filter((key) => !code.includes(`'${key}'`) && !made.some((begin) => key.startsWith(begin)))).toEqual([]);
  });
});
