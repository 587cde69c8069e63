import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configIssues, makeConfig } from '@sluice/sdk';
import { FakeContext, packet } from '@sluice/testing';
import { BytesToRefConfig, BytesToRefNode, type BytesRef } from './bytes-to-ref.node';
import { RefToBytesConfig, RefToBytesNode } from './ref-to-bytes.node';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sluice-refs-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const ctx = new FakeContext();

async function written(payload: unknown, config: object = {}): Promise<BytesRef> {
  const node = new BytesToRefNode(makeConfig(BytesToRefConfig, { path: join(folder, 'blobs'), ...config }));
  await node.open(ctx);
  return (await node.process(packet(payload, { sourceId: 'cam/../1' }), ctx)).payload;
}
const read = async (payload: unknown, config: object = {}): Promise<Uint8Array> =>
  (await new RefToBytesNode(makeConfig(RefToBytesConfig, { path: folder, ...config })).process(packet(payload), ctx)).payload;
const code = (wanted: string) => expect.objectContaining({ code: wanted, retryable: false }) as Error;
const SOME = Uint8Array.of(0, 255, 10, 13, 0);

it('writes bytes whole and reads them back', async () => {
  const { ref } = await written(SOME, { content_type: 'image/jpeg' });
  expect(ref).toMatchObject({ scheme: 'file', content_type: 'image/jpeg', size_bytes: 5 });
  expect(ref.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(readFileSync(ref.path)).toEqual(Buffer.from(SOME));
  expect(readdirSync(join(folder, 'blobs'))).toEqual(['cam_.._1']);
  expect([...(await read({ ref }))]).toEqual([...SOME]);
  expect(await read({ ref: (await written(new Uint8Array(0))).ref })).toHaveLength(0);
});

it.each([[{ a: 1 }], ['text'], [null]])('refuses %p, which is no bytes', async (payload) => {
  await expect(written(payload)).rejects.toThrow(code('PACKET_UNFIT'));
});

it('never leaves its folder, whatever a name is made of', async () => {
  for (const name of ['/x', 'a//b', 'a/', '{ts', '{nothing}', 'a\\b', ''])
    expect(configIssues(BytesToRefConfig, { path: 'x', name }).map(({ path }) => path)).toEqual(['name']);
  const { ref } = await written(SOME, { name: '../.hidden/{source_id}' });
  expect(ref.path).toBe(join(folder, 'blobs', '_', '_hidden', 'cam_.._1'));
});

it('does not pass on other bytes than those that were written', async () => {
  const { ref } = await written(SOME);
  writeFileSync(ref.path, Uint8Array.of(1, 255, 10, 13, 0));
  await expect(read({ ref })).rejects.toThrow(code('REF_DAMAGED'));
  for (const grown of [Buffer.alloc(4), Buffer.alloc(6)]) {
    writeFileSync(ref.path, grown);
    await expect(read({ ref: { ...ref, sha256: undefined } })).rejects.toThrow(code('REF_DAMAGED'));
  }
  rmSync(ref.path);
  await expect(read({ ref })).rejects.toThrow(code('FILE_NOT_FOUND'));
});

it('reads nothing outside of its folder, also not by a link', async () => {
  const { ref } = await written(SOME);
  mkdirSync(join(folder, 'inner'));
  symlinkSync(ref.path, join(folder, 'inner', 'link'));
  for (const path of [ref.path, '../blobs', join(folder, 'inner', 'link'), join(folder, 'inner'), 'link'])
    await expect(read({ ref: { ...ref, path } }, { path: join(folder, 'inner') })).rejects.toThrow(code('REF_REFUSED'));
});

it.each([
  [undefined],
  [null],
  ['text'],
  [{}],
  [{ ref: { scheme: 'store', path: 'x', size_bytes: 1 } }],
  [{ ref: { scheme: 'file', path: '', size_bytes: 1 } }],
  [{ ref: { scheme: 'file', path: 'x' } }],
  [{ ref: { scheme: 'file', path: 'x', size_bytes: 1e18 } }],
  [{ ref: { scheme: 'file', path: 'x', size_bytes: 1, sha256: 7 } }],
])('refuses %j, which is no reference that it can read', async (payload) => {
  writeFileSync(join(folder, 'x'), 'x');
  await expect(read(payload)).rejects.toThrow(code('REF_REFUSED'));
});
