import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync, copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeConfig } from '@sluice/sdk';
import { iou } from './boxes';
import { DetectConfig, DetectNode } from './detect.node';
import { Models } from './inference/models';
import type { Detection, Frame } from './ports';
import { fakeContext, packet } from './testing/context';
import { constantModel } from './testing/models';
import { FfmpegLocator } from './video/ffmpeg';
import { fileInput, RawVideo } from './video/raw-video';

const SHIPPED = join(__dirname, '../models/nanodet-g-416.f16.onnx');
const STREET = join(__dirname, '../../../graphs/samples/street.mp4');
const folder = mkdtempSync(join(tmpdir(), 'detect-'));
const models = new Models();
afterAll(async () => {
  await models.close();
  rmSync(folder, { recursive: true });
});
const file = (name: string) => join(folder, name);

async function opened(config: object): Promise<DetectNode> {
  const node = new DetectNode(makeConfig(DetectConfig, config), models);
  await node.open(fakeContext(folder));
  return node;
}

function blank(width: number, height: number): Frame {
  return { data: new Uint8Array(new SharedArrayBuffer(width * height * 3)), width, height, format: 'rgb24', index: 0, time_ms: 0 };
}

describe('vision/detect on the street clip', () => {
  interface Truth {
    readonly frames: readonly { frame: number; persons: readonly { box: [number, number, number, number]; hard?: string }[] }[];
    readonly others: readonly { what: string; box: [number, number, number, number] }[];
  }
  const truth = JSON.parse(readFileSync(join(__dirname, '../fixtures/street-boxes.json'), 'utf8')) as Truth;
  const asBox = ([x1, y1, x2, y2]: readonly number[]) => ({ x1: x1!, y1: y1!, x2: x2!, y2: y2! });
  const found = new Map<number, readonly Detection[]>();

  beforeAll(async () => {
    const node = await opened({ threshold: 0.5 });
    const video = await RawVideo.open(await new FfmpegLocator().find(), fileInput(STREET));
    const { width, height } = video.format;
    for (let index = 0; index <= 113; index++) {
      const frame = { ...blank(width, height), index };
      await video.read(frame.data);
      if (!truth.frames.some((one) => one.frame === index)) continue;
      found.set(index, (await node.process(packet(frame, 'frames'), fakeContext())).detections);
    }
    await video.stop();
  });

  /** Pairs the best first; each detection counts once. */
  function match(persons: Truth['frames'][number]['persons'], detections: readonly Detection[]) {
    const free = new Set(detections);
    return persons.map((person) => {
      const best = [...free].sort((a, b) => iou(asBox(person.box), b.bbox) - iou(asBox(person.box), a.bbox))[0];
      const hit = best !== undefined && iou(asBox(person.box), best.bbox) >= 0.5;
      if (hit) free.delete(best);
      return { person, hit, free };
    });
  }

  it('finds nine of ten people that a person sees, and nobody who is not there', () => {
    let people = 0;
    let hits = 0;
    const strangers: unknown[] = [];
    for (const { frame, persons } of truth.frames) {
      const detections = found.get(frame)!.filter(({ label }) => label === 'person');
      const matched = match(persons, detections);
      for (const { person, hit } of matched) {
        if (person.hard !== undefined) continue;
        people++;
        if (hit) hits++;
      }
      strangers.push(...[...matched[0]!.free].map(({ bbox, confidence }) => ({ frame, bbox, confidence })));
    }
    expect(people).toBe(46);
    expect(hits / people).toBeGreaterThanOrEqual(0.9);
    expect(strangers).toEqual([]);
  });

  it('calls no parked vehicle and no cone a person, and knows the car', () => {
    for (const { frame } of truth.frames) {
      for (const { what, box } of truth.others) {
        const there = found.get(frame)!.filter(({ bbox }) => iou(asBox(box), bbox) > 0.3);
        expect(there.filter(({ label }) => label === 'person').map(({ bbox }) => ({ frame, what, bbox }))).toEqual([]);
        if (what === 'car') expect(there.map(({ label }) => label)).toEqual(['car']);
      }
    }
  });
});

