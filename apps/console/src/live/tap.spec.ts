import { parse } from 'yaml';
import { givenOf, isCut, mediaOf, type SeenPacket } from './tap';

const packet = (ts: string, payload: unknown): SeenPacket => ({ packet_id: ts, ts, kind: 'event', source_id: 'door', payload, meta: {} });

it('writes packets as `given` of a graph test, in order, with their distance in time', () => {
  const text = givenOf({ from: 'entries.events' }, [
    packet('2026-01-01T00:00:01.250Z', { n: 2 }),
    packet('2026-01-01T00:00:01.000Z', { n: 'yes' }),
  ]);
  expect(parse(text)).toEqual({
    given: {
      entries: [
        { at: '0ms', port: 'events', kind: 'event', source_id: 'door', payload: { n: 'yes' } },
        { at: '250ms', port: 'events', kind: 'event', source_id: 'door', payload: { n: 2 } },
      ],
    },
  });
});

it.each([
  [{ a: [1, { b: null }] }, false],
  [{ a: [1, { $more: 3 }] }, true],
  [{ frame: { $bytes: 9, $type: 'Uint8Array' } }, true],
  [{ text: { text: 'x', $cut: 4 } }, true],
])('knows that %j is cut: %s', (payload, cut) => expect(isCut(payload)).toBe(cut));

it('finds pictures and sounds that came whole, and nothing that a packet only calls one', () => {
  const found = mediaOf({
    frame: { content_type: 'image/jpeg', data: { $bytes: 3, $type: 'Buffer', base64: 'AAAA' } },
    large: { content_type: 'image/jpeg', data: { $bytes: 900_000, $type: 'Buffer' } },
    page: { content_type: 'text/html', data: { $bytes: 3, $type: 'Buffer', base64: 'AAAA' } },
    clips: [{ content_type: 'audio/wav', data: { base64: 'BBBB' } }],
  });
  expect(found).toEqual([
    { kind: 'image', url: 'data:image/jpeg;base64,AAAA', path: 'payload.frame.data' },
    { kind: 'audio', url: 'data:audio/wav;base64,BBBB', path: 'payload.clips[0].data' },
  ]);
});
