import { IsInt, Min } from 'class-validator';
import { Doc, IsDuration, ms, Node, port, portType, to, type Context, type To } from '@sluice/sdk';

export class IntervalConfig {
  @IsDuration() @Doc('Time between two ticks.', { examples: ['250ms'] }) every = '1s';
  @IsInt() @Min(0) @Doc('Ends after so many ticks; 0 is without end.') count = 0;
}

export interface Tick {
  /** From 0. */
  readonly n: number;
}
export const Tick = portType<Tick>('core/tick@1', { profile: 'json_portable' });

@Node({
  type: 'core/interval',
  kind: 'source',
  summary: 'Ticks at a steady pace.',
  doc: 'The first tick comes after one interval. Where the graph is slower than the pace, ticks come late; none is left out.',
  config: IntervalConfig,
  out: { out: port(Tick, 'One packet per tick.') },
  examples: [{ title: 'Four ticks a second', config: { every: '250ms' } }],
})
export class IntervalNode {
  constructor(private readonly config: IntervalConfig) {}

  async *read(ctx: Context): AsyncGenerator<To<'out', Tick>, void> {
    const every = ms(this.config.every);
    const start = ctx.now();
    for (let n = 0; this.config.count === 0 || n < this.config.count; n++) {
      // Against the start, not the last tick: the time that the graph takes does not add up.
      await ctx.sleep(Math.max(0, start + (n + 1) * every - ctx.now()));
      yield to('out', { n });
    }
  }
}
