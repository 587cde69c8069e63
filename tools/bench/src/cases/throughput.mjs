// How much one packet costs, beside the same work by hand.
import { NotAvailable } from '../measure.mjs';

const N = 1_024_000;
const ours = async (name, ...how) => (await import('../sides/sluice.mjs'))[name](...how);
const rxjs = async (name, ...how) => (await import('../sides/rxjs.mjs'))[name](...how);
const others = async (name, how) => (await import('../sides/others.mjs'))[name](how);
const QUEUED = { capacity: 65 };

const nodered = async (kind, how) => (await import('../sides/nodered.mjs')).nodered(kind, how);

const ratio = (peer) => (pair) => pair.ours.ns / pair[peer].ns;
const ns = (side) => (pairs) => `${Math.round(pairs.map((pair) => pair[side].ns).sort((a, b) => a - b)[pairs.length >> 1])} ns`;
const both =
  (peer, side = 'ours') =>
  (pairs) =>
    `${ns(side)(pairs)} / ${ns(peer)(pairs)}`;

/** An experiment of two sides and one case. */
function pair(id, what, peer, goal, sides, clock = 'cpu') {
  return {
    name: id,
    clock,
    sides,
    cases: [{ id, what, peer, unit: 'ratio', goal, better: 'lower', value: ratio('rxjs'), note: both('rxjs') }],
  };
}

