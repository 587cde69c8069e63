import { VideoFileConfig, VideoFileNode } from './video-file.node';
import { DetectConfig, DetectNode } from './detect.node';
import { FfmpegLocator } from './video/ffmpeg';
import { Models } from './inference/models';
import { fakeContext, done, packetOf } from './testing/context';
import { makeConfig } from '@sluice/sdk';
import { writeFileSync } from 'node:fs';
(async () => {
  const t0 = performance.now(); const T = (s: string) => console.log(s, (performance.now() - t0).toFixed(0));
  const source = new VideoFileNode(makeConfig(VideoFileConfig, { path: 'street.mp4', pace: false }), new FfmpegLocator());
  const models = new Models();
  const det = new DetectNode(makeConfig(DetectConfig, { threshold: 0.2 }), models);
  const ctx = fakeContext('/work/main/graphs/samples');
  await Promise.all([source.open(ctx), det.open(ctx)]); T('open');
  const ms: number[] = []; const all: unknown[] = [];
  for await (const o of source.read(ctx)) { const a = performance.now(); const r = await det.process(packetOf(o), ctx); ms.push(performance.now() - a); all.push(r.detections); done(o); }
  T('all'); ms.sort((a, b) => a - b); console.log('p50', ms[60], 'min', ms[0], 'p95', ms[114]);
  const labels: Record<string, number> = {}; for (const d of all.flat() as any[]) if (d.confidence >= .5) labels[d.label] = (labels[d.label] ?? 0) + 1; console.log(labels);
  writeFileSync('/tmp/v/dets.json', JSON.stringify(all));
  await source.close(); await models.close(); T('closed');
})();
