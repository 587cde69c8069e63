import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..', '..');

it('names, for each defence, a test that is there', () => {
  const page = readFileSync(join(ROOT, 'docs', 'guide', 'threat-model.md'), 'utf8');
  const named = [...page.matchAll(/^\| [^|]+ \| `([\w/.-]+\.spec\.ts)`: (.+) \|$/gm)].map(([, file, name]) => ({
    file: file!,
    name: name!,
  }));
  expect(named.length).toBeGreaterThan(20);
  const missing = named.filter(({ file, name }) => !readFileSync(join(ROOT, file), 'utf8').includes(`it('${name}'`));
  expect(missing).toEqual([]);
});
