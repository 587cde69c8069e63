import { IsInt, Min } from 'class-validator';
import { Any, Doc, hop, IsDuration, ms, Node, port, type Context, type Packet } from '@sluice/sdk';

export class DelayConfig {
  @IsDuration() @Doc('How long each packet waits.', { examples: ['500ms'] }) duration = '1s';
  @IsInt() @Min(1) @Doc('How often a packet may come by where this closes a cycle; the next time it fails with HOP_LIMIT.') max_hops =
    1_000;
}

@Node({
  type: 'core/delay',
  kind: 'transform',
  summary: 'Holds each packet for a while before it goes on.',
  doc: 'It holds as many packets at a time as `concurrency` of the node says (1 if unsaid), so that what waits is bounded: one packet per duration passes for each. It may close a cycle: how often a packet came by is counted in `meta.hops`.',
  config: DelayConfig,
  in: { in: port(Any, 'Anything.') },
  out: { out: port(Any, 'The same payload, later.') },
  examples: [{ title: 'Half a second', config: { duration: '500ms' } }],
})
export class DelayNode {
  private readonly wait: number;

  constructor(private readonly config: DelayConfig) {
    this.wait = ms(config.duration);
  }

  async process(packet: Packet, ctx: Context): Promise<Packet> {
    const later = hop(packet, this.config.max_hops);
    await ctx.sleep(this.wait);
    return later;
  }
}
