// A grid of small line charts as SVG, written by hand: one column for each workload, one row for each metric, a line for each policy.

const CELL = { width: 250, height: 150 };
const GAP = { x: 24, y: 22 };
const LEFT = 78;
const TOP = 96;
/** Apart also for those who see no red or green, and in grey by dash. */
const STYLE = {
  drop_newest: { colour: '#0072b2', dash: '' },
  drop_oldest: { colour: '#d55e00', dash: '6 3' },
  error: { colour: '#56b4e9', dash: '1 3' },
  latest: { colour: '#999999', dash: '8 3 2 3' },
  fair: { colour: '#009e73', dash: '' },
};

/** A round number at or above `value`. */
function ceiling(value) {
  if (value <= 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((step) => step * unit).find((step) => step >= value * 0.999);
}

const round = (value) => Math.round(value * 10) / 10;
const label = (value) => String(Math.round(value * 1000) / 1000);

/**
 * @param {{ title: string, subtitle: string, columns: string[], rows: { id: string, label: string }[], x: { label: string, values: number[] },
 *   series: string[], at: (column: string, row: string, series: string, x: number) => { mean: number, low: number, high: number } }} chart
 */
export function grid({ title, subtitle, columns, rows, x, series, at }) {
  const width = LEFT + columns.length * (CELL.width + GAP.x) + 8;
  const height = TOP + rows.length * (CELL.height + GAP.y) + 44;
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, Helvetica, Arial, sans-serif" font-size="12" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="16" y="26" font-size="17" font-weight="600">${title}</text>`,
    `<text x="16" y="44" fill="#555">${subtitle}</text>`,
  ];
  series.forEach((name, i) => {
    const left = 16 + i * 130;
    out.push(`<line x1="${left}" y1="63" x2="${left + 26}" y2="63" ${stroke(name)}/><text x="${left + 32}" y="67">${name}</text>`);
  });
  columns.forEach((column, c) => {
    const left = LEFT + c * (CELL.width + GAP.x);
    out.push(`<text x="${left + CELL.width / 2}" y="${TOP - 8}" text-anchor="middle" font-weight="600">${column}</text>`);
  });
  rows.forEach((row, r) => {
    const top = TOP + r * (CELL.height + GAP.y);
    const high = Math.max(...columns.flatMap((c) => series.flatMap((s) => x.values.map((value) => at(c, row.id, s, value).high))));
    const limit = ceiling(high);
    const middle = top + CELL.height / 2;
    out.push(`<text x="18" y="${middle}" text-anchor="middle" transform="rotate(-90 18 ${middle})">${row.label}</text>`);
    columns.forEach((column, c) => {
      const left = LEFT + c * (CELL.width + GAP.x);
      const [first, last] = [x.values[0], x.values.at(-1)];
      const px = (value) => round(left + ((value - first) / (last - first)) * CELL.width);
      const py = (value) => round(top + CELL.height - (value / limit) * CELL.height);
      for (const share of [0, 0.5, 1]) {
        const y = py(share * limit);
        out.push(`<line x1="${left}" y1="${y}" x2="${left + CELL.width}" y2="${y}" stroke="#e3e3e3"/>`);
        if (c === 0) out.push(`<text x="${left - 6}" y="${y + 4}" text-anchor="end" font-size="11">${label(share * limit)}</text>`);
      }
      if (first < 1 && last > 1)
        out.push(`<line x1="${px(1)}" y1="${top}" x2="${px(1)}" y2="${top + CELL.height}" stroke="#bbb" stroke-dasharray="2 3"/>`);
      for (const name of series) {
        const points = x.values.map((value) => [value, at(column, row.id, name, value)]);
        const band = [...points.map(([v, p]) => `${px(v)},${py(p.high)}`), ...points.toReversed().map(([v, p]) => `${px(v)},${py(p.low)}`)];
        out.push(`<polygon points="${band.join(' ')}" fill="${STYLE[name].colour}" opacity="0.12"/>`);
        out.push(`<polyline points="${points.map(([v, p]) => `${px(v)},${py(p.mean)}`).join(' ')}" fill="none" ${stroke(name)}/>`);
      }
      if (r === rows.length - 1) {
        for (const value of x.values)
          out.push(`<text x="${px(value)}" y="${top + CELL.height + 16}" text-anchor="middle" font-size="11">${label(value)}</text>`);
      }
    });
  });
  out.push(
    `<text x="${LEFT + (columns.length * (CELL.width + GAP.x)) / 2}" y="${height - 10}" text-anchor="middle">${x.label}</text>`,
    '</svg>',
    '',
  );
  return out.join('\n');
}

function stroke(name) {
  const { colour, dash } = STYLE[name];
  return `stroke="${colour}" stroke-width="2"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`;
}
