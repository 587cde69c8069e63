import type { Packet } from './packet';
import type { PortType } from './port';
import type { StoredRef } from './store';

/** How long an artifact is kept; with both, what comes first ends it. Without either it stays. */
export interface Retention {
  /** So long after it was kept last, ms. */
  readonly ttl?: number;
  /** The newest so many of its schema that this node has kept. */
  readonly maxCount?: number;
}

/** What is said of an artifact when it is kept. */
export interface ArtifactOptions extends Retention {
  /** Default: `application/octet-stream` for bytes, `application/json` for everything else. */
  readonly contentType?: string;
  /** Packets that it was made of. */
  readonly from?: readonly Packet[];
}

/** A packet that an artifact was made of. */
export interface ArtifactSource {
  readonly packet_id: string;
  /** Its idempotency key. */
  readonly key: string;
}

/** A result that is kept by what it is: the same of one node, under one schema, is one artifact. */
export interface Artifact {
  readonly id: string;
  /** `name@version` of what its content is. */
  readonly schema: string;
  readonly ref: StoredRef;
  readonly graph: string;
  readonly node: string;
  /** Where it was kept last. */
  readonly run: string;
  /** Packets that it was made of then, the first of them where there were many. */
  readonly sources: readonly ArtifactSource[];
  /** When it was kept last, ms since the epoch. */
  readonly at: number;
  /** When it goes, ms since the epoch; null where only `maxCount`, or nothing, ends it. */
  readonly until: number | null;
}

/** Which artifacts are wanted. */
export interface ArtifactFilter {
  /** A whole `name@version`, or a name alone. */
  readonly schema?: string;
  readonly graph?: string;
  readonly node?: string;
  readonly run?: string;
  /** Default 20. */
  readonly limit?: number;
}

/** Artifacts as one node keeps and reads them: its graph, node and run are known. */
export interface NodeArtifacts {
  /**
   * Keeps bytes as they are, and everything else as JSON. It is on the disk when this resolves. To keep the same again, as after a
   * redelivery, changes nothing but its time.
   * @param schema `name@version`, or a port type: then what it has a schema for is checked
   * @throws SluiceError ARTIFACT_SCHEMA, ARTIFACT_INVALID, PACKET_NOT_PORTABLE, STORE_NEEDED
   */
  keep(schema: string | PortType<unknown>, value: unknown, options?: ArtifactOptions): Promise<Artifact>;
  /** @throws SluiceError ARTIFACT_UNKNOWN, BLOB_MISSING, BLOB_DAMAGED */
  read(id: string): Promise<Uint8Array>;
  /** Of all graphs and nodes, the newest first. */
  find(filter?: ArtifactFilter): Promise<readonly Artifact[]>;
}

/** An artifact that is to be kept, and who keeps it. */
export interface KeptArtifact extends Retention {
  readonly schema: string;
  readonly contentType: string;
  readonly graph: string;
  readonly node: string;
  readonly run: string;
  readonly sources: readonly ArtifactSource[];
}

/** Artifacts of a store. */
export interface ArtifactStore {
  keep(bytes: Uint8Array, kept: KeptArtifact): Promise<Artifact>;
  /** @throws SluiceError ARTIFACT_UNKNOWN */
  get(id: string): Promise<Artifact>;
  /** @throws SluiceError ARTIFACT_UNKNOWN, BLOB_MISSING, BLOB_DAMAGED */
  read(id: string): Promise<Uint8Array>;
  find(filter?: ArtifactFilter): Promise<readonly Artifact[]>;
}
