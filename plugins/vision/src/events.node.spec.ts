import { makeConfig } from '@sluice/sdk';
import { EventsConfig, EventsNode } from './events.node';
import type { Detection, VisionEvent } from './ports';
import { fakeContext, packet } from './testing/context';
import { person, seen } from './testing/frame';
import { uuid5 } from './uuid5';

const inside = (track_id: number | undefined, zone_id = 'door', more: Partial<Detection> = {}): Detection =>
  person(50, 100, { ...(track_id === undefined ? {} : { track_id }), zone: { zone_id, inside: true }, ...more });
const outside = (track_id: number): Detection => person(50, 100, { track_id, zone: { zone_id: '', inside: false } });

function make(config: object = {}, kept?: unknown) {
  const ctx = fakeContext();
  if (kept !== undefined) ctx.state.set('visitors', kept);
  const node = new EventsNode(makeConfig(EventsConfig, { site_id: 'S001', ...config }));
  node.open(ctx);
  const at = (index: number, ...detections: Detection[]) =>
    [
      ...node.process(
        packet(seen(index, ...detections), 'detections', { time: Date.UTC(2026, 1, 14) + index * 100, sourceId: 'cam01' }),
        ctx,
      ),
    ].map(({ payload, emission }) => ({ event: payload as VisionEvent, key: emission.meta?.['idempotency_key'] }));
  return { at, ctx };
}

