import { CATALOGUE } from '../test/catalogue';
import { RED } from '../test/red';
import { checkGraph, CODES, errorPage, type Code } from './index';

describe('every code', () => {
  it('has a red graph, and every red graph has a code of the list', () => {
    expect([...new Set(RED.map(({ code }) => code))].sort()).toEqual(Object.keys(CODES).sort());
  });

  it.each(RED.map((red) => [red.code, red] as const))(
    '%s is found at its place, alone',
    (code, { text: marked, options, says, hint, also = [] }) => {
      const offset = marked.indexOf('¤');
      const before = marked.slice(0, offset).split('\n');
      const text = marked.replace('¤', '');
      const { diagnostics, plan } = checkGraph({ text, file: 'red.yaml' }, { catalogues: [CATALOGUE], ...options });
      const found = diagnostics.find((diagnostic) => diagnostic.code === code);
      expect(diagnostics.map((diagnostic) => diagnostic.code).filter((other) => other !== code && !also.includes(other as Code))).toEqual(
        [],
      );
      expect(found).toMatchObject({
        file: 'red.yaml',
        line: before.length,
        column: (before.at(-1) ?? '').length + 1,
        severity: CODES[code].severity,
      });
      expect(found?.hint).toMatch(hint ?? /./);
      expect(found?.message).toMatch(says ?? /\.$/);
      expect(found?.docs).toBe(`docs/reference/errors/${code}.md`);
      if (CODES[code].severity === 'error') expect(plan).toBeUndefined();
      else expect(plan).toBeDefined();
    },
  );

  it('has a page that says what it means and what to do', () => {
    for (const code of Object.keys(CODES) as Code[]) {
      expect(errorPage(code)).toContain(`# ${code}\n`);
      expect(errorPage(code)).toContain(CODES[code].hint);
      expect(code).toMatch(/^(GRAPH|NODE|PORT|EDGE|CONFIG|ASSET)_/);
    }
  });
});
