import { SluiceError } from '@sluice/sdk';
import type { Edge } from './edge';

/** Why packets wait that nothing can move: a cycle that is full, or branches that wait for each other. */
export function stalled(waiting: readonly Edge[], loops: readonly Edge[]): SluiceError {
  const full = loops.filter((edge) => edge.blocks && edge.vacancy <= 0);
  const named = (edges: readonly Edge[]) => edges.map((edge) => `${edge.id} (${edge.depth} of ${edge.capacity})`).join(', ');
  if (full.length > 0) {
    return new SluiceError('EDGE_LOOP_FULL', `A cycle is full and cannot move: ${named(full)}.`, {
      hint: 'Let it give out less than it takes in, or make an edge of it lossy.',
    });
  }
  return new SluiceError('RUN_STALLED', `Packets wait and nothing can move them: ${named(waiting)}.`, {
    hint: 'Two branches wait for each other: raise the capacity of the one that is full, or make it lossy.',
  });
}
