import type { Candidate } from './candidate';
import type { DecoderFactory } from './decoder';

/**
 * UltraFace (github.com/Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB) with its boxes decoded in the model: `scores [1,n,2]` (background, face) and
 * `boxes [1,n,4]` as fractions of the picture, which is stretched to the input.
 */
export const ultraface: DecoderFactory = (outputs, { width, height }) => {
  const expects = 'outputs scores [1,n,2] and boxes [1,n,4]';
  const { scores, boxes } = outputs;
  if (scores === undefined || boxes === undefined || scores.dims.length !== 3 || boxes.dims.length !== 3) return expects;
  if (scores.dims[2] !== 2 || boxes.dims[2] !== 4 || scores.dims[1] !== boxes.dims[1]) return expects;
  return {
    prepare: { width, height, fit: 'stretch', order: 'rgb', mean: [127, 127, 127], deviation: [128, 128, 128], pad: 0 },
    classes: 1,
    overlap: 0.3,
    decode: (tensors, threshold) => {
      const found: Candidate[] = [];
      const score = tensors['scores']!.data;
      const box = tensors['boxes']!.data;
      for (let i = 0; 2 * i < score.length; i++) {
        const face = score[2 * i + 1]!;
        if (face < threshold) continue;
        const [x1, y1, x2, y2] = box.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
        found.push({ x1: x1 * width, y1: y1 * height, x2: x2 * width, y2: y2 * height, score: face, cls: 0 });
      }
      return found;
    },
  };
};
