import { ArrayMinSize, IsArray, IsIn, IsInt, IsOptional, Min } from 'class-validator';
import { Any, Doc, IsDuration, IsField, ms, Node, port, type Context, type Packet, OneOf } from '@sluice/sdk';
import { keyOf } from './key';
import { Keyed } from './keyed';
import { moment, TIMES, type Time } from './moment';

export class SampleConfig {
  @OneOf('every_n', 'every') @IsInt() @Min(1) @Doc('Keeps the first of so many packets.', { examples: [10] }) every_n?: number;
  @OneOf('every_n', 'every') @IsDuration() @Doc('Keeps at most one packet in this time.', { examples: ['1s'] }) every?: string;
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @IsField({ each: true })
  @Doc('Fields of a key: each key is sampled by itself.', { examples: [['source_id']] })
  key?: string[];
  @IsIn(TIMES) @Doc('`every` by the time of the packets, or by the clock.') time: Time = 'event';
  @IsInt() @Min(1) @Doc('Keys that are remembered; the one that was set longest ago is forgotten first.') max_keys = 10_000;
}

@Node({
  type: 'core/sample',
  kind: 'transform',
  stateful: true,
  summary: 'Keeps one packet of so many, or one in so much time.',
  doc: 'With `durability: state` it goes on counting after a restart. Counters `kept` and `dropped`.',
  config: SampleConfig,
  in: { in: port(Any, 'Anything.') },
  out: { out: port(Any, 'The packets that are kept, as they are.') },
  examples: [
    { title: 'Every tenth', config: { every_n: 10 } },
    { title: 'One a second from each camera', config: { every: '1s', key: ['source_id'] } },
  ],
})
export class SampleNode {
  private readonly keyOf: (packet: Packet) => string | undefined;
  private readonly every: number;

  constructor(private readonly config: SampleConfig) {
    this.keyOf = config.key === undefined ? () => '' : keyOf(config.key);
    this.every = config.every === undefined ? 0 : ms(config.every);
  }

  process(packet: Packet, ctx: Context): Packet | undefined {
    const keep = this.keeps(packet, ctx);
    ctx.count(keep ? 'kept' : 'dropped');
    return keep ? packet : undefined;
  }

  private keeps(packet: Packet, ctx: Context): boolean {
    const key = this.keyOf(packet) ?? '';
    // Per key: how many came, or when the last one was kept.
    const state = new Keyed<number>(this.config.max_keys, ctx.state);
    const before = state.get(key);
    if (this.config.every_n !== undefined) {
      const seen = before ?? 0;
      state.set(key, (seen + 1) % this.config.every_n);
      return seen === 0;
    }
    const at = moment(this.config.time, packet, ctx);
    if (before !== undefined && Math.abs(at - before) < this.every) return false;
    state.set(key, at);
    return true;
  }
}
