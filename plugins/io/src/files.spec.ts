import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeConfig, type To } from '@sluice/sdk';
import fc from 'fast-check';
import { FakeContext, packet } from '@sluice/testing';
import { CsvInConfig, CsvInNode } from './csv-in.node';
import { JsonFilesOutConfig, JsonFilesOutNode } from './json-files-out.node';
import { JsonlInConfig, JsonlInNode } from './jsonl-in.node';
import { JsonlOutConfig, JsonlOutNode } from './jsonl-out.node';
import { LineFile, type LineHandle } from './line-file';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sluice-io-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text?: string): string => {
  if (text !== undefined) writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const text = (name: string): string => readFileSync(join(folder, name), 'utf8');

async function all<V>(from: AsyncIterable<V>, count = Infinity): Promise<V[]> {
  const taken: V[] = [];
  for await (const item of from) if (taken.push(item) >= count) break;
  return taken;
}
const jsonlIn = (config: object) => new JsonlInNode(makeConfig(JsonlInConfig, { path: file('in.jsonl'), ...config }));
const csvIn = (config: object) => new CsvInNode(makeConfig(CsvInConfig, { path: file('in.csv'), ...config }));
const payloads = (sent: readonly To[]) => sent.map((one) => one.payload);

describe('io/jsonl-out', () => {
  async function written(config: object, values: readonly unknown[], ctx = new FakeContext()): Promise<string> {
    const node = new JsonlOutNode(makeConfig(JsonlOutConfig, { path: file('deep/er/out.jsonl'), ...config }));
    await node.open(ctx);
    try {
      await Promise.all(values.map((value) => node.write(packet(value, { kind: 'event', sourceId: 'cam' }), ctx)));
    } finally {
      await node.close();
    }
    return text('deep/er/out.jsonl');
  }

  test('makes the folder, writes a packet per line in order, appends, and counts', async () => {
    const ctx = new FakeContext();
    const values = Array.from({ length: 50 }, (_, i) => ({ i, t: 'é\n' }));
    const lines = (await written({}, values, ctx)).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { payload: unknown }).payload)).toEqual(values);
    expect(JSON.parse(lines[0]!)).toMatchObject({ v: 1, kind: 'event', source_id: 'cam', ts: '1970-01-01T00:00:00.000Z', meta: {} });
    expect(ctx.counters['lines']).toBe(50);
    expect(ctx.counters['bytes']).toBe(Buffer.byteLength(text('deep/er/out.jsonl')));
    expect((await written({ body: 'payload', fsync: true }, [1])).split('\n').slice(49)).toEqual([lines[49], '1', '']);
    expect(await written({ body: 'payload', append: false }, ['only'])).toBe('"only"\n');
  });

  test('begins on a new line where a writer before died in the middle of one', async () => {
    file('out.jsonl', '{"a":1}\n{"a":');
    await written({ path: file('out.jsonl'), body: 'payload' }, [2]).catch(() => undefined);
    expect(text('out.jsonl')).toBe('{"a":1}\n{"a":\n2\n');
  });

  test.each([
    ['NaN', Number.NaN],
    ['BigInt', 1n],
    ['bytes', new Uint8Array(1)],
    ['__proto__', JSON.parse('{"__proto__":1}')],
  ])('refuses %s and writes nothing of it', async (_name, value) => {
    await expect(written({}, [{ value }])).rejects.toMatchObject({ code: 'PACKET_NOT_PORTABLE' });
    expect(text('deep/er/out.jsonl')).toBe('');
  });

  test.each([
    ['a folder', '.', 'FILE_IS_FOLDER'],
    ['below a file', 'plain/out.jsonl', 'FILE_PATH_BLOCKED'],
  ])('%s is refused when it is opened, with what to do', async (_name, path, code) => {
    file('plain', '');
    const node = new JsonlOutNode(makeConfig(JsonlOutConfig, { path: join(folder, path) }));
    await expect(node.open(new FakeContext())).rejects.toMatchObject({ code, hint: expect.any(String) });
    await node.close();
  });
});

describe('a line', () => {
  /** A disk that takes a few bytes at a time, and none beyond its size. */
  class Disk implements LineHandle {
    content = Buffer.alloc(0);
    synced = 0;
    constructor(
      public size: number,
      private readonly chunk: number,
    ) {}
    write = ((bytes: Buffer, from: number, length: number) => {
      const room = Math.min(length, this.chunk, this.size - this.content.length);
      if (room === 0) return Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
      this.content = Buffer.concat([this.content, bytes.subarray(from, from + room)]);
      return Promise.resolve({ bytesWritten: room, buffer: bytes });
    }) as unknown as LineHandle['write'];
    truncate = (length = 0): Promise<void> => {
      this.content = this.content.subarray(0, length);
      return Promise.resolve();
    };
    datasync = (): Promise<void> => Promise.resolve(void this.synced++);
    close = (): Promise<void> => Promise.resolve();
  }

  test('is there as a whole or not at all, whatever the disk takes at a time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 20 }).filter((line) => !line.includes('\n'))),
        fc.integer({ min: 1, max: 7 }),
        fc.nat(100),
        async (lines, chunk, size) => {
          const disk = new Disk(size, chunk);
          const out = new LineFile('x', disk, 0, false);
          const kept = await Promise.all(
            lines.map((line) =>
              out.write(line).then(
                () => `${line}\n`,
                (error: { code: string }) => (expect(error.code).toBe('DISK_FULL'), ''),
              ),
            ),
          );
          expect(disk.content.toString()).toBe(kept.join(''));
        },
      ),
    );
  });

  test('is on the disk before it is done, with fsync', async () => {
    const disk = new Disk(100, 100);
    await new LineFile('x', disk, 0, true).write('a');
    expect(disk.synced).toBe(1);
  });
});

