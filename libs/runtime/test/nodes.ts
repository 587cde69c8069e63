import { IsArray, IsBoolean, IsInt, IsOptional, Min } from 'class-validator';
import {
  Any,
  combine,
  definePlugin,
  Doc,
  hop,
  IsAny,
  Node,
  port,
  portType,
  release,
  SluiceError,
  to,
  token,
  type Context,
  type Outcome,
  type Packet,
  type To,
} from '@sluice/sdk';
import { Observable } from 'rxjs';

/** What nodes of a test saw, in order. One belongs to one run. */
export class Ledger {
  /** What each node took, by node and the port that it came from. */
  readonly seen = new Map<string, unknown[]>();
  /** How the deliveries of source packets ended, by key. */
  readonly settled = new Map<string, Outcome[]>();
  readonly errors = new Map<string, unknown>();
  emitted = 0;
  /** Calls under way now and at most, by node. */
  readonly busy = new Map<string, { now: number; peak: number }>();

  see(node: string, packet: Packet): void {
    const from = `${packet.from.node}.${packet.from.port}->${node}.${packet.port}`;
    const list = this.seen.get(from);
    if (list === undefined) this.seen.set(from, [packet.payload]);
    else list.push(packet.payload);
  }

  done(key: string, outcome: Outcome, error?: unknown): void {
    this.settled.set(key, [...(this.settled.get(key) ?? []), outcome]);
    if (error !== undefined) this.errors.set(key, error);
  }

  enter(node: string): () => void {
    const own = this.busy.get(node) ?? { now: 0, peak: 0 };
    this.busy.set(node, own);
    own.now++;
    own.peak = Math.max(own.peak, own.now);
    return () => void own.now--;
  }
}

export const LEDGER = token<Ledger>('t/ledger');
export const Num = portType<number>('t/num@1', { profile: 'json_portable' });

/** A number of whatever comes: what was joined or failed has one too. */
export function num(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, part) => (sum * 31 + num(part)) % 1_000_003, 7);
}

const IN = { in: port(Any, 'Anything.') };
const OUT = { out: port(Any, 'Anything.') };

class SourceConfig {
  @IsInt() @Doc('How many.') count = 5;
  @IsInt() @Doc('Pause between two, ms; -1 gives an iterable without promises.') gap = -1;
  @IsInt() @Doc('Fails before this one; -1 never.') fail_at = -1;
}
@Node({ type: 't/source', kind: 'source', summary: 'Numbers.', config: SourceConfig, inject: [LEDGER], out: OUT })
class SourceNode {
  constructor(
    private readonly config: SourceConfig,
    private readonly ledger: Ledger,
  ) {}
  private reads = 0;
  read(ctx: Context) {
    this.reads++;
    return this.config.gap < 0 ? this.all(ctx) : this.paced(ctx);
  }
  private *all(ctx: Context): Generator<To<'out', number>, void> {
    for (let i = 0; i < this.config.count; i++) {
      if (i === this.config.fail_at) throw new Error('source');
      const key = `${ctx.node}-${i}${this.reads > 1 ? `-${this.reads}` : ''}`;
      this.ledger.emitted++;
      yield to('out', i, { key, done: (outcome, error) => this.ledger.done(key, outcome, error) });
    }
  }
  private async *paced(ctx: Context): AsyncGenerator<To<'out', number>, void> {
    const all = this.all(ctx);
    for (;;) {
      await ctx.sleep(this.config.gap);
      const { done, value } = all.next();
      if (done === true) return;
      yield value;
    }
  }
}

/** What a node of many ways does with a packet. */
export type Way = 'sync' | 'bare' | 'none' | 'async' | 'later' | 'gen' | 'agen' | 'obs' | 'timed' | 'mixed' | 'fail' | 'afail';

