import { contractSuite, runGraph } from '@sluice/testing';
import { createHash } from 'node:crypto';
import { SluiceError, STORE, toJsonText, type DurableStore, type QueueDelivery, type QueueItem } from '@sluice/sdk';
import { queue } from '.';

/** A store in memory: what the nodes say to it, not what it does with that. */
function memory() {
  const items: QueueItem[] = [];
  const settled: string[] = [];
  const asked: object[] = [];
  const delivery = (item: QueueItem, seq: number): QueueDelivery => ({
    ...item,
    seq,
    attempts: seq,
    settle: (outcome) => settled.push(`${seq} ${outcome}`),
  });
  const blobs = new Map<string, Uint8Array>();
  const ttls: unknown[] = [];
  const store = {
    blobs: {
      async keep(bytes: Uint8Array, { contentType: content_type, ttl }: { contentType: string; ttl: number }) {
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        blobs.set(sha256, bytes.slice());
        ttls.push(ttl);
        return { scheme: 'store', key: sha256, content_type, size_bytes: bytes.byteLength, sha256 };
      },
      async read({ key }: { key: string }) {
        const bytes = blobs.get(key);
        if (bytes === undefined) throw new SluiceError('BLOB_MISSING', 'They are not in the store.');
        return bytes;
      },
    },
    queue: (name: string, options: object) => {
      asked.push({ name, ...options });
      return Promise.resolve({
        name,
        figures: undefined as never,
        put: async (item: QueueItem) => {
          toJsonText(item);
          return items.push(item) > 2 ? ('full' as const) : ('stored' as const);
        },
        read: () => ({
          finish: () => undefined,
          close: () => Promise.resolve(),
          async *[Symbol.asyncIterator]() {
            for (const [seq, item] of items.entries()) yield delivery(item, seq);
          },
        }),
      });
    },
  } as unknown as DurableStore;
  return { items, settled, asked, blobs, ttls, services: [{ token: STORE, value: () => Promise.resolve(store) }] };
}

const graph = (nodes: string, edges: string, border: string) => ({
  text: `version: 2\nname: t\nnodes:\n${nodes}edges:\n${edges}${border}`,
});

it('puts packets with their key and priority, and says when the queue is full', async () => {
  const { items, asked, services } = memory();
  const { report } = await runGraph(
    graph(
      '  put: { type: queue/out, config: { queue: orders, key: payload.who, priority: payload.p, when_full: error, dedup: 1m } }\n',
      ' []\n',
      'inputs:\n  orders: { type: any, to: put.in }\n',
    ),
    { plugins: [queue], services, inputs: { orders: [{ who: 'a', p: 2 }, { who: 'b' }, { who: 'c' }] } },
  );
  expect(items.map(({ key, priority, id }) => [key, priority, id])).toEqual([
    ['a', 2, ''],
    ['b', 0, ''],
    ['c', 0, ''],
  ]);
  expect(asked).toEqual([{ name: 'orders', maxRows: 100_000, whenFull: 'error', dedup: 60_000 }]);
  expect(report.metrics['node.put.stored']).toBe(2);
  expect(report.reasons.join()).toContain('Queue orders is full');
});

it('hands on what it takes under the key of the row, and acks when that is done', async () => {
  const { items, settled, services } = memory();
  items.push({ payload: 1, kind: 'order', meta: { a: 1 }, sourceId: 's', time: 7, key: 'k', id: 'x', priority: 0 });
  items.push({ payload: 2, kind: 'order', meta: {}, sourceId: 's', time: 8, key: 'k', id: '', priority: 0 });
  const { outputs } = await runGraph(
    graph('  take: { type: queue/in, config: { queue: orders } }\n', ' []\n', 'outputs:\n  out: { type: any, from: take.out }\n'),
    { plugins: [queue], services },
  );
  expect(outputs['out']).toEqual([1, 2]);
  expect(settled).toEqual(['0 acked', '1 acked']);
});

const byReference = graph(
  '  put: { type: queue/store, config: { ttl: 2d, content_type: image/raw } }\n  get: { type: queue/fetch }\n',
  '\n  - put.out -> get.in\n',
  'inputs:\n  in: { type: any, to: put.in }\noutputs:\n  refs: { type: sluice/bytes_ref@1, from: put.out }\n  out: { type: any, from: get.out }\n',
);

it('passes bytes on as a reference that JSON can carry, and gives the payload back as it was', async () => {
  const { blobs, ttls, services } = memory();
  const shared = new Uint8Array(new SharedArrayBuffer(3));
  shared.set([1, 2, 3]);
  const payloads = [
    new Uint8Array([1, 2, 3]),
    { data: shared, width: 1, height: 1, format: 'rgb24' },
    { content_type: 'image/jpeg', data: Buffer.from('jpeg') },
    new Uint8Array(0),
  ];
  const { outputs } = await runGraph(byReference, { plugins: [queue], services, inputs: { in: payloads } });
  const refs = outputs['refs'] as { ref: { content_type: string; size_bytes: number; key: string }; rest?: object }[];
  expect(JSON.parse(toJsonText(refs))).toEqual(refs);
  expect(refs.map(({ ref, rest }) => [ref.content_type, ref.size_bytes, rest])).toEqual([
    ['image/raw', 3, undefined],
    ['image/raw', 3, { width: 1, height: 1, format: 'rgb24' }],
    ['image/jpeg', 4, { content_type: 'image/jpeg' }],
    ['image/raw', 0, undefined],
  ]);
  expect(refs[0]!.ref.key).toBe(refs[1]!.ref.key);
  expect(blobs.size).toBe(3);
  expect(ttls).toEqual([1, 1, 1, 1].map((n) => n * 172_800_000));
  const [one, frame, image, empty] = outputs['out'] as [Uint8Array, { data: Uint8Array }, { data: Uint8Array }, Uint8Array];
  expect([...one]).toEqual([1, 2, 3]);
  expect({ ...frame, data: [...frame.data] }).toEqual({ data: [1, 2, 3], width: 1, height: 1, format: 'rgb24' });
  expect(frame.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(Buffer.from(image.data).toString()).toBe('jpeg');
  expect(empty.byteLength).toBe(0);
});

it('fails with a code where there are no bytes to keep, or none any more', async () => {
  const { blobs, services } = memory();
  const { report, outputs } = await runGraph(byReference, {
    plugins: [queue],
    services,
    inputs: { in: [{ text: 'no bytes' }, 'text', null] },
  });
  expect(outputs['refs']).toEqual([]);
  expect(report.status).not.toBe('ok');
  expect(report.reasons.join()).toContain('no bytes');
  expect(blobs.size).toBe(0);
});

test.each(contractSuite(queue, { services: memory().services }).map((one) => [one.name, one] as const))('%s', (_name, one) => one.run());
