import { emitted, NO_META, Origin, Packet } from './packet';

const port = (node: string) => ({ run: 'r', node, port: 'out' });
const source = () => {
  const packet = Packet.source(1, 'num', NO_META, new Origin('r', 's', 's', 0, '', null, 0, null));
  emitted(packet, port('s'), 7, undefined, '');
  return packet;
};

test('a packet that is derived twice keeps its cause, and the kind that was named', () => {
  const packet = source();
  expect(packet.with(2).with(3).cause).toBe(packet.id);
  const named = packet.with(2, undefined, 'event').with(3);
  emitted(named, port('n'), 0, 'number', '');
  expect([named.kind, named.cause, named.payload]).toEqual(['event', packet.id, 3]);
});

test('a fresh source packet that is derived has no cause', () => {
  const fresh = Packet.source(1, 'num', NO_META, new Origin('r', 's', 's', 0, '', null, 0, null));
  expect(fresh.with(2).cause).toBeUndefined();
});
