import { SluiceError, type Packet } from '@sluice/sdk';

const ROOTS: Readonly<Record<string, (packet: Packet) => unknown>> = {
  payload: (packet) => packet.payload,
  meta: (packet) => packet.meta,
  kind: (packet) => packet.kind,
  source_id: (packet) => packet.sourceId,
  ts: (packet) => packet.ts,
  key: (packet) => packet.key,
  origin: (packet) => packet.origin,
};

/**
 * A reader of a path such as `payload.order_id` or `source_id`.
 * @throws SluiceError EDGE_KEY where the first word is none of a packet's
 */
export function readPath(path: string): (packet: Packet) => unknown {
  const [root, ...rest] = path.split('.');
  const start = Object.hasOwn(ROOTS, root!) ? ROOTS[root!]! : undefined;
  if (start === undefined) {
    throw new SluiceError('EDGE_KEY', `${path} is no path into a packet.`, { hint: `It starts with ${Object.keys(ROOTS).join(', ')}.` });
  }
  if (rest.length === 0) return start;
  return (packet) => {
    let value = start(packet);
    for (const name of rest) value = value === null || value === undefined ? undefined : (value as Record<string, unknown>)[name];
    return value;
  };
}
