import type { Candidate } from './candidate';
import type { DecoderFactory } from './decoder';

/**
 * One-output exports of the YOLO family. v5: `[1, anchors, 5 + classes]`, each row centre, size, objectness, classes.
 * v8 and v11: `[1, 4 + classes, anchors]`, no objectness, the scores of one class lie together. Boxes are pixels of the input.
 */
export const yolo: DecoderFactory = (outputs, { width, height }) => {
  const expects = 'one output [1,4+classes,anchors] (v8, v11) or [1,anchors,5+classes] (v5)';
  const entries = Object.entries(outputs);
  const [name, { dims }] = entries[0] ?? ['', { dims: [] }];
  if (entries.length !== 1 || dims.length !== 3 || dims[0] !== 1) return expects;
  const [, rows, columns] = dims as [number, number, number];
  const cells = [8, 16, 32].reduce((sum, stride) => sum + Math.ceil(width / stride) * Math.ceil(height / stride), 0);
  // The count of anchors tells the layouts apart: v5 has three boxes a cell, the later ones one.
  const planes = columns === cells && rows > 4;
  if (!planes && !(rows === 3 * cells && columns > 5)) return expects;
  const anchors = planes ? columns : rows;
  const classes = planes ? rows - 4 : columns - 5;
  const offset = planes ? 4 : 5;
  const row = planes ? 1 : columns;
  const value = planes ? anchors : 1;
  return {
    prepare: { width, height, fit: 'center', order: 'rgb', mean: [0, 0, 0], deviation: [255, 255, 255], pad: 114 },
    classes,
    overlap: 0.45,
    decode: (tensors, threshold) => {
      const { data } = tensors[name]!;
      const found: Candidate[] = [];
      for (let i = 0; i < anchors; i++) {
        const base = i * row;
        const objectness = planes ? 1 : data[base + 4 * value]!;
        if (objectness < threshold) continue;
        let cls = 0;
        let score = 0;
        for (let c = 0; c < classes; c++) {
          const one = data[base + (offset + c) * value]!;
          if (one > score) {
            score = one;
            cls = c;
          }
        }
        score *= objectness;
        if (score < threshold) continue;
        const x = data[base]!;
        const y = data[base + value]!;
        const w = data[base + 2 * value]! / 2;
        const h = data[base + 3 * value]! / 2;
        found.push({ x1: x - w, y1: y - h, x2: x + w, y2: y + h, score, cls });
      }
      return found;
    },
  };
};
