/** What a model wants to see. */
export interface Preparation {
  readonly width: number;
  readonly height: number;
  /** `stretch` ignores the ratio; the others keep it and pad right and below, or on both sides. */
  readonly fit: 'stretch' | 'top_left' | 'center';
  readonly order: 'rgb' | 'bgr';
  /** In the order of the tensor's planes: value = (pixel - mean) / deviation. */
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
  /** Pixel value of the padding. */
  readonly pad: number;
}

export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Where a picture lies in a tensor: tensor = picture * scale + offset. */
export interface Placement {
  readonly scaleX: number;
  readonly scaleY: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function place({ width, height, fit }: Preparation, picture: { readonly width: number; readonly height: number }): Placement {
  if (fit === 'stretch') return { scaleX: width / picture.width, scaleY: height / picture.height, left: 0, top: 0, width, height };
  const scale = Math.min(width / picture.width, height / picture.height);
  const w = Math.min(width, Math.max(1, Math.round(picture.width * scale)));
  const h = Math.min(height, Math.max(1, Math.round(picture.height * scale)));
  const middle = fit === 'center';
  return {
    scaleX: w / picture.width,
    scaleY: h / picture.height,
    left: middle ? Math.floor((width - w) / 2) : 0,
    top: middle ? Math.floor((height - h) / 2) : 0,
    width: w,
    height: h,
  };
}

/** Writes pictures into one NCHW tensor: resized bilinearly, normalised, padded. Reads the picture where it lies. */
export class Letterbox {
  readonly tensor: Float32Array;
  private seen = { width: 0, height: 0 };
  private at: Placement = { scaleX: 1, scaleY: 1, left: 0, top: 0, width: 0, height: 0 };
  private columns: Taps = { low: new Int32Array(0), high: new Int32Array(0), weight: new Float32Array(0) };
  private rows = this.columns;

  constructor(private readonly to: Preparation) {
    this.tensor = new Float32Array(3 * to.width * to.height);
  }

  fill(picture: Picture): Placement {
    if (picture.width !== this.seen.width || picture.height !== this.seen.height) this.fit(picture);
    const { width, height, order, mean, deviation } = this.to;
    const { tensor, at, columns, rows } = this;
    const { data } = picture;
    const plane = width * height;
    for (let c = 0; c < 3; c++) {
      const channel = order === 'rgb' ? c : 2 - c;
      const gain = 1 / deviation[c]!;
      const bias = -mean[c]! / deviation[c]!;
      for (let y = 0; y < at.height; y++) {
        const above = rows.low[y]! * picture.width * 3 + channel;
        const below = rows.high[y]! * picture.width * 3 + channel;
        const v = rows.weight[y]!;
        let out = c * plane + (at.top + y) * width + at.left;
        for (let x = 0; x < at.width; x++) {
          const l = columns.low[x]! * 3;
          const r = columns.high[x]! * 3;
          const u = columns.weight[x]!;
          const a = data[above + l]!;
          const b = data[below + l]!;
          const upper = a + (data[above + r]! - a) * u;
          const lower = b + (data[below + r]! - b) * u;
          tensor[out++] = (upper + (lower - upper) * v) * gain + bias;
        }
      }
    }
    return at;
  }

  private fit(picture: Picture): void {
    const { width, height, mean, deviation, pad } = this.to;
    this.seen = { width: picture.width, height: picture.height };
    this.at = place(this.to, picture);
    this.columns = taps(picture.width, this.at.width);
    this.rows = taps(picture.height, this.at.height);
    for (let c = 0; c < 3; c++) this.tensor.fill((pad - mean[c]!) / deviation[c]!, c * width * height, (c + 1) * width * height);
  }
}

interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly weight: Float32Array;
}

/** For every target pixel the two source pixels beside its centre, and the weight of the second. */
function taps(from: number, to: number): Taps {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const weight = new Float32Array(to);
  for (let i = 0; i < to; i++) {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    low[i] = Math.floor(at);
    high[i] = Math.min(from - 1, low[i]! + 1);
    weight[i] = at - low[i]!;
  }
  return { low, high, weight };
}

/** Boxes of a tensor as boxes of the picture, cut at its edges. */
export function toPicture<B extends { x1: number; y1: number; x2: number; y2: number }>(
  box: B,
  at: Placement,
  picture: { width: number; height: number },
): B {
  const x = (value: number) => Math.min(picture.width, Math.max(0, (value - at.left) / at.scaleX));
  const y = (value: number) => Math.min(picture.height, Math.max(0, (value - at.top) / at.scaleY));
  return { ...box, x1: x(box.x1), y1: y(box.y1), x2: x(box.x2), y2: y(box.y2) };
}
