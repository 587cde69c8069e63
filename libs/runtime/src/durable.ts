import type { PlanEdge } from '@sluice/graph';
import {
  field,
  queueEmission,
  queueItem,
  SluiceError,
  to,
  type DurableQueue,
  type DurableStore,
  type Packet,
  type QueueOptions,
  type QueueReader,
} from '@sluice/sdk';
import type { EdgeFigures } from './api';

/** Packets that may be on their way into the store at one time: they share its commits. */
export const PUTS = 256;

/** After an outage what waited goes on within this, ms. */
const BACKOFF_MAX_MS = 5_000;
/** What may succeed later is tried for some eight minutes before it is a dead letter; what can never succeed is one at once. */
const ATTEMPTS = 100;

/**
 * An edge that lives in a store: a sink for what is upstream, which is done when its packet is on the disk, and a source for what is
 * downstream, which acks a row when all that came of it is done.
 */
export class DurableEdge {
  private queue: DurableQueue | undefined;
  private reader: QueueReader | undefined;
  /** Rows that were there before this run. */
  private found = 0;
  /** What the store cannot do now, and has not been seen to do since. */
  private readonly troubles = new Set<'write' | 'read'>();
  private told: ((error: SluiceError | undefined) => void) | undefined;
  private readonly key: (packet: Packet) => string;

  constructor(
    readonly plan: PlanEdge,
    readonly name: string,
  ) {
    const at = plan.key === undefined ? undefined : field(plan.key);
    this.key = at === undefined ? () => '' : (packet) => String(at(packet) ?? '');
  }

  async open(store: DurableStore, onTrouble: (error: SluiceError | undefined) => void): Promise<void> {
    const { when_full, max_bytes, max_age_ms, durable = {} } = this.plan;
    if (when_full === 'latest' || when_full === 'fair') {
      throw new SluiceError('EDGE_DURABLE', `Edge ${this.plan.id} is durable, and a queue cannot be \`${when_full}\`.`, {
        hint: 'Use when_full: block, drop_oldest, drop_newest or error.',
      });
    }
    const options: QueueOptions = {
      whenFull: when_full,
      maxBackoff: BACKOFF_MAX_MS,
      maxAttempts: ATTEMPTS,
      onTrouble: (error) => this.trouble('write', error),
      ...(durable.max_rows === undefined ? {} : { maxRows: durable.max_rows }),
      ...(durable.max_attempts === undefined ? {} : { maxAttempts: durable.max_attempts }),
      ...(durable.on_dead === undefined ? {} : { onDead: durable.on_dead }),
      ...(durable.retain_ms === undefined ? {} : { dedup: durable.retain_ms }),
      ...(max_bytes === undefined ? {} : { maxBytes: max_bytes }),
      ...(max_age_ms === undefined ? {} : { maxAge: max_age_ms }),
    };
    this.told = onTrouble;
    this.queue = await store.queue(this.name, options);
    this.found = this.queue.figures.rows;
    this.reader = this.queue.read({ prefetch: this.plan.capacity, onTrouble: (error) => this.trouble('read', error) });
  }

  /** Resolves when the packet is on the disk. A store that cannot write now (a full disk) makes what is upstream wait. */
  async write(packet: Packet): Promise<void> {
    const outcome = await this.queue!.put(queueItem(packet, this.key(packet)));
    if (this.troubles.size > 0) this.trouble('write', undefined);
    if (outcome !== 'full') return;
    throw new SluiceError('EDGE_FULL', `Edge ${this.plan.id} is full.`, {
      retryable: true,
      hint: 'Raise its max_rows, or choose another when_full.',
    });
  }

  /** Of writing or of reading; it is over when neither is in trouble. */
  private trouble(what: 'write' | 'read', error: SluiceError | undefined): void {
    if (error !== undefined) {
      this.troubles.add(what);
      this.told?.(error);
    } else if (this.troubles.delete(what) && this.troubles.size === 0) this.told?.(undefined);
  }

  async *read(port: string): AsyncGenerator {
    for await (const row of this.reader!) yield to(port, row.payload, queueEmission(row, this.name));
  }

  /** Nothing more comes in: the reading side ends when the queue is empty. */
  finish(): void {
    this.reader?.finish();
  }

  async close(): Promise<void> {
    await this.reader?.close();
  }

  /** Of this process; `in_flight` are all rows of the queue. */
  figures(): EdgeFigures {
    const { id, when_full, lane, plan } = { ...this.plan, plan: this.plan };
    const { rows = 0, stored = 0, acked = 0, dead = 0, dropped = {} } = this.queue?.figures ?? {};
    return {
      id,
      when_full,
      lane,
      capacity: plan.durable?.max_rows ?? plan.capacity,
      in: this.found + stored,
      out: acked,
      in_flight: rows,
      peak: 0,
      dropped: { ...dropped, ...(dead === 0 ? {} : { dead }) },
      blocked_ms: 0,
    };
  }
}
