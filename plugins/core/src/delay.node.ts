import { Any, Doc, IsDuration, ms, Node, port, type Context, type Packet } from '@sluice/sdk';

export class DelayConfig {
  @IsDuration() @Doc('How long each packet waits.', { examples: ['500ms'] }) duration = '1s';
}

@Node({
  type: 'core/delay',
  kind: 'transform',
  summary: 'Holds each packet for a while before it goes on.',
  doc: 'It holds as many packets at a time as `concurrency` of the node says (1 if unsaid), so that what waits is bounded: one packet per duration passes for each.',
  config: DelayConfig,
  in: { in: port(Any, 'Anything.') },
  out: { out: port(Any, 'The same packet, later.') },
  examples: [{ title: 'Half a second', config: { duration: '500ms' } }],
})
export class DelayNode {
  private readonly wait: number;

  constructor(config: DelayConfig) {
    this.wait = ms(config.duration);
  }

  async process(packet: Packet, ctx: Context): Promise<Packet> {
    await ctx.sleep(this.wait);
    return packet;
  }
}
