import type { Detection, Detections, Frame } from '../ports';

/** A grey frame. */
export function frame(index = 0, { width = 320, height = 240, time_ms = index * 100 }: Partial<Frame> = {}): Frame {
  const data = new Uint8Array(new SharedArrayBuffer(width * height * 3)).fill(128);
  return { data, width, height, format: 'rgb24', index, time_ms };
}

/** A person of 20 by 50 pixels who stands at `x`, `y`. */
export function person(x: number, y: number, more: Partial<Detection> = {}): Detection {
  return { label: 'person', confidence: 0.9, bbox: { x1: x - 10, y1: y - 50, x2: x + 10, y2: y }, ...more };
}

export function seen(index: number, ...detections: Detection[]): Detections {
  return { frame: frame(index), detections };
}
