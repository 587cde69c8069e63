import { configIssues, makeConfig } from '@sluice/sdk';
import { FakeContext, packet } from '@sluice/testing';
import { FilterConfig, FilterNode } from './filter.node';

const data = packet({ speed: 60, name: 'axle', tags: ['a', 'b'], none: null }, { kind: 'reading' });
const goes = (config: object) => new FilterNode(makeConfig(FilterConfig, config)).process(data, new FakeContext()).to;

test.each<[string, string, unknown, boolean]>([
  ['payload.speed', 'eq', 60, true],
  ['payload.speed', 'eq', '60', false],
  ['payload.speed', 'ne', 61, true],
  ['payload.speed', 'lt', 60, false],
  ['payload.speed', 'le', 60, true],
  ['payload.speed', 'gt', 59, true],
  ['payload.speed', 'ge', '5', false],
  ['payload.name', 'gt', 'awl', true],
  ['kind', 'in', ['reading', 'event'], true],
  ['kind', 'not_in', ['reading'], false],
  ['payload.speed', 'exists', undefined, true],
  ['payload.none', 'exists', undefined, false],
  ['payload.other', 'missing', undefined, true],
  ['payload.name', 'contains', 'xl', true],
  ['payload.tags', 'contains', 'b', true],
  ['payload.speed', 'contains', '6', false],
  ['payload.name', 'matches', '^a.*e$', true],
])('%s %s %j is %s', (path, op, value, holds) => {
  expect(goes({ all: [{ path, op, ...(value === undefined ? {} : { value }) }] })).toBe(holds ? 'out' : 'rest');
});

test('all must hold, and one of any', () => {
  const yes = { path: 'kind', value: 'reading' };
  const no = { path: 'kind', value: 'event' };
  expect([goes({}), goes({ all: [yes, no] }), goes({ any: [no, yes] }), goes({ any: [no] }), goes({ all: [yes], any: [no] })]).toEqual([
    'out',
    'rest',
    'out',
    'rest',
    'rest',
  ]);
});

test.each<[string, object, string]>([
  ['an operand of the wrong sort', { all: [{ path: 'kind', op: 'in', value: 'reading' }] }, 'all.0.value'],
  ['a broken expression', { all: [{ path: 'kind', op: 'matches', value: '(' }] }, 'all.0.value'],
  ['no operand', { any: [{ path: 'kind', op: 'eq' }] }, 'any.0.value'],
  ['no path', { all: [{ path: 'speed', value: 1 }] }, 'all.0.path'],
  ['an unknown op', { all: [{ path: 'kind', op: 'like', value: 1 }] }, 'all.0.op'],
])('%s is a fault of the config', (_name, config, path) =>
  expect(configIssues(FilterConfig, config).map((issue) => issue.path)).toContain(path),
);
