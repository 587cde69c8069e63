import { Doc, IsDuration, ms, Nested, Node, port, to, type Context, type Packet } from '@sluice/sdk';
import { IsArray, IsIn, IsNotEmpty, IsNumber, IsOptional, IsString, Max, Min } from 'class-validator';
import { DetectionsType, EventType, SEVERITIES, type Detection, type Detections, type Severity, type VisionEvent } from './ports';
import { protocolDetections } from './protocol';
import { uuid5 } from './uuid5';
import { Visitors, type VisitorsJson } from './visitors';

export class SeverityRule {
  @IsOptional() @IsString() @IsNotEmpty() @Doc('Only in this zone.') zone?: string;
  @IsOptional() @IsString() @IsNotEmpty() @Doc('Only objects of this label.') label?: string;
  @IsNumber() @Min(0) @Max(1) @Doc('Only from this confidence on.') min_confidence = 0;
  @IsIn(SEVERITIES) @Doc('The severity that it then has.') severity!: Severity;
}

export class EventsConfig {
  @IsString() @IsNotEmpty() @Doc('Site that the events belong to.') site_id!: string;
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @Doc('Camera that the events belong to; default: the source id of the frames.')
  camera_id?: string;
  @IsString() @IsNotEmpty() @Doc('Type of every event.') event_type = 'ZONE_INTRUSION';
  @IsIn(['enter', 'every']) @Doc('enter: one event when a track comes into a zone; every: one for each detection.') on: 'enter' | 'every' =
    'enter';
  @IsDuration()
  @Doc(
    'A track that left counts as entering again after it was outside for so long; media time. Keeps a trembling box from being many entries.',
  )
  rearm = '1s';
  @IsIn(SEVERITIES) @Doc('Severity where no rule says another.') severity: Severity = 'LOW';
  @IsArray()
  @Nested(() => SeverityRule, { each: true })
  @Doc('The first rule that fits gives the severity.')
  severity_rules: SeverityRule[] = [];
}

/** Of event protocol v0.2: whoever speaks it gives one event the same id. */
const NAMESPACE = 'c5b2d7c1-3170-585c-90de-e92b07e756de';
@Node({
  type: 'vision/events',
  kind: 'transform',
  stateful: true,
  summary: 'Makes events (protocol v0.2) of detections: one for each entry of a track into a zone.',
  doc:
    'Behind vision/zones only detections inside a zone make events; without it the first sight of a track does. The key `event:<site>:<camera>:<event type>:<object type>:<track|na>:<ts>:<x1>:<y1>:<x2>:<y2>` is ' +
    '`meta.idempotency_key`, and `event_id` is its uuid5: the same event has the same id in every run, if the source gives stable times. A person without a track is skipped and counted.' +
    " Detections that are no picture's but written as the protocol has them, one object `{ object_type, bbox, confidence, track_id, event_type, severity }` or a list, are taken too; invalid ones are skipped and counted. With `durability: state` who is inside is known after a restart.",
  config: EventsConfig,
  in: { detections: port(DetectionsType, 'Detections of one camera, in order; with tracks and zones.') },
  out: { events: port(EventType, 'Events.') },
  examples: [
    { title: 'One event for each entry', config: { site_id: 'S001' } },
    { title: 'Serious at the gate', config: { site_id: 'S001', severity_rules: [{ zone: 'gate', label: 'person', severity: 'HIGH' }] } },
  ],
})
export class EventsNode {
  private readonly visitors: Visitors;

  constructor(private readonly config: EventsConfig) {
    this.visitors = new Visitors(ms(config.rearm));
  }

  open({ state }: Context): void {
    const kept = state.get<VisitorsJson>('visitors');
    if (kept !== undefined) this.visitors.restore(kept);
  }

  *process(packet: Packet<Detections>, ctx: Context) {
    const { payload } = packet;
    const { detections, invalid } = isSeen(payload) ? { detections: payload.detections, invalid: 0 } : protocolDetections(payload);
    if (invalid > 0) ctx.count('skipped', invalid);
    const timeMs = isSeen(payload) ? (payload.frame.time_ms ?? packet.origin.time) : packet.origin.time;
    for (const detection of detections) {
      const objectType = objectTypeOf(detection.label);
      if (detection.track_id === undefined && (this.config.on === 'enter' || objectType === 'PERSON')) {
        ctx.count('skipped');
        continue;
      }
      const entered = this.config.on === 'enter' ? this.visitors.enters(detection, timeMs) : detection.zone?.inside !== false;
      if (!entered) continue;
      const { event, key } = this.make(detection, objectType, packet);
      ctx.count('events');
      yield to('events', event, { meta: { idempotency_key: key } });
    }
    this.visitors.forget(timeMs);
    ctx.state.set('visitors', this.visitors);
  }

  private make(detection: Detection, objectType: string, packet: Packet): { event: VisionEvent; key: string } {
    const { label, bbox, confidence, track_id, zone } = detection;
    const { site_id, camera_id = packet.sourceId, event_type: usual } = this.config;
    const { event_type = usual } = detection;
    const box = { x1: Math.round(bbox.x1), y1: Math.round(bbox.y1), x2: Math.round(bbox.x2), y2: Math.round(bbox.y2) };
    const { ts } = packet;
    const key = `event:${site_id}:${camera_id}:${event_type}:${objectType}:${track_id ?? 'na'}:${ts}:${box.x1}:${box.y1}:${box.x2}:${box.y2}`;
    const rule = this.config.severity_rules.find(
      (one) =>
        (one.zone === undefined || one.zone === zone?.zone_id) &&
        (one.label === undefined || one.label === label) &&
        confidence >= one.min_confidence,
    );
    const event: VisionEvent = {
      event_id: uuid5(NAMESPACE, key),
      ts,
      site_id,
      camera_id,
      event_type,
      object_type: objectType,
      severity: rule?.severity ?? detection.severity ?? this.config.severity,
      track_id: track_id ?? null,
      bbox: box,
      confidence: Math.round(confidence * 1000) / 1000,
      zone: zone ?? { zone_id: '', inside: false },
      snapshot_path: null,
      sensor: null,
    };
    return { event, key };
  }
}

/** What was seen on a frame; a frame that was written in a graph has no time of its own. */
function isSeen(payload: unknown): payload is { frame: { time_ms?: number }; detections: readonly Detection[] } {
  return typeof payload === 'object' && payload !== null && Array.isArray((payload as Detections).detections);
}

function objectTypeOf(label: string): string {
  return label.toUpperCase().replaceAll(' ', '_');
}
