// Durable queues: packets of 1 KB, put, taken and acked, each commit on the disk.
const sides = () => import('../sides/queue.mjs');

export const queues = [
  {
    name: 'queue-64',
    clock: 'wall',
    sides: { ours: async () => (await sides()).ours(64, 12_000) },
    cases: [
      {
        id: 'queue-64',
        what: '1 KB packets put, taken and acked, 64 at one time, every commit on the disk',
        unit: '/s',
        goal: 15_000,
        better: 'higher',
        value: (pair) => pair.ours.rate,
      },
      {
        id: 'queue-hold',
        what: 'the longest that the event loop was held meanwhile',
        unit: 'ms',
        goal: 10,
        better: 'lower',
        value: (pair) => pair.ours.hold,
      },
    ],
  },
  {
    name: 'queue-1',
    clock: 'wall',
    sides: { ours: async () => (await sides()).ours(1, 1_500), bare: async () => (await sides()).bare(1_500) },
    cases: [
      {
        id: 'queue-1',
        what: 'the same, one at one time',
        peer: 'sqlite3, prepared statements in a loop',
        unit: 'x',
        goal: 0.9,
        better: 'higher',
        value: (pair) => pair.ours.rate / pair.bare.rate,
      },
    ],
  },
  {
    name: 'queue-storage',
    sides: { ours: async () => (await sides()).storage(10_000) },
    cases: [
      {
        id: 'queue-storage',
        what: 'size of the file for each byte of payload that waits in it',
        unit: 'bytes',
        goal: 1.3,
        better: 'lower',
        value: (pair) => pair.ours.ratio,
      },
    ],
  },
];
