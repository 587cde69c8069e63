// Results for people and for programs.

/** Three significant digits. */
export function figure(value) {
  if (value === null || value === undefined) return 'n/a';
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

const sign = (better) => (better === 'lower' ? '<=' : '>=');

/** The Markdown table. */
export function markdown({ machine, commit, rounds, cases }) {
  const rows = cases.map((one) => {
    const measured = one.median === null ? 'n/a' : `${figure(one.min)} / **${figure(one.median)}** / ${figure(one.max)}`;
    const met = one.median === null ? 'n/a' : one.met ? 'yes' : 'no';
    const note = one.reason ?? one.note ?? '';
    const what = `${one.what ?? ''}${one.peer === '' ? '' : ` / ${one.peer}`}`;
    return [`\`${one.id}\``, what, one.unit, one.clock, measured, `${sign(one.better)} ${figure(one.goal)}`, met, note].map((cell) =>
      cell.replaceAll('|', '\\|'),
    );
  });
  const head = ['id', 'case', 'unit', 'clock', 'min / **median** / max', 'goal', 'met', 'note'];
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    `Machine: ${machine}. Commit ${commit}. ${rounds} rounds, every side of every round in a process of its own, interleaved; a ratio is ours / peer of one round.`,
    '`cpu`: processor time of the whole process; `wall`: time that passed.',
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
    '',
    `${cases.filter(({ met }) => met).length} of ${cases.length} goals met.`,
    '',
  ].join('\n');
}

/** The one object of `--json`: what is only for people is left out. */
export function json({ machine, commit, cases }) {
  return {
    machine,
    commit,
    cases: cases.map(({ id, peer, unit, min, median, max, goal, better, met }) => ({
      id,
      peer,
      unit,
      min,
      median,
      max,
      goal,
      better,
      met,
    })),
  };
}