describe('io/jsonl-in', () => {
  test('reads what io/jsonl-out wrote: header, key and payload', async () => {
    const out = new JsonlOutNode(makeConfig(JsonlOutConfig, { path: file('in.jsonl') }));
    await out.open(new FakeContext());
    await out.write(packet({ a: 1 }, { kind: 'event', sourceId: 'cam', time: 5_000, meta: { idempotency_key: 'k1' } }), new FakeContext());
    await out.close();
    const [sent] = await all(jsonlIn({}).read(new FakeContext()));
    expect(sent).toMatchObject({
      payload: { a: 1 },
      emission: { kind: 'event', sourceId: 'cam', time: 5_000, key: 'k1', meta: { idempotency_key: 'k1' } },
    });
  });

  test('payloads, empty lines, Windows line ends, a byte order mark, and no newline at the end', async () => {
    file('in.jsonl', '\uFEFF1\r\n\r\n{"a":"é"}\n"last"');
    const sent = await all(jsonlIn({ kind: 'reading' }).read(new FakeContext()));
    expect(payloads(sent)).toEqual([1, { a: 'é' }, 'last']);
    expect(sent.map((one) => one.emission)).toEqual(['in.jsonl:1', 'in.jsonl:3', 'in.jsonl:4'].map((key) => ({ kind: 'reading', key })));
  });

  test.each([
    ['no JSON', '1\n{oops\n3\n', 'LINE_NO_JSON', /^in\.jsonl:2: It is no JSON/],
    ['a last line that was cut off', '1\n3\n{"a":', 'LINE_NO_JSON', /^in\.jsonl:3: The last line was cut off/],
    ['a line that is too long', `1\n"${'x'.repeat(300)}"\n3\n`, 'LINE_TOO_LONG', /^in\.jsonl:2: /],
    ['a key __proto__', '1\n{"a":{"__proto__":{}}}\n3\n', 'PACKET_NOT_PORTABLE', /^in\.jsonl:2: /],
  ])('%s fails with its line, or is skipped', async (_name, content, code, message) => {
    file('in.jsonl', content);
    await expect(all(jsonlIn({ max_line: '200B' }).read(new FakeContext()))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    const ctx = new FakeContext();
    expect(payloads(await all(jsonlIn({ max_line: '200B', on_bad: 'skip' }).read(ctx)))).toEqual([1, 3]);
    expect(ctx.counters).toEqual({ skipped: 1 });
    expect(ctx.logged).toEqual([expect.stringMatching(message)]);
  });

  test('what is no packet is refused where packets are asked for', async () => {
    file('in.jsonl', '{"a":1}\n');
    await expect(all(jsonlIn({ body: 'packet' }).read(new FakeContext()))).rejects.toMatchObject({ code: 'LINE_NO_PACKET' });
  });

  test('a missing file and a folder are coded errors', async () => {
    await expect(all(jsonlIn({ path: file('none.jsonl') }).read(new FakeContext()))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(all(jsonlIn({ path: folder }).read(new FakeContext()))).rejects.toMatchObject({ code: 'FILE_IS_FOLDER' });
  });

  test('loops with a pause between records, under keys of their own; an empty file ends', async () => {
    file('in.jsonl', '1\n2\n');
    const ctx = new FakeContext();
    const sent = await all(jsonlIn({ loop: true, interval: '100ms' }).read(ctx), 5);
    expect(payloads(sent)).toEqual([1, 2, 1, 2, 1]);
    expect(new Set(sent.map((one) => one.emission.key)).size).toBe(5);
    expect(ctx.now()).toBe(400);
    file('in.jsonl', '\n');
    expect(await all(jsonlIn({ loop: true }).read(ctx))).toEqual([]);
  });

  test('lines are the same however the file is cut into chunks', async () => {
    const values = Array.from({ length: 9_000 }, (_, i) => ({ i, t: 'ü'.repeat(i % 40) }));
    file('in.jsonl', values.map((value) => JSON.stringify(value)).join('\n'));
    expect(payloads(await all(jsonlIn({}).read(new FakeContext())))).toEqual(values);
  });
});

describe('io/csv-in', () => {
  test('rows are objects, numbers are numbers, quotes and line breaks in fields are read', async () => {
    file('in.csv', '\uFEFFid,ts,v,text\r\na,2026-01-01T00:00:00Z,1.5,"one, ""two""\nthree"\r\nb,2026-01-01T00:00:05Z,-2e3,\r\n\r\n');
    const sent = await all(csvIn({ source_column: 'id', time_column: 'ts', kind: 'reading' }).read(new FakeContext()));
    expect(payloads(sent)).toEqual([
      { id: 'a', ts: '2026-01-01T00:00:00Z', v: 1.5, text: 'one, "two"\nthree' },
      { id: 'b', ts: '2026-01-01T00:00:05Z', v: -2000, text: null },
    ]);
    expect(sent.map((one) => one.emission)).toEqual([
      { kind: 'reading', key: 'in.csv:1', sourceId: 'a', time: Date.UTC(2026, 0, 1) },
      { kind: 'reading', key: 'in.csv:2', sourceId: 'b', time: Date.UTC(2026, 0, 1, 0, 0, 5) },
    ]);
  });

  test('named columns, another delimiter, everything as text', async () => {
    file('in.csv', '1;x\n2;y\n');
    expect(payloads(await all(csvIn({ columns: ['n', 's'], delimiter: ';', numbers: false }).read(new FakeContext())))).toEqual([
      { n: '1', s: 'x' },
      { n: '2', s: 'y' },
    ]);
  });

  test.each([
    ['a row with too few fields', 'a,b\n1,2\n3\n5,6\n', {}, /^in\.csv:3: /],
    ['a time that is none', 'a,b\n1,2\nsoon,4\n5,6\n', { time_column: 'a' }, /^in\.csv:3: a is no time: soon/],
  ])('%s fails with its line, or is skipped', async (_name, content, config, message) => {
    file('in.csv', content);
    await expect(all(csvIn(config).read(new FakeContext()))).rejects.toMatchObject({
      code: 'CSV_BAD_ROW',
      message: expect.stringMatching(message),
    });
    const ctx = new FakeContext();
    expect(payloads(await all(csvIn({ ...config, on_bad: 'skip' }).read(ctx)))).toEqual([
      { a: 1, b: 2 },
      { a: 5, b: 6 },
    ]);
    expect(ctx.counters).toEqual({ skipped: 1 });
  });

  test('a quote that is never closed does not read the whole file into memory', async () => {
    file('in.csv', `a,b\n1,"${'x'.repeat(500_000)}`);
    await expect(all(csvIn({ max_row: '1KB' }).read(new FakeContext()))).rejects.toMatchObject({ code: 'CSV_BAD_ROW' });
  });

  test('a missing column, file or folder is a coded error', async () => {
    file('in.csv', 'a,b\n1,2\n');
    await expect(all(csvIn({ source_column: 'c' }).read(new FakeContext()))).rejects.toMatchObject({
      code: 'CSV_NO_COLUMN',
      hint: 'It has a, b.',
    });
    await expect(all(csvIn({ path: file('none.csv') }).read(new FakeContext()))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  test('loops, and stops where its reader stops', async () => {
    file('in.csv', 'a\n1\n2\n');
    expect(payloads(await all(csvIn({ loop: true }).read(new FakeContext()), 5))).toEqual([1, 2, 1, 2, 1].map((a) => ({ a })));
  });
});

describe('io/json-files-out', () => {
  test('a file per packet under a harmless name, and no draft left', async () => {
    const ctx = new FakeContext();
    const node = new JsonFilesOutNode(
      makeConfig(JsonFilesOutConfig, { path: file('out'), name: '{source_id}_{kind}_{seq}.json', body: 'payload' }),
    );
    await node.open(ctx);
    await node.write(packet({ a: 1 }, { sourceId: '../../etc/passwd', kind: 'a/b' }), ctx);
    await node.write(packet({ b: 2 }, { sourceId: 'cam' }), ctx);
    await expect(node.write(packet({ a: Number.NaN }), ctx)).rejects.toMatchObject({ code: 'PACKET_NOT_PORTABLE' });
    expect(readdirSync(file('out')).sort()).toEqual(['__.._etc_passwd_a_b_000000.json', 'cam_value_000000.json']);
    expect(text('out/cam_value_000000.json')).toBe('{\n  "b": 2\n}\n');
    expect(ctx.counters).toEqual({ files: 2 });
  });

  test('a folder that cannot be made and a name with a slash are refused', async () => {
    file('plain', '');
    const node = new JsonFilesOutNode(makeConfig(JsonFilesOutConfig, { path: file('plain/out') }));
    await expect(node.open(new FakeContext())).rejects.toMatchObject({ code: 'FILE_PATH_BLOCKED' });
    expect(() => makeConfig(JsonFilesOutConfig, { path: 'x', name: '../{seq}' })).toThrow('name must be a file name');
  });
});
