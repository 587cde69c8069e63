import type { ArtifactStore } from './artifact';
import type { RunRecorder } from './journal';
import type { SluiceError } from './catalogue';
import type { Emission, Meta, Outcome, Packet } from './packet';
import type { TimerStore } from './timer';
import { token, type Token } from './token';

/** What a queue keeps of a packet. All of it is JSON. */
export interface QueueItem {
  readonly payload: unknown;
  readonly kind: string;
  readonly meta: Meta;
  readonly sourceId: string;
  /** Event time, ms since the epoch. */
  readonly time: number;
  /** Rows of one key are delivered one after the other; '' is no key: the row waits for none. */
  readonly key: string;
  /** Idempotency key; a second item with it is not stored while the dedup window lasts. '' is none. */
  readonly id: string;
  /** Higher ones overtake rows of other keys, never of their own. */
  readonly priority: number;
}

/** `full` is told only where the queue says `when_full: error`. */
export type PutOutcome = 'stored' | 'known' | 'dropped' | 'full';

/** A row that was handed over. It is handed over again until it is acked. */
export interface QueueDelivery extends QueueItem {
  readonly seq: number;
  /** How often it was handed over before without an ack. */
  readonly attempts: number;
  /**
   * `acked` removes it; `nacked` lets it wait for its next try, or makes it a dead letter; `cancelled` gives it back as it was.
   * Only the first call counts.
   */
  settle(outcome: Outcome, error?: unknown): void;
}

/** Reads a queue to its end and waits there for more. */
export interface QueueReader extends AsyncIterable<QueueDelivery> {
  /** Ends when all that is in the queue now is done. */
  finish(): void;
  /** Stops handing over, writes what was settled, gives back the rest. */
  close(): Promise<void>;
}

/** How a queue is read. */
export interface QueueReaderOptions {
  /** Rows under way at one time; default 64. */
  readonly prefetch?: number;
  /** Told when rows cannot be read or their acks not be written, and undefined when they can again; it is tried again until then. */
  readonly onTrouble?: (error: SluiceError | undefined) => void;
}

/** Limits of a queue, and how it tries again. */
export interface QueueOptions {
  /** Default 100,000. */
  readonly maxRows?: number;
  readonly maxBytes?: number;
  /** Rows older than this are dropped, ms. */
  readonly maxAge?: number;
  /** Default block. */
  readonly whenFull?: 'block' | 'drop_newest' | 'drop_oldest' | 'error';
  /** Deliveries without an ack after which a row is a dead letter; default 10. */
  readonly maxAttempts?: number;
  /** Wait before the second delivery, ms, doubled for each further one; default 1000. */
  readonly backoff?: number;
  /** Default 60,000 ms. */
  readonly maxBackoff?: number;
  /** Whether rows behind a dead letter of their key go on (`skip`, the default) or wait for a person. */
  readonly onDead?: 'skip' | 'park_key';
  /** How long an idempotency key is remembered after its row came in, ms, acked or not; default 10 minutes. */
  readonly dedup?: number;
  /** Told of each time that the store could not write (a full disk, a lost server); what is put waits, in its order. */
  readonly onTrouble?: (error: SluiceError) => void;
}

/** How full a queue is, and what became of its rows. */
export interface QueueFigures {
  /** Rows that wait or are under way, of all processes. */
  readonly rows: number;
  readonly bytes: number;
  /** By this process, since it opened the queue. */
  readonly stored: number;
  readonly acked: number;
  readonly dead: number;
  /** By reason: full, age. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** A named queue in a store. */
export interface DurableQueue {
  readonly name: string;
  readonly figures: QueueFigures;
  /**
   * Stores an item; resolves after it is on the disk. It waits for a store that cannot write now and, with `block`, for room, in the
   * order of the calls.
   * @throws SluiceError PACKET_NOT_PORTABLE where it is not JSON, STORE_DAMAGED, STORE_FAILED, STORE_CLOSED
   */
  put(item: QueueItem): Promise<PutOutcome>;
  read(options?: QueueReaderOptions): QueueReader;
}

/** Bytes outside a packet, as it names them. */
export interface StoredRef {
  readonly scheme: 'store';
  readonly key: string;
  readonly content_type: string;
  readonly size_bytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Bytes by what they are: the same bytes are kept once. */
export interface BlobStore {
  /** Keeps bytes until they were released as often as kept, or `ttl` ms have passed. */
  keep(bytes: Uint8Array, options?: { contentType?: string; ttl?: number }): Promise<StoredRef>;
  /** @throws SluiceError BLOB_MISSING, BLOB_DAMAGED, BLOB_REF */
  read(ref: StoredRef): Promise<Uint8Array>;
  /** One who kept it needs it no more; what nobody needs is collected. */
  release(ref: StoredRef): Promise<void>;
}

/** What nodes and the runtime know of a store. */
export interface DurableStore {
  queue(name: string, options?: QueueOptions): Promise<DurableQueue>;
  readonly blobs: BlobStore;
  readonly artifacts: ArtifactStore;
  readonly timers: TimerStore;
  /** What is on record of runs, and of calls of nodes with `durability: full`. */
  readonly runs: RunRecorder;
}

/** The store of the engine. It is opened by the first who needs it. */
export const STORE: Token<() => Promise<DurableStore>> = token('sluice/store');

/** What a queue keeps of a packet. Only a key that is the same at every redelivery is one to recognise it by. */
export function queueItem(packet: Packet, key: string, priority = 0): QueueItem {
  const { payload, kind, meta, origin } = packet;
  const stable = origin.key !== '' || typeof meta['idempotency_key'] === 'string';
  return { payload, kind, meta, sourceId: origin.sourceId, time: origin.time, key, id: stable ? packet.key : '', priority };
}

/** What a source says of a row that it was handed. The key of what comes of it is the row's, at each delivery the same. */
export function queueEmission(row: QueueDelivery, queue: string): Emission {
  const { idempotency_key: _, ...meta } = row.meta;
  return {
    meta: row.attempts === 0 ? meta : { ...meta, attempts: row.attempts },
    kind: row.kind,
    time: row.time,
    sourceId: row.sourceId,
    key: row.id === '' ? `${queue}:${row.seq}` : row.id,
    done: (outcome, error) => row.settle(outcome, error),
  };
}
