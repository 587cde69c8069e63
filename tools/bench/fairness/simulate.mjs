// One run: a real graph in virtual time. The source is never asked to wait, the consumer serves one packet at a time.
import { createEngine, VirtualClock } from '@sluice/runtime';
import { Any, definePlugin, Node, port } from '@sluice/sdk';
import { quantile } from '../src/statistics.mjs';
import { GROUPS } from './workloads.mjs';

const ports = { in: { in: port(Any, 'in') }, out: { out: port(Any, 'out') } };

/** @returns what became of each group: offered, served, and the latencies of what was served, in ms */
export async function simulate(workload, policy, plan) {
  const groups = Object.fromEntries(GROUPS.map((name) => [name, { offered: 0, served: 0, latencies: [] }]));
  class Bursts {
    async *read(ctx) {
      const start = ctx.now();
      for (const { at, group, services } of plan) {
        await ctx.sleep(start + at - ctx.now());
        for (const service of services) {
          groups[group].offered++;
          yield { group, service, at: ctx.now() };
        }
      }
    }
  }
  // With when_full: error it is this node that gets the error.
  class Send {
    process(packet) {
      return packet;
    }
  }
  class Serve {
    async write({ payload }, ctx) {
      await ctx.sleep(payload.service);
      const own = groups[payload.group];
      own.served++;
      own.latencies.push(ctx.now() - payload.at);
    }
  }
  Node({ type: 'f/bursts', kind: 'source', mode: 'pull', summary: 's', out: ports.out })(Bursts);
  Node({ type: 'f/send', kind: 'transform', summary: 's', ...ports })(Send);
  Node({ type: 'f/serve', kind: 'sink', summary: 's', in: ports.in })(Serve);
  class Refused {
    write() {}
  }
  Node({ type: 'f/refused', kind: 'sink', summary: 's', in: ports.in })(Refused);

  const clock = new VirtualClock();
  const engine = createEngine({ plugins: [definePlugin({ name: 'f', nodes: [Bursts, Send, Serve, Refused] })], clock, seed: 1 });
  const keyed = policy === 'fair' || policy === 'latest';
  const options = { when_full: policy, capacity: workload.capacity, ...(keyed ? { key: 'payload.group' } : {}) };
  const refused = policy === 'error';
  const graph = await engine.load({
    version: 2,
    name: 'fairness',
    nodes: {
      source: { type: 'f/bursts' },
      send: { type: 'f/send' },
      serve: { type: 'f/serve' },
      ...(refused ? { refused: { type: 'f/refused' } } : {}),
    },
    edges: ['source -> send', { 'send -> serve': options }, ...(refused ? ['send.error -> refused'] : [])],
  });
  const run = engine.start(graph, { inputs: {} });
  const { status } = await clock.run(run.done);
  const edge = run.figures().edges.find(({ id }) => id === 'send.out->serve.in');
  const served = GROUPS.reduce((sum, name) => sum + groups[name].served, 0);
  if (edge.out !== served || edge.in !== edge.out + (edge.dropped.full ?? 0))
    throw new Error(`the books do not balance: ${JSON.stringify(edge)}, ${served} served`);
  return { ...metrics(workload, groups, status === 'error'), served };
}

/** What is compared. Shares are of what was offered; `harm` is what the study of the reference platform used. */
export function metrics({ weight, budget }, groups, failed) {
  const weights = { a: 1, b: weight };
  const missOf = ({ offered, served }) => (offered === 0 ? 0 : 1 - served / offered);
  const p95 = ({ latencies }) => (latencies.length === 0 ? 0 : quantile(latencies, 0.95));
  const total = (of) => GROUPS.reduce((sum, name) => sum + weights[name] * groups[name].offered * of(groups[name]), 0);
  const all = total(() => 1);
  const [miss_a, miss_b] = GROUPS.map((name) => missOf(groups[name]));
  const [p95_a, p95_b] = GROUPS.map((name) => p95(groups[name]));
  const offered = GROUPS.reduce((sum, name) => sum + groups[name].offered, 0);
  const done = GROUPS.reduce((sum, name) => sum + groups[name].served, 0);
  const late = total((group) => Math.min(5, p95(group) / budget)) / all;
  return {
    miss: 1 - done / offered,
    miss_a,
    miss_b,
    gap: Math.abs(miss_b - miss_a),
    p95_a,
    p95_b,
    latency_gap: Math.abs(p95_b - p95_a),
    harm: (100 * total(missOf)) / all + 10 * late + (failed ? 5 : 0),
  };
}
