/** Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`, or `limit + 1` where it takes more. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
      best = Math.min(best, cost);
    }
    if (best > limit) return limit + 1;
    before = last;
    last = row;
  }
  return last[b.length]!;
}

/** The candidate that `name` was probably meant to be, or undefined where none is close. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  // One edit of a two-letter name leaves half of it: that is another name.
  let limit = name.length < 3 ? 0 : Math.max(1, Math.floor(name.length / 3));
  let found: string | undefined;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    // `video-file` for `vision/video-file`: the last part alone is close enough.
    const far = other.endsWith(`/${wanted}`) ? 0 : distance(wanted, other, limit);
    if (far > limit || (far === limit && found !== undefined)) continue;
    found = candidate;
    limit = far;
  }
  return found;
}
