import { IsOptional } from 'class-validator';
import { Any, Doc, field, IsField, Node, port, type Context, type Packet } from '@sluice/sdk';

export class CountConfig {
  @IsOptional()
  @IsField()
  @Doc('Also counts by the value of this field, at most 100 different ones; the rest is `other`.', { examples: ['kind'] })
  by?: string;
}

const MAX_VALUES = 100;

@Node({
  type: 'core/count',
  kind: 'sink',
  summary: 'Counts packets, in all and by a field, into the metrics and the run report.',
  config: CountConfig,
  in: { in: port(Any, 'Anything.') },
  examples: [
    { title: 'How many', config: {} },
    { title: 'How many of each kind', config: { by: 'kind' } },
  ],
})
export class CountNode {
  private readonly read: ((packet: Packet) => unknown) | undefined;
  private readonly seen = new Set<string>();

  constructor(config: CountConfig) {
    this.read = config.by === undefined ? undefined : field(config.by);
  }

  write(packet: Packet, ctx: Context): void {
    ctx.count('packets');
    if (this.read === undefined) return;
    // A counter per value is kept for ever: an unbounded field must not fill the metrics.
    const value = String(this.read(packet) ?? 'none');
    if (this.seen.size < MAX_VALUES) this.seen.add(value);
    ctx.count(`by_${this.seen.has(value) ? value : 'other'}`);
  }
}
