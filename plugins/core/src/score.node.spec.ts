import { makeConfig } from '@sluice/sdk';
import { from } from 'rxjs';
import { FakeContext, packet } from '@sluice/testing';
import { ScoreConfig, ScoreNode, type Score } from './score.node';

function scored(config: object, pairs: readonly (readonly [unknown, unknown])[]): { scores: Score[]; counters: Record<string, number> } {
  const ctx = new FakeContext();
  const scores: Score[] = [];
  const packets = pairs.map(([active, label]) => packet({ anomaly: { active }, label }));
  new ScoreNode(makeConfig(ScoreConfig, config)).apply(from(packets), ctx).subscribe((summary) => scores.push(summary.payload));
  return { scores, counters: ctx.counters };
}

test('precision, recall and F1 at the end, also as counters', () => {
  const pairs = [
    ...Array(6).fill([true, 1]),
    ...Array(2).fill([true, 0]),
    ...Array(4).fill([false, '1']),
    ...Array(8).fill([false, 0]),
  ] as [boolean, unknown][];
  const { scores, counters } = scored({}, pairs);
  expect(scores).toEqual([{ packets: 20, tp: 6, fp: 2, fn: 4, tn: 8, precision: 0.75, recall: 0.6, f1: 12 / 18 }]);
  expect(counters).toEqual({ tp: 6, fp: 2, fn: 4, tn: 8, precision: 0.75, recall: 0.6, f1: 12 / 18 });
});

test('summaries on the way, and the counters follow the newest', () => {
  const { scores, counters } = scored({ every: 2 }, [
    [true, 1],
    [true, 1],
    [true, 0],
    [true, 0],
  ]);
  expect(scores.map((score) => score.precision)).toEqual([1, 0.5]);
  expect(counters['precision']).toBe(0.5);
});

test('what is not labelled or not decided is left out; what cannot be said is null', () => {
  const { scores, counters } = scored({}, [
    [undefined, 1],
    [true, undefined],
    [false, 0],
  ]);
  expect(scores).toEqual([{ packets: 1, tp: 0, fp: 0, fn: 0, tn: 1, precision: null, recall: null, f1: null }]);
  expect(counters['unlabelled']).toBe(2);
  expect(scored({}, []).scores).toEqual([]);
});
