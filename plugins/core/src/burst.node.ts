import { IsInt, IsString, Min } from 'class-validator';
import { Any, Doc, Node, port, type Packet } from '@sluice/sdk';

export class BurstConfig {
  @IsInt() @Min(1) @Doc('Copies of each packet.') count = 1;
  @IsString() @Doc('Key in meta that numbers the copies from 0; empty writes none.') meta_key = 'burst_seq';
}

@Node({
  type: 'core/burst',
  kind: 'transform',
  summary: 'Sends every packet several times, to see how the rest of a graph bears load.',
  config: BurstConfig,
  in: { in: port(Any, 'Anything.') },
  out: { out: port(Any, 'The copies: new packets with the same payload.') },
  examples: [{ title: 'Ten for one', config: { count: 10 } }],
})
export class BurstNode {
  constructor(private readonly config: BurstConfig) {}

  *process(packet: Packet): Generator<Packet, void> {
    const { count, meta_key } = this.config;
    for (let i = 0; i < count; i++) yield packet.with(packet.payload, meta_key === '' ? packet.meta : { ...packet.meta, [meta_key]: i });
  }
}
