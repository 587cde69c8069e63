import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { given, runNode } from '@sluice/testing';
import { HttpSendNode } from './http-send.node';
import { JsonFilesWriteNode } from './json-files-write.node';
import { JsonlOutNode } from './jsonl-out.node';
import { JsonlWriteNode } from './jsonl-write.node';

const folder = mkdtempSync(join(tmpdir(), 'through-'));
afterAll(() => rmSync(folder, { recursive: true }));
const event = given({ payload: { name: 'Ö😀' }, kind: 'event', meta: { idempotency_key: 'k1' } });

test('io/jsonl-write passes on what is in the file, as it came, and fails what is not', async () => {
  const path = join(folder, 'a.jsonl');
  const { outputs, errors } = await runNode(JsonlWriteNode, { config: { path, body: 'payload' }, inputs: [event, Number.NaN] });
  expect(readFileSync(path, 'utf8')).toBe('{"name":"Ö😀"}\n');
  expect(outputs['out']!.map(({ kind, key, payload }) => [kind, key, payload])).toEqual([['event', 'k1', { name: 'Ö😀' }]]);
  expect(errors).toMatchObject([{ code: 'PACKET_NOT_PORTABLE' }]);
});

test('io/jsonl-out with ensure_ascii writes nothing beyond ASCII, and the same JSON', async () => {
  const path = join(folder, 'b.jsonl');
  await runNode(JsonlOutNode, { config: { path, body: 'payload', ensure_ascii: true }, inputs: [event] });
  const text = readFileSync(path, 'utf8');
  expect(text).toBe('{"name":"\\u00d6\\ud83d\\ude00"}\n');
  expect(JSON.parse(text)).toEqual({ name: 'Ö😀' });
});

test('io/json-files-write says in meta where the file is; {n} numbers files whatever they come from', async () => {
  const config = { path: folder, name: '{n}_{kind}.json', body: 'payload' };
  const { outputs } = await runNode(JsonFilesWriteNode, { config, inputs: [event, event] });
  expect(outputs['out']!.map(({ meta }) => meta['file'])).toEqual([
    { path: join(folder, '000000_event.json'), node_id: 'node' },
    { path: join(folder, '000001_event.json'), node_id: 'node' },
  ]);
  expect(outputs['out']![0]).toMatchObject({ kind: 'event', meta: { idempotency_key: 'k1' } });
  expect(JSON.parse(readFileSync(join(folder, '000001_event.json'), 'utf8'))).toEqual({ name: 'Ö😀' });
  const bare = await runNode(JsonFilesWriteNode, { config: { ...config, meta_key: '' }, inputs: [event] });
  expect(bare.outputs['out']![0]!.meta).toEqual({ idempotency_key: 'k1' });
});

test('io/http-send passes on what was accepted, with an address that has no secrets', async () => {
  const keys: unknown[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers['idempotency-key']);
    request.resume().on('end', () => response.writeHead(keys.length === 1 ? 404 : 200).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const { outputs, errors } = await runNode(HttpSendNode, { config: { url: `http://u:pw@${at}/e?token=t` }, inputs: [event, event] });
    expect(errors).toMatchObject([{ code: 'HTTP_REFUSED' }]);
    expect(outputs['out']).toHaveLength(1);
    expect(outputs['out']![0]!.meta).toEqual({
      idempotency_key: 'k1',
      http: { url: `http://${at}/e?...`, method: 'POST', node_id: 'node' },
    });
    expect(keys).toEqual(['k1', 'k1']);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
