import { AnnotateConfig, AnnotateNode } from './annotate.node';
import { VideoFileConfig, VideoFileNode } from './video-file.node';
import { DetectConfig, DetectNode } from './detect.node';
import { TrackConfig, TrackNode } from './track.node';
import { ZonesConfig, ZonesNode } from './zones.node';
import { EventsConfig, EventsNode } from './events.node';
import { FfmpegLocator } from './video/ffmpeg';
import { Models } from './inference/models';
import { fakeContext, done, packetOf, withPort } from './testing/context';
import { makeConfig } from '@sluice/sdk';
import { writeFileSync, mkdirSync } from 'node:fs';
(async () => {
  const source = new VideoFileNode(makeConfig(VideoFileConfig, { path: 'street.mp4', pace: false, start_ts: '2026-01-01T00:00:00Z' }), new FfmpegLocator());
  const models = new Models();
  const det = new DetectNode(makeConfig(DetectConfig, { labels: ['person'] }), models);
  const track = new TrackNode(makeConfig(TrackConfig, JSON.parse(process.env.TRACK ?? '{}')));
  const zones = new ZonesNode(makeConfig(ZonesConfig, { zones: [{ id: 'crossing', polygon: [[180, 130], [330, 130], [360, 230], [180, 200]] }] }));
  const events = new EventsNode(makeConfig(EventsConfig, { site_id: 'S001' }));
  const ann = new AnnotateNode(makeConfig(AnnotateConfig, { max_fps: 0 })); await ann.open();
  const ctx = fakeContext('/work/main/graphs/samples'); mkdirSync('/tmp/v/ann', { recursive: true });
  await source.open(ctx); await det.open(ctx);
  const spans: Record<string, number[]> = {}; let ms = 0;
  for await (const o of source.read(ctx)) {
    const p = packetOf(o); const d = await det.process(p, ctx); const t = track.process(p.with(d) as any);
    const z = (zones.process(withPort(p.with(t), 'detections') as any) as any).payload.payload;
    for (const e of events.process(p.with(z) as any, ctx)) console.log('event', p.payload.index, JSON.stringify((e as any).payload).slice(0, 400));
    for (const x of z.detections) (spans[x.track_id] ??= []).push(p.payload.index);
    const a = performance.now(); const img = await ann.process(p.with(z) as any, ctx); ms += performance.now() - a;
    writeFileSync(`/tmp/v/ann/${String(p.payload.index).padStart(3, '0')}.jpg`, img!.data); done(o);
  }
  for (const [k, v] of Object.entries(spans)) console.log(k, v[0], v.at(-1), v.length);
  console.log('annotate ms', ms / 120, ctx.counters);
  await source.close(); await models.close();
})();
