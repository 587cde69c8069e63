import { IsIn, IsInt, IsNotEmpty, IsString, Max, Min } from 'class-validator';
import {
  Any,
  Doc,
  IsDuration,
  ms,
  Node,
  port,
  queueEmission,
  STORE,
  to,
  type Context,
  type DurableQueue,
  type DurableStore,
  type QueueReader,
  type To,
} from '@sluice/sdk';

export class QueueInConfig {
  @IsString() @IsNotEmpty() @Doc('Name of the queue.', { examples: ['orders'] }) queue!: string;
  @IsInt() @Min(1) @Max(10_000) @Doc('Rows that are under way at one time.') prefetch = 64;
  @IsInt() @Min(1) @Doc('Tries after which a row is a dead letter.') max_attempts = 10;
  @IsDuration() @Doc('Wait before the second try; it doubles with each further one.') backoff = '1s';
  @IsDuration() @Doc('Longest wait between two tries.') max_backoff = '60s';
  @IsIn(['skip', 'park_key'])
  @Doc('Whether rows behind a dead letter of their key go on, or wait until a person has seen to it.')
  on_dead: 'skip' | 'park_key' = 'skip';
  @IsIn(['wait', 'end']) @Doc('At the end of the queue: wait for more, or end.') at_end: 'wait' | 'end' = 'wait';
}

@Node({
  type: 'queue/in',
  kind: 'source',
  mode: 'pausable',
  durable: true,
  summary: 'Takes packets from a named queue; each stays there until all that comes of it is done.',
  doc: 'A row that fails is tried again, which makes `meta.attempts` grow; those of other keys go on meanwhile. Several processes may take from one queue: each has some of its keys.',
  config: QueueInConfig,
  inject: [STORE],
  out: { out: port(Any, 'What was put into it.') },
  examples: [
    { title: 'Orders as they come', config: { queue: 'orders' } },
    { title: 'What is there, then the end', config: { queue: 'orders', at_end: 'end', on_dead: 'park_key' } },
  ],
})
export class QueueInNode {
  private queue: DurableQueue | undefined;
  private reader: QueueReader | undefined;

  constructor(
    private readonly config: QueueInConfig,
    private readonly store: () => Promise<DurableStore>,
  ) {}

  async open(): Promise<void> {
    const { queue, max_attempts, backoff, max_backoff, on_dead } = this.config;
    const store = await this.store();
    const options = { maxAttempts: max_attempts, backoff: ms(backoff), maxBackoff: ms(max_backoff), onDead: on_dead };
    this.queue = await store.queue(queue, options);
  }

  async *read(ctx: Context): AsyncGenerator<To<'out', unknown>> {
    const { prefetch, at_end, queue } = this.config;
    const reader = this.queue!.read({ prefetch, onTrouble: (error) => ctx.trouble(error) });
    this.reader = reader;
    if (at_end === 'end') reader.finish();
    for await (const row of reader) yield to('out', row.payload, queueEmission(row, queue));
  }

  /** A run is over when the last acks are written, too. */
  async close(): Promise<void> {
    await this.reader?.close();
  }
}
