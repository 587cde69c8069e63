import { Doc, Nested, Node, port, type Context, type Packet } from '@sluice/sdk';
import { IsBoolean, IsIn, IsInt, IsNotEmpty, IsNumber, IsOptional, IsString, Max, Min, ValidateBy } from 'class-validator';
import { frameNumber } from './frame-number';
import { DetectionsType, FrameType, SEVERITIES, type Detections, type Frame, type Severity } from './ports';

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
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @Doc('Type of the events that are made of it; default: what vision/events says.')
  event_type?: string;
  @IsOptional() @IsIn(SEVERITIES) @Doc('Severity of the events that are made of it; default: what vision/events says.') severity?: Severity;
  @IsBoolean() @Doc('Frames without a detection go on with an empty list, so that they can be drawn; false: they end here.') empty = true;
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

  process({ payload: frame }: Packet<Frame>, ctx: Context): Detections | undefined {
    const { emit_every_n, label, confidence, track_id, bbox, bbox_dx, event_type, severity, empty } = this.config;
    const number = frameNumber(frame);
    if (number % emit_every_n !== 0) return empty ? { frame, detections: [] } : undefined;
    ctx.count('detections');
    const moved = bbox_dx * number;
    const box = { x1: bbox.x1 + moved, y1: bbox.y1, x2: bbox.x2 + moved, y2: bbox.y2 };
    const event = { ...(event_type === undefined ? {} : { event_type }), ...(severity === undefined ? {} : { severity }) };
    return { frame, detections: [{ label, confidence, bbox: box, track_id: track_id === 'frame_idx' ? number : track_id, ...event }] };
  }
}
