// What is on record of calls of nodes with `durability: full`.
const side = (sync, count) => async () => (await import('../sides/noderuns.mjs')).nodeRuns(sync, count);

const one = (id, sync, count, goal, what) => ({
  name: id,
  clock: 'wall',
  sides: { ours: side(sync, count) },
  cases: [{ id, what, unit: '/s', goal, better: 'higher', value: (pair) => pair.ours.rate }],
});

export const noderuns = [
  one(
    'noderuns-full',
    'full',
    4_000,
    1_000,
    'node runs with two transitions each, 256 at one time, 1 KB results, every commit on the disk',
  ),
  one('noderuns-normal', 'normal', 10_000, 5_000, 'the same, the system writes when it likes'),
];
