import { askBare } from '../api';

/** A queue: a durable edge, as `GET /api/v1/queues` tells of it. */
export interface Queue {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly retrying: number;
  readonly dead: number;
  readonly parked: number;
  readonly oldest_ms: number | null;
  readonly readers: number;
}

/** A row of a queue; the dead ones are the dead letters. */
export interface QueueRow {
  readonly row: number;
  readonly state: 'waiting' | 'retrying' | 'parked' | 'dead';
  readonly why: string;
  readonly key: string;
  readonly attempts: number;
  readonly age_ms: number;
  readonly error: string | null;
  readonly bytes: number;
  readonly kind: string;
  readonly source_id: string;
  readonly payload: unknown;
  readonly meta: unknown;
}

export interface JournalRow {
  readonly seq: number;
  readonly at: number | string;
  readonly machine: string;
  readonly entity: string;
  readonly from_state: string | null;
  readonly to_state: string;
  readonly run: string | null;
  readonly reason: string | null;
  readonly actor: string;
  readonly correlation: string | null;
  readonly data: unknown;
  readonly hash: string;
}

export const ROW_STATES = ['waiting', 'retrying', 'parked', 'dead'] as const;

const search = (values: Readonly<Record<string, string | number | undefined>>): string => {
  const set = Object.entries(values).filter((entry): entry is [string, string | number] => entry[1] !== undefined && entry[1] !== '');
  return set.length === 0 ? '' : `?${new URLSearchParams(set.map(([key, value]) => [key, String(value)])).toString()}`;
};

const queuePath = (name: string): string => `/api/v1/queues/${encodeURIComponent(name)}`;

export const listQueues = (): Promise<{ queues: readonly Queue[] }> => askBare('GET', '/api/v1/queues');
export const peekRows = (name: string, state: string, limit: number): Promise<{ rows: readonly QueueRow[] }> =>
  askBare('GET', `${queuePath(name)}/rows${search({ state, limit })}`);
export const retryRows = (name: string, rows: readonly number[]): Promise<unknown> => askBare('POST', `${queuePath(name)}/retry`, { rows });
export const dropRows = (name: string, rows: readonly number[], reason: string): Promise<unknown> =>
  askBare('POST', `${queuePath(name)}/drop`, { rows, ...(reason === '' ? {} : { reason }) });
export const queryJournal = (filter: Readonly<Record<string, string | number | undefined>>): Promise<{ rows: readonly JournalRow[] }> =>
  askBare('GET', `/api/v1/journal${search(filter)}`);
