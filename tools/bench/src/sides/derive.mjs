// What deriving a packet costs: the payload stays the same, so that only the packet is paid for.
import { emitted } from '@sluice/sdk/packet';
import { median } from '../statistics.mjs';
import { timed } from '../measure.mjs';
import { packet } from './stages.mjs';

export async function derive() {
  const outlet = { run: 'run', node: 'node', port: 'out' };
  // Some that are alive, so that the compiler cannot leave the packets out.
  const alive = new Array(1024).fill(undefined);
  const parents = Array.from({ length: 64 }, (_, i) => {
    const p = packet(i);
    emitted(p, outlet, i);
    return p;
  });
  const payload = { v: 1 };
  const pass = (n) => {
    for (let i = 0; i < n; i++) alive[i & 1023] = parents[i & 63].with(payload);
  };
  pass(1e6);
  pass(1e6);
  const n = 1e7;
  const took = [];
  for (let i = 0; i < 5; i++) took.push((await timed('cpu', () => pass(n))) / n);
  if (alive[1].cause !== 'run:node:63' && alive[1].cause !== 'run:node:1') throw new Error(`wrong cause ${alive[1].cause}`);
  return { ns: median(took) };
}
