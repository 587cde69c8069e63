import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CATALOGUE } from '../test/catalogue';
import { FULL, OUTER, SIMPLE } from '../test/good';
import { RED } from '../test/red';
import { checkGraph, planOf } from './index';
import { sha256 } from './sha256';
import { parseFast } from './text/fast';

const options = { catalogues: [CATALOGUE] };
const codes = (text: string) => checkGraph({ text, file: 'x.yaml' }, options).diagnostics.map(({ code }) => code);

describe('checkGraph never throws', () => {
  const good = [FULL, OUTER, SIMPLE, ...RED.map(({ text }) => text.replace('¤', ''))];
  const cut = fc
    .record({
      text: fc.constantFrom(...good),
      at: fc.nat(),
      length: fc.nat(12),
      put: fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('{', '[', '${', '&a', '*a', '- ', '\t', ': ', '->', '!!x ', '"', '\0')),
    })
    .map(({ text, at, length, put }) => text.slice(0, at % text.length) + put + text.slice((at % text.length) + length));

  it('on any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), cut, cut), (text) => {
        const { diagnostics, plan } = checkGraph({ text, file: 'x.yaml' }, options);
        const errors = diagnostics.filter(({ severity }) => severity === 'error');
        expect(plan === undefined).toBe(errors.length > 0);
        for (const { line, column } of diagnostics) expect(line > 0 && column > 0).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  it('on any object', () => {
    const value = fc.object({
      key: fc.constantFrom(
        'version',
        'nodes',
        'edges',
        'params',
        'inputs',
        'outputs',
        'a',
        'type',
        'config',
        'join',
        'a -> a',
        '__proto__',
      ),
      maxDepth: 5,
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(value, (spec) => {
        const { diagnostics, plan } = planOf({ ...spec, version: 2 }, options);
        expect(plan === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
      }),
      { numRuns: 500 },
    );
  });

  it('on what is nested without end', () => {
    expect(codes('['.repeat(20_000))).toEqual(['GRAPH_YAML_SYNTAX']);
    expect(codes(`version: 2\nnodes: { a: { type: t/opts, config: { any: ${'['.repeat(500)}${']'.repeat(500)} } } }`)).toContain(
      'CONFIG_NOT_JSON',
    );
  });
});

describe('a file that is none', () => {
  const graph = (items: string): string => `version: 2\nname: g\nnodes:\n  a: { type: t/src, config: ${items} }\n`;
  const bomb = [0, 1, 2, 3, 4, 5, 6, 7, 8]
    .map(
      (n) =>
        `a${n}: &a${n} [${
          n === 0
            ? 'x'
            : Array(10)
                .fill(`*a${n - 1}`)
                .join(', ')
        }]`,
    )
    .join('\n');

  it.each([
    ['what is not UTF-8', Buffer.from(`${graph('{}')}# gr\xfc`, 'latin1').toString(), 'not UTF-8', 'UTF-8', 5],
    ['UTF-16', Buffer.from(`\ufeff${graph('{}')}`, 'utf16le').toString(), 'not UTF-8', 'UTF-8', 1],
    ['two documents', `${graph('{}')}---\nnodes: {}\n`, 'second document', 'file of its own', 5],
    ['brackets without end', graph(`${'['.repeat(5000)}${']'.repeat(5000)}`), 'nested too deeply', '64', 4],
    ['aliases without end', `${bomb}\n${graph('{}')}`, 'aliases', 'fewer', 1],
    ['a list that contains itself', graph('&c [1, *c]'), 'contains itself', 'null', 4],
  ])('is named, with its place: %s', (_, text, says, hint, line) => {
    const { diagnostics, plan } = checkGraph({ text, file: 'x.yaml' }, { catalogues: [CATALOGUE] });
    const found = diagnostics.find(({ message }) => message.includes(says));
    expect([found?.line, found?.hint, plan]).toEqual([line, expect.stringContaining(hint), undefined]);
  });

  it.each([
    ['a byte order mark', (text: string) => `\ufeff${text}`],
    ['line ends of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
  ])('is another thing than %s', (_, change) => {
    const text = 'version: 2\nname: g\nnodes:\n  a: { type: t/src }\n  b: { type: t/print }\nedges:\n  - a -> c\n';
    const { diagnostics } = checkGraph({ text: change(text), file: 'x.yaml' }, { catalogues: [CATALOGUE] });
    expect(diagnostics.find(({ code }) => code === 'EDGE_UNKNOWN_NODE')).toMatchObject({ line: 7, column: 10 });
  });
});

describe('the fast parser', () => {
  it('reads scalars as the slow one does', () => {
    const scalar = fc.oneof(
      fc.constantFrom(
        '0b1',
        '0o17',
        '0x1F',
        '1_000',
        '.5',
        '5.',
        '-.5',
        '+1',
        '1e3',
        '1e',
        '.inf',
        '-.INF',
        '.nan',
        '.NaN',
        '~',
        'null',
        'Null',
        'yes',
        'True',
        'TRUE',
        'on',
        '012',
        '1:30',
        '2020-01-01',
        '<<',
        '=',
        '-',
        '1.2.3',
        '0x',
        '1e-7',
      ),
      fc.stringMatching(/^[-+.0-9exob_~ntrufalsNUL]{1,6}$/),
    );
    fc.assert(
      fc.property(scalar, (text) => {
        const fast = parseFast(`- ${text}\n`);
        if (fast !== undefined) expect(fast.value).toEqual(parse(`- ${text}\n`));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('large graphs', () => {
  const chain = (n: number, last = ''): string => {
    const nodes = Array.from({ length: n }, (_, i) => `  n${i}: { type: ${i === 0 ? 't/src' : i === n - 1 ? 't/print' : 't/map'} }`);
    const edges = Array.from({ length: n - 1 }, (_, i) => `  - n${i} -> n${i + 1}`);
    return ['version: 2', 'nodes:', ...nodes, 'edges:', ...edges, last, ''].join('\n');
  };

  it('of 10,000 nodes in a row overflow nothing, nor do cycles through all of them', () => {
    const { plan } = checkGraph({ text: chain(10_000), file: 'x.yaml' }, options);
    expect(plan?.edges.length).toBe(9_999);
    const { diagnostics } = checkGraph({ text: chain(10_000, '  - n9998 -> n1'), file: 'x.yaml' }, options);
    expect(diagnostics.map(({ code }) => code)).toEqual(['GRAPH_CYCLE']);
    expect(diagnostics[0]!.message).toMatch(/n1 -> n2 -> n3 -> .* -> n9998 -> n1\./);
  }, 30_000);
});

describe('a graph of 1,000 nodes', () => {
  // What it costs is measured: `npm run bench -- --only validate-500,validate-1000`.
  it('is a plan of all of them', () => {
    const nodes = Array.from(
      { length: 998 },
      (_, i) => `  n${i + 1}:\n    type: t/map\n    timeout: ${i + 1}ms\n    concurrency: 2\n`,
    ).join('');
    const edges = Array.from(
      { length: 999 },
      (_, i) => `  - n${i}.out -> n${i + 1}.in: { when_full: drop_oldest, capacity: ${i + 1} }\n`,
    ).join('');
    const text = `version: 2\nnodes:\n  n0: { type: t/opts, config: { path: x } }\n${nodes}  n999: { type: t/print }\nedges:\n${edges}`;
    const { plan } = checkGraph({ text, file: 'x.yaml' }, options);
    expect([plan?.nodes.length, plan?.edges.length]).toEqual([1000, 999]);
    expect(plan?.edges[998]).toMatchObject({ id: 'n998.out->n999.in', capacity: 999 });
  });
});

describe('sha256', () => {
  it('is that of the platform', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        (text) => sha256(text) === createHash('sha256').update(text).digest('hex'),
      ),
    );
  });
});

describe('the package', () => {
  it('runs in a browser: it imports pure packages and the catalogue only', () => {
    const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'),
    );
    expect(files.length).toBeGreaterThan(20);
    const imported = files.flatMap((file) =>
      [
        ...readFileSync(join(__dirname, file), 'utf8').matchAll(
          /^(?:import .*from|import|export .*from|.*\brequire\(|\} from) '([^'.][^']*)'/gm,
        ),
      ].map(([, name]) => name!),
    );
    expect([...new Set(imported)].sort()).toEqual([
      '@noble/hashes/sha2.js',
      '@noble/hashes/utils.js',
      '@sluice/sdk/catalogue',
      'js-yaml',
      'yaml',
    ]);
    for (const file of files)
      expect(readFileSync(join(__dirname, file), 'utf8')).not.toMatch(/\b(process\.\w|Buffer\.\w|__dirname|setImmediate\()/);
  });
});
