// What all contenders do with a packet: map, filter (7 of 8 pass), map, count. Every pipeline has functions of its own, made from text so
// that they share no type feedback: with 32 of them no call site stays monomorphic, as in an application.
import { NO_META, Origin, Packet } from '@sluice/sdk/packet';

const SHAPES = ['({ v: x.v + K })', '({ v: x.v + K, a: 1 })', '({ v: x.v + K, a: 1, b: 2 })', '({ v: x.v + K, a: x.v, b: 2, c: 3 })'];

export function stages(k) {
  const shape = SHAPES[k % 4].replace('K', String(k + 1));
  return {
    first: own(`(x) => ${shape}`),
    keep: own(`(x) => (x.v + ${k}) % 8 !== 0`),
    second: own(`(x) => ${shape.replace('+', '*')}`),
  };
}

let made = 0;

/**
 * A function or class with type feedback of its own: `text` uses `f`. V8 gives functions of equal text the same feedback,
 * so each text is numbered.
 */
export function own(text, f) {
  return new Function('f', `return ${text}; // ${++made}`)(f);
}

export const MAP = '(p) => p.with(f(p.payload))';
export const KEEP = '(p) => f(p.payload)';
export const COUNT = '(p) => f.take(p)';

/** Counts what arrives and adds it up. */
export class Sink {
  n = 0;
  sum = 0;
  take(p) {
    this.n++;
    this.sum += p.payload.v;
  }
}

/** The packets that a peer carries: what a source of ours makes of the same payloads. */
export function* packets(length, laps) {
  for (let i = 0; i < length; i++) {
    laps.made();
    yield packet(i);
  }
}

export function packet(i) {
  return Packet.source({ v: i }, 'any', NO_META, new Origin('run', 'source', 'source', 0, '', null, 0, null));
}
