import { configIssues, makeConfig, SluiceError, type Packet, type To } from '@sluice/sdk';
import fc from 'fast-check';
import { FakeContext, packet } from '@sluice/testing';
import { compile, type Condition } from './condition';
import { routes } from './routes';
import { SwitchConfig, SwitchNode } from './switch.node';

const rule = (to: string, ...when: object[]) => ({ when, to });
const BIG = { path: 'payload.n', op: 'ge', value: 10 };
const EVEN = { path: 'payload.even', value: true };

function sent(config: object, payload: unknown, ctx = new FakeContext()): (readonly [string, Packet])[] {
  const node = new SwitchNode(makeConfig(SwitchConfig, config));
  const result = node.process(packet(payload), ctx);
  const all = Symbol.iterator in result ? [...result] : [result as To<string, Packet>];
  return all.map((one) => [one.to, one.payload] as const);
}
const ports = (config: object, payload: unknown, ctx?: FakeContext) => sent(config, payload, ctx).map(([name]) => name);

describe('core/switch', () => {
  const rules = [rule('case_1', BIG), rule('case_2', EVEN), rule('case_3', BIG, EVEN), rule('case_1', EVEN)];

  it('sends to the first that fits', () => {
    const ctx = new FakeContext();
    const config = { rules, no_match: 'otherwise' };
    expect(ports(config, { n: 12, even: true }, ctx)).toEqual(['case_1']);
    expect(ports(config, { n: 2, even: true }, ctx)).toEqual(['case_2']);
    expect(ports(config, { n: 3, even: false }, ctx)).toEqual(['otherwise']);
    expect(ctx.counters).toEqual({ rule_1: 1, rule_2: 1, no_match: 1 });
  });

  it('sends to all that fit, to each once', () => {
    const ctx = new FakeContext();
    const config = { rules, match: 'all_matches', no_match: 'case_8' };
    expect(ports(config, { n: 12, even: true }, ctx)).toEqual(['case_1', 'case_2', 'case_3']);
    expect(ports(config, { n: 11, even: false }, ctx)).toEqual(['case_1']);
    expect(ports(config, {}, ctx)).toEqual(['case_8']);
    expect(ctx.counters).toEqual({ rule_1: 2, rule_2: 1, rule_3: 1, rule_4: 1, no_match: 1 });
  });

  it('passes the very packet on', () => {
    const [[, one]] = sent({ rules: [rule('case_1', { path: 'payload', op: 'exists' })], no_match: 'fail' }, 1) as [[string, Packet]];
    expect(one.meta).toEqual({});
    expect(one.origin.node).toBe('src');
  });

  it('says on demand which rules fitted, in a packet for each output', () => {
    const all = sent({ rules, match: 'all_matches', no_match: 'fail', trace: true }, { n: 12, even: true });
    for (const [, { meta }] of all) expect(meta).toEqual({ switch: { rules: [1, 2, 3, 4], to: ['case_1', 'case_2', 'case_3'] } });
    expect(new Set(all.map(([, one]) => one)).size).toBe(3);
    expect(sent({ rules, no_match: 'case_4', trace: true }, {})[0]![1].meta).toEqual({ switch: { rules: [], to: ['case_4'] } });
  });

  it('fails on what no rule fits, where it is to', () => {
    const ctx = new FakeContext();
    const fails = () => sent({ rules: [rule('case_1', BIG)], no_match: 'fail' }, { n: 1 }, ctx);
    expect(fails).toThrow(SluiceError);
    expect(fails).toThrow(expect.objectContaining({ code: 'SWITCH_NO_MATCH', retryable: false }) as Error);
    expect(ctx.counters).toEqual({ no_match: 2 });
  });

  it.each<[string, object, string]>([
    ['no word on what no rule fits', { rules: [rule('case_1', BIG)] }, 'no_match'],
    ['an output that there is not', { rules: [rule('case_9', BIG)], no_match: 'fail' }, 'rules.0.to'],
    ['a rule without a condition', { rules: [rule('case_1')], no_match: 'fail' }, 'rules.0.when'],
    ['a wrong condition', { rules: [rule('case_1', { path: 'speed', value: 1 })], no_match: 'fail' }, 'rules.0.when.0.path'],
    ['no rule', { rules: [], no_match: 'fail' }, 'rules'],
  ])('%s is a fault of the config', (_name, config, path) =>
    expect(configIssues(SwitchConfig, config).map((issue) => issue.path)).toContain(path),
  );
});

