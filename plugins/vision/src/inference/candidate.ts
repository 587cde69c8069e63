import { area, iou, shared } from '../boxes';
import type { Box } from '../ports';

/** A box that a model proposes, in pixels of what it was given. */
export interface Candidate extends Box {
  readonly score: number;
  /** Number of the class. */
  readonly cls: number;
}

/** More than these are never compared with each other. */
const CONSIDERED = 3000;

/** Share of two boxes that must lie in a third, and of the third that they must fill, for it to be a group. */
const MEMBER_INSIDE = 0.75;
const GROUP_FILLED = 0.85;

/**
 * Non-maximum suppression within each class: the best stays, and what overlaps it by more than `overlap` goes. So does a box
 * around two better ones, which overlap alone does not catch: people side by side are not a third person.
 * Gives at most `limit`, best first.
 */
export function suppress(candidates: readonly Candidate[], overlap: number, limit: number): Candidate[] {
  const kept: Candidate[] = [];
  const ordered = [...candidates].sort((a, b) => b.score - a.score).slice(0, CONSIDERED);
  for (const one of ordered) {
    if (kept.length >= limit) break;
    const better = kept.filter(({ cls }) => cls === one.cls);
    if (!better.some((other) => iou(other, one) > overlap) && !isGroup(one, better)) kept.push(one);
  }
  return kept;
}

function isGroup(box: Candidate, better: readonly Candidate[]): boolean {
  const members = better.filter((other) => area(shared(other, box)) > MEMBER_INSIDE * area(other));
  return members.some((a, i) =>
    members.slice(i + 1).some((b) => {
      const [inA, inB] = [shared(a, box), shared(b, box)];
      return area(inA) + area(inB) - area(shared(inA, inB)) > GROUP_FILLED * area(box);
    }),
  );
}
