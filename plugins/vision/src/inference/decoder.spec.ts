import { chooseDecoder, type Tensor } from './decoder';

const tensor = (dims: number[]): Tensor => ({ dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) });
const size = { width: 640, height: 640 };

function chosen(...[wanted, outputs, input = size]: [Parameters<typeof chooseDecoder>[0], Record<string, Tensor>, typeof size?]) {
  const made = chooseDecoder(wanted, outputs, input);
  if (typeof made === 'string') throw new Error(made);
  return made;
}
const rounded = (boxes: readonly object[]) =>
  boxes.map((one) => Object.fromEntries(Object.entries(one).map(([key, value]) => [key, Math.round((value as number) * 1000) / 1000])));

describe('yolo', () => {
  it('reads the layout of v8 and v11: one plane a value, no objectness', () => {
    const out = tensor([1, 84, 8400]);
    const put = (row: number, anchor: number, value: number) => (out.data[row * 8400 + anchor] = value);
    [320, 200, 40, 80].forEach((value, row) => put(row, 7000, value));
    put(4 + 2, 7000, 0.8);
    put(4 + 5, 7000, 0.3);
    put(4, 12, 0.2);
    const { name, decoder } = chosen('auto', { output0: out });
    expect([name, decoder.classes, decoder.prepare.fit]).toEqual(['yolo', 80, 'center']);
    expect(rounded(decoder.decode({ output0: out }, 0.5))).toEqual([{ x1: 300, y1: 160, x2: 340, y2: 240, score: 0.8, cls: 2 }]);
  });

  it('reads the layout of v5: one row a box, score is objectness times class', () => {
    const out = tensor([1, 25200, 85]);
    out.data.set([100, 100, 20, 10, 0.9, 0.1, 0.7], 85 * 25199);
    out.data.set([100, 100, 20, 10, 0.6, 0.7], 85 * 3);
    const { decoder } = chosen('yolo', { output: out });
    expect(decoder.classes).toBe(80);
    expect(rounded(decoder.decode({ output: out }, 0.5))).toEqual([{ x1: 90, y1: 95, x2: 110, y2: 105, score: 0.63, cls: 1 }]);
  });

  it('tells the layouts apart by the count of anchors, also for few classes and wide inputs', () => {
    const wide = { width: 640, height: 384 };
    expect(chosen('auto', { out: tensor([1, 5, 5040]) }, wide).decoder.classes).toBe(1);
    expect(chosen('auto', { out: tensor([1, 15120, 6]) }, wide).decoder.classes).toBe(1);
  });
});

describe('nanodet', () => {
  const levels = (): Record<string, Tensor> => {
    const all: Record<string, Tensor> = {};
    // In no helpful order, like real exports.
    for (const [cells, name] of [
      [169, 'c'],
      [2704, 'a'],
      [676, 'b'],
    ] as const) {
      all[`boxes_${name}`] = tensor([1, cells, 44]);
      all[`boxes_${name}`]!.data.fill(-5);
      all[`scores_${name}`] = tensor([1, cells, 80]);
    }
    return all;
  };

  it('reads sides as the mean of their distribution, from the centre of the cell', () => {
    const outputs = levels();
    const cell = 3 * 26 + 5;
    outputs['scores_b']!.data[cell * 80 + 17] = 0.75;
    // Left 2, top 1, right 3, bottom between 4 and 5 strides.
    [[2], [1], [3], [4, 5]].forEach((bins, side) => bins.forEach((bin) => (outputs['boxes_b']!.data[cell * 44 + side * 11 + bin] = 40)));
    const { name, decoder } = chosen('auto', outputs, { width: 416, height: 416 });
    expect([name, decoder.classes, decoder.prepare.order]).toEqual(['nanodet', 80, 'bgr']);
    const [x, y] = [5.5 * 16, 3.5 * 16];
    expect(rounded(decoder.decode(outputs, 0.5))).toEqual([{ x1: x - 32, y1: y - 16, x2: x + 48, y2: y + 72, score: 0.75, cls: 17 }]);
    expect(decoder.decode(outputs, 0.8)).toEqual([]);
  });

  it('refuses outputs that do not come in pairs', () => {
    const { boxes_c: _, ...rest } = levels();
    expect(chooseDecoder('nanodet', rest, { width: 416, height: 416 })).toContain('nanodet expects per grid level');
  });
});

describe('ultraface', () => {
  it('reads decoded boxes as fractions of the picture', () => {
    const scores = tensor([1, 4420, 2]);
    const boxes = tensor([1, 4420, 4]);
    scores.data.set([0.1, 0.9], 2 * 4419);
    boxes.data.set([0.25, 0.5, 0.5, 0.75], 4 * 4419);
    const { name, decoder } = chosen('auto', { scores, boxes }, { width: 320, height: 240 });
    expect([name, decoder.classes, decoder.prepare.fit]).toEqual(['ultraface', 1, 'stretch']);
    expect(rounded(decoder.decode({ scores, boxes }, 0.5))).toEqual([{ x1: 80, y1: 120, x2: 160, y2: 180, score: 0.9, cls: 0 }]);
  });
});

it('says what the shapes are and what was expected', () => {
  expect(chooseDecoder('auto', { prob: tensor([1, 1000]) }, size)).toMatch(
    /prob \[1,1000\]; nanodet expects .*; yolo expects .*; ultraface expects/,
  );
});
