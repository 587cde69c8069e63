import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../../..');
const ID = /\b(?:EDGE|FUSE|BORDER|NODE|RUN|SCOPE|DELIVERY|JOIN)-\d+\b/g;

/** Every rule of docs/spec with the file of its test. */
function rules(): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of readdirSync(join(root, 'docs/spec'))) {
    for (const line of readFileSync(join(root, 'docs/spec', file), 'utf8').split('\n')) {
      const [, id] = /^- \*\*([A-Z]+-\d+)\*\*/.exec(line) ?? [];
      if (id === undefined) continue;
      if (found.has(id)) throw new Error(`${id} is there twice.`);
      const [, test] = /\(`([\w.-]+\.ts)`\)$/.exec(line) ?? [];
      if (test === undefined || (!line.includes('MUST') && !line.includes('acks')))
        throw new Error(`${id} says no MUST, or names no test.`);
      found.set(id, test);
    }
  }
  return found;
}

/** The rules that tests name: in titles of specs, and in the cases of the contract suite. */
function tested(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const note = (id: string, file: string): void => void found.set(id, (found.get(id) ?? new Set()).add(file));
  const specs = join(root, 'libs/runtime/src');
  for (const file of readdirSync(specs).filter((name) => name.endsWith('.spec.ts'))) {
    for (const [, title] of readFileSync(join(specs, file), 'utf8').matchAll(/\btest\(\s*(['`][^'`]*['`])/g)) {
      for (const [id] of title!.matchAll(ID)) note(id, file);
    }
  }
  for (const file of ['contract.ts', 'package-contract.ts'])
    for (const [, id] of readFileSync(join(root, 'libs/testing/src', file), 'utf8').matchAll(/add\(\s*'([A-Z]+-\d+)'/g)) note(id!, file);
  return found;
}

test('every rule of docs/spec has its test, and every test its rule', () => {
  const [written, checked] = [rules(), tested()];
  expect([...checked.keys()].filter((id) => !written.has(id))).toEqual([]);
  expect([...written].filter(([id, file]) => checked.get(id)?.has(file) !== true)).toEqual([]);
  expect(written.size).toBeGreaterThan(80);
});
