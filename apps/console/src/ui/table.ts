/** A column of a table. */
export interface Column<T, Cell = unknown> {
  readonly key: string;
  readonly title: string;
  /** What it is sorted and filtered by; what is shown where there is no `cell`. */
  readonly value: (row: T) => string | number | null | undefined;
  readonly cell?: (row: T) => Cell;
  readonly numeric?: boolean;
  /** Left out on a narrow screen. */
  readonly wide?: boolean;
  readonly sortable?: boolean;
}

export interface Sorting {
  readonly key: string;
  readonly down: boolean;
}

/** Rows that have all the words somewhere in their columns. */
export function filtered<T>(rows: readonly T[], columns: readonly Column<T>[], typed: string): readonly T[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = columns
      .map(({ value }) => String(value(row) ?? ''))
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

const BY_TEXT = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Sorted by a column; what has no value comes last either way, and equal rows keep their order. */
export function sorted<T>(rows: readonly T[], columns: readonly Column<T>[], sorting: Sorting | undefined): readonly T[] {
  const column = columns.find(({ key }) => key === sorting?.key);
  if (column === undefined) return rows;
  const turn = sorting!.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    if (x == null || y == null) return x == null && y == null ? 0 : x == null ? 1 : -1;
    return turn * (typeof x === 'number' && typeof y === 'number' ? x - y : BY_TEXT.compare(String(x), String(y)));
  });
}
