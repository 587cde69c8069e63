// What all contenders do with a packet: map, filter (7 of 8 pass), map, count. Every pipeline has functions of its own, made from text so
// that they share no type feedback: with 32 of them no call site stays monomorphic, as in an application.
import { NO_META, Origin, Packet } from '@sluice/sdk/packet';

const SHAPES = ['({ v: x.v + K })', '({ v: x.v + K, a: 1 })', '({ v: x.v + K, a: 1, b: 2 })', '({ v: x.v + K, a: x.v, b: 2, c: 3 })'];

export function stages(k) {
  const shape = SHAPES[k % 4].replace('K', String(k + 1));
  return {
    first: new Function('x', `return ${shape};`),
    keep: new Function('x', `return (x.v + ${k}) % 8 !== 0;`),
    second: new Function('x', `return ${shape.replace('+', '*')};`),
  };
}

/** A function over packets with feedback of its own: `text` uses `f`. */
export function own(text, f) {
  return new Function('f', `return ${text};`)(f);
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
  /** What arrived since the last time. */
  result() {
    const { n, sum } = this;
    this.n = 0;
    this.sum = 0;
    return { n, sum };
  }
}

export function* payloads(n) {
  for (let i = 0; i < n; i++) yield { v: i };
}

/** The packets that a peer carries: what a source of ours makes of the same payloads. */
export function* packets(n) {
  for (let i = 0; i < n; i++) yield packet(i);
}

export function packet(i) {
  return Packet.source({ v: i }, 'any', NO_META, new Origin('run', 'source', 'source', 0, '', null, 0, null));
}
