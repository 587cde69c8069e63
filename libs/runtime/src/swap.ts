import { planDiff, type Plan } from '@sluice/graph';
import type { Context } from '@sluice/sdk';
import type { Run } from './api';
import type { LiveNode } from './build';
import type { Source } from './source';

/** A node that goes on in the run that takes over: its instance, and for a source where it is in what it reads. */
export interface KeptNode {
  readonly instance: NonNullable<LiveNode['instance']>;
  readonly ctx: Context;
  readonly rest: Iterable<unknown> | AsyncIterable<unknown> | undefined;
}

/** What one run leaves to the next. */
export interface Handover {
  readonly nodes: ReadonlyMap<string, KeptNode>;
  /** When all that was under way has flown out and what is not kept is closed: until then the next run opens and calls nothing. */
  readonly after: Promise<unknown>;
  /** Told where the next run cannot start: `back` lets the plan that was replaced take over from it. */
  readonly failed?: (back: (plan: Plan, id?: string) => Run) => void;
}

/**
 * The nodes that can go on as they are from one plan to another: unchanged, and with no packets of their own at the moment at which all
 * edges are empty. What works over time (operators, joins), what pushes, and what a store keeps is drained and made anew.
 */
export function keptNodes(before: Plan, after: Plan, sources: readonly Source[]): ReadonlySet<string> {
  const same = planDiff(before, after).nodes.flatMap(({ id, change }) => (change === 'kept' ? [id] : []));
  const unreleasable = new Set(sources.flatMap(({ releasable, stage }) => (releasable ? [] : [stage.node.id])));
  const plain = new Set(
    after.nodes.flatMap(({ id, kind, policies: { join, durability, placement } }) =>
      kind !== 'operator' && join === undefined && durability === 'none' && placement === 'inline' && !unreleasable.has(id) ? [id] : [],
    ),
  );
  return new Set(same.filter((id) => plain.has(id)));
}

/** The rest of what an iterator gives, the answer that it owes first. */
export function restOf(
  iterator: Iterator<unknown> | AsyncIterator<unknown>,
  owed: Promise<IteratorResult<unknown>> | undefined,
): AsyncIterable<unknown> {
  let first = owed;
  // Read by a source, which takes answers that are there at once, too.
  const rest = {
    next: (): unknown => {
      const answer = first ?? iterator.next();
      first = undefined;
      return answer;
    },
    return: (): unknown => iterator.return?.() ?? { done: true, value: undefined },
  };
  return { [Symbol.asyncIterator]: () => rest as AsyncIterator<unknown> };
}
