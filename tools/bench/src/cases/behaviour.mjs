// How it behaves: under overload, with large graphs, over time.
const work = (file) => import(`../sides/${file}.mjs`);
const seconds = ({ quick }) => (quick ? 10 : 60);

/** An experiment of one side and its cases. */
function alone(name, clock, ours, cases) {
  return { name, clock, sides: { ours }, cases };
}

export const behaviour = [
  {
    name: 'overload',
    clock: 'wall',
    // V8's young generation at its full size from the start: else it doubles once at some moment, and that is all that is seen to grow.
    flags: ['--min-semi-space-size=16'],
    sides: {
      block: async (o) => (await work('overload')).overload('block', seconds(o)),
      latest: async (o) => (await work('overload')).overload('latest', seconds(o)),
      loop: async () => (await work('overload')).alone(5),
    },
    cases: [
      {
        id: 'overload-rss-block',
        what: 'producer at full speed, 1 ms consumer, `block`: growth of RSS after second 2',
        unit: 'MB',
        goal: 5,
        better: 'lower',
        sides: ['block'],
        value: (pair) => pair.block.growth,
      },
      {
        id: 'overload-rss-latest',
        what: 'the same, `latest`',
        unit: 'MB',
        goal: 5,
        better: 'lower',
        sides: ['latest'],
        value: (pair) => pair.latest.growth,
        note: ([pair]) => `${Math.round(pair.latest.produced)} packets/s offered`,
      },
      {
        id: 'overload-rate',
        what: 'rate of the consumer, the worse of `block` and `latest`',
        peer: 'a loop that only sleeps',
        unit: 'ratio',
        goal: 0.98,
        better: 'higher',
        value: (pair) => Math.min(pair.block.rate, pair.latest.rate) / pair.loop.rate,
        note: ([pair]) =>
          `per second: block ${Math.round(pair.block.rate)}, latest ${Math.round(pair.latest.rate)}, alone ${Math.round(pair.loop.rate)}`,
      },
    ],
  },
  alone('control', 'wall', async (o) => (await work('latency')).control({ seconds: o.quick ? 4 : 10 }), [
    {
      id: 'control-p99',
      what: 'wait of control packets while 8 edges are full of 0.1 ms work; none dropped',
      unit: 'ms',
      goal: 5,
      better: 'lower',
      value: ({ ours }) => (ours.dropped > 0 ? Infinity : ours.p99),
      note: (pairs) => `worst ${Math.max(...pairs.map(({ ours }) => ours.worst)).toFixed(1)} ms of ${pairs[0].ours.n} a round`,
    },
  ]),
  alone('fence', 'wall', async () => (await work('fence')).fence(), [
    {
      id: 'fence-p99',
      what: 'cancel of 100 sessions with 1,000 units under load: until the fence stands',
      unit: 'ms',
      goal: 0.1,
      better: 'lower',
      value: ({ ours }) => ours.fence,
      note: ([{ ours }]) => `median ${ours.typical[0].toFixed(3)} ms a session`,
    },
    {
      id: 'sweep-p99',
      what: 'the same: until all that waited is swept away',
      unit: 'ms',
      goal: 5,
      better: 'lower',
      value: ({ ours }) => ours.sweep,
      note: ([{ ours }]) => `${ours.dropped} packets dropped`,
    },
    {
      id: 'fence-accepted',
      what: 'the same: packets that a sink took after their fence',
      unit: 'packets',
      clock: '',
      goal: 0,
      better: 'lower',
      value: ({ ours }) => ours.late,
      note: ([{ ours }]) => `of ${ours.accepted}`,
    },
  ]),
  alone('hops', 'wall', async (o) => (await work('latency')).hops({ seconds: o.quick ? 4 : 8 }), [
    { id: 'hop-p50', what: 'four queued hops at 5,000 packets/s', unit: 'us', goal: 5, better: 'lower', value: ({ ours }) => ours.p50 },
    { id: 'hop-p99', what: 'the same', unit: 'us', goal: 60, better: 'lower', value: ({ ours }) => ours.p99 },
  ]),
  alone('start', 'wall', async () => (await work('size')).start(), [
    {
      id: 'start-1000',
      what: 'compile and start 1,000 nodes, once, in a fresh process',
      unit: 'ms',
      goal: 250,
      better: 'lower',
      value: ({ ours }) => ours.ms,
    },
    {
      id: 'heap-node',
      what: 'heap per node of that graph, started',
      unit: 'KB',
      goal: 6,
      better: 'lower',
      clock: '',
      value: ({ ours }) => ours.bytes / 1024,
    },
  ]),
  alone('validate-1000', 'wall', async () => (await work('size')).validate(), [
    {
      id: 'validate-1000',
      what: 'validate the YAML of 1,000 nodes, once, in a fresh process',
      unit: 'ms',
      goal: 150,
      better: 'lower',
      value: ({ ours }) => ours.ms,
    },
  ]),
  alone('validate-500', 'cpu', async () => (await work('size')).checkObject(), [
    {
      id: 'validate-500',
      what: 'check and plan 500 nodes that were read already, once, in a fresh process',
      unit: 'ms',
      goal: 200,
      better: 'lower',
      value: ({ ours }) => ours.ms,
    },
  ]),
  alone('deep', '', async () => (await work('size')).deep(), [
    {
      id: 'chain-10000',
      what: 'run without overflow: 10,000 nodes fused, 10,000 queued, a cycle',
      unit: 'of 3',
      goal: 3,
      better: 'higher',
      value: ({ ours }) => ours.passed,
      note: ([{ ours }]) => ours.why,
    },
  ]),
  alone('growth', '', async () => (await work('size')).growth(), [
    {
      id: 'heap-growth',
      what: 'heap after 1e7 packets minus after 1e5',
      unit: 'MB',
      goal: 2,
      better: 'lower',
      value: ({ ours }) => ours.mb,
    },
  ]),
  alone('ready', 'wall', async () => (await work('ready')).ready(), [
    {
      id: 'ready',
      what: 'process start of the built server to /readyz, sensor-watch, no console',
      unit: 'ms',
      goal: 400,
      better: 'lower',
      value: ({ ours }) => ours.ms,
    },
  ]),
  alone('api', 'wall', async (o) => (await work('consoles')).answers(o), [
    {
      id: 'api-p99',
      what: 'answers of the API while 20 consoles listen and 5,000 packets/s pass',
      unit: 'ms',
      goal: 20,
      better: 'lower',
      value: ({ ours }) => ours.p99,
      note: ([{ ours }]) => `median ${ours.p50.toFixed(2)} ms of ${ours.n}`,
    },
  ]),
  alone('consoles', 'wall', async (o) => (await work('consoles')).cost(o), [
    {
      id: 'consoles-cost',
      what: 'packets that fewer pass while 20 consoles listen, at full speed',
      unit: '%',
      goal: 3,
      better: 'lower',
      value: ({ ours }) => ours.percent,
      note: ([{ ours }]) => `${ours.frames} frames sent`,
    },
  ]),
];
