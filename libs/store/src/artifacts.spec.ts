import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Artifact, KeptArtifact } from '@sluice/sdk';
import { ManualClock } from './fixtures/clock';
import { onEachDatabase, TestStores } from './fixtures/databases';
import type { Store } from './store';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const kept = (more: Partial<KeptArtifact> = {}): KeptArtifact => ({
  ...{ schema: 'report@1', contentType: 'text/plain', graph: 'g', node: 'n', run: 'r1', sources: [] },
  ...more,
});

onEachDatabase((database) => {
  const stores = new TestStores(database);
  let clock: ManualClock;
  let folder: string;
  let store: Store;

  beforeEach(async () => {
    clock = new ManualClock();
    folder = mkdtempSync(join(tmpdir(), 'sluice-artifacts-'));
    store = await stores.again({ ...(await stores.fresh()), blobs: folder }, { clock });
  });
  afterEach(async () => {
    await stores.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  const files = (): number => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
  const keep = (content: string, more: Partial<KeptArtifact> = {}): Promise<Artifact> => store.artifacts.keep(text(content), kept(more));
  const read = async (id: string): Promise<string> => new TextDecoder().decode(await store.artifacts.read(id));

  it('is what its bytes are: the same again is the same, with where it came from last', async () => {
    const sources = [{ packet_id: 'r1:src:0', key: 'feed/0' }];
    const first = await keep('same', { sources });
    clock.set(clock.now() + 1_000);
    const again = await keep('same', { run: 'r2' });
    expect(again.id).toBe(first.id);
    expect(await store.artifacts.find()).toEqual([again]);
    expect(again).toMatchObject({ run: 'r2', sources: [], at: first.at + 1_000, until: null });
    expect(await store.artifacts.get(first.id)).toMatchObject({ graph: 'g', node: 'n', schema: 'report@1' });
    expect(first.sources).toEqual(sources);
    // Another schema, or another node, is another artifact; the bytes are there once.
    const others = await Promise.all([keep('same', { schema: 'report@2' }), keep('same', { node: 'm' })]);
    expect(new Set([first, ...others].map(({ id }) => id)).size).toBe(3);
    expect(files()).toBe(1);
    expect(await read(first.id.slice(0, 12))).toBe('same');
  });

  it('is found by its schema, graph, node and run, the newest first', async () => {
    const made = [
      await keep('a'),
      await keep('b', { schema: 'report@2', run: 'r2' }),
      await keep('c', { schema: 'other@1', node: 'm' }),
      await keep('d', { graph: 'h' }),
    ];
    const found = async (filter: object): Promise<string> => {
      const ids = (await store.artifacts.find(filter)).map(({ id }) => id);
      return ids.map((id) => 'abcd'[made.findIndex((one) => one.id === id)]).join('');
    };
    expect(await found({})).toBe('dcba');
    expect(await found({ schema: 'report' })).toBe('dba');
    expect(await found({ schema: 'report@2' })).toBe('b');
    expect(await found({ node: 'm' })).toBe('c');
    expect(await found({ graph: 'g', run: 'r1' })).toBe('ca');
    expect(await found({ limit: 2 })).toBe('dc');
    expect(await found({ schema: 'rep' })).toBe('');
  });

  it('goes when its time is over, when newer ones are enough, or by both; its bytes go with the last that names them', async () => {
    for (const content of ['1', '2', '3']) await keep(content, { maxCount: 2 });
    expect((await store.artifacts.find()).map(({ run }) => run)).toHaveLength(2);
    const short = await keep('short', { schema: 'short@1', ttl: 1_000 });
    const both = await keep('both', { schema: 'both@1', ttl: 60_000, maxCount: 1 });
    await keep('short', { schema: 'long@1' });
    expect(files()).toBe(5);
    clock.set(clock.now() + 1_000);
    await expect(store.artifacts.get(short.id)).rejects.toMatchObject({ code: 'ARTIFACT_UNKNOWN' });
    // `1` is beyond the count; the bytes of `short` are those of another, too.
    expect(await store.artifacts.gc()).toEqual({ artifacts: 1, files: 1, bytes: 1 });
    const newer = await keep('newer', { schema: 'both@1', ttl: 60_000, maxCount: 1 });
    await expect(store.artifacts.get(both.id)).rejects.toMatchObject({ code: 'ARTIFACT_UNKNOWN' });
    clock.set(clock.now() + 60_000);
    await expect(store.artifacts.get(newer.id)).rejects.toMatchObject({ code: 'ARTIFACT_UNKNOWN' });
    expect(await store.artifacts.gc()).toMatchObject({ artifacts: 1, files: 2 });
    expect((await store.artifacts.find()).map(({ schema }) => schema)).toEqual(['long@1', 'report@1', 'report@1']);
  });

  it('keeps bytes that packets refer to, too, for as long as either needs them', async () => {
    const artifact = await keep('shared');
    const ref = await store.blobs.keep(text('shared'));
    await store.blobs.release(ref);
    expect(await store.artifacts.gc()).toEqual({ artifacts: 0, files: 0, bytes: 0 });
    expect(await read(artifact.id)).toBe('shared');
    await store.write((tx) => tx.run('DELETE FROM artifacts'));
    expect(await store.artifacts.gc()).toMatchObject({ files: 1 });
  });

  it('is never given where its bytes are not those that were kept, nor by an id that fits several or none', async () => {
    const artifact = await keep('whole');
    const { sha256 } = artifact.ref;
    writeFileSync(join(folder, sha256.slice(0, 2), sha256), 'other');
    await expect(store.artifacts.read(artifact.id)).rejects.toMatchObject({ code: 'BLOB_DAMAGED' });
    await store.write((tx) => tx.run('UPDATE artifacts SET id = ?1', ['abcd1']));
    await keep('second');
    await store.write((tx) => tx.run("UPDATE artifacts SET id = 'abcd2' WHERE id <> 'abcd1'"));
    for (const id of ['abcd', 'abc', 'zzzz', '', "a' OR 1=1", '../x']) {
      await expect(store.artifacts.get(id)).rejects.toMatchObject({ code: 'ARTIFACT_UNKNOWN' });
    }
    // Kept again, its bytes are whole again.
    const mended = await keep('whole');
    expect(await read(mended.id)).toBe('whole');
  });
});
