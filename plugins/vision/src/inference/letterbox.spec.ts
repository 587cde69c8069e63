import * as fc from 'fast-check';
import { Letterbox, place, toPicture, type Preparation } from './letterbox';

const plain = { order: 'rgb', mean: [0, 0, 0], deviation: [1, 1, 1], pad: 0 } as const;

function picture(width: number, height: number, pixel: (x: number, y: number, c: number) => number) {
  const data = new Uint8Array(new SharedArrayBuffer(width * height * 3));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = pixel(x, y, c);
  return { data, width, height };
}

describe('letterbox', () => {
  it('keeps the pixels where nothing is resized, plane by plane in the order of the model', () => {
    const source = picture(4, 2, (x, y, c) => x + 10 * y + 100 * c);
    const rgb = new Letterbox({ ...plain, width: 4, height: 2, fit: 'top_left' });
    rgb.fill(source);
    expect([...rgb.tensor]).toEqual([
      0, 1, 2, 3, 10, 11, 12, 13, 100, 101, 102, 103, 110, 111, 112, 113, 200, 201, 202, 203, 210, 211, 212, 213,
    ]);
    const bgr = new Letterbox({ ...plain, width: 4, height: 2, fit: 'top_left', order: 'bgr', mean: [200, 100, 0], deviation: [1, 2, 4] });
    bgr.fill(source);
    expect([...bgr.tensor.slice(0, 4)]).toEqual([0, 1, 2, 3]);
    expect([...bgr.tensor.slice(8, 12)]).toEqual([0, 0.5, 1, 1.5]);
    expect([...bgr.tensor.slice(16, 20)]).toEqual([0, 0.25, 0.5, 0.75]);
  });

  it('pads right and below, or on both sides, with the pixel value of the family, also after another size', () => {
    const wide = picture(4, 2, () => 50);
    const corner = new Letterbox({ ...plain, width: 4, height: 4, fit: 'top_left', pad: 7 });
    corner.fill(picture(2, 4, () => 9));
    corner.fill(wide);
    expect([...corner.tensor.slice(0, 16)]).toEqual([...Array<number>(8).fill(50), ...Array<number>(8).fill(7)]);
    const middle = new Letterbox({ ...plain, width: 4, height: 4, fit: 'center', pad: 114 });
    middle.fill(wide);
    expect([...middle.tensor.slice(0, 16)]).toEqual([
      ...Array<number>(4).fill(114),
      ...Array<number>(8).fill(50),
      ...Array<number>(4).fill(114),
    ]);
  });

  it('interpolates between the centres of pixels', () => {
    const box = new Letterbox({ ...plain, width: 4, height: 1, fit: 'stretch' });
    box.fill(picture(2, 1, (x) => x * 100));
    expect([...box.tensor.slice(0, 4)]).toEqual([0, 25, 75, 100]);
  });

  it('gives a flat picture a flat tensor, whatever the sizes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 255 }),
        (w, h, tw, th, value) => {
          const box = new Letterbox({ ...plain, width: tw, height: th, fit: 'center', pad: value });
          box.fill(picture(w, h, () => value));
          expect(box.tensor.every((one) => Math.abs(one - value) < 1e-3)).toBe(true);
        },
      ),
    );
  });

  it('maps boxes back to where they came from, and never outside of the picture', () => {
    const size = fc.integer({ min: 8, max: 2000 });
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        size,
        size,
        fc.constantFrom('stretch' as const, 'top_left' as const, 'center' as const),
        fraction,
        fraction,
        fc.double({ min: -500, max: 2500, noNaN: true }),
        (width, height, fit, fx, fy, wild) => {
          const to: Preparation = { ...plain, width: 416, height: 320, fit };
          const at = place(to, { width, height });
          expect(at.left + at.width).toBeLessThanOrEqual(416);
          expect(at.top + at.height).toBeLessThanOrEqual(320);
          const [x, y] = [fx * width, fy * height];
          const back = toPicture({ x1: x * at.scaleX + at.left, y1: y * at.scaleY + at.top, x2: wild, y2: wild }, at, { width, height });
          expect(back.x1).toBeCloseTo(x, 6);
          expect(back.y1).toBeCloseTo(y, 6);
          expect(back.x2).toBeGreaterThanOrEqual(0);
          expect(back.x2).toBeLessThanOrEqual(width);
          expect(back.y2).toBeLessThanOrEqual(height);
        },
      ),
    );
  });
});