export const throughput = [
  pair('fused-mixed', '32 fused 4-stage chains', 'RxJS Observable pipes', 0.9, {
    ours: () => ours('pipelines', { count: 32 }, { n: N }),
    rxjs: () => rxjs('pipelines', { count: 32 }, { n: N }),
  }),
  pair('fused', 'one fused 4-stage chain', 'one RxJS pipe', 0.9, {
    ours: () => ours('pipelines', {}, { n: N }),
    rxjs: () => rxjs('pipelines', {}, { n: N }),
  }),
  pair('edges-mixed', '32 chains, a blocking edge of 65 on every hop', 'RxJS Observable pipes', 1.4, {
    ours: () => ours('pipelines', { count: 32, ...QUEUED }, { n: N }),
    rxjs: () => rxjs('pipelines', { count: 32 }, { n: N }),
  }),
  {
    name: 'edges',
    clock: 'cpu',
    sides: {
      ours: () => ours('pipelines', QUEUED, { n: N }),
      rxjs: () => rxjs('pipelines', {}, { n: N }),
      subjects: () => rxjs('subjects', { n: N }),
    },
    cases: [
      {
        id: 'edges',
        what: 'one chain, a blocking edge of 65 on every hop',
        peer: 'one RxJS pipe',
        unit: 'ratio',
        goal: 1.75,
        better: 'lower',
        value: ratio('rxjs'),
        note: (pairs) => `${both('rxjs')(pairs)}; RxJS with a Subject per edge ${ns('subjects')(pairs)}`,
      },
    ],
  },
  pair('fanout', '1 to 8', 'RxJS merge of 8 branches', 0.85, {
    ours: () => ours('fanout', { n: N / 4 }),
    rxjs: () => rxjs('fanout', 8, { n: N / 4 }),
  }),
  pair('fanin', '8 to 1', 'RxJS merge', 0.7, {
    ours: () => ours('fanin', { n: N }),
    rxjs: () => rxjs('fanin', { n: N }),
  }),
  pair('diamond', 'two branches that meet again', 'RxJS merge of 2 branches', 0.6, {
    ours: () => ours('diamond', { n: N / 2 }),
    rxjs: () => rxjs('fanout', 2, { n: N / 2 }),
  }),
  {
    name: 'queued',
    clock: 'cpu',
    sides: {
      ours: () => ours('pipelines', QUEUED, { n: N / 4 }),
      streams: () => others('streams', { n: N / 4 }),
      effect: () => others('effect', { n: N / 4 }),
      generators: () => others('generators', { n: N / 4 }),
    },
    cases: [
      {
        id: 'streams',
        what: 'one chain, queued',
        peer: 'Node object streams',
        unit: 'ratio',
        goal: 0.4,
        better: 'lower',
        sides: ['ours', 'streams'],
        value: ratio('streams'),
        note: both('streams'),
      },
      {
        id: 'effect',
        what: 'one chain, queued',
        peer: 'Effect Stream, per element',
        unit: 'ratio',
        goal: 0.17,
        better: 'lower',
        sides: ['ours', 'effect', 'generators'],
        value: ratio('effect'),
        note: (pairs) => `${both('effect')(pairs)}; async generators ${ns('generators')(pairs)}`,
      },
    ],
  },
  ...[
    ['native', 60, 25_600],
    ['function', 400, 6_400],
  ].map(([kind, goal, n]) => ({
    name: `nodered-${kind}`,
    clock: 'cpu',
    sides: {
      // First, so that nothing is measured for nothing without --peers.
      peer: ({ peers }) => nodered(kind, { n, peers }),
      ours: () => ours('pipelines', {}, { n: N }).then(({ ns }) => ({ ns })),
    },
    cases: [
      {
        id: `nodered-${kind}`,
        what: 'packets/s of one fused chain',
        peer: `Node-RED with ${kind} nodes`,
        unit: 'ratio',
        goal,
        better: 'higher',
        value: (pair) => pair.peer.ns / pair.ours.ns,
        note: both('peer'),
      },
    ],
  })),
  {
    name: 'async',
    // Nothing here ever waits for anything but its turn.
    clock: 'cpu',
    sides: {
      ours: () => ours('pipelines', { async: true, ...QUEUED }, { n: N / 8 }),
      sync: () => ours('pipelines', QUEUED, { n: N / 8 }),
      rxjs: () => rxjs('concatMapped', { n: N / 8 }),
    },
    cases: [
      {
        id: 'async',
        what: 'four async nodes on blocking edges',
        peer: 'RxJS concatMap, 64 in flight',
        unit: 'ratio',
        goal: 0.25,
        better: 'lower',
        sides: ['ours', 'rxjs'],
        value: ratio('rxjs'),
        note: both('rxjs'),
      },
      {
        id: 'async-sync',
        what: 'nodes that return at once on blocking edges',
        peer: 'RxJS concatMap, 64 in flight',
        unit: 'ratio',
        goal: 0.1,
        better: 'lower',
        sides: ['sync', 'rxjs'],
        value: (pair) => pair.sync.ns / pair.rxjs.ns,
        note: both('rxjs', 'sync'),
      },
    ],
  },
  {
    name: 'backlog',
    clock: 'wall',
    sides: {
      deep: async () => (await import('../sides/backlog.mjs')).backlog(1_000_000, 1),
      shallow: async () => (await import('../sides/backlog.mjs')).backlog(1_000, 200),
    },
    cases: [
      {
        id: 'backlog',
        what: 'an async node drains 1e6 waiting packets; per packet, / 1e3 waiting',
        unit: 'ratio',
        goal: 2,
        better: 'lower',
        value: (pair) => pair.deep.ns / pair.shallow.ns,
        note: (pairs) => `${ns('deep')(pairs)} / ${ns('shallow')(pairs)}`,
      },
    ],
  },
  {
    name: 'packet',
    clock: 'cpu',
    sides: { ours: async () => (await import('../sides/derive.mjs')).derive() },
    cases: [{ id: 'derive', what: 'packet.with(payload)', unit: 'ns', goal: 15, better: 'lower', value: (pair) => pair.ours.ns }],
  },
  {
    name: 'validate',
    clock: 'cpu',
    sides: { ours: async () => (await import('../sides/validate.mjs')).validate() },
    cases: [{ id: 'validate', what: 'compiled payload check', unit: 'ns', goal: 12, better: 'lower', value: (pair) => pair.ours.ns }],
  },
];
