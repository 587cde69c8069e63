import { to, type Packet } from '@sluice/sdk';
import { Observable } from 'rxjs';
import { graph, inline, upTo } from '../test/inline';
import { inVirtualTime, unbalanced } from '../test/virtual';

const sink = { type: 't/sink', config: { ms: -1 } };

test('RUN-5: branches that wait for each other end the run with RUN_STALLED, which names the edges', async () => {
  // The merge wants one of each in turn; the source gives more of one kind than the edge holds before it gives the other.
  const x = inline({
    two: {
      *read() {
        for (const n of upTo(100)) yield to('a', n);
        for (const n of upTo(100)) yield to('b', n);
      },
      out: ['a', 'b'],
    },
    turns: { process: (packet: Packet) => packet, in: ['a', 'b'], order: 'round_robin' } as never,
  });
  const { report, events, figures } = await inVirtualTime(
    graph({ s: 'x/two', m: 'x/turns', k: sink }, [{ 's.a -> m.a': { capacity: 8 } }, { 's.b -> m.b': { capacity: 8 } }, 'm -> k']),
    { plugins: [x] },
  );
  expect(report.status).toBe('error');
  expect(report.reasons).toEqual([expect.stringMatching(/^RUN_STALLED: .*s\.a->m\.a \(\d of 8\)/)]);
  expect(report.reasons.join()).not.toContain('s.b->m.b');
  expect(events.filter(({ code }) => code === 'RUN_STALLED')).toHaveLength(1);
  expect(unbalanced(figures)).toEqual([]);
});

test('RUN-5: as long as a promise is out, which anybody may keep, the run is not called stalled', async () => {
  // It promises to answer when the next packet is there, and takes one at a time.
  const waiting: (() => void)[] = [];
  const x = inline({
    pairs: {
      process: () => {
        waiting.splice(0).forEach((go) => go());
        return new Promise<number>((resolve) => waiting.push(() => resolve(1)));
      },
    },
  });
  const run = inVirtualTime(graph({ s: { type: 't/source', config: { count: 5 } }, p: 'x/pairs', k: sink }, ['s -> p', 'p -> k']), {
    plugins: [x],
    during: (live, clock) => void clock.after(3_600_000, () => void live.cancel()),
  });
  const { report } = await run;
  expect(report.reasons.join()).not.toContain('RUN_STALLED');
});

test('RUN-5: what waits for a reader outside, for a timer or for a paused source is not stalled', async () => {
  const x = inline({
    late: {
      apply: (input: Observable<Packet>, ctx) =>
        new Observable((out) => {
          const held: Packet[] = [];
          input.subscribe({
            next: (packet) => held.push(packet),
            complete: () => ctx.scheduler.schedule(() => (held.forEach((packet) => out.next(packet)), out.complete()), 60_000),
          });
        }),
    },
  });
  const { report, ledger } = await inVirtualTime(
    graph({ s: { type: 't/source', config: { count: 5 } }, l: 'x/late', k: sink }, ['s -> l', 'l -> k']),
    { plugins: [x], during: (live, clock) => (live.pause(), void clock.after(30_000, () => live.resume())) },
  );
  expect(report.status).toBe('ok');
  expect(ledger.seen.get('s.out->k.in')).toHaveLength(5);
});