describe('uuid5', () => {
  it('gives the ids of RFC 9562', () => {
    expect(uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });
});

describe('vision/events', () => {
  it('speaks protocol v0.2, with a stable id from its key', () => {
    const { at } = make();
    const [made] = at(3, inside(7, 'door', { confidence: 0.87654, bbox: { x1: 10.4, y1: 20.5, x2: 30.2, y2: 70.9 } }));
    const key = 'event:S001:cam01:ZONE_INTRUSION:PERSON:7:2026-02-14T00:00:00.300Z:10:21:30:71';
    expect(made).toEqual({
      key,
      event: {
        event_id: uuid5('c5b2d7c1-3170-585c-90de-e92b07e756de', key),
        ts: '2026-02-14T00:00:00.300Z',
        site_id: 'S001',
        camera_id: 'cam01',
        event_type: 'ZONE_INTRUSION',
        object_type: 'PERSON',
        severity: 'LOW',
        track_id: 7,
        bbox: { x1: 10, y1: 21, x2: 30, y2: 71 },
        confidence: 0.877,
        zone: { zone_id: 'door', inside: true },
        snapshot_path: null,
        sensor: null,
      },
    });
    expect(make().at(3, inside(7, 'door', { confidence: 0.87654, bbox: { x1: 10.4, y1: 20.5, x2: 30.2, y2: 70.9 } }))).toEqual([made]);
  });

  it('knows after a restart who is inside', () => {
    const first = make();
    expect(first.at(0, inside(1), outside(2))).toHaveLength(1);
    const kept = JSON.parse(JSON.stringify(first.ctx.state.get('visitors')));
    const second = make({}, kept);
    expect(second.at(1, inside(1), inside(2)).map(({ event }) => event.track_id)).toEqual([2]);
  });

  it('makes one event of each entry', () => {
    const { at } = make();
    const counts = [outside(1), inside(1), inside(1), inside(1)].map((one, i) => at(i, one).length);
    expect(counts).toEqual([0, 1, 0, 0]);
    expect(at(4, inside(1), inside(2)).map(({ event }) => event.track_id)).toEqual([2]);
    expect(at(5, inside(1, 'gate'))[0]?.event.zone.zone_id).toBe('gate');
  });

  it('takes a trembling box for one entry, and a return after rearm for another', () => {
    const { at } = make({ rearm: '1s' });
    const tremble = [inside(1), outside(1), inside(1), outside(1), inside(1)].map((one, i) => at(i, one).length);
    expect(tremble).toEqual([1, 0, 0, 0, 0]);
    for (let i = 5; i < 15; i++) expect(at(i, outside(1))).toEqual([]);
    expect(at(15, outside(1))).toEqual([]);
    expect(at(16, inside(1))).toHaveLength(1);
  });

  it('does not take somebody who was hidden for a while as entering again', () => {
    const { at } = make();
    expect([at(0, inside(1)).length, at(200, inside(1)).length]).toEqual([1, 0]);
  });

  it('can make one of every detection, and only inside a zone', () => {
    const { at } = make({ on: 'every' });
    expect([at(0, inside(1), outside(2)).length, at(1, inside(1)).length]).toEqual([1, 1]);
  });

  it('takes the first sight of a track where no zones were tested', () => {
    const { at } = make();
    expect([at(0, person(1, 1, { track_id: 1 })).length, at(1, person(1, 1, { track_id: 1 })).length]).toEqual([1, 0]);
    expect(at(2, person(1, 1, { track_id: 2 }))[0]?.event.zone).toEqual({ zone_id: '', inside: false });
  });

  it('skips and counts a person without a track; other things may have none', () => {
    const every = make({ on: 'every' });
    expect(
      every
        .at(0, inside(undefined), inside(undefined, 'door', { label: 'traffic light' }))
        .map(({ event, key }) => [event.object_type, event.track_id, String(key).split(':')[5]]),
    ).toEqual([['TRAFFIC_LIGHT', null, 'na']]);
    expect(every.ctx.counters).toEqual({ skipped: 1, events: 1 });
    const enter = make();
    expect(enter.at(0, inside(undefined, 'door', { label: 'car' }))).toEqual([]);
    expect(enter.ctx.counters).toEqual({ skipped: 1 });
  });

  it('gives the severity of the first rule that fits', () => {
    const { at } = make({
      severity: 'INFO',
      severity_rules: [
        { zone: 'gate', label: 'person', min_confidence: 0.8, severity: 'CRITICAL' },
        { zone: 'gate', severity: 'HIGH' },
      ],
    });
    expect(at(0, inside(1, 'gate'), inside(2, 'gate', { confidence: 0.6 }), inside(3)).map(({ event }) => event.severity)).toEqual([
      'CRITICAL',
      'HIGH',
      'INFO',
    ]);
  });

  it('takes detections as the protocol writes them, one or a list, and skips those that are none', () => {
    const ctx = fakeContext();
    const node = new EventsNode(makeConfig(EventsConfig, { site_id: 'S001', on: 'every' }));
    const events = (payload: unknown) => [...node.process(packet(payload as never, 'detections'), ctx)].map((one) => one.payload);
    const bbox = { x1: 1, y1: 2, x2: 3, y2: 4 };
    const one = { event_type: 'FALL', object_type: 'PERSON', severity: 'HIGH', confidence: 0.9, track_id: 'a', bbox };
    expect(events(one)).toMatchObject([one]);
    expect(events([one, { object_type: 'CAR', confidence: 0.5, bbox }])).toMatchObject([
      one,
      { event_type: 'ZONE_INTRUSION', object_type: 'CAR', severity: 'LOW', track_id: null },
    ]);
    const wrong = [
      {},
      null,
      1,
      { ...one, bbox: { x1: 1 } },
      { ...one, confidence: 'x' },
      { ...one, severity: 'x' },
      { ...one, object_type: '' },
    ];
    expect(events([...wrong, { ...one, track_id: null }, one])).toHaveLength(1);
    expect(ctx.counters).toEqual({ events: 4, skipped: wrong.length + 1 });
    expect(() => events('text')).toThrow(expect.objectContaining({ code: 'PACKET_UNFIT' }) as Error);
  });

  it('forgets tracks that are gone', () => {
    const { at } = make();
    at(0, inside(1));
    expect(at(601, inside(2))).toHaveLength(1);
    expect(at(602, inside(1))).toHaveLength(1);
  });
});
