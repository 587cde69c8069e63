import { IsNumber } from 'class-validator';
import { Doc, Node, port, type Packet } from '@sluice/sdk';
import { numberOf, Value } from './value';

export class ScaleConfig {
  @IsNumber() @Doc('What each number is multiplied by.', { examples: [0.5] }) factor = 2;
}

@Node({
  type: 'sample/scale',
  kind: 'transform',
  summary: 'Multiplies numbers.',
  config: ScaleConfig,
  in: { in: port(Value, 'Numbers.') },
  out: { out: port(Value, 'Each number times the factor.') },
  examples: [
    { title: 'Twice as much', config: {} },
    { title: 'Half as much', config: { factor: 0.5 } },
  ],
})
export class ScaleNode {
  constructor(private readonly config: ScaleConfig) {}

  process(packet: Packet<number>): Packet<number> {
    // What is thrown becomes a packet at the port `error`, and the stream goes on.
    return packet.with(numberOf(packet) * this.config.factor);
  }
}
