// What is said about repeated measurements.

/** @param {readonly number[]} values in any order */
export function sorted(values) {
  return [...values].sort((a, b) => a - b);
}

/**
 * The value below which a share `q` of the values lies, between two of them in proportion.
 * @param {readonly number[]} values
 * @param {number} q in [0, 1]
 */
export function quantile(values, q) {
  if (values.length === 0) return NaN;
  const ordered = sorted(values);
  const at = (ordered.length - 1) * q;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return ordered[low] + (ordered[high] - ordered[low]) * (at - low);
}

/** @param {readonly number[]} values */
export function median(values) {
  return quantile(values, 0.5);
}

/** @param {readonly number[]} values */
export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param {readonly number[]} values */
export function summary(values) {
  return { min: Math.min(...values), median: median(values), max: Math.max(...values) };
}

/** Whether a median reaches its goal. */
export function reaches(value, goal, better) {
  return better === 'lower' ? value <= goal : value >= goal;
}
