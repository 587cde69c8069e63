import { join } from 'node:path';
import { Doc, Node, port, SluiceError, type Context, type Packet, outside } from '@sluice/sdk';
import { ArrayMinSize, IsArray, IsIn, IsInt, IsNotEmpty, IsNumber, IsOptional, IsString, Max, Min } from 'class-validator';
import { COCO } from './inference/coco';
import { DECODER_NAMES, type DecoderName } from './inference/decoder';
import { MODELS, type Model, type Models } from './inference/models';
import { DetectionsType, FrameType, type Detections, type Frame } from './ports';

export class DetectConfig {
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @Doc('ONNX file; default: NanoDet-g 416 on the classes of COCO, which comes with the plugin.', { examples: ['${asset.ultraface}'] })
  model?: string;
  @IsIn(['auto', ...DECODER_NAMES]) @Doc('Family of the model; auto: by the shapes of its outputs.') decoder: DecoderName | 'auto' = 'auto';
  @IsNumber() @Min(0.01) @Max(1) @Doc('Least confidence.') threshold = 0.5;
  @IsArray() @IsString({ each: true }) @Doc('Classes that are wanted; empty: all.', { examples: [['person']] }) labels: string[] = [];
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @IsString({ each: true })
  @Doc('Names of the classes in their order; default: those of COCO, `face` for ultraface.')
  class_names?: string[];
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(1)
  @Doc('Boxes of one class that overlap by more count as one; default: as the family is used.')
  max_overlap?: number;
  @IsInt() @Min(1) @Max(1000) @Doc('Most detections of a frame, the most confident first.') max_detections = 100;
  @IsInt() @Min(32) @Max(4096) @Doc('Side of the input where the model leaves it open.') input_size = 640;
}

const SHIPPED = join(__dirname, '../models/nanodet-g-416.f16.onnx');

@Node({
  type: 'vision/detect',
  kind: 'transform',
  summary: 'Finds objects on frames with an ONNX model, in a thread of its own.',
  doc:
    'Decoders: `nanodet`; `yolo` (exports of v5 `[1,anchors,5+classes]`, v8 and v11 `[1,4+classes,anchors]`); `ultraface` (faces). ' +
    'Nodes and runs that name the same file share one thread and one session. The edge into it should be `latest` for a camera: a model is slower than most cameras.',
  config: DetectConfig,
  inject: [MODELS],
  in: { frames: port(FrameType, 'Frames to look at.') },
  out: { detections: port(DetectionsType, 'One for each frame, also where nothing was found; with the frame.') },
  examples: [
    { title: 'People, with the model that comes with the plugin', config: { labels: ['person'] } },
    { title: 'A YOLO of your own', config: { model: 'models/pallets.onnx', decoder: 'yolo', class_names: ['pallet', 'forklift'] } },
  ],
})
export class DetectNode {
  private model!: Model;
  private names: readonly string[] = COCO;
  private wanted: readonly number[] | undefined;

  constructor(
    private readonly config: DetectConfig,
    private readonly models: Models,
  ) {}

  async open(ctx: Context): Promise<void> {
    const { model, decoder, input_size, labels, class_names } = this.config;
    const path = model === undefined ? SHIPPED : ctx.path(model);
    this.model = await this.models.get({ path, decoder, inputSize: input_size });
    const info = await outside(this.model.info());
    this.names = class_names ?? (info.decoder === 'ultraface' ? ['face'] : COCO);
    if (this.names.length !== info.classes) {
      throw new SluiceError('MODEL_CLASSES', `${path} tells ${info.classes} classes apart, but ${this.names.length} have a name.`, {
        hint:
          class_names === undefined
            ? 'Set `class_names` to the names that it was trained with, in their order.'
            : 'Set `class_names` to exactly the names that it was trained with.',
      });
    }
    const unknown = labels.filter((label) => !this.names.includes(label));
    if (unknown.length > 0) {
      throw new SluiceError('MODEL_LABEL_UNKNOWN', `The model does not know ${unknown.map((label) => `"${label}"`).join(', ')}.`, {
        hint: `It knows ${this.names.slice(0, 12).join(', ')}${this.names.length > 12 ? ' ...' : ''}.`,
        details: { known: this.names },
      });
    }
    this.wanted = labels.length === 0 ? undefined : labels.map((label) => this.names.indexOf(label));
  }

  async process({ payload: frame }: Packet<Frame>, ctx: Context): Promise<Detections> {
    const { threshold, max_overlap, max_detections } = this.config;
    const { data, width, height } = frame;
    const found = this.model.detect({
      data,
      width,
      height,
      threshold,
      overlap: max_overlap,
      limit: max_detections,
      classes: this.wanted,
    });
    const boxes = await outside(found);
    ctx.count('detections', boxes.length);
    return {
      frame,
      detections: boxes.map(({ x1, y1, x2, y2, score, cls }) => ({ label: this.names[cls]!, confidence: score, bbox: { x1, y1, x2, y2 } })),
    };
  }
}
