import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import type { StoredRef } from '@sluice/sdk';
import fc from 'fast-check';
import { ManualClock } from './fixtures/clock';
import { onEachDatabase, TestStores } from './fixtures/databases';
import type { Store, StoreOptions } from './store';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const OLD = new Date(Date.now() - 2 * 3_600_000);

onEachDatabase((database) => {
  const stores = new TestStores(database);
  let at: StoreOptions;
  let clock: ManualClock;
  let folder: string;
  let store: Store;

  beforeEach(async () => {
    clock = new ManualClock();
    folder = mkdtempSync(join(tmpdir(), 'sluice-blobs-'));
    at = { ...(await stores.fresh()), blobs: folder };
    store = await stores.again(at, { clock });
  });
  afterEach(async () => {
    await stores.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  const files = (): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort();
  const fileOf = ({ sha256: name }: StoredRef): string => join(folder, name.slice(0, 2), name);

  it('gives back what it was given, whatever it is, and keeps the same bytes once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
        const [ref, again] = await Promise.all([store.blobs.keep(bytes), store.blobs.keep(bytes, { contentType: 'image/jpeg' })]);
        expect(ref).toEqual({
          scheme: 'store',
          key: sha256(bytes),
          content_type: 'application/octet-stream',
          size_bytes: bytes.byteLength,
          sha256: sha256(bytes),
        });
        expect(again.content_type).toBe('image/jpeg');
        expect(Buffer.compare(await store.blobs.read(ref), bytes)).toBe(0);
      }),
      { numRuns: 15 },
    );
    const names = files();
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => sha256(readFileSync(join(folder, name.slice(0, 2), name))) === name)).toBe(true);
  });

  it('gives no bytes that are not those which were stored: any changed byte, any lost end', async () => {
    const ref = await store.blobs.keep(text('abcdefgh'));
    await fc.assert(
      fc.asyncProperty(fc.nat(7), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const bytes = text('abcdefgh');
        bytes[place]! ^= change;
        writeFileSync(fileOf(ref), bytes);
        await expect(store.blobs.read(ref)).rejects.toMatchObject({ code: 'BLOB_DAMAGED' });
      }),
      { numRuns: 20 },
    );
    truncateSync(fileOf(ref), 3);
    await expect(store.blobs.read(ref)).rejects.toMatchObject({ code: 'BLOB_DAMAGED' });
    rmSync(fileOf(ref));
    await expect(store.blobs.read(ref)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  });

  it('whose file is damaged is whole again when it is kept again', async () => {
    const ref = await store.blobs.keep(text('abcdefgh'));
    writeFileSync(fileOf(ref), 'abcdXfgh');
    await store.blobs.keep(text('abcdefgh'));
    expect(Buffer.from(await store.blobs.read(ref)).toString()).toBe('abcdefgh');
  });

  it.each([
    '../../../etc/passwd',
    '/etc/passwd',
    '..',
    '',
    'a'.repeat(63),
    `${'a'.repeat(64)}\n`,
    'A'.repeat(64),
    `${'a'.repeat(62)}/.`,
    `${'a'.repeat(64)}\0`,
  ])('a reference whose key is %j names nothing', async (key) => {
    const ref: StoredRef = { scheme: 'store', key, content_type: 'x', size_bytes: 1, sha256: key };
    await expect(store.blobs.read(ref)).rejects.toMatchObject({ code: 'BLOB_REF' });
    await expect(store.blobs.release(ref)).rejects.toMatchObject({ code: 'BLOB_REF' });
  });

  it.each([undefined, null, 7, {}, [], 'text', { scheme: 'store' }, { scheme: 'file', key: 'a'.repeat(64) }, { key: 7 }])(
    'what is no reference (%j) is refused with a code',
    async (garbage) => {
      await expect(store.blobs.read(garbage as StoredRef)).rejects.toMatchObject({ code: 'BLOB_REF' });
      await expect(store.blobs.release(garbage as StoredRef)).rejects.toMatchObject({ code: 'BLOB_REF' });
    },
  );

  it('keeps bytes until they were released as often as kept', async () => {
    const ref = await store.blobs.keep(text('twice'));
    await store.blobs.keep(text('twice'));
    await store.blobs.release(ref);
    await expect(store.blobs.gc()).resolves.toEqual({ files: 0, bytes: 0 });
    await store.blobs.read(ref);
    await store.blobs.release(ref);
    await store.blobs.release(ref);
    await expect(store.blobs.gc()).resolves.toEqual({ files: 1, bytes: 5 });
    await expect(store.blobs.read(ref)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    await store.blobs.keep(text('twice'));
    await store.blobs.read(ref);
    await expect(store.blobs.gc()).resolves.toEqual({ files: 0, bytes: 0 });
  });

  it('keeps bytes until the longest time that was asked for is over', async () => {
    const ref = await store.blobs.keep(text('soon'), { ttl: 1000 });
    await store.blobs.keep(text('soon'), { ttl: 5000 });
    await store.blobs.keep(text('ever'));
    clock.set(clock.now() + 4999);
    await expect(store.blobs.gc()).resolves.toEqual({ files: 0, bytes: 0 });
    clock.set(clock.now() + 1);
    await expect(store.blobs.gc()).resolves.toEqual({ files: 1, bytes: 4 });
    await expect(store.blobs.read(ref)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  });

  it('collects what a crash left, and leaves alone what may be about to be counted', async () => {
    const ref = await store.blobs.keep(text('kept'));
    const orphan = 'f'.repeat(64);
    const inOrphans = (name: string): string => join(folder, ref.key.slice(0, 2), name);
    for (const name of [orphan, `${orphan}.x.part`]) writeFileSync(inOrphans(name), 'half');
    utimesSync(fileOf(ref), OLD, OLD);
    await expect(store.blobs.gc()).resolves.toEqual({ files: 0, bytes: 0 });
    for (const name of [orphan, `${orphan}.x.part`]) utimesSync(inOrphans(name), OLD, OLD);
    await expect(store.blobs.gc()).resolves.toEqual({ files: 2, bytes: 8 });
    expect(files()).toEqual([ref.key]);
  });

  it('loses nothing where bytes are collected and kept at the same moment, by two processes', async () => {
    const other = await stores.again(at, { clock });
    for (let i = 0; i < 10; i++) {
      const ref = await store.blobs.keep(text('back and forth'));
      await store.blobs.release(ref);
      const [kept] = await Promise.all([other.blobs.keep(text('back and forth')), store.blobs.gc(), other.blobs.gc()]);
      expect((await store.blobs.read(kept)).byteLength).toBe(14);
      await store.blobs.release(kept);
    }
  });
});

