import { configIssues, makeConfig } from '@sluice/sdk';
import * as fc from 'fast-check';
import { contains, type Point } from './polygon';
import type { VisionEvent } from './ports';
import { fakeContext, packet } from './testing/context';
import { person, seen } from './testing/frame';
import { ZonesConfig, ZonesNode } from './zones.node';

const square: Point[] = [
  [0, 0],
  [100, 0],
  [100, 100],
  [0, 100],
];

function hits(config: object, ...people: ReturnType<typeof person>[]) {
  const output = new ZonesNode(makeConfig(ZonesConfig, config)).process(packet(seen(0, ...people), 'detections'), fakeContext());
  if (output.to !== 'detections') throw new Error('wrong port');
  return output.payload.payload.detections.map(({ zone }) => zone?.zone_id);
}

describe('polygon', () => {
  it('counts corners and edges as inside', () => {
    for (const point of [
      [0, 0],
      [100, 100],
      [50, 0],
      [100, 50],
      [0, 99],
    ] as Point[])
      expect(contains(square, point)).toBe(true);
    for (const point of [
      [-1, 50],
      [101, 50],
      [50, 101],
    ] as Point[])
      expect(contains(square, point)).toBe(false);
  });

  it('follows the odd-even rule where it crosses itself', () => {
    const star: Point[] = [
      [50, 0],
      [80, 90],
      [5, 35],
      [95, 35],
      [20, 90],
    ];
    expect(contains(star, [50, 20])).toBe(true);
    expect(contains(star, [50, 50])).toBe(false);
  });

  it('does not depend on where its list of corners begins, nor on its direction', () => {
    const coordinate = fc.integer({ min: -20, max: 120 });
    const point = fc.tuple(coordinate, coordinate);
    fc.assert(
      fc.property(fc.array(point, { minLength: 3, maxLength: 8 }), point, fc.nat(7), (polygon, p, turn) => {
        const inside = contains(polygon, p);
        const at = turn % polygon.length;
        expect(contains([...polygon.slice(at), ...polygon.slice(0, at)], p)).toBe(inside);
        expect(contains([...polygon].reverse(), p)).toBe(inside);
        expect(contains(polygon, polygon[at]!)).toBe(true);
      }),
    );
  });
});

describe('vision/zones', () => {
  it('tests where somebody stands, or the middle', () => {
    const zones = [{ id: 'z', polygon: square }];
    expect(hits({ zones }, person(50, 100), person(50, 101))).toEqual(['z', '']);
    expect(hits({ zones, anchor: 'bbox_center' }, person(50, 125), person(50, 126))).toEqual(['z', '']);
  });

  it('gives the first zone that holds, skips what is off, and says outside', () => {
    const zones = [
      { id: 'off', polygon: square, enabled: false },
      {
        id: 'left',
        polygon: [
          [0, 0],
          [60, 0],
          [60, 100],
          [0, 100],
        ],
      },
      { id: 'all', polygon: square },
    ];
    expect(hits({ zones }, person(20, 50), person(60, 50), person(80, 50), person(180, 50))).toEqual(['left', 'left', 'all', '']);
  });

  it('passes everything on, with the zones to draw', () => {
    const output = new ZonesNode(makeConfig(ZonesConfig, { zones: [{ id: 'z', polygon: square }] })).process(
      packet(seen(0, person(500, 50, { track_id: 3 })), 'detections', { meta: { a: 1 } }),
      fakeContext(),
    );
    expect(output).toMatchObject({
      to: 'detections',
      payload: { meta: { a: 1 }, payload: { zones: [{ id: 'z' }], detections: [{ track_id: 3, zone: { zone_id: '', inside: false } }] } },
    });
  });

  it('also tests events that come from elsewhere', () => {
    const event = {
      event_id: 'e1',
      bbox: { x1: 40, y1: 0, x2: 60, y2: 50 },
      zone: { zone_id: '', inside: false },
    } as unknown as VisionEvent;
    const output = new ZonesNode(makeConfig(ZonesConfig, { zones: [{ id: 'z', polygon: square }] })).process(
      packet(event, 'events'),
      fakeContext(),
    );
    expect(output).toMatchObject({ to: 'events', payload: { payload: { event_id: 'e1', zone: { zone_id: 'z', inside: true } } } });
  });

  it.each([
    [
      'zones.0.polygon',
      {
        zones: [
          {
            id: 'a',
            polygon: [
              [0, 0],
              [1, 1],
            ],
          },
        ],
      },
    ],
    [
      'zones.0.polygon',
      {
        zones: [
          {
            id: 'a',
            polygon: [
              [0, 0],
              [1, 1],
              [1, 'x'],
            ],
          },
        ],
      },
    ],
    ['zones.0.id', { zones: [{ polygon: square }] }],
    ['zones', { zones: [] }],
    [
      'zones',
      {
        zones: [
          { id: 'a', polygon: square },
          { id: 'a', polygon: square },
        ],
      },
    ],
    ['anchor', { zones: [{ id: 'a', polygon: square }], anchor: 'top' }],
  ])('refuses a config with a wrong %s', (path, config) => {
    expect(configIssues(ZonesConfig, config).map((issue) => issue.path)).toContain(path);
  });
});
