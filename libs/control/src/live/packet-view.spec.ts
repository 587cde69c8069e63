import { NO_META, Origin, Packet } from '@sluice/sdk/packet';
import { viewOf } from './packet-view';

interface Seen {
  readonly frame: {
    readonly data: unknown;
    readonly $picture: { readonly content_type: string; readonly data: { readonly base64: string } };
  };
}

const seen = (payload: unknown): Seen =>
  (viewOf(Packet.source(payload, 'any', NO_META, new Origin('r', 'n', 'n', 0, '', null, 0, null))) as { payload: Seen }).payload;

/** A picture whose pixels say where they are: red is the column, green the row. */
function frame(width: number, height: number): object {
  const data = new Uint8Array(new SharedArrayBuffer(width * height * 3));
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set([x % 256, y, 7], (y * width + x) * 3);
  return { data, width, height, format: 'rgb24', index: 0 };
}

describe('a decoded picture in a tap', () => {
  it('comes as a small one that a browser shows, the right way up and in its colours', () => {
    const { $picture, data } = seen({ frame: frame(482, 4) }).frame;
    expect(data).toEqual({ $bytes: 482 * 4 * 3, $type: 'Uint8Array' });
    expect($picture.content_type).toBe('image/bmp');
    const bmp = Buffer.from($picture.data.base64, 'base64');
    // Every third pixel of every third row; 161 pixels take 483 bytes, and a row 484.
    expect([bmp.toString('latin1', 0, 2), bmp.readUInt32LE(2), bmp.readInt32LE(18), bmp.readInt32LE(22)]).toEqual([
      'BM',
      54 + 2 * 484,
      161,
      -2,
    ]);
    const pixel = (x: number, y: number): number[] => [...bmp.subarray(54 + y * 484 + x * 3, 54 + y * 484 + x * 3 + 3)];
    expect([pixel(0, 0), pixel(2, 0), pixel(80, 1)]).toEqual([
      [7, 0, 0],
      [7, 0, 6],
      [7, 3, 240],
    ]);
  });

  it('stays small where the picture is high', () => {
    const picture = Buffer.from(seen({ frame: frame(2, 100_000) }).frame.$picture.data.base64, 'base64');
    expect([picture.readInt32LE(18), picture.readInt32LE(22)]).toEqual([1, -240]);
  });

  it.each([
    { ...frame(4, 4), width: 5 },
    { ...frame(4, 4), format: 'gray8' },
    { ...frame(4, 4), width: -4, height: -4 },
    { data: [1, 2, 3], width: 1, height: 1, format: 'rgb24' },
  ])('is not made of what is none: %#', (payload) => expect(seen(payload)).not.toHaveProperty('$picture'));
});
