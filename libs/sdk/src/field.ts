import { Matches } from 'class-validator';
import { SluiceError } from './catalogue';
import type { Packet } from './packet';

const ROOTS: Readonly<Record<string, (packet: Packet) => unknown>> = {
  payload: (packet) => packet.payload,
  meta: (packet) => packet.meta,
  kind: (packet) => packet.kind,
  source_id: (packet) => packet.sourceId,
  ts: (packet) => packet.ts,
  key: (packet) => packet.key,
};

const FIELD = /^(?:(?:payload|meta)(?:\.[^.]+)*|kind|source_id|ts|key)$/;

/** A config field (or with `each` a list of them) that is a path into a packet, such as `payload.speed` or `source_id`. */
export function IsField(options: { each?: boolean } = {}): PropertyDecorator {
  return Matches(FIELD, {
    each: options.each ?? false,
    message: '$property must be payload, meta, a path below them such as payload.speed, or one of kind, source_id, ts, key',
  });
}

/**
 * A reader of a path. Only own properties are read; what is not there is undefined.
 * @throws SluiceError CONFIG_INVALID where the text is no path
 */
export function field(path: string): (packet: Packet) => unknown {
  if (!FIELD.test(path))
    throw new SluiceError('CONFIG_INVALID', `${path} is no path into a packet.`, { hint: 'Write for example payload.speed.' });
  const [root, ...names] = path.split('.');
  const start = ROOTS[root!]!;
  if (names.length === 0) return start;
  return (packet) => {
    let value = start(packet);
    for (const name of names) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
      value = (value as Record<string, unknown>)[name];
    }
    return value;
  };
}
