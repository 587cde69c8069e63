import type { Meta, Packet } from './packet';
import type { Context } from './context';

/** A run that is to be recorded: those of its nodes whose `durability` is not `none`. */
export interface RecordedPlan {
  readonly run: string;
  readonly graph: string;
  readonly planHash: string;
  /** Of what asked for the run; each row of it carries it. */
  readonly correlation?: string;
  readonly nodes: readonly RecordedNode[];
}

/** A node of a run, as it is on record. */
export interface RecordedNode {
  readonly id: string;
  readonly durability: 'state' | 'full';
  /** Whether a call changes something outside: then one that was cut off is uncertain, and not made again by itself. */
  readonly effect: boolean;
}

/** What a probe has found out about an effect that was under way when its process ended. */
export type Probed = 'applied' | 'none' | 'unknown';

/** One call of a node, as its record sees it. */
export interface RecordedCall {
  readonly packets: readonly Packet[];
  readonly ctx: Context;
}

/**
 * Keeps the calls of one node: a row before it, its result before any of it goes out. A call whose packet has the key of
 * an earlier one is given that one's result.
 */
export interface CallRecorder {
  /** Several results of a call are collected: what has gone out could not be taken back where the commit fails. */
  readonly whole: true;
  /** The call begins; what it returns is called at its end, whichever that is. Meanwhile others with its key wait. */
  trace(call: RecordedCall): () => void;
  /** @throws SluiceError EFFECT_UNCERTAIN, IN_PROGRESS */
  recall(call: RecordedCall): Promise<{ readonly value: unknown } | undefined>;
  claim(call: RecordedCall): Promise<(error?: unknown) => Promise<void>>;
  /** @param result of several the list of them, marked by `several` */
  commit(call: RecordedCall, result: unknown, several?: boolean): Promise<void>;
}

/** A packet without its payload: enough to find the result of the call that was made for it. */
export interface InputRecord {
  /** Key of its source packet, and the way that it went from there. */
  readonly root: string;
  readonly path: string;
  readonly kind: string;
  readonly meta: Meta;
  /** Event time, ms since the epoch. */
  readonly time: number;
  readonly source_id: string;
  /** The output that it came from. */
  readonly from: { readonly node: string; readonly port: string };
}

/** A result that was committed and whose packets have not all arrived: its input is given to the node again, which repeats the result. */
export interface LeftOver {
  readonly input: InputRecord;
  /** All that came of it is done. */
  done(): void;
}

/** One key of a node's state, as it is from now on. */
export interface StateChange {
  readonly node: string;
  /** '' is the node's own. */
  readonly scope: string;
  readonly key: string;
  /** JSON; undefined where the key is gone. */
  readonly value: string | undefined;
}

/** What one call has changed. */
export interface StateTurn {
  /** What is to be written now; what an earlier call has changed since is older than that. */
  take(): readonly StateChange[];
  /** It is committed. */
  written(): void;
  /** It is as if the call had not been. */
  undo(): void;
}

/** A run, as it is on record. */
export interface RunRecord {
  /**
   * @param probe asks outside whether an effect happened
   * @param turnOf what the call for a packet has changed; it is committed together with the call's result
   */
  calls(
    node: string,
    probe?: (packet: Packet, ctx: Context) => Promise<Probed>,
    turnOf?: (packet: Packet) => StateTurn | undefined,
  ): CallRecorder | undefined;
  /** What was kept of a node's state, oldest change first, and keys of the packets whose changes are part of it, as far as they may still come again. */
  restore(node: string): Promise<{ readonly state: readonly StateChange[]; readonly taken: readonly string[] }>;
  /**
   * Resolves when the changes are committed.
   * @param taken source packets that they belong to, by node: after a crash before their ack they come again, and are part of it already
   */
  keep(changes: readonly StateChange[], taken: readonly { readonly node: string; readonly key: string }[]): Promise<void>;
  /** What earlier runs of this graph committed at this node and could not send. */
  leftOver(node: string): Promise<readonly LeftOver[]>;
  /** The run is over. */
  end(outcome: 'completed' | 'failed' | 'stopped' | 'canceled', data: Readonly<Record<string, unknown>>): Promise<void>;
}

/** Records runs in a store. */
export interface RunRecorder {
  /** Puts the run on record and settles what runs of this graph left behind whose process is gone. */
  begin(plan: RecordedPlan): Promise<RunRecord>;
}
