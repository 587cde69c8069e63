import type { PlanPort } from '@sluice/graph';
import { Readable } from 'node:stream';
import { Lines } from './lines';

const port = (name: string): PlanPort => ({ name, type: 'sluice/any@1', profile: 'inproc_any', at: [] });

async function all(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const list: unknown[] = [];
  for await (const value of values) list.push(value);
  return list;
}

it('takes a line as the payload, or the payload of a packet, where there is one input', async () => {
  const lines = new Lines([port('a')], Readable.from(['1\n{"x":2}\n', '{"v":1,"packet_id":"r:n:1","payload":[3]}\n']));
  expect(await all(lines.inputs()['a']!)).toEqual([1, { x: 2 }, [3]]);
  expect(lines.fault).toBeUndefined();
});

it('sends each line to the input that it names', async () => {
  let given = 0;
  const source = Readable.from(
    (function* () {
      for (const input of ['a', 'a', 'b', 'a', 'b']) {
        given++;
        yield `{"input":"${input}","payload":${given}}\n`;
      }
    })(),
    { highWaterMark: 1 },
  );
  const lines = new Lines([port('a'), port('b')], source);
  const { a, b } = lines.inputs();
  expect(await Promise.all([all(a!), all(b!)])).toEqual([
    [1, 2, 4],
    [3, 5],
  ]);
});

it('ends the inputs and keeps the fault where a line is not JSON or names no input', async () => {
  const broken = new Lines([port('a')], Readable.from(['1\nnot json\n2\n']));
  expect(await all(broken.inputs()['a']!)).toEqual([1]);
  expect(broken.fault).toMatchObject({ code: 'INPUT_NOT_JSON', details: { line: 2 } });
  const unnamed = new Lines([port('a'), port('b')], Readable.from(['{"payload":1}\n']));
  expect(await Promise.all(Object.values(unnamed.inputs()).map(all))).toEqual([[], []]);
  expect(unnamed.fault).toMatchObject({ code: 'INPUT_UNKNOWN', hint: expect.stringContaining('a, b') });
});
