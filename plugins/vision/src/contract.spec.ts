import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contractSuite } from '@sluice/testing';
import { vision } from '.';
import { MODELS, Models } from './inference/models';
import { frame } from './testing/frame';
import { constantModel } from './testing/models';
import { FFMPEG, FfmpegLocator } from './video/ffmpeg';

const folder = mkdtempSync(join(tmpdir(), 'vision-contract-'));
const models = new Models();
afterAll(async () => {
  await models.close();
  rmSync(folder, { recursive: true, force: true });
});

// It takes any picture and always sees one pallet: 84 anchors for 64 pixels a side, of which the first is sure.
const ANCHORS = 84;
const values = new Float32Array(5 * ANCHORS);
[32, 32, 16, 16, 0.9].forEach((value, row) => (values[row * ANCHORS] = value));
const model = constantModel(join(folder, 'pallet.onnx'), { dims: [1, 3, 64, 64] }, { output0: { dims: [1, 5, ANCHORS], values } });

const cases = contractSuite(vision, {
  services: [
    { token: MODELS, value: models },
    { token: FFMPEG, value: new FfmpegLocator() },
  ],
  inputs: { 'vision/detect': [frame(0), frame(1), frame(2)] },
  config: {
    'vision/detect': { model, decoder: 'yolo', class_names: ['pallet'] },
    'vision/video-file': {
      path: join(__dirname, '../../../graphs/samples/street.mp4'),
      max_frames: 8,
      width: 64,
      height: 48,
      start_ts: '2026-01-01T00:00:00Z',
    },
  },
  unrun: {
    'vision/rtsp': 'it needs a camera in the network; rtsp.node.spec.ts runs it against an RTSP server',
    'vision/webcam': 'it needs a camera at this machine; webcam.node.spec.ts runs it with a device that ffmpeg draws',
  },
});

test.each(cases.map((one) => [one.name, one] as const))('%s', (_name, one) => one.run());
