import type { Point } from '../polygon';
import type { Box } from '../ports';
import { glyph, GLYPH_HEIGHT, GLYPH_WIDTH } from './font';

export type Colour = readonly [red: number, green: number, blue: number];

/** Draws on RGB pixels without fonts or libraries of the system. What lies outside is cut off. */
export class Canvas {
  constructor(
    readonly data: Uint8Array,
    readonly width: number,
    readonly height: number,
  ) {}

  dot(x: number, y: number, [red, green, blue]: Colour): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = (y * this.width + x) * 3;
    this.data[at] = red;
    this.data[at + 1] = green;
    this.data[at + 2] = blue;
  }

  fill(left: number, top: number, width: number, height: number, colour: Colour): void {
    for (let y = Math.max(0, top); y < Math.min(this.height, top + height); y++) {
      for (let x = Math.max(0, left); x < Math.min(this.width, left + width); x++) this.dot(x, y, colour);
    }
  }

  box({ x1, y1, x2, y2 }: Box, thickness: number, colour: Colour): void {
    const [left, top, right, bottom] = [Math.round(x1), Math.round(y1), Math.round(x2), Math.round(y2)];
    this.fill(left, top, right - left, thickness, colour);
    this.fill(left, bottom - thickness, right - left, thickness, colour);
    this.fill(left, top, thickness, bottom - top, colour);
    this.fill(right - thickness, top, thickness, bottom - top, colour);
  }

  line([x1, y1]: Point, [x2, y2]: Point, thickness: number, colour: Colour): void {
    const steps = Math.min(20_000, Math.max(1, Math.ceil(Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1)))));
    const half = Math.floor(thickness / 2);
    for (let i = 0; i <= steps; i++) {
      this.fill(
        Math.round(x1 + ((x2 - x1) * i) / steps) - half,
        Math.round(y1 + ((y2 - y1) * i) / steps) - half,
        thickness,
        thickness,
        colour,
      );
    }
  }

  polygon(corners: readonly Point[], thickness: number, colour: Colour): void {
    corners.forEach((corner, i) => this.line(corner, corners[(i + 1) % corners.length]!, thickness, colour));
  }

  /** A line of text on a plate; `left`, `top` are the plate's, moved so that it is seen. */
  label(text: string, left: number, top: number, size: number, ink: Colour, plate: Colour): void {
    const width = (text.length * (GLYPH_WIDTH + 1) + 1) * size;
    const height = (GLYPH_HEIGHT + 2) * size;
    const x = Math.max(0, Math.min(Math.round(left), this.width - width));
    const y = Math.max(0, Math.min(Math.round(top), this.height - height));
    this.fill(x, y, width, height, plate);
    [...text].forEach((letter, i) =>
      glyph(letter).forEach((row, dy) => {
        for (let dx = 0; dx < GLYPH_WIDTH; dx++) {
          if ((row >> (GLYPH_WIDTH - 1 - dx)) & 1)
            this.fill(x + (i * (GLYPH_WIDTH + 1) + 1 + dx) * size, y + (1 + dy) * size, size, size, ink);
        }
      }),
    );
  }
}
