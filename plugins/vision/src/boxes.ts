import type { Box } from './ports';

export function area({ x1, y1, x2, y2 }: Box): number {
  return Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
}

/** What lies in both; its area is 0 where that is nothing. */
export function shared(a: Box, b: Box): Box {
  return { x1: Math.max(a.x1, b.x1), y1: Math.max(a.y1, b.y1), x2: Math.min(a.x2, b.x2), y2: Math.min(a.y2, b.y2) };
}

/** Intersection over union, 0 to 1. */
export function iou(a: Box, b: Box): number {
  const both = area(shared(a, b));
  const all = area(a) + area(b) - both;
  return all > 0 ? both / all : 0;
}
