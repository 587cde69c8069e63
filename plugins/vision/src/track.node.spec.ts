import { makeConfig } from '@sluice/sdk';
import type { Detections } from './ports';
import { fakeContext, packet } from './testing/context';
import { person, seen } from './testing/frame';
import { TrackConfig, TrackNode } from './track.node';

function run(frames: Detections[], config: object = {}): (number | string | undefined)[][] {
  const node = new TrackNode(makeConfig(TrackConfig, { min_hits: 1, ...config }));
  const ctx = fakeContext();
  return frames.map((one) => node.process(packet(one, 'detections'), ctx).detections.map(({ track_id }) => track_id));
}
const times = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('vision/track', () => {
  it('keeps the numbers of people who walk past each other', () => {
    const ids = run(times(20).map((i) => seen(i, person(50 + 8 * i, 100), person(210 - 8 * i, 130))));
    expect(ids).toEqual(times(20).map(() => [1, 2]));
  });

  it('does not depend on the order of the detections', () => {
    const ids = run(
      times(10).map((i) => (i % 2 === 0 ? seen(i, person(50, 100), person(200, 100)) : seen(i, person(200, 100), person(50, 100)))),
    );
    expect(ids).toEqual(times(10).map((i) => (i % 2 === 0 ? [1, 2] : [2, 1])));
  });

  it('finds somebody again who was hidden while walking, until max_lost', () => {
    const walk = (i: number) => person(40 + 6 * i, 100);
    const hidden = (from: number, to: number) => times(to + 5).map((i) => (i >= from && i < to ? seen(i) : seen(i, walk(i))));
    expect(run(hidden(10, 16)).flat()).toEqual(Array<number>(15).fill(1));
    expect(run(hidden(10, 16), { max_lost: '300ms' }).flat()).toEqual([...Array<number>(10).fill(1), ...Array<number>(5).fill(2)]);
  });

  it('follows what is fast for its size, by motion', () => {
    expect(run(times(8).map((i) => seen(i, person(20 + 18 * i, 100)))).flat()).toEqual(Array<number>(8).fill(1));
  });

  it('never joins different labels', () => {
    expect(run([seen(0, person(50, 100)), seen(1, person(50, 100, { label: 'dog' })), seen(2, person(50, 100))])).toEqual([[1], [2], [1]]);
  });

  it('holds back what was seen less than min_hits times, and gives it no number', () => {
    const ids = run(
      [
        seen(0, person(50, 100)),
        seen(1, person(52, 100), person(250, 100)),
        seen(2, person(54, 100)),
        seen(3, person(56, 100), person(150, 100)),
        seen(4, person(58, 100), person(150, 100)),
      ],
      { min_hits: 2 },
    );
    expect(ids).toEqual([[], [1], [1], [1], [1, 2]]);
  });

  it('tells people apart by their colours when one steps out from behind the other', () => {
    const dressed = (index: number, ...people: [x: number, shade: number][]): Detections => {
      const made = seen(index, ...people.map(([x]) => person(x, 100)));
      for (const [x, shade] of people)
        for (let y = 50; y < 100; y++) made.frame.data.fill(shade, (y * 320 + x - 10) * 3, (y * 320 + x + 10) * 3);
      return made;
    };
    // Dark stands in front of light from frame 4 to 8; then they change sides.
    const apart = times(4).map((i) => dressed(i, [80, 30], [130 - 10 * i, 220]));
    const hidden = times(4).map((i) => dressed(4 + i, [84, 30]));
    const after = times(4).map((i) => dressed(8 + i, [78 - 2 * i, 220], [92 + 2 * i, 30]));
    expect(run([...apart, ...hidden, ...after]).slice(8)).toEqual(times(4).map(() => [2, 1]));
  });

  it('begins anew, with new numbers, when time goes back', () => {
    expect(run([seen(5, person(50, 100)), seen(0, person(50, 100))])).toEqual([[1], [2]]);
  });
});

it('goes on with its numbers where another one was, from what that remembered', () => {
  const frames = times(20).map((i) => seen(i, person(50 + 8 * i, 100), person(210 - 8 * i, 130)));
  const half = (part: Detections[], node: TrackNode, ctx: ReturnType<typeof fakeContext>) =>
    part.map((one) => node.process(packet(one, 'detections'), ctx).detections.map(({ track_id }) => track_id));
  const config = makeConfig(TrackConfig, { min_hits: 1 });
  const before = fakeContext();
  half(frames.slice(0, 9), new TrackNode(config), before);
  const after = fakeContext();
  for (const [key, value] of before.state.entries()) after.state.set(key, JSON.parse(JSON.stringify(value)));
  const node = new TrackNode(config);
  node.open(after);
  expect(half(frames.slice(9), node, after)).toEqual(times(11).map(() => [1, 2]));
});
