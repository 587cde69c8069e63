import { bounded } from '@sluice/runtime';
import type { Observable } from 'rxjs';

export interface Reading {
  sensor: string;
  value: number;
}

/** Saves readings one after the other. While the store is slow the newest hundred wait; older ones go. */
export function saved(readings$: Observable<Reading>, save: (reading: Reading) => Promise<number>): Observable<number> {
  return readings$.pipe(bounded({ capacity: 100, when_full: 'drop_oldest' }, save));
}

/** The newest reading of each sensor, for at most fifty sensors, as fast as the screen draws. */
export function shown(readings$: Observable<Reading>, draw: (reading: Reading) => Promise<void>): Observable<void> {
  return readings$.pipe(bounded({ capacity: 50, when_full: 'latest', key: 'payload.sensor' }, draw));
}