class WorkConfig {
  @IsAny() @Doc('How it answers.') way: Way = 'sync';
  @IsInt() @Doc('How long it takes, ms.') ms = 1;
  @IsInt() @Doc('How many it gives.') times = 2;
  @IsInt() @Min(1) @Doc('Every so many fail, or are dropped.') nth = 3;
  @IsBoolean() @Doc('Whether failures may be retried.') retryable = true;
}
@Node({
  type: 't/work',
  kind: 'transform',
  summary: 'Answers in one of many ways.',
  config: WorkConfig,
  inject: [LEDGER],
  in: IN,
  out: OUT,
})
class WorkNode {
  private n = 0;
  constructor(
    private readonly config: WorkConfig,
    private readonly ledger: Ledger,
  ) {}
  process(packet: Packet, ctx: Context): never {
    this.ledger.see(ctx.node, packet);
    return this.answer(packet, ctx) as never;
  }
  private answer(packet: Packet, ctx: Context): unknown {
    const { way, nth, ms } = this.config;
    const n = this.n++;
    switch (way) {
      case 'sync':
        return packet.with(num(packet.payload) + 1);
      case 'bare':
        return num(packet.payload) + 1;
      case 'none':
        return n % nth === 0 ? undefined : packet;
      case 'async':
        return this.async(packet, ctx, ms);
      case 'later':
        return Promise.resolve(packet.with(num(packet.payload) + 1));
      case 'mixed':
        return n % nth === 0 ? this.async(packet, ctx, ms) : packet;
      case 'gen':
        return this.several(packet);
      case 'agen':
        return this.aseveral(packet, ctx);
      case 'obs':
        return new Observable((out) => {
          for (const one of this.several(packet)) out.next(one);
          out.complete();
        });
      case 'timed':
        return new Observable((out) => {
          const left = [...this.several(packet)];
          const next = (): void => {
            const one = left.shift();
            if (one === undefined) return out.complete();
            out.next(one);
            out.add(ctx.scheduler.schedule(next, ms));
          };
          next();
        });
      case 'fail':
        if (n % nth === 0) throw this.fault();
        return packet;
      case 'afail':
        return ctx.sleep(ms).then(() => {
          if (n % nth === 0) throw this.fault();
          return packet;
        });
    }
  }
  private fault(): Error {
    return this.config.retryable ? new Error('work') : new SluiceError('T_FAULT', 'not again', { retryable: false });
  }
  private async async(packet: Packet, ctx: Context, ms: number): Promise<Packet> {
    const leave = this.ledger.enter(ctx.node);
    try {
      await ctx.sleep(ms);
      return packet.with(num(packet.payload) + 1);
    } finally {
      leave();
    }
  }
  private *several(packet: Packet): Generator<Packet, void> {
    for (let i = 0; i < this.config.times; i++) yield packet.with(num(packet.payload) * 10 + i);
  }
  private async *aseveral(packet: Packet, ctx: Context): AsyncGenerator<Packet, void> {
    for (const one of this.several(packet)) {
      await ctx.sleep(this.config.ms);
      yield one;
    }
  }
}

@Node({
  type: 't/switch',
  kind: 'transform',
  summary: 'Even or odd.',
  inject: [LEDGER],
  in: IN,
  out: { even: port(Any, 'Even.'), odd: port(Any, 'Odd.') },
})
class SwitchNode {
  constructor(
    _config: unknown,
    private readonly ledger: Ledger,
  ) {}
  process(packet: Packet, ctx: Context) {
    this.ledger.see(ctx.node, packet);
    return to(num(packet.payload) % 2 === 0 ? 'even' : 'odd', packet);
  }
}

@Node({
  type: 't/meet',
  kind: 'transform',
  summary: 'Where a join leads.',
  inject: [LEDGER],
  in: { a: port(Any, 'One.', { optional: true }), b: port(Any, 'Other.', { optional: true }) },
  out: OUT,
})
class MeetNode {
  constructor(
    _config: unknown,
    private readonly ledger: Ledger,
  ) {}
  process(packet: Packet, ctx: Context) {
    this.ledger.see(ctx.node, packet);
    return packet;
  }
}

