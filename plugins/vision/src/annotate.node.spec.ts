import { makeConfig, type Image } from '@sluice/sdk';
import sharp from 'sharp';
import { AnnotateConfig, AnnotateNode } from './annotate.node';
import { Canvas } from './drawing/canvas';
import type { Detections } from './ports';
import { fakeContext, packet } from './testing/context';
import { frame, person, seen } from './testing/frame';

async function annotate(payload: Detections, config: object = {}): Promise<(x: number, y: number) => number[]> {
  const node = new AnnotateNode(makeConfig(AnnotateConfig, { max_fps: 0, quality: 100, ...config }));
  await node.open();
  const image = (await node.process(packet(payload, 'detections'), fakeContext())) as Image;
  expect(image.content_type).toBe('image/jpeg');
  const { data, info } = await sharp(image.data).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([320, 240]);
  return (x, y) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
}
const near = (colour: number[], wanted: number[], by = 60) => colour.every((value, i) => Math.abs(value - wanted[i]!) < by);
const RED = [239, 68, 68];
const YELLOW = [250, 204, 21];
const GREY = [128, 128, 128];
const polygon = [
  [20, 120],
  [300, 120],
  [300, 230],
  [20, 230],
] as const;

describe('vision/annotate', () => {
  it('draws boxes on a copy and leaves the frame as it was', async () => {
    const payload = seen(0, person(100, 100, { track_id: 1 }));
    const at = await annotate(payload);
    // Left edge, in the colour of track 1; inside nothing.
    expect(near(at(91, 80), [74, 222, 128])).toBe(true);
    expect(near(at(100, 80), GREY, 20)).toBe(true);
    expect(payload.frame.data.every((value) => value === 128)).toBe(true);
  });

  it('draws zones, red where somebody is inside', async () => {
    const zones = [{ id: 'door', polygon }];
    const empty = await annotate({ ...seen(0), zones });
    expect(near(empty(160, 120), YELLOW)).toBe(true);
    const hit = await annotate({ ...seen(0, person(160, 200, { track_id: 1, zone: { zone_id: 'door', inside: true } })), zones });
    expect(near(hit(250, 230), RED)).toBe(true);
    expect(near(hit(151, 190), RED)).toBe(true);
  });

  it('survives boxes and zones that lie outside', async () => {
    const zones = [
      {
        id: 'far',
        polygon: [
          [-500, -500],
          [1e6, -10],
          [900, 900],
        ] as const,
      },
    ];
    await annotate({
      ...seen(0, person(-50, -50), person(320, 10), { ...person(0, 0), bbox: { x1: 310, y1: 230, x2: 900, y2: 900 } }),
      zones,
    });
  });

  it('gives at most max_fps pictures a second', async () => {
    const node = new AnnotateNode(makeConfig(AnnotateConfig, { max_fps: 5 }));
    await node.open();
    const ctx = fakeContext();
    const made: number[] = [];
    for (let i = 0; i < 20; i++) {
      if ((await node.process(packet({ frame: frame(i), detections: [] }, 'detections'), ctx)) !== undefined) made.push(i);
      ctx.time += 100;
    }
    expect(made).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
  });

  it('makes smaller pictures of lower quality', async () => {
    const size = async (quality: number) => {
      const node = new AnnotateNode(makeConfig(AnnotateConfig, { quality }));
      await node.open();
      return ((await node.process(packet(seen(0, person(100, 100)), 'detections'), fakeContext())) as Image).data.length;
    };
    expect(await size(20)).toBeLessThan(await size(95));
  });
});

describe('Canvas', () => {
  it('writes letters dot by dot', () => {
    const data = new Uint8Array(9 * 9 * 3);
    new Canvas(data, 9, 9).label('t', 0, 0, 1, [255, 255, 255], [0, 0, 0]);
    const rows = Array.from({ length: 9 }, (_, y) =>
      Array.from({ length: 7 }, (_, x) => (data[(y * 9 + x) * 3] === 255 ? '#' : '.')).join(''),
    );
    expect(rows).toEqual(['.......', '.#####.', '...#...', '...#...', '...#...', '...#...', '...#...', '...#...', '.......']);
  });
});
