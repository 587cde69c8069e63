import type { ReactNode } from 'react';
import { t } from '../strings';
import type { Column } from './table';

/** Why something is not well: a column of all tables that tell of a status. */
export function reasonsColumn<T extends { readonly reasons?: readonly string[] }>(): Column<T, ReactNode> {
  const said = ({ reasons = [] }: T): string => reasons.join('; ');
  return {
    key: 'reasons',
    title: t('column.reasons'),
    value: said,
    cell: (row) => <span className="wraps">{said(row)}</span>,
    wide: true,
  };
}
