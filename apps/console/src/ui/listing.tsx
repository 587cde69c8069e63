import type { ReactNode } from 'react';
import type { Asked } from '../api';
import { FaultView, Loading } from './page';

interface ListingProps<T> {
  readonly asked: Asked<T>;
  /** What stands here where the server has no such route; left out, its fault does. */
  readonly absent?: ReactNode;
  readonly children: (data: T) => ReactNode;
}

/** What was asked for, or why it is not there. What is shown stays while it is asked for again. */
export function Listing<T>({ asked, absent, children }: ListingProps<T>) {
  const { data, fault, reload } = asked;
  if (fault !== undefined && fault.code === 'ROUTE_NOT_FOUND' && absent !== undefined) return <>{absent}</>;
  if (fault !== undefined && (data === undefined || fault.status !== 0)) return <FaultView fault={fault} retry={reload} />;
  if (data === undefined) return <Loading />;
  return <>{children(data)}</>;
}
