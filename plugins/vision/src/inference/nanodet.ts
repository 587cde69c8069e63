import type { Candidate } from './candidate';
import type { DecoderFactory, Tensor } from './decoder';

const STRIDES = [8, 16, 32, 64];

interface Level {
  readonly scores: string;
  readonly boxes: string;
  readonly stride: number;
  readonly columns: number;
}

/**
 * NanoDet (Lyu, github.com/RangiLyu/nanodet): for every cell of a grid the scores of the classes, after the sigmoid, and for each
 * side of the box a distribution over distances in strides from the centre of the cell (generalized focal loss,
 * Li et al. 2020): the side is its mean.
 */
export const nanodet: DecoderFactory = (outputs, { width, height }) => {
  const expects = 'per grid level one output [1,cells,classes] of scores and one [1,cells,4*bins]';
  const all = Object.entries(outputs);
  // Exports order and name their outputs as they like: only scores are all between 0 and 1.
  const isScores = ([, { data }]: [string, Tensor]) => data.every((value) => value >= 0 && value <= 1);
  const scored = all.filter(isScores);
  if (all.length === 0 || scored.length * 2 !== all.length) return expects;
  const levels: Level[] = [];
  for (const [scores, { dims }] of scored) {
    const boxes = all.find((other) => !isScores(other) && other[1].dims[1] === dims[1]);
    const stride = STRIDES.find((s) => Math.ceil(width / s) * Math.ceil(height / s) === dims[1]);
    const sides = boxes?.[1].dims[2] ?? 0;
    if (dims.length !== 3 || boxes === undefined || stride === undefined || sides % 4 !== 0 || sides < 8) return expects;
    levels.push({ scores, boxes: boxes[0], stride, columns: Math.ceil(width / stride) });
  }
  const classes = scored[0]![1].dims[2]!;
  return {
    // Colours as OpenCV orders them, normalised as the model was trained.
    prepare: { width, height, fit: 'top_left', order: 'bgr', mean: [103.53, 116.28, 123.675], deviation: [57.375, 57.12, 58.395], pad: 0 },
    classes,
    overlap: 0.6,
    decode: (tensors, threshold) => levels.flatMap((level) => read(tensors[level.scores]!, tensors[level.boxes]!, level, threshold)),
  };
};

function read(scores: Tensor, boxes: Tensor, { stride, columns }: Level, threshold: number): Candidate[] {
  const found: Candidate[] = [];
  const classes = scores.dims[2]!;
  const sides = boxes.dims[2]!;
  const bins = sides / 4;
  for (let cell = 0; cell < scores.dims[1]!; cell++) {
    let cls = 0;
    let score = 0;
    for (let c = 0; c < classes; c++) {
      const value = scores.data[cell * classes + c]!;
      if (value > score) {
        score = value;
        cls = c;
      }
    }
    if (score < threshold) continue;
    const x = ((cell % columns) + 0.5) * stride;
    const y = (Math.floor(cell / columns) + 0.5) * stride;
    const side = (n: number) => expectation(boxes.data, cell * sides + n * bins, bins) * stride;
    found.push({ x1: x - side(0), y1: y - side(1), x2: x + side(2), y2: y + side(3), score, cls });
  }
  return found;
}

/** Mean of the distribution that the softmax of `count` values gives. */
function expectation(values: Float32Array, from: number, count: number): number {
  let max = -Infinity;
  for (let i = 0; i < count; i++) max = Math.max(max, values[from + i]!);
  let sum = 0;
  let mean = 0;
  for (let i = 0; i < count; i++) {
    const weight = Math.exp(values[from + i]! - max);
    sum += weight;
    mean += weight * i;
  }
  return mean / sum;
}
