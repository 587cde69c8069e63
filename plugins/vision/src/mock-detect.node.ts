import { Doc, Nested, Node, port, type Packet } from '@sluice/sdk';
import { IsInt, IsNotEmpty, IsNumber, IsString, Max, Min, ValidateBy } from 'class-validator';
import { DetectionsType, FrameType, type Detections, type Frame } from './ports';

function IsTrackId(): PropertyDecorator {
  const validate = (value: unknown) => value === 'frame_idx' || Number.isInteger(value);
  return ValidateBy({ name: 'isTrackId', validator: { validate, defaultMessage: () => '$property must be a whole number or frame_idx' } });
}

export class MockBox {
  @IsNumber() @Doc('Left.') x1 = 10;
  @IsNumber() @Doc('Top.') y1 = 20;
  @IsNumber() @Doc('Right.') x2 = 200;
  @IsNumber() @Doc('Bottom.') y2 = 260;
}

export class MockDetectConfig {
  @IsInt() @Min(1) @Doc('A detection on every n-th frame, by its number; the others have none.') emit_every_n = 1;
  @IsString() @IsNotEmpty() @Doc('Label of the detection.') label = 'person';
  @IsNumber() @Min(0) @Max(1) @Doc('Its confidence.') confidence = 0.75;
  @IsTrackId() @Doc('Its track; `frame_idx`: another on every frame.') track_id: number | 'frame_idx' = 'frame_idx';
  @Nested(() => MockBox) @Doc('Its box on frame 0, in pixels.') bbox: MockBox = new MockBox();
  @IsNumber() @Doc('The box moves right by so many pixels a frame.') bbox_dx = 0;
}

@Node({
  type: 'vision/mock-detect',
  kind: 'transform',
  summary: 'One made-up detection a frame: graphs can be tried without a model.',
  config: MockDetectConfig,
  in: { frames: port(FrameType, 'Frames; only their numbers matter.') },
  out: { detections: port(DetectionsType, 'One for each frame.') },
  examples: [{ title: 'Somebody who walks to the right', config: { bbox_dx: 4 } }],
})
export class MockDetectNode {
  constructor(private readonly config: MockDetectConfig) {}

  process({ payload: frame }: Packet<Frame>): Detections {
    const { emit_every_n, label, confidence, track_id, bbox, bbox_dx } = this.config;
    if (frame.index % emit_every_n !== 0) return { frame, detections: [] };
    const moved = bbox_dx * frame.index;
    const box = { x1: bbox.x1 + moved, y1: bbox.y1, x2: bbox.x2 + moved, y2: bbox.y2 };
    return { frame, detections: [{ label, confidence, bbox: box, track_id: track_id === 'frame_idx' ? frame.index : track_id }] };
  }
}