const operand = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom('a', 'b', ''), fc.boolean(), fc.constant(null));
const PATHS = ['payload', 'payload.a', 'payload.a.b', 'payload.list', 'meta.m', 'kind', 'source_id', 'ts', 'key'];
const condition: fc.Arbitrary<Condition> = fc
  .record({ path: fc.constantFrom(...PATHS), value: operand, list: fc.array(operand) })
  .chain(({ path, value, list }) =>
    fc.constantFrom<Condition>(
      ...(['eq', 'ne', 'contains'] as const).map((op) => ({ path, op, value })),
      ...(['lt', 'le', 'gt', 'ge'] as const).map((op) => ({ path, op, value: typeof value === 'number' ? value : 'a' })),
      ...(['in', 'not_in'] as const).map((op) => ({ path, op, value: list })),
      ...(['exists', 'missing'] as const).map((op) => ({ path, op })),
      { path, op: 'matches', value: '^[ab]?$' },
    ),
  );
const anyRules = fc.array(
  fc.record({ when: fc.array(condition, { minLength: 1, maxLength: 3 }), to: fc.constantFrom('case_1', 'case_2', 'case_3') }),
  { minLength: 1, maxLength: 6 },
);
/** Anything at all, and often what the paths lead into. */
const payload = fc.oneof(
  fc.anything({ withBigInt: true, withNullPrototype: true, withObjectString: true }),
  fc.record({ a: fc.oneof(operand, fc.record({ b: operand })), list: fc.array(operand) }, { requiredKeys: [] }),
);
const anyPacket = fc
  .record({ payload, meta: fc.dictionary(fc.constantFrom('m', 'n'), operand), kind: fc.constantFrom('a', 'b') })
  .map(({ payload: value, ...rest }) => packet(value, rest));

describe('a route', () => {
  it('is given for every packet, is the same for the same packet, and leaves the packet as it is', () => {
    fc.assert(
      fc.property(
        anyRules,
        fc.constantFrom('first_match' as const, 'all_matches' as const),
        fc.option(fc.constant('rest'), { nil: undefined }),
        fc.array(anyPacket),
        (rules, match, rest, packets) => {
          const one = routes<string>(rules, match, rest);
          const first = packets.map((each) => one(each));
          // In another order, and by another instance: nothing is remembered.
          const again = [...packets].reverse().map((each) => routes<string>(rules, match, rest)(each));
          expect(again.reverse()).toEqual(first);
          expect([...packets].reverse().map((each) => one(each))).toEqual([...first].reverse());
          packets.forEach((each, at) => {
            const route = first[at]!;
            const fitting = rules.flatMap(({ when }, n) => (when.every((test) => compile(test)(each)) ? [n + 1] : []));
            const taken = match === 'first_match' ? fitting.slice(0, 1) : fitting;
            expect(route.rules).toEqual(taken);
            expect(route.to).toEqual(
              taken.length > 0 ? [...new Set(taken.map((n) => rules[n - 1]!.to))] : rest === undefined ? [] : [rest],
            );
          });
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('is there also for a packet that nothing can be changed in', () => {
    fc.assert(
      fc.property(anyRules, anyPacket, (rules, each) => {
        const frozen = Object.freeze(each);
        if (typeof frozen.payload === 'object' && frozen.payload !== null && !ArrayBuffer.isView(frozen.payload))
          Object.freeze(frozen.payload);
        expect(() => routes<string>(rules, 'all_matches', 'rest')(frozen)).not.toThrow();
      }),
    );
  });
});
