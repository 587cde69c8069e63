import { Doc, Image, Node, port, SluiceError, type Context, type Packet, outside } from '@sluice/sdk';
import { IsInt, IsNumber, Max, Min } from 'class-validator';
import type Sharp from 'sharp';
import { Canvas, type Colour } from './drawing/canvas';
import { DetectionsType, type Detection, type Detections } from './ports';

export class AnnotateConfig {
  @IsInt() @Min(1) @Max(100) @Doc('Quality of the JPEG.') quality = 80;
  @IsNumber() @Min(0) @Max(240) @Doc('Most pictures a second, the others are left out; 0: one for each frame.') max_fps = 15;
}

const ZONE: Colour = [250, 204, 21];
const ALARM: Colour = [239, 68, 68];
const DARK: Colour = [15, 23, 42];
const WHITE: Colour = [255, 255, 255];
/** Well apart, and readable on grass and asphalt. */
const TRACKS: readonly Colour[] = [
  [56, 189, 248],
  [74, 222, 128],
  [251, 146, 60],
  [232, 121, 249],
  [45, 212, 191],
  [129, 140, 248],
  [163, 230, 53],
  [251, 113, 133],
];

@Node({
  type: 'vision/annotate',
  kind: 'transform',
  summary: 'Draws boxes, track numbers and zones on a copy of the frame and gives it as JPEG.',
  doc: 'A zone in which somebody is turns red. What has a track keeps its colour. Needs no fonts.',
  config: AnnotateConfig,
  in: { detections: port(DetectionsType, 'Detections, with their frame.') },
  out: { image: port(Image, 'The picture, to watch.') },
  examples: [{ title: 'For a thin line', config: { quality: 60, max_fps: 5 } }],
})
export class AnnotateNode {
  private sharp!: typeof Sharp;
  private nextMs = -Infinity;

  constructor(private readonly config: AnnotateConfig) {}

  async open(): Promise<void> {
    try {
      this.sharp = (await import('sharp')).default;
    } catch (error) {
      throw new SluiceError('IMAGE_ENCODER_MISSING', 'The package sharp, which encodes pictures, does not load.', {
        hint: 'Run `npm install sharp` on this machine.',
        cause: error,
      });
    }
  }

  async process({ payload }: Packet<Detections>, ctx: Context): Promise<Image | undefined> {
    if (this.config.max_fps > 0) {
      const now = ctx.now();
      if (now < this.nextMs) return undefined;
      const interval = 1000 / this.config.max_fps;
      // From the time that was due, so that the mean rate is right; from now after a gap.
      this.nextMs = (now - this.nextMs > interval ? now : this.nextMs) + interval;
    }
    const { width, height, data } = payload.frame;
    const pixels = new Uint8Array(data);
    draw(new Canvas(pixels, width, height), payload);
    // Thin coloured lines need their colours at full resolution.
    const picture = this.sharp(pixels, { raw: { width, height, channels: 3 } });
    const jpeg = await outside(picture.jpeg({ quality: this.config.quality, chromaSubsampling: '4:4:4' }).toBuffer());
    return { content_type: 'image/jpeg', data: jpeg };
  }
}

function draw(canvas: Canvas, { detections, zones = [] }: Detections): void {
  const size = Math.max(1, Math.round(canvas.width / 640));
  for (const { id, polygon } of zones) {
    const colour = detections.some(({ zone }) => zone?.zone_id === id && zone.inside) ? ALARM : ZONE;
    canvas.polygon(polygon, 2 * size, colour);
    const [x, y] = polygon[0]!;
    canvas.label(id, x + 3 * size, y + 3 * size, size, DARK, colour);
  }
  // Where all are of one kind the number says enough, and plates of neighbours stay apart.
  const mixed = detections.some(({ label }) => label !== detections[0]!.label);
  detections.forEach((detection) => drawOne(canvas, detection, size, mixed));
}

function drawOne(canvas: Canvas, { label, confidence, bbox, track_id, zone }: Detection, size: number, mixed: boolean): void {
  const number =
    typeof track_id === 'number' ? track_id : [...String(track_id ?? label)].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  const colour = TRACKS[number % TRACKS.length]!;
  canvas.box(bbox, (zone?.inside === true ? 3 : 2) * size, zone?.inside === true ? ALARM : colour);
  const name = track_id === undefined ? label : mixed ? `#${track_id} ${label}` : `#${track_id}`;
  const text = `${name} ${Math.round(confidence * 100)}%`;
  canvas.label(text, bbox.x1, bbox.y1 - 9 * size, size, zone?.inside === true ? WHITE : DARK, zone?.inside === true ? ALARM : colour);
}