describe('vision/detect', () => {
  it('filters by label, threshold and number', async () => {
    const anchors = 400 + 100 + 25;
    const values = new Float32Array(6 * anchors);
    // Boxes of 160x160 input, classes 0 and 1, far apart; the last lies in the padding.
    for (const [i, [x, y, a, b]] of (
      [
        [20, 60, 0.9, 0],
        [80, 80, 0, 0.7],
        [140, 100, 0.6, 0],
        [80, 20, 0.99, 0],
      ] as const
    ).entries())
      [x, y, 10, 20, a, b].forEach((value, row) => (values[row * anchors + i] = value));
    const model = constantModel(file('two-classes.onnx'), { dims: [1, 3, 160, 160] }, { output0: { dims: [1, 6, anchors], values } });
    const run = async (config: object) => {
      const node = await opened({ model, class_names: ['pallet', 'forklift'], ...config });
      const { detections, frame } = await node.process(packet(blank(320, 160), 'frames'), fakeContext());
      expect(frame.width).toBe(320);
      return detections.map(({ label, confidence, bbox }) => [label, Math.round(confidence * 100), Object.values(bbox).map(Math.round)]);
    };
    // The picture is twice as wide as high: it lies in rows 40 to 120 of the input, at half size.
    expect(await run({})).toEqual([
      ['pallet', 90, [30, 20, 50, 60]],
      ['forklift', 70, [150, 60, 170, 100]],
      ['pallet', 60, [270, 100, 290, 140]],
    ]);
    expect(await run({ labels: ['forklift'] })).toEqual([['forklift', 70, [150, 60, 170, 100]]]);
    expect((await run({ threshold: 0.65 })).length).toBe(2);
    expect(await run({ max_detections: 1 })).toEqual([['pallet', 90, [30, 20, 50, 60]]]);
  });

  it('takes the size of the input from config where the model leaves it open', async () => {
    const anchors = 3 * (16 + 4 + 1);
    const values = new Float32Array(6 * anchors);
    values.set([16, 16, 8, 8, 0.9, 1], 6);
    const model = constantModel(file('open-size.onnx'), { dims: ['N', 3, 'H', 'W'] }, { output: { dims: [1, anchors, 6], values } });
    const node = await opened({ model, input_size: 32, class_names: ['thing'], decoder: 'yolo' });
    const { detections } = await node.process(packet(blank(64, 64), 'frames'), fakeContext());
    expect(detections).toEqual([{ label: 'thing', confidence: expect.closeTo(0.9), bbox: { x1: 24, y1: 24, x2: 40, y2: 40 } }]);
  });

  it('names faces without being told', async () => {
    const scores = Float32Array.from([0.1, 0.9]);
    const boxes = Float32Array.from([0.25, 0.5, 0.5, 0.75]);
    const model = constantModel(
      file('faces.onnx'),
      { dims: [1, 3, 240, 320] },
      { scores: { dims: [1, 1, 2], values: scores }, boxes: { dims: [1, 1, 4], values: boxes } },
    );
    const { detections } = await (await opened({ model })).process(packet(blank(640, 480), 'frames'), fakeContext());
    expect(detections).toEqual([{ label: 'face', confidence: expect.closeTo(0.9), bbox: { x1: 160, y1: 240, x2: 320, y2: 360 } }]);
  });

  it('shares one thread between nodes of one file, answers all, and begins a new one when it was closed', async () => {
    const spec = { path: SHIPPED, decoder: 'auto', inputSize: 640 } as const;
    const model = await models.get(spec);
    expect(await models.get({ ...spec })).toBe(model);
    const frame = blank(64, 64);
    const request = { data: frame.data, width: 64, height: 64, threshold: 0.5, overlap: undefined, limit: 10, classes: undefined };
    expect(await Promise.all([model.detect(request), model.detect(request), model.detect(request)])).toEqual([[], [], []]);
    const busy = Array.from({ length: 50 }, () => model.detect(request));
    await busy[0];
    const settled = Promise.allSettled(busy);
    await model.close();
    const refused = (await settled).flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
    // What was under way came back, what waited was refused.
    expect([refused.length > 0, new Set(refused)]).toEqual([true, new Set(['MODEL_CLOSED'])]);
    expect(await model.detect(request)).toEqual([]);
  });

  it('lets a program end with its own exit code while a picture is looked at', () => {
    const code = `
      const { Models } = require(${JSON.stringify(join(__dirname, 'inference', 'models'))});
      const request = { data: new Uint8Array(new SharedArrayBuffer(64 * 64 * 3)), width: 64, height: 64, threshold: 0.5, limit: 10 };
      new Models().get({ path: ${JSON.stringify(SHIPPED)}, decoder: 'auto', inputSize: 640 }).then(async (model) => {
        const all = Array.from({ length: 50 }, () => model.detect(request));
        await all[0];
        process.exit(7);
      });`;
    const env = { ...process.env, SWC_NODE_PROJECT: join(__dirname, '../../../tsconfig.base.json') };
    const register = require.resolve('@swc-node/register');
    const { status, signal, stderr } = spawnSync(process.execPath, ['-C', '@sluice/source', '-r', register, '-e', code], { env });
    expect([status, signal, String(stderr)]).toEqual([7, null, '']);
  });

  describe('refuses', () => {
    it.each([
      ['MODEL_NOT_FOUND', 'a missing file', () => file('missing.onnx')],
      [
        'MODEL_INVALID',
        'a truncated model',
        () => (copyFileSync(SHIPPED, file('cut.onnx')), truncateSync(file('cut.onnx'), 4_000_000), file('cut.onnx')),
      ],
      ['MODEL_INVALID', 'a text', () => (writeFileSync(file('text.onnx'), 'no model'), file('text.onnx'))],
      ['MODEL_INVALID', 'an empty file', () => (writeFileSync(file('empty.onnx'), ''), file('empty.onnx'))],
      [
        'MODEL_UNSUPPORTED',
        'an input that is no picture',
        () => constantModel(file('row.onnx'), { dims: [1, 10] }, { out: { dims: [1, 2], values: new Float32Array(2) } }),
      ],
      [
        'MODEL_UNSUPPORTED',
        'an input of whole numbers',
        () =>
          constantModel(file('ints.onnx'), { dims: [1, 3, 32, 32], type: 'int32' }, { out: { dims: [1, 2], values: new Float32Array(2) } }),
      ],
      [
        'MODEL_UNSUPPORTED',
        'outputs of no known family',
        () => constantModel(file('classes.onnx'), { dims: [1, 3, 32, 32] }, { prob: { dims: [1, 1000], values: new Float32Array(1000) } }),
      ],
      [
        'MODEL_CLASSES',
        'a count of classes without names',
        () => constantModel(file('one.onnx'), { dims: [1, 3, 32, 32] }, { out: { dims: [1, 5, 21], values: new Float32Array(105) } }),
      ],
    ])('%s: %s', async (code, _, make) => {
      const model = make();
      await expect(opened({ model })).rejects.toMatchObject({
        code,
        message: expect.stringContaining(model.slice(folder.length + 1)) as string,
        hint: expect.any(String) as string,
      });
    });

    it('MODEL_UNSUPPORTED: the decoder of another family', async () => {
      await expect(opened({ decoder: 'yolo' })).rejects.toMatchObject({
        code: 'MODEL_UNSUPPORTED',
        message: expect.stringContaining('yolo expects one output') as string,
      });
    });

    it('MODEL_LABEL_UNKNOWN: a class that the model does not know', async () => {
      await expect(opened({ labels: ['persn'] })).rejects.toMatchObject({
        code: 'MODEL_LABEL_UNKNOWN',
        message: 'The model does not know "persn".',
        hint: expect.stringContaining('person') as string,
      });
    });
  });
});
