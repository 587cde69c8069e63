import { useId, useMemo, useState, type ReactNode } from 'react';
import { t } from '../strings';
import { Icon } from './icon';
import { filtered, sorted, type Column, type Sorting } from './table';

interface TableProps<T> {
  /** What the table is of, for who cannot see it. */
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T, ReactNode>[];
  readonly rowKey: (row: T) => string;
  readonly sort?: Sorting;
  readonly pageSize?: number;
  /** More to filter by, beside the words. */
  readonly filters?: ReactNode;
  /** Without a field to filter by words. */
  readonly plain?: boolean;
  /** Makes the first cell a button that opens the row. */
  readonly onOpen?: (row: T) => void;
  /** Shown where there is no row at all. */
  readonly empty: ReactNode;
}

/** Rows to be sorted, filtered and paged. */
export function DataTable<T>({ label, rows, columns, rowKey, sort, pageSize = 25, filters, plain = false, onOpen, empty }: TableProps<T>) {
  const [typed, setTyped] = useState('');
  const [sorting, setSorting] = useState(sort);
  const [asked, setPage] = useState(0);
  const id = useId();
  const found = useMemo(() => filtered(rows, columns, typed), [rows, columns, typed]);
  const ordered = useMemo(() => sorted(found, columns, sorting), [found, columns, sorting]);
  const pages = Math.max(1, Math.ceil(ordered.length / pageSize));
  const page = Math.min(asked, pages - 1);
  const shown = ordered.slice(page * pageSize, (page + 1) * pageSize);
  if (rows.length === 0 && filters === undefined) return <>{empty}</>;
  return (
    <div className="data-table">
      {(!plain || filters !== undefined) && (
        <div className="table-bar">
          {!plain && (
            <input
              id={id}
              type="search"
              value={typed}
              aria-label={t('table.filter')}
              placeholder={t('table.filter')}
              onChange={(event) => (setTyped(event.target.value), setPage(0))}
            />
          )}
          {filters}
        </div>
      )}
      {rows.length === 0 ? (
        empty
      ) : (
        <div className="table-scroll card" tabIndex={0} role="region" aria-label={label}>
          <table>
            <caption className="sr-only">{label}</caption>
            <thead>
              <tr>
                {columns.map((column) => (
                  <Head key={column.key} column={column} sorting={sorting} onSort={setSorting} />
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <tr key={rowKey(row)} className={onOpen === undefined ? undefined : 'opens'} onClick={onOpen && (() => onOpen(row))}>
                  {columns.map((column, i) => {
                    const content = column.cell?.(row) ?? column.value(row) ?? '–';
                    return (
                      <td key={column.key} className={classOf(column)}>
                        {i === 0 && onOpen !== undefined ? (
                          <button className="link" onClick={(event) => (event.stopPropagation(), onOpen(row))}>
                            {content}
                          </button>
                        ) : (
                          content
                        )}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
          {ordered.length === 0 && (
            <p className="soft pad">
              {t('table.none')}{' '}
              <button className="link" onClick={() => setTyped('')}>
                {t('table.clear')}
              </button>
            </p>
          )}
        </div>
      )}
      {pages > 1 && (
        <div className="pager">
          <span className="soft" aria-live="polite">
            {t('table.page', { from: page * pageSize + 1, to: page * pageSize + shown.length, total: ordered.length })}
          </span>
          <button className="icon-button" aria-label={t('table.previous')} disabled={page === 0} onClick={() => setPage(page - 1)}>
            <Icon name="left" />
          </button>
          <button className="icon-button" aria-label={t('table.next')} disabled={page === pages - 1} onClick={() => setPage(page + 1)}>
            <Icon name="right" />
          </button>
        </div>
      )}
    </div>
  );
}

function Head<T>({
  column,
  sorting,
  onSort,
}: {
  column: Column<T, ReactNode>;
  sorting: Sorting | undefined;
  onSort: (to: Sorting) => void;
}) {
  const mine = sorting?.key === column.key ? sorting : undefined;
  return (
    <th scope="col" className={classOf(column)} aria-sort={mine === undefined ? undefined : mine.down ? 'descending' : 'ascending'}>
      {column.sortable === false ? (
        column.title
      ) : (
        <button
          className="sort"
          onClick={() => onSort({ key: column.key, down: mine === undefined ? column.numeric === true : !mine.down })}
        >
          {column.title}
          {mine !== undefined && <Icon name={mine.down ? 'down' : 'up'} size={12} />}
        </button>
      )}
    </th>
  );
}

function classOf<T>({ numeric, wide }: Column<T, ReactNode>): string | undefined {
  return [numeric && 'num', wide && 'wide-only'].filter(Boolean).join(' ') || undefined;
}
