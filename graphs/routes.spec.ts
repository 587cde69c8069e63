import { core } from '@sluice/plugin-core';
import { createEngine, VirtualClock } from '@sluice/runtime';
import { Any, definePlugin, Node, port, type Context, type Packet } from '@sluice/sdk';
import { countersOf, unbalanced } from './testing/shipped';

const seen: { node: string; payload: unknown; kind: string; meta: object }[] = [];

@Node({ type: 't/seen', kind: 'sink', summary: 'Keeps what comes.', in: { in: port(Any, 'Anything.') } })
class Seen {
  write({ payload, kind, meta }: Packet, { node }: Context): void {
    seen.push({ node, payload, kind, meta });
  }
}
const t = definePlugin({ name: 't', nodes: [Seen] });

/** A graph of core's nodes in virtual time, to its end. */
async function run(nodes: object, edges: readonly unknown[]) {
  seen.length = 0;
  const clock = new VirtualClock(0);
  const engine = createEngine({ plugins: [core, t], clock, seed: 1, env: {} });
  const made = engine.start(await engine.load({ version: 2, name: 'routes', nodes, edges }), { inputs: {}, id: 'r' });
  await clock.advance(3_600_000, made.done);
  const report = await made.done;
  const figures = made.figures();
  await engine.close();
  expect(unbalanced(figures)).toEqual([]);
  return { report, figures };
}
const values = (...items: unknown[]) => ({ type: 'core/values', config: { items } });
const at = (node: string) => seen.flatMap((one) => (one.node === node ? [one.payload] : []));

describe('core/merge', () => {
  const end = { type: 't/seen' };
  const turns = { type: 'core/merge', config: { order: 'round_robin' } };

  it('gives two of two each in turn', async () => {
    const { report } = await run({ a: values('a1', 'a2'), b: values('b1', 'b2'), turns, end }, [
      'a -> turns',
      'b -> turns',
      'turns -> end',
    ]);
    expect([report.status, at('end')]).toEqual(['ok', ['a1', 'b1', 'a2', 'b2']]);
  });

  it('waits for a slow one whose turn it is, and goes on without one that has ended', async () => {
    const slow = { type: 'core/delay', config: { duration: '10s' } };
    await run({ a: values('a1', 'a2', 'a3', 'a4'), b: values('b1', 'b2'), slow, turns, end }, [
      { 'a -> turns': { capacity: 1 } },
      'b -> slow',
      'slow -> turns',
      'turns -> end',
    ]);
    expect(at('end')).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'a4']);
  });

  it('by arrival waits for nobody', async () => {
    const slow = { type: 'core/delay', config: { duration: '10s' } };
    await run({ a: values('a1', 'a2'), b: values('b1'), slow, any: { type: 'core/merge' }, end }, [
      'b -> slow',
      'slow -> any',
      'a -> any',
      'any -> end',
    ]);
    expect(at('end')).toEqual(['a1', 'a2', 'b1']);
  });
});

describe('core/switch', () => {
  const rules = [
    { when: [{ path: 'payload', op: 'ge', value: 10 }], to: 'case_1' },
    { when: [{ path: 'payload', op: 'ge', value: 5 }], to: 'case_2' },
  ];
  const route = (config: object) => ({ type: 'core/switch', config: { rules, ...config } });
  const ends = { big: { type: 't/seen' }, some: { type: 't/seen' }, rest: { type: 't/seen' } };
  const edges = ['numbers -> route', 'route.case_1 -> big', 'route.case_2 -> some'];
  const numbers = values(1, 5, 10, 3, 20);

  it('sends each packet where the first rule says', async () => {
    const { report, figures } = await run({ numbers, route: route({ no_match: 'otherwise' }), ...ends }, [
      ...edges,
      'route.otherwise -> rest',
    ]);
    expect([report.status, at('big'), at('some'), at('rest')]).toEqual(['ok', [10, 20], [5], [1, 3]]);
    expect(countersOf(figures, 'route')).toEqual({ rule_1: 2, rule_2: 1, no_match: 2 });
  });

  it('sends to all that fit, and says so where it is asked', async () => {
    const { report } = await run({ numbers, route: route({ match: 'all_matches', no_match: 'otherwise', trace: true }), ...ends }, [
      ...edges,
      'route.otherwise -> rest',
    ]);
    expect([report.status, at('big'), at('some'), at('rest')]).toEqual(['ok', [10, 20], [5, 10, 20], [1, 3]]);
    expect(seen.find(({ node, payload }) => node === 'some' && payload === 10)).toMatchObject({
      kind: 'value',
      meta: { switch: { rules: [1, 2], to: ['case_1', 'case_2'] } },
    });
  });

  it('fails on what no rule fits: to the error port, where there is a reader, once', async () => {
    const nodes = { numbers, route: { ...route({ no_match: 'fail' }), retry: { max_attempts: 3 } }, ...ends };
    const { report, figures } = await run(nodes, [...edges, 'route.error -> rest']);
    expect(report.status).toBe('ok');
    expect(at('rest')).toEqual(
      [1, 3].map((payload) => expect.objectContaining({ code: 'SWITCH_NO_MATCH', node: 'route', payload }) as unknown),
    );
    expect(countersOf(figures, 'route')['no_match']).toBe(2);
    const { rest: _, ...read } = ends;
    const unread = await run({ numbers, route: route({ no_match: 'fail' }), ...read }, edges);
    expect(unread.report.status).toBe('degraded');
  });
});
