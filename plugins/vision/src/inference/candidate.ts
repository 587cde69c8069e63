import { iou } from '../boxes';
import type { Box } from '../ports';

/** A box that a model proposes, in pixels of what it was given. */
export interface Candidate extends Box {
  readonly score: number;
  /** Number of the class. */
  readonly cls: number;
}

/** More than these are never compared with each other. */
const CONSIDERED = 3000;

/**
 * Non-maximum suppression within each class: the best stays, and what overlaps it by more than `overlap` goes.
 * Gives at most `limit`, best first.
 */
export function suppress(candidates: readonly Candidate[], overlap: number, limit: number): Candidate[] {
  const kept: Candidate[] = [];
  const ordered = [...candidates].sort((a, b) => b.score - a.score).slice(0, CONSIDERED);
  for (const one of ordered) {
    if (kept.length >= limit) break;
    if (!kept.some((better) => better.cls === one.cls && iou(better, one) > overlap)) kept.push(one);
  }
  return kept;
}
