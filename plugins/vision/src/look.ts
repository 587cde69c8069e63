import type { Box, Frame } from './ports';

/** Colours of an object from top to bottom: the mean red, green and blue of each band. */
export type Look = readonly number[];

const BANDS = 6;
/** The middle of a box is the object; its sides are mostly background and neighbours. */
const SIDE = 0.25;

export function lookAt({ data, width, height }: Pick<Frame, 'data' | 'width' | 'height'>, { x1, y1, x2, y2 }: Box): Look {
  const left = Math.max(0, Math.floor(x1 + (x2 - x1) * SIDE));
  const right = Math.min(width, Math.max(left + 1, Math.ceil(x2 - (x2 - x1) * SIDE)));
  const look: number[] = [];
  for (let band = 0; band < BANDS; band++) {
    const top = Math.max(0, Math.floor(y1 + ((y2 - y1) * band) / BANDS));
    const bottom = Math.min(height, Math.max(top + 1, Math.floor(y1 + ((y2 - y1) * (band + 1)) / BANDS)));
    const sum = [0, 0, 0];
    for (let y = top; y < bottom; y++)
      for (let x = left; x < right; x++) for (let c = 0; c < 3; c++) sum[c]! += data[(y * width + x) * 3 + c]!;
    const count = Math.max(1, (bottom - top) * (right - left));
    look.push(...sum.map((value) => value / count));
  }
  return look;
}

/** Mean difference of colour, 0 to 255. */
export function difference(a: Look, b: Look): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}
