import { advance, joined, stillPaused, type Event, type Run } from './live';

const edge = (blocked_ms: number) => ({ id: 'a.out->b.in', blocked_ms }) as Run['edges'][number];
const run = (duration_ms: number, blocked_ms: number) =>
  ({ id: 'r', duration_ms, nodes: [{ id: 'a' }], edges: [edge(blocked_ms)] }) as unknown as Run;
const event = (boot: string, seq: number, name = 'runtime:node:failed', id = 'a'): Event =>
  ({
    v: 1,
    seq,
    cursor: `${boot}-${seq}`,
    event: name,
    entity: { kind: 'run', id },
    at: '',
    correlation_id: null,
    request_id: null,
    payload: null,
  }) as Event;

describe('figures', () => {
  it('say for which share of the time since the last sample an edge was blocked', () => {
    const first = advance(new Map(), [run(1_000, 900)]);
    expect([...first.get('r')!.blocked]).toEqual([]);
    const second = advance(first, [run(1_500, 1_025)]);
    expect([...second.get('r')!.blocked]).toEqual([['a.out->b.in', 0.25]]);
    expect([...advance(second, [run(2_000, 1_025)]).get('r')!.blocked]).toEqual([]);
  });
});

describe('events', () => {
  it('come once each after a reconnect that repeats some', () => {
    const before = joined([], [event('x', 1), event('x', 2)]);
    expect(joined(before, [event('x', 2), event('x', 3)]).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('begin anew when the server was started again, whose numbers begin at 1', () => {
    const before = joined([], [event('x', 1), event('x', 2)]);
    expect(joined(before, [event('y', 1)]).map(({ cursor }) => cursor)).toEqual(['y-1']);
  });

  it('are bounded', () => {
    const many = Array.from({ length: 1_200 }, (_, i) => event('x', i + 1));
    expect(joined([], many).map(({ seq }) => seq)).toEqual(many.slice(-1_000).map(({ seq }) => seq));
  });
});

describe('a run', () => {
  const after = (...names: string[]) => [
    ...names.reduce((set, name) => stillPaused(set, [event('x', 1, `runtime:run:${name}`)]), new Set<string>() as ReadonlySet<string>),
  ];

  it.each([
    [['started'], []],
    [['paused'], ['a']],
    [['paused', 'resumed'], []],
    [['paused', 'draining'], []],
    [['paused', 'resumed', 'paused'], ['a']],
  ])('after %j is paused: %j', (names, paused) => expect(after(...names)).toEqual(paused));

  it('that is paused and resumed within one batch goes on', () => {
    expect([...stillPaused(new Set(), [event('x', 1, 'runtime:run:paused'), event('x', 2, 'runtime:run:resumed')])]).toEqual([]);
  });
});
