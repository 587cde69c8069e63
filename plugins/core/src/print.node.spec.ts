import { makeConfig } from '@sluice/sdk';
import { packet } from '@sluice/testing';
import { EchoNode } from './echo.node';
import { PrintConfig, PrintNode } from './print.node';

async function printed(payload: unknown, config: object = {}): Promise<string> {
  const lines: string[] = [];
  const spy = jest
    .spyOn(process.stdout, 'write')
    .mockImplementation(((text: string, done: (error?: Error) => void) => (lines.push(text), done(), true)) as never);
  try {
    await new PrintNode(makeConfig(PrintConfig, config)).write(packet(payload, { kind: 'event', sourceId: 'cam' }));
  } finally {
    spy.mockRestore();
  }
  return lines.join('');
}

test('one line of JSON for each packet', async () => {
  const line = await printed({ text: 'two\nlines' });
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(JSON.parse(line)).toMatchObject({
    v: 1,
    ts: '1970-01-01T00:00:00.000Z',
    kind: 'event',
    source_id: 'cam',
    payload: { text: 'two\nlines' },
  });
});

test('text for people, with its prefix', async () => {
  expect(await printed({ a: 1 }, { format: 'text', prefix: 'door: ' })).toBe('door: 1970-01-01T00:00:00.000Z cam event {"a":1}\n');
  expect(await printed({ a: 1 }, { body: 'payload' })).toBe('{"a":1}\n');
});

test('a frame is described, not dumped', async () => {
  const cycle: Record<string, unknown> = {};
  cycle['me'] = cycle;
  const payload = { frame: { width: 2, data: new Uint8Array(new SharedArrayBuffer(12)) }, map: new Map(), big: 2n, cycle, gone: undefined };
  expect(await printed(payload, { body: 'payload' })).toBe(
    '{"frame":{"width":2,"data":"<Uint8Array 12 bytes>"},"map":"<Map>","big":"<bigint 2>","cycle":{"me":"<cycle>"}}\n',
  );
});

test('NaN is refused, never printed as null', async () => {
  await expect(printed({ a: Number.NaN })).rejects.toMatchObject({ code: 'PACKET_NOT_PORTABLE' });
});

test('core/echo prints the same and passes the packet itself on, but not what it cannot print', async () => {
  const lines: string[] = [];
  const write = ((text: string, done: () => void) => (lines.push(text), done(), true)) as never;
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation(write);
  try {
    const node = new EchoNode(makeConfig(PrintConfig, { prefix: 'seen: ', body: 'payload' }));
    const given = packet({ a: 1 });
    expect(await node.process(given)).toBe(given);
    await expect(node.process(packet(Number.NaN))).rejects.toMatchObject({ code: 'PACKET_NOT_PORTABLE' });
  } finally {
    spy.mockRestore();
  }
  expect(lines).toEqual(['seen: {"a":1}\n']);
});
