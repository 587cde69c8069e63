import { IsNumber } from 'class-validator';
import { Doc, Node, port, type Context, type Packet } from '@sluice/sdk';
import { numberOf, Value } from './value';

export class TallyConfig {
  @IsNumber() @Doc('Numbers above it are counted as `high`.') high = 10;
}

@Node({
  type: 'sample/tally',
  kind: 'sink',
  summary: 'Counts numbers into the metrics and the run report.',
  doc: 'Counters `numbers` and `high`.',
  config: TallyConfig,
  in: { in: port(Value, 'Numbers.') },
  examples: [{ title: 'More than a hundred is high', config: { high: 100 } }],
})
export class TallyNode {
  constructor(private readonly config: TallyConfig) {}

  // The packet is done when this returns, or when its promise resolves; a throw gives it back.
  write(packet: Packet<number>, ctx: Context): void {
    const value = numberOf(packet);
    ctx.count('numbers');
    if (value > this.config.high) ctx.count('high');
  }
}
