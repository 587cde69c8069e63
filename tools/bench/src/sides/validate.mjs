// What the compiled check of a payload costs, on a small object of the kind that passes between nodes.
import { compilePayloadCheck } from '@sluice/sdk';
import { timed } from '../measure.mjs';
import { median } from '../statistics.mjs';

const SCHEMA = {
  type: 'object',
  required: ['label', 'score', 'box'],
  properties: {
    label: { type: 'string', minLength: 1 },
    score: { type: 'number', minimum: 0, maximum: 1 },
    box: { type: 'object', required: ['x', 'y'], properties: { x: { type: 'number' }, y: { type: 'number' } } },
  },
};

export async function validate() {
  const check = compilePayloadCheck(SCHEMA);
  const values = Array.from({ length: 64 }, (_, i) => ({ label: `l${i}`, score: i / 64, box: { x: i, y: -i } }));
  let wrong = 0;
  const pass = (n) => {
    for (let i = 0; i < n; i++) if (check(values[i & 63]) !== '') wrong++;
  };
  pass(1e6);
  pass(1e6);
  const n = 1e7;
  const took = [];
  for (let i = 0; i < 5; i++) took.push((await timed('cpu', () => pass(n))) / n);
  if (wrong > 0 || check({ ...values[0], score: 2 }) === '') throw new Error('the check is wrong');
  return { ns: median(took) };
}
