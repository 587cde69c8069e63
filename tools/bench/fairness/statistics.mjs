// Paired comparisons: every policy saw the same bursts, so differences are taken seed by seed.
import { mean, quantile } from '../src/statistics.mjs';
import { numbers } from './workloads.mjs';

/** Percentile bootstrap of the mean (Efron 1979), 95 %, with numbers of its own seed. */
export function interval(values, seed, resamples = 1000) {
  const random = numbers(seed);
  const means = Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)];
    return sum / values.length;
  });
  return { mean: mean(values), low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

/** Upper tail of the normal distribution (Abramowitz and Stegun 7.1.26 for erf; absolute error below 1.5e-7). */
function tail(z) {
  const x = z / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return (poly * Math.exp(-x * x)) / 2;
}

/**
 * Two-sided Wilcoxon signed-rank test (Wilcoxon 1945) of paired differences: normal approximation with continuity and tie correction, zeros
 * left out. @returns the p-value, 1 where nothing differs
 */
export function wilcoxon(differences) {
  const own = differences.filter((d) => d !== 0).sort((a, b) => Math.abs(a) - Math.abs(b));
  const n = own.length;
  if (n === 0) return 1;
  let plus = 0;
  let ties = 0;
  for (let i = 0; i < n;) {
    let end = i;
    while (end < n && Math.abs(own[end]) === Math.abs(own[i])) end++;
    const rank = (i + 1 + end) / 2;
    for (let k = i; k < end; k++) if (own[k] > 0) plus += rank;
    ties += (end - i) ** 3 - (end - i);
    i = end;
  }
  const expected = (n * (n + 1)) / 4;
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - ties / 48;
  const distance = Math.max(0, Math.abs(plus - expected) - 0.5);
  return variance === 0 ? 1 : Math.min(1, 2 * tail(distance / Math.sqrt(variance)));
}

/** Holm's step-down correction (Holm 1979) of all p-values of a family; in the order given. */
export function holm(values) {
  const order = values.map((p, i) => [p, i]).sort(([a], [b]) => a - b);
  const adjusted = new Array(values.length);
  let most = 0;
  order.forEach(([p, i], rank) => {
    most = Math.max(most, Math.min(1, p * (values.length - rank)));
    adjusted[i] = most;
  });
  return adjusted;
}
