/** Pixels of the longer side: enough to see what it shows, and little enough for a stream of them. */
const LONGEST = 240;
const HEADER = 54;

/**
 * A decoded picture `{ data, width, height, format: 'rgb24' }` as a small BMP, which every browser shows and which needs no encoder: every
 * n-th pixel of every n-th row. Undefined where the value is none.
 */
export function rawPicture(value: object): Uint8Array | undefined {
  const { data, width, height, format } = value as { data?: unknown; width?: unknown; height?: unknown; format?: unknown };
  if (format !== 'rgb24' || !(data instanceof Uint8Array) || !isSize(width) || !isSize(height)) return undefined;
  if (data.byteLength !== width * height * 3) return undefined;
  const step = Math.ceil(Math.max(width, height) / LONGEST);
  const across = Math.ceil(width / step);
  const down = Math.ceil(height / step);
  // A row takes a multiple of four bytes.
  const row = (across * 3 + 3) & ~3;
  const bmp = Buffer.alloc(HEADER + row * down);
  bmp.write('BM');
  bmp.writeUInt32LE(bmp.length, 2);
  bmp.writeUInt32LE(HEADER, 10);
  bmp.writeUInt32LE(40, 14);
  bmp.writeInt32LE(across, 18);
  // Negative: the first row is the top one.
  bmp.writeInt32LE(-down, 22);
  bmp.writeUInt16LE(1, 26);
  bmp.writeUInt16LE(24, 28);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const from = (y * step * width + x * step) * 3;
      const to = HEADER + y * row + x * 3;
      bmp[to] = data[from + 2]!;
      bmp[to + 1] = data[from + 1]!;
      bmp[to + 2] = data[from]!;
    }
  }
  return bmp;
}

function isSize(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}
