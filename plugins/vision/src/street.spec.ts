import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeConfig, type To } from '@sluice/sdk';
import { iou } from './boxes';
import { DetectConfig, DetectNode } from './detect.node';
import { EventsConfig, EventsNode } from './events.node';
import { Models } from './inference/models';
import type { Box, Detection, Frame, VisionEvent } from './ports';
import { done, fakeContext, packetOf, withPort } from './testing/context';
import { TrackConfig, TrackNode } from './track.node';
import { VideoFileConfig, VideoFileNode } from './video-file.node';
import { FfmpegLocator } from './video/ffmpeg';
import { ZonesConfig, ZonesNode } from './zones.node';

const SAMPLES = join(__dirname, '../../../graphs/samples');
const models = new Models();
afterAll(() => models.close());

/** The whole chain over the clip, every frame: what the tracker said and what became an event. */
async function watch(config: object) {
  const ctx = fakeContext(SAMPLES);
  const source = new VideoFileNode(
    makeConfig(VideoFileConfig, { path: 'street.mp4', source_id: 'cam01', start_ts: '2026-01-01T00:00:00Z', ...config }),
    new FfmpegLocator(),
  );
  const detect = new DetectNode(makeConfig(DetectConfig, { labels: ['person'] }), models);
  const track = new TrackNode(makeConfig(TrackConfig, {}));
  const zones = new ZonesNode(
    makeConfig(ZonesConfig, {
      zones: [
        {
          id: 'crossing',
          polygon: [
            [180, 130],
            [330, 130],
            [360, 230],
            [180, 200],
          ],
        },
      ],
    }),
  );
  const events = new EventsNode(makeConfig(EventsConfig, { site_id: 'S001' }));
  await Promise.all([source.open(ctx), detect.open(ctx)]);
  const tracked: (readonly Detection[])[] = [];
  const made: { event: VisionEvent; key: unknown }[] = [];
  try {
    for await (const output of source.read(ctx)) {
      const packet = packetOf(output as To<'frames', Frame>);
      const detections = track.process(withPort(packet.with(await detect.process(packet, ctx)), 'detections'), ctx);
      const zoned = zones.process(withPort(packet.with(detections), 'detections'), ctx);
      if (zoned.to !== 'detections') throw new Error('wrong port');
      tracked.push(zoned.payload.payload.detections);
      for (const { payload, emission } of events.process(withPort(zoned.payload, 'detections'), ctx))
        made.push({ event: payload, key: emission.meta?.['idempotency_key'] });
      done(output);
    }
    expect(source.buffers.used).toBe(0);
    return { tracked, made, buffers: source.buffers.allocated };
  } finally {
    await source.close();
  }
}

describe('one pass over the street clip', () => {
  let first: Awaited<ReturnType<typeof watch>>;
  beforeAll(async () => {
    first = await watch({ pace: false });
  }, 60_000);

  it('sees every frame and needs one buffer', () => {
    expect(first.tracked).toHaveLength(120);
    expect(first.buffers).toBe(1);
  });

  it('gives the people of the clip one number each', () => {
    const numbers = new Set(first.tracked.flatMap((detections) => detections.map(({ track_id }) => track_id)));
    // Eight people are seen well enough, counted by eye; behind the sign two of three who stand together may change numbers.
    expect(numbers.size).toBeGreaterThanOrEqual(8);
    expect(numbers.size).toBeLessThanOrEqual(9);
    for (const detections of first.tracked) expect(new Set(detections.map(({ track_id }) => track_id)).size).toBe(detections.length);
  });

  it('keeps the numbers of those who walk through the picture', () => {
    interface Truth {
      readonly frames: readonly { frame: number; persons: readonly { box: number[] }[] }[];
    }
    const truth = JSON.parse(readFileSync(join(__dirname, '../fixtures/street-boxes.json'), 'utf8')) as Truth;
    const boxOf = (frame: number, x1: number): Box => {
      const [a, b, c, d] = truth.frames.find((one) => one.frame === frame)!.persons.find(({ box }) => box[0] === x1)!.box as [
        number,
        number,
        number,
        number,
      ];
      return { x1: a, y1: b, x2: c, y2: d };
    };
    const numbers = (path: Record<number, number>) =>
      new Set(
        Object.entries(path).map(
          ([frame, x1]) => first.tracked[Number(frame)]!.find(({ bbox }) => iou(bbox, boxOf(Number(frame), x1)) >= 0.5)?.track_id,
        ),
      );
    // Frame and left edge of the hand-checked box.
    const redJacket = numbers({ 17: 466, 29: 424, 41: 376, 53: 330, 65: 304, 77: 295, 89: 307, 101: 331, 113: 359 });
    const blonde = numbers({ 29: 450, 41: 400, 53: 360, 65: 328, 77: 319, 89: 325, 101: 346, 113: 375 });
    const jeans = numbers({ 53: 436, 65: 402, 77: 383, 89: 380, 101: 395, 113: 421 });
    for (const person of [redJacket, blonde, jeans]) {
      expect(person.size).toBe(1);
      expect([...person][0]).toEqual(expect.any(Number));
    }
    expect(new Set([...redJacket, ...blonde, ...jeans]).size).toBe(3);
  });

  it('makes one event of each of the five entries', () => {
    expect(first.made.map(({ event }) => [event.track_id, event.ts.slice(17, 21)])).toEqual([
      [2, '00.3'],
      [3, '00.4'],
      [1, '01.3'],
      [4, '05.0'],
      [5, '06.0'],
    ]);
  });

  it('makes the same events in another run, also at the pace of a camera', async () => {
    expect((await watch({ pace: true })).made).toEqual(first.made);
  }, 60_000);
});
