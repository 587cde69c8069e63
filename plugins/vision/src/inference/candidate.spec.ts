import * as fc from 'fast-check';
import { iou } from '../boxes';
import { suppress, type Candidate } from './candidate';

const box = (x1: number, y1: number, x2: number, y2: number, score: number, cls = 0): Candidate => ({ x1, y1, x2, y2, score, cls });
const anyBox = fc
  .tuple(
    fc.integer({ min: 0, max: 90 }),
    fc.integer({ min: 0, max: 90 }),
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 1000 }),
    fc.integer({ min: 0, max: 1 }),
  )
  .map(([x, y, w, h, score, cls]) => box(x, y, x + w, y + h, score / 1000, cls));

describe('iou', () => {
  it('is symmetric, 1 for itself, 0 apart, and right in between', () => {
    expect(iou(box(0, 0, 10, 10, 1), box(5, 0, 15, 10, 1))).toBeCloseTo(1 / 3);
    expect(iou(box(0, 0, 10, 10, 1), box(10, 0, 20, 10, 1))).toBe(0);
    expect(iou(box(3, 3, 3, 3, 1), box(3, 3, 3, 3, 1))).toBe(0);
    fc.assert(
      fc.property(anyBox, anyBox, (a, b) => {
        expect(iou(a, a)).toBe(1);
        expect(iou(a, b)).toBe(iou(b, a));
        expect(iou(a, b)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('suppression', () => {
  it('keeps the best of what overlaps, class by class, best first', () => {
    const kept = suppress([box(0, 0, 10, 10, 0.6), box(1, 0, 11, 10, 0.9), box(1, 0, 11, 10, 0.7, 1), box(50, 50, 60, 60, 0.5)], 0.5, 10);
    expect(kept.map(({ score }) => score)).toEqual([0.9, 0.7, 0.5]);
  });

  it('drops a box around two better ones, but not a person between two others', () => {
    const left = box(0, 0, 20, 60, 0.9);
    const right = box(22, 0, 42, 60, 0.8);
    expect(suppress([left, right, box(1, 0, 42, 62, 0.7)], 0.6, 10)).toEqual([left, right]);
    const between = box(11, 0, 31, 60, 0.7);
    expect(suppress([left, right, between], 0.6, 10)).toContain(between);
  });

  it('gives what was there, at most the limit, the best of all first, and nothing that overlaps too much', () => {
    fc.assert(
      fc.property(
        fc.array(anyBox, { maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 10 }),
        (all, overlap, limit) => {
          const kept = suppress(all, overlap, limit);
          expect(kept.length).toBeLessThanOrEqual(limit);
          expect(kept.every((one) => all.includes(one))).toBe(true);
          expect(kept[0]?.score).toBe(all.length === 0 ? undefined : Math.max(...all.map(({ score }) => score)));
          kept.forEach((a, i) => kept.slice(i + 1).forEach((b) => expect(a.cls === b.cls && iou(a, b) > overlap).toBe(false)));
          expect(suppress(kept, overlap, limit)).toEqual(kept);
        },
      ),
    );
  });
});
