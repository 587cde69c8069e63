import { Doc, Node, port, type Context, type Packet } from '@sluice/sdk';
import { IsInt, Min } from 'class-validator';
import { frameNumber } from './frame-number';
import { FrameType, type Frame } from './ports';

export class EveryNthConfig {
  @IsInt() @Min(1) @Doc('Of so many frames one is kept.') every_n = 1;
  @IsInt() @Min(0) @Doc('Number of the first frame that is kept.') offset = 0;
}

@Node({
  type: 'vision/every-nth',
  kind: 'transform',
  summary: 'Keeps every n-th frame, by the number of the frame.',
  doc: 'By the number, not by counting: what was dropped before does not shift the choice. For a rate in time use core/sample.',
  config: EveryNthConfig,
  in: { frames: port(FrameType, 'Frames.') },
  out: { frames: port(FrameType, 'Those whose number minus `offset` is a multiple of `every_n`.') },
  examples: [{ title: 'Every fifth', config: { every_n: 5 } }],
})
export class EveryNthNode {
  constructor(private readonly config: EveryNthConfig) {}

  process(packet: Packet<Frame>, ctx: Context): Packet<Frame> | undefined {
    const kept = (frameNumber(packet.payload) - this.config.offset) % this.config.every_n === 0;
    ctx.count(kept ? 'kept' : 'dropped');
    return kept ? packet : undefined;
  }
}