describe('a process that is killed while it keeps bytes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-blobs-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('leaves no half blob, and none that it said was kept is missing', async () => {
    const path = join(folder, 'store.db');
    const stores = new TestStores({
      name: 'sqlite',
      missing: undefined,
      fresh: () => Promise.resolve({ at: { path }, remove: async () => undefined }),
    });
    for (let kill = 0; kill < 2; kill++) {
      const child = fork(join(__dirname, 'fixtures', 'keeper.ts'), [path], {
        execArgv: ['-C', '@sluice/source', '-r', '@swc-node/register'],
        env: { ...process.env, SWC_NODE_PROJECT: join(__dirname, '../../../tsconfig.base.json') },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      const kept: StoredRef[] = [];
      child.on('message', (ref) => kept.push(ref as StoredRef));
      while (kept.length < 3 + kill * 7) await once(child, 'message');
      child.kill('SIGKILL');
      await once(child, 'close');
      const store = await stores.open();
      for (const ref of kept) expect((await store.blobs.read(ref)).byteLength).toBe(ref.size_bytes);
      const all = readdirSync(join(folder, 'blobs'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      for (const { parentPath, name } of all.filter(({ name: each }) => !each.endsWith('.part')))
        expect(sha256(readFileSync(join(parentPath, name)))).toBe(name);
      await store.close();
    }
    await stores.clear();
  }, 60_000);
});
