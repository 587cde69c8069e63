import type { NodeKind, PortEntry, Profile, SourceMode } from '@sluice/sdk/catalogue';

/** What happens when an edge is full. */
export type WhenFull = 'block' | 'drop_newest' | 'drop_oldest' | 'latest' | 'fair' | 'error';
/** Which edges are served first: control, then data, then telemetry. */
export type Lane = 'control' | 'data' | 'telemetry';
/** Where a value came from; a later layer wins over an earlier one. */
export type Layer = 'default' | 'file' | 'env' | 'flag';

/** A port of a node in a plan. */
export interface Endpoint {
  readonly node: string;
  readonly port: string;
}

/** Tries again: exponential backoff with jitter. */
export interface RetryPolicy {
  readonly max_attempts: number;
  readonly backoff_ms: number;
  readonly max_backoff_ms: number;
}
/** Opens after `failures` in a row, lets one call through after `reset_ms`. */
export interface CircuitPolicy {
  readonly failures: number;
  readonly reset_ms: number;
}
/** At most `count` calls per `per_ms`. */
export interface RatePolicy {
  readonly count: number;
  readonly per_ms: number;
}
/** What a node may use in one run: at 80 % of a limit there is a warning, beyond it its calls fail. */
export interface BudgetPolicy {
  readonly calls?: number;
  /** Results, of all calls together and of each. */
  readonly packets?: number;
  readonly packets_per_call?: number;
  /** Time in calls, added up. */
  readonly time_ms?: number;
}
/** How packets of several inputs are put together. */
export interface JoinPolicy {
  readonly on: 'all' | 'any' | 'first' | 'quorum';
  /** For `quorum`: how many inputs. */
  readonly n?: number;
  /** Key by which packets belong together, a path such as `payload.order_id`; default the source packet that they come from. */
  readonly by?: string;
  readonly timeout_ms?: number;
  /** What happens to a group that times out, or when no more may be held. */
  readonly late: 'evict' | 'fire' | 'error';
  readonly max_held: number;
}

/** What the graph says of a node beside its config. Every field is resolved; absent means that the policy is off. */
export interface NodePolicies {
  readonly retry?: RetryPolicy;
  readonly timeout_ms?: number;
  readonly circuit?: CircuitPolicy;
  readonly rate?: RatePolicy;
  readonly budget?: BudgetPolicy;
  /** Key of a stored result, a path such as `meta.idempotency_key`. */
  readonly idempotency?: string;
  /** Payload that is sent where the node failed for good. */
  readonly fallback?: unknown;
  /** `route`: error port, dead letter, nack. `stop`: the run ends in error. */
  readonly on_error: 'route' | 'stop';
  readonly concurrency: number;
  readonly ordered: boolean;
  readonly placement: 'inline' | 'worker' | 'process';
  readonly join?: JoinPolicy;
  readonly scope?: string;
  readonly durability: 'none' | 'state' | 'full';
}

/** A node of a plan: declaration, checked config, policies. */
export interface PlanNode {
  readonly id: string;
  readonly type: string;
  readonly kind: NodeKind;
  readonly mode?: SourceMode;
  readonly delivery?: 'boundary' | 'explicit';
  readonly config: Readonly<Record<string, unknown>>;
  readonly policies: NodePolicies;
  readonly in: Readonly<Record<string, PortEntry>>;
  readonly out: Readonly<Record<string, PortEntry>>;
}

/** An edge of a plan, every option resolved. */
export interface PlanEdge {
  /** `a.port->b.port`; a graph input is `$inputs.name`, a graph output `$outputs.name`. */
  readonly id: string;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly when_full: WhenFull;
  /** Items. */
  readonly capacity: number;
  readonly max_bytes?: number;
  readonly max_age_ms?: number;
  /** For `latest` and `fair`: a path such as `source_id` or `payload.tenant`. */
  readonly key?: string;
  readonly lane: Lane;
  readonly mode: 'trigger' | 'context' | 'attach';
  readonly durable?: {
    readonly max_rows?: number;
    readonly retain_ms?: number;
    readonly max_attempts?: number;
    readonly on_dead?: 'skip' | 'park_key';
  };
}

/** A named input or output of the graph. */
export interface PlanPort {
  readonly name: string;
  readonly type: string;
  readonly profile: Profile;
  /** Where an input goes to, or an output comes from. */
  readonly at: readonly Endpoint[];
}

/** The frozen, hashed thing that runs. Nothing in it refers to a file position or an instance. */
export interface Plan {
  readonly version: 1;
  readonly name: string;
  readonly description?: string;
  /** sha256 over the canonical JSON of nodes, edges, inputs and outputs, secrets left out. */
  readonly hash: string;
  /** The graph's file, where it has one; relative paths in configs are resolved against its folder. */
  readonly file?: string;
  readonly nodes: readonly PlanNode[];
  readonly edges: readonly PlanEdge[];
  readonly inputs: readonly PlanPort[];
  readonly outputs: readonly PlanPort[];
  /** Which layer each interpolated or preset value came from, by dotted path. */
  readonly layers: Readonly<Record<string, Layer>>;
  /** Dotted paths of the values that are never shown: `nodes.mail.config.token`. */
  readonly secrets?: readonly string[];
}
