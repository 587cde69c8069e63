import type { SchedulerLike } from 'rxjs';

export interface Log {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** What the runtime gives a node. Time and chance come from here, so that a graph runs the same in virtual time. */
export interface Context {
  readonly run: string;
  /** The node's id in its graph. */
  readonly node: string;
  /** Aborted when the call, its unit or the run is cancelled. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when cancelled. */
  sleep(ms: number): Promise<void>;
  /** In [0, 1), from the run's seed. */
  random(): number;
  /** For RxJS operators over time: pass it wherever one takes a scheduler. */
  readonly scheduler: SchedulerLike;
  readonly log: Log;
  /** Adds to the node's own counter `name`, shown in metrics and the run report. */
  count(name: string, by?: number): void;
  /** A path of the graph: relative ones are resolved against the graph's folder. */
  path(relative: string): string;
  /** A path for output: relative ones are resolved against the working folder. */
  outPath(relative: string): string;
}
