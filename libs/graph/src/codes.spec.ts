import { CATALOGUE } from '../test/catalogue';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RED } from '../test/red';
import { CODES_THERE, RULES } from '../test/rules';
import { checkGraph, CODES, errorPage, type Code } from './index';

describe('every code', () => {
  it('has a red graph, and every red graph has a code of the list', () => {
    expect([...new Set(RED.map(({ code }) => code))].sort()).toEqual(Object.keys(CODES).sort());
  });

  it.each(RED.map((red) => [red.name, red] as const))(
    '%s is found at its place, alone',
    (_, { code, text: marked, options, says, hint, also = [] }) => {
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

const hasPage = (code: string): boolean => existsSync(join(__dirname, '../../..', `docs/reference/errors/${code}.md`));

describe('every rule', () => {
  const rules = Object.entries(RULES).flatMap(([set, list]) => list.map((rule) => [`${set}: ${rule.rule}`, rule] as const));

  it.each(rules)('%s: has a code, a red graph and a page', (_, { code, red }) => {
    const there = RED.filter((one) => one.code === code).map(({ name }) => name);
    expect(Object.keys(CODES)).toContain(code);
    expect(there.length).toBeGreaterThan(0);
    expect((red ?? []).filter((name) => !there.includes(name))).toEqual([]);
    expect(hasPage(code)).toBe(true);
  });

  it.each(Object.entries(CODES_THERE))('%s of the workflow systems is %s here, with a page', (_, code) => {
    expect(hasPage(code)).toBe(true);
    // What a check gives has a rule of its own above.
    if (Object.hasOwn(CODES, code)) expect(rules.map(([, rule]) => rule.code)).toContain(code);
  });

  it('is listed once, and a red graph stands for one rule of a list', () => {
    expect(new Set(rules.map(([name]) => name)).size).toBe(rules.length);
    for (const list of Object.values(RULES)) {
      const named = list.flatMap(({ red }) => red ?? []);
      expect(new Set(named).size).toBe(named.length);
    }
  });
});
