import type { SchedulerLike } from 'rxjs';
import type { Fence, Packet } from './packet';
import type { NodeArtifacts } from './artifact';
import type { State } from './state';
import type { NodeTimers } from './timer';

/** Where nodes and the runtime write what happened. */
export interface Log {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** Why a unit was aborted; where several come at one moment the first of this list wins. */
export type AbortCause = 'authority_lost' | 'cancel' | 'budget' | 'error' | 'disconnect';

/** Where a unit stands in its life. */
export type UnitState = 'proposed' | 'open' | 'committed' | 'aborted' | 'closed';

/** What limits a unit of work. */
export interface UnitOptions {
  /** The session that it is part of; cancelling that cancels it. */
  readonly session?: Fence;
  /** Aborted with cause `budget` after this time, ms. */
  readonly deadline?: number;
  /** Limits of what it may spend, by name: at 80 % there is a warning event, beyond it is aborted with cause `budget`. */
  readonly budget?: Readonly<Record<string, number>>;
}

/** What units have in common: a caller, a conversation. It ends when it is closed, was idle for too long, or the run ends. */
export interface Session extends Fence {
  /** No unit may join it any more; those that are under way go on. Its id is free again. */
  close(): void;
}

/** When a session closes by itself. */
export interface SessionOptions {
  /** Closed after so many ms without a unit and without being asked for. */
  readonly idle?: number;
}

/**
 * One piece of work that can be cancelled as one: a speech turn, an agent run, an order. Ends exactly once, by commit or
 * abort; then it is closed. Packets belong to it that were sent with `to(port, payload, { scope: unit })`, and all that
 * is made of them.
 */
export interface Unit extends Fence {
  readonly state: UnitState;
  /** How it ended: `committed`, or the cause of the abort. */
  readonly outcome: Promise<'committed' | AbortCause>;
  /** From proposed to open. @throws SluiceError UNIT_STATE where it is neither */
  open(): void;
  commit(): void;
  abort(cause: AbortCause, reason?: string): void;
  /** Uses up some of a budget. @throws SluiceError BUDGET_SPENT beyond the limit */
  spend(name: string, amount: number): void;
  /** A new owner takes over: packets of the old epoch are refused from now on. @returns the new epoch */
  takeOver(): number;
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
  /**
   * Says that the node cannot do its work now, and goes on trying: the run is degraded for this reason, until it is called without one.
   * It may be told again with each try: only what is new is logged.
   */
  trouble(error?: Error): void;
  /** Adds to the node's own counter `name`, shown in metrics and the run report. */
  count(name: string, by?: number): void;
  /** What the node remembers; it outlives the process where the node's `durability` asks for that. */
  readonly state: State;
  /** Results that outlive the run. They need a store, which is opened when one is kept or read. */
  readonly artifacts: NodeArtifacts;
  /** Timers that outlive the process. They need a store, which is opened when one is set or waited for. */
  readonly timers: NodeTimers;
  /** The newest packet of an input whose edge is `mode: context`; reading it never waits and takes nothing away. */
  latest(port: string): Packet | undefined;
  /** Proposes a unit. Ids are unique within the run. */
  unit(id: string, options?: UnitOptions): Unit;
  /** The open session of this id, opened where there is none: units that name it are cancelled with it. */
  session(id: string, options?: SessionOptions): Session;
  /**
   * Cancels a scope and all below it. When it returns, nothing of the scope is taken, emitted or written any more;
   * the promise resolves when what waited has been swept away and calls under way have returned or are stuck.
   */
  cancel(scope: Fence, reason?: string): Promise<void>;
  /** A path of the graph: relative ones are resolved against the graph's folder. */
  path(relative: string): string;
  /** A path for output: relative ones are resolved against the working folder. */
  outPath(relative: string): string;
}
