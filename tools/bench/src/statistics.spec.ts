import { median, quantile, reaches, summary } from './statistics.mjs';

describe('statistics', () => {
  it('take the middle, or the mean of the two in the middle, whatever the order', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(summary([5, 1, 9])).toEqual({ min: 1, median: 5, max: 9 });
  });

  it('interpolate quantiles between two values', () => {
    expect(quantile([10, 20, 30, 40, 50], 0.25)).toBe(20);
    expect(quantile([0, 10], 0.99)).toBeCloseTo(9.9);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('know which side of a goal is better, the goal itself included', () => {
    expect([reaches(0.9, 0.9, 'lower'), reaches(0.91, 0.9, 'lower')]).toEqual([true, false]);
    expect([reaches(0.98, 0.98, 'higher'), reaches(0.97, 0.98, 'higher')]).toEqual([true, false]);
  });
});
