import { useMemo, type ReactNode } from 'react';
import { useSelected } from '../store';
import { t } from '../strings';
import { DataTable } from '../ui/data-table';
import { Pill } from '../ui/page';
import type { Column } from '../ui/table';
import { live, type Edge, type Node, type Run } from './live';
import { count, fillOf, lost, millis, moodOf, percent, rate, rateOf, toneOfNode } from './look';

interface TableProps {
  readonly run: Run;
  readonly onOpen: (id: string) => void;
}

/** A column of figures, written as the graph writes them. */
function figure<T>(
  key: string,
  title: string,
  value: (row: T) => number,
  write: (value: number) => string,
  wide = false,
): Column<T, ReactNode> {
  return { key, title, value, cell: (row) => write(value(row)), numeric: true, wide };
}

/** The nodes of a run as a table. */
export function NodeTable({ run, onOpen }: TableProps) {
  const columns = useMemo(
    (): readonly Column<Node, ReactNode>[] => [
      { key: 'id', title: t('column.node'), value: ({ id }) => id },
      { key: 'type', title: t('column.type'), value: ({ type }) => type, wide: true },
      {
        key: 'state',
        title: t('column.state'),
        value: ({ state }) => state,
        cell: (node) => <Pill tone={toneOfNode(node)}>{t(`node.state.${node.state}`)}</Pill>,
      },
      figure('rate', t('column.rate'), rateOf, rate),
      figure('p95', 'p95', ({ p95_ms }) => p95_ms, millis),
      figure('consumed', t('figure.in'), ({ consumed }) => consumed, count, true),
      figure('produced', t('figure.out'), ({ produced }) => produced, count, true),
      figure('errors', t('figure.errors'), ({ errors }) => errors, count),
    ],
    [],
  );
  return <Rows label={t('live.view.nodes')} rows={run.nodes} columns={columns} onOpen={onOpen} />;
}

/** The edges of a run as a table. */
export function EdgeTable({ run, onOpen }: TableProps) {
  const blocked = useSelected(live, ({ runs }) => runs.get(run.id)?.blocked);
  const columns = useMemo((): readonly Column<Edge, ReactNode>[] => {
    const mood = (edge: Edge) => moodOf(edge, blocked?.get(edge.id) ?? 0);
    return [
      { key: 'from', title: t('column.from'), value: ({ from }) => from },
      { key: 'to', title: t('column.to'), value: ({ to }) => to },
      { key: 'state', title: t('column.state'), value: mood, cell: (edge) => t(`edge.mood.${mood(edge)}`) },
      { key: 'policy', title: t('column.when_full'), value: (edge) => edge.when_full, wide: true },
      figure('rate', t('column.rate'), ({ out_per_s }) => out_per_s, rate),
      {
        key: 'fill',
        title: t('column.fill'),
        value: fillOf,
        cell: (edge) => `${count(edge.in_flight)} / ${count(edge.capacity)} · ${percent(fillOf(edge))}`,
        numeric: true,
      },
      figure('dropped', t('figure.dropped'), lost, count),
      figure('blocked', t('figure.blocked'), ({ blocked_ms }) => blocked_ms, millis, true),
    ];
  }, [blocked]);
  return <Rows label={t('live.view.edges')} rows={run.edges} columns={columns} onOpen={onOpen} />;
}

interface RowsProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T, ReactNode>[];
  readonly onOpen: (id: string) => void;
}

function Rows<T extends { readonly id: string }>({ label, rows, columns, onOpen }: RowsProps<T>) {
  return (
    <div className="live-table">
      <DataTable
        label={label}
        rows={rows}
        columns={columns}
        rowKey={({ id }) => id}
        onOpen={({ id }) => onOpen(id)}
        pageSize={50}
        empty={null}
      />
    </div>
  );
}
