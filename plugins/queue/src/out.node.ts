import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Min } from 'class-validator';
import {
  Any,
  bytes,
  Doc,
  field,
  IsDuration,
  IsSize,
  ms,
  Node,
  port,
  queueItem,
  SluiceError,
  STORE,
  type Context,
  type DurableQueue,
  type DurableStore,
  type Packet,
} from '@sluice/sdk';

export class QueueOutConfig {
  @IsString() @IsNotEmpty() @Doc('Name of the queue.', { examples: ['orders'] }) queue!: string;
  @IsOptional()
  @IsString()
  @Doc('Where the key is: rows of one key are taken one after the other. Without it none waits for another.', {
    examples: ['payload.customer'],
  })
  key?: string;
  @IsOptional()
  @IsString()
  @Doc('Where a number is, the higher the sooner: overtakes rows of other keys.', { examples: ['payload.priority'] })
  priority?: string;
  @IsInt() @Min(1) @Doc('Rows at most.') max_rows = 100_000;
  @IsOptional() @IsSize() @Doc('Bytes at most.', { examples: ['200MB'] }) max_bytes?: string;
  @IsIn(['block', 'drop_newest', 'drop_oldest', 'error'])
  @Doc('What happens when it is full.')
  when_full: 'block' | 'drop_newest' | 'drop_oldest' | 'error' = 'block';
  @IsDuration() @Doc('For so long a packet that is sent again under its key is known, and not stored twice.') dedup = '10m';
}

@Node({
  type: 'queue/out',
  kind: 'sink',
  summary: 'Puts each packet into a named queue; it is done when it is on the disk.',
  doc: 'Payloads are what JSON can carry; bytes and frames go by reference (`queue/store` before it). A packet whose source names it by a stable key is stored once, however often it is sent. Counters `stored`, `known` and `dropped`.',
  config: QueueOutConfig,
  inject: [STORE],
  in: { in: port(Any, 'Packets that JSON can carry.') },
  examples: [{ title: 'Orders, of each customer in order', config: { queue: 'orders', key: 'payload.customer' } }],
})
export class QueueOutNode {
  private queue: DurableQueue | undefined;
  private readonly key: ((packet: Packet) => unknown) | undefined;
  private readonly priority: ((packet: Packet) => unknown) | undefined;

  constructor(
    private readonly config: QueueOutConfig,
    private readonly store: () => Promise<DurableStore>,
  ) {
    this.key = config.key === undefined ? undefined : field(config.key);
    this.priority = config.priority === undefined ? undefined : field(config.priority);
  }

  async open(): Promise<void> {
    const { queue, max_rows, max_bytes, when_full, dedup } = this.config;
    const limits = { maxRows: max_rows, whenFull: when_full, dedup: ms(dedup) };
    const store = await this.store();
    this.queue = await store.queue(queue, { ...limits, ...(max_bytes === undefined ? {} : { maxBytes: bytes(max_bytes) }) });
  }

  async write(packet: Packet, ctx: Context): Promise<void> {
    const priority = Number(this.priority?.(packet) ?? 0);
    const item = queueItem(packet, String(this.key?.(packet) ?? ''), Number.isInteger(priority) ? priority : 0);
    const outcome = await this.queue!.put(item);
    if (outcome !== 'full') return ctx.count(outcome);
    throw new SluiceError('QUEUE_FULL', `Queue ${this.config.queue} is full.`, {
      retryable: true,
      hint: 'Raise max_rows, or choose another when_full.',
    });
  }
}
