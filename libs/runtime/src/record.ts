import type { Plan, PlanNode } from '@sluice/graph';
import { Origin, Packet, type InputRecord, type LeftOver, type NodeSpec, type RecordedNode, type RunRecord } from '@sluice/sdk';
import type { RunHost } from './build';
import { SourceDelivery, type DeliveryCounts } from './delivery';
import type { Edge } from './edge';
import type { CallHooks } from './policy';

/** The nodes of a plan that outlive a crash with something, so that the run is put on record. */
export function recordedNodes(plan: Plan, specOf: (node: PlanNode) => NodeSpec): readonly RecordedNode[] {
  return plan.nodes.flatMap((node) => {
    const { durability } = node.policies;
    return durability === 'none' ? [] : [{ id: node.id, durability, effect: specOf(node).effect ?? node.kind === 'sink' }];
  });
}

/** @returns undefined where nothing is to be put on record */
export async function beginRecord(
  plan: Plan,
  run: string,
  nodes: readonly RecordedNode[],
  store: RunHost['store'],
  correlation?: string,
): Promise<RunRecord | undefined> {
  if (nodes.length === 0 || store === undefined || store === 'none') return undefined;
  const { runs } = await store();
  return runs.begin({ run, graph: plan.name, planHash: plan.hash, nodes, ...(correlation === undefined ? {} : { correlation }) });
}

/** Steps of two around the calls of one node, `outer` first at each place. */
export function bothHooks(outer: CallHooks | undefined, inner: CallHooks | undefined): CallHooks | undefined {
  if (outer === undefined || inner === undefined) return outer ?? inner;
  return {
    whole: outer.whole === true || inner.whole === true,
    trace: (call) => {
      const ends = [outer.trace?.(call), inner.trace?.(call)];
      return (error) => ends.forEach((end) => end?.(error));
    },
    recall: async (call) => (await outer.recall?.(call)) ?? inner.recall?.(call),
    guard: async (call) => {
      await outer.guard?.(call);
      await inner.guard?.(call);
    },
    approve: async (call) => {
      await outer.approve?.(call);
      await inner.approve?.(call);
    },
    claim: async (call) => {
      const first = await outer.claim?.(call);
      try {
        const second = await inner.claim?.(call);
        return async (error) => {
          await second?.(error);
          await first?.(error);
        };
      } catch (error) {
        await first?.(error);
        throw error;
      }
    },
    commit: async (call, result, several) => {
      await inner.commit?.(call, result, several);
      await outer.commit?.(call, result, several);
    },
  };
}

/**
 * Gives inputs to a node again whose results were committed and did not all arrive. The results are stored, so no payload
 * is needed and nothing is done twice.
 */
export function sendAgain(left: readonly LeftOver[], edge: Edge, run: string, counts: DeliveryCounts): void {
  for (const { input, done } of left) {
    const delivery = new SourceDelivery((outcome) => (outcome === 'nacked' ? undefined : done()), counts);
    edge.next(packetOf(input, run, delivery));
  }
}

function packetOf({ root, path, kind, meta, time, source_id, from }: InputRecord, run: string, delivery: SourceDelivery): Packet {
  const origin = new Origin(run, from.node, source_id, time, root, null, 0, delivery);
  const { from: nowhere, seq } = Packet.source(undefined, kind, meta, origin);
  return new Packet(undefined, kind, meta, origin, '', { run, ...from }, seq, nowhere, seq, path);
}
