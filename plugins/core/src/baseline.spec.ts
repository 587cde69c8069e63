import fc from 'fast-check';
import { Baseline } from './baseline';

const median = (values: number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[sorted.length >> 1]!) / 2;
};

test('median and scatter are those of the newest values', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      (values, capacity) => {
        const baseline = new Baseline(capacity);
        values.forEach((value, i) => {
          baseline.add(value);
          const kept = values.slice(Math.max(0, i + 1 - capacity), i + 1);
          expect(baseline.size).toBe(kept.length);
          expect(baseline.median()).toBe(median(kept));
          expect(baseline.scatter()).toBeCloseTo(1.4826 * median(kept.map((other) => Math.abs(other - median(kept)))), 9);
        });
      },
    ),
  );
});
