import { makeConfig } from '@sluice/sdk';
import { packet } from '@sluice/testing';
import { MapConfig, MapNode } from './map.node';

function mapped(config: object, payload: unknown): { payload: unknown; kind: string | undefined } {
  const { payload: made, emission } = new MapNode(makeConfig(MapConfig, config)).process(packet(payload, { sourceId: 'axle' }));
  return { payload: made, kind: emission.kind };
}

test('fields are picked and renamed, and what is missing is left out', () => {
  expect(
    mapped(
      { fields: { speed: 'payload.v.x', sensor: 'source_id', no: 'payload.no' }, values: { site: 'n' }, kind: 'reading' },
      { v: { x: 3 } },
    ),
  ).toEqual({
    payload: { speed: 3, sensor: 'axle', site: 'n' },
    kind: 'reading',
  });
});

test('keep starts from the old payload, which stays as it was', () => {
  const old = Object.freeze({ a: 1, b: 2 });
  expect(mapped({ keep: true, fields: { b: 'payload.a' } }, old)).toEqual({ payload: { a: 1, b: 1 }, kind: undefined });
  expect(old).toEqual({ a: 1, b: 2 });
});

test('keep refuses a payload that has no fields', () => {
  expect(() => mapped({ keep: true }, [1])).toThrow('this payload is none');
});

test('a path that is none is a fault of the config', () => {
  expect(() => makeConfig(MapConfig, { fields: { a: 'speed' } })).toThrow('every value of fields must be a path into a packet');
});
