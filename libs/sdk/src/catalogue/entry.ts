import type { Profile } from './profile';

/** JSON Schema draft-07, as plain data. */
export interface JsonSchema {
  [keyword: string]: unknown;
}

/** What a node does with packets: gives, turns, works on the stream, takes. */
export type NodeKind = 'source' | 'transform' | 'operator' | 'sink';

/** How a source produces: `pull` waits for room, `push` cannot wait, `pausable` can be told to stop. */
export type SourceMode = 'pull' | 'push' | 'pausable';

/** A port as data. */
export interface PortEntry {
  /** Name of the port type, `pack/name@version`. */
  readonly type: string;
  readonly profile: Profile;
  readonly doc: string;
  /** An input that may stay unconnected, or an output that may stay unread, without a warning. */
  readonly optional?: boolean;
}

/** A node type as data: all that lint, palette, docs, forms and drawing know of it. */
export interface NodeEntry {
  readonly type: string;
  readonly kind: NodeKind;
  readonly mode?: SourceMode;
  readonly delivery?: 'boundary' | 'explicit';
  /** A source whose packets come from a store, which lets go of them when they are acked. */
  readonly durable?: boolean;
  /** All that it remembers is in `ctx.state`: `durability: state` keeps it over a restart. */
  readonly stateful?: boolean;
  readonly summary: string;
  /** Longer text for the reference page, Markdown. */
  readonly doc?: string;
  readonly in: Readonly<Record<string, PortEntry>>;
  readonly out: Readonly<Record<string, PortEntry>>;
  /** Schema of `config`; an object schema with defaults and descriptions. */
  readonly config: JsonSchema;
  readonly examples: readonly NodeExample[];
}

/** An example of a config; the contract suite checks and constructs each. */
export interface NodeExample {
  readonly title: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** What a plugin's build writes to `catalogue.json`. */
export interface Catalogue {
  readonly version: 1;
  readonly plugin: string;
  readonly nodes: readonly NodeEntry[];
}
