// Durable queues: packets of 1 KB, put, taken and acked, each commit on the disk.
import { median } from '../statistics.mjs';

const sides = () => import('../sides/queue.mjs');
const peers = () => import('../sides/queue-peers.mjs');

/** How many times as fast as another side. */
const x = (pairs, side) => median(pairs.map((pair) => pair.ours.rate / pair[side].rate)).toFixed(2);

/** Beside a server that does not sync each commit. */
function served(name, peer, goal) {
  return {
    name: `queue-${name}`,
    clock: 'wall',
    // First, so that nothing is measured for nothing without --peers.
    sides: { peer: async (options) => (await peers())[name](options, 6_000), ours: async () => (await sides()).ours(64, 12_000) },
    cases: [
      {
        id: `queue-${name}`,
        what: '1 KB packets put, taken and acked, 64 at one time',
        peer,
        unit: 'x',
        goal,
        better: 'higher',
        value: (pair) => pair.ours.rate / pair.peer.rate,
      },
    ],
  };
}

export const queues = [
  {
    name: 'queue-64',
    clock: 'wall',
    sides: { ours: async () => (await sides()).ours(64, 12_000, { watched: true }) },
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
        what: 'the longest that the event loop was held meanwhile; time that other programs had the processor is left out',
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
    sides: {
      ours: async () => (await sides()).ours(1, 3_000),
      bare: async () => (await sides()).bare(3_000),
      shared: async () => (await sides()).bare(3_000, { shared: true }),
    },
    cases: [
      {
        id: 'queue-1',
        what: 'the same, one at one time',
        peer: 'sqlite3, prepared statements in a loop',
        unit: 'x',
        goal: 0.9,
        better: 'higher',
        value: (pair) => pair.ours.rate / pair.bare.rate,
        note: (pairs) => `${x(pairs, 'shared')} of a loop that deletes a row in the commit that puts the next, as ours does`,
      },
    ],
  },
  served('bullmq', 'BullMQ 6.7.0, added and worked off 64 at one time, Redis syncs once a second', 2),
  served('jetstream', 'NATS JetStream in files, synced now and then', 0.8),
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