class WindowConfig {
  @IsInt() @Min(1) @Doc('Packets in a window.') count = 3;
}
@Node({
  type: 't/window',
  kind: 'operator',
  delivery: 'explicit',
  summary: 'Some into one.',
  config: WindowConfig,
  inject: [LEDGER],
  in: IN,
  out: OUT,
})
class WindowNode {
  constructor(
    private readonly config: WindowConfig,
    private readonly ledger: Ledger,
  ) {}
  apply(input: Observable<Packet>, ctx: Context): Observable<Packet> {
    return new Observable((out) => {
      let held: Packet[] = [];
      const flush = (): void => {
        if (held.length === 0) return;
        const all = held as [Packet, ...Packet[]];
        held = [];
        out.next(
          combine(
            all,
            all.reduce((sum, one) => (sum * 31 + num(one.payload)) % 1_000_003, 1),
            'window',
          ),
        );
      };
      out.add(() => held.forEach((packet) => release(packet, 'cancelled')));
      return input.subscribe({
        next: (packet) => {
          this.ledger.see(ctx.node, packet);
          held.push(packet);
          if (held.length >= this.config.count) flush();
        },
        complete: () => {
          flush();
          out.complete();
        },
      });
    });
  }
}

@Node({ type: 't/boundary', kind: 'operator', summary: 'Passes on, and acks when it takes.', inject: [LEDGER], in: IN, out: OUT })
class BoundaryNode {
  constructor(
    _config: unknown,
    private readonly ledger: Ledger,
  ) {}
  apply(input: Observable<Packet>, ctx: Context): Observable<Packet> {
    return new Observable((out) =>
      input.subscribe({
        next: (packet) => {
          this.ledger.see(ctx.node, packet);
          out.next(packet.with(num(packet.payload) + 1));
        },
        complete: () => out.complete(),
      }),
    );
  }
}

class SinkConfig {
  @IsInt() @Doc('How long a write takes, ms; -1 returns at once.') ms = -1;
  @IsInt() @Doc('Every so many fail; 0 none.') nth = 0;
  @IsOptional() @IsArray() @Doc('Unused.') list?: unknown[];
}
@Node({ type: 't/sink', kind: 'sink', summary: 'The end.', config: SinkConfig, inject: [LEDGER], in: IN })
class SinkNode {
  private n = 0;
  constructor(
    private readonly config: SinkConfig,
    private readonly ledger: Ledger,
  ) {}
  write(packet: Packet, ctx: Context): void | Promise<void> {
    this.ledger.see(ctx.node, packet);
    const fails = this.config.nth > 0 && this.n++ % this.config.nth === 0;
    if (this.config.ms >= 0) {
      const leave = this.ledger.enter(ctx.node);
      return ctx
        .sleep(this.config.ms)
        .finally(leave)
        .then(() => {
          if (fails) throw new Error('sink');
        });
    }
    if (fails) throw new Error('sink');
  }
}

@Node({ type: 't/batch', kind: 'sink', summary: 'The end, many at a time.', inject: [LEDGER], in: IN })
class BatchNode {
  constructor(
    _config: unknown,
    private readonly ledger: Ledger,
  ) {}
  async writeBatch(packets: readonly Packet[], ctx: Context): Promise<void> {
    for (const packet of packets) this.ledger.see(ctx.node, packet);
    await ctx.sleep(1);
  }
}

export const t = definePlugin({
  name: 't',
  nodes: [SourceNode, WorkNode, SwitchNode, MeetNode, WindowNode, BoundaryNode, SinkNode, BatchNode],
});

/** Stands in for core's nodes that may close a cycle: the runtime knows no plugin. */
class BackConfig {
  @IsInt() @Doc('How long it waits, ms.') ms = 5;
  @IsInt() @Doc('How often a packet may come by.') max_hops = 3;
}
@Node({ type: 'core/delay', kind: 'transform', summary: 'Waits.', config: BackConfig, inject: [LEDGER], in: IN, out: OUT })
class DelayNode {
  constructor(
    private readonly config: BackConfig,
    private readonly ledger: Ledger,
  ) {}
  async process(packet: Packet, ctx: Context): Promise<Packet> {
    this.ledger.see(ctx.node, packet);
    const next = hop(packet, this.config.max_hops);
    await ctx.sleep(this.config.ms);
    return next;
  }
}
export const core = definePlugin({ name: 'core', nodes: [DelayNode] });
