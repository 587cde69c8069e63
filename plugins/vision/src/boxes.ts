import type { Box } from './ports';

export function area({ x1, y1, x2, y2 }: Box): number {
  return Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
}

/** Intersection over union, 0 to 1. */
export function iou(a: Box, b: Box): number {
  const shared = area({ x1: Math.max(a.x1, b.x1), y1: Math.max(a.y1, b.y1), x2: Math.min(a.x2, b.x2), y2: Math.min(a.y2, b.y2) });
  const all = area(a) + area(b) - shared;
  return all > 0 ? shared / all : 0;
}
