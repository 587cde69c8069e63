import { Doc, Nested, Node, port, to, type In } from '@sluice/sdk';
import { ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsNotEmpty, IsString, ValidateBy } from 'class-validator';
import { contains, type Point } from './polygon';
import { DetectionsType, EventType, type Box, type ZoneHit, type ZoneShape } from './ports';

function IsPoint(): PropertyDecorator {
  const validate = (value: unknown) => Array.isArray(value) && value.length === 2 && value.every((part) => Number.isFinite(part));
  return ValidateBy(
    { name: 'isPoint', validator: { validate, defaultMessage: () => 'each point of $property must be [x, y]' } },
    { each: true },
  );
}

export class Zone {
  @IsString() @IsNotEmpty() @Doc('Name of the zone, in events.') id!: string;
  @IsArray()
  @ArrayMinSize(3)
  @IsPoint()
  @Doc('Corners [x, y] in pixels of the frame, three or more.', {
    examples: [
      [
        [0, 120],
        [512, 120],
        [512, 384],
        [0, 384],
      ],
    ],
  })
  polygon!: Point[];
  @IsBoolean() @Doc('A zone that is off is never hit.') enabled = true;
}

export class ZonesConfig {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique((zone: Zone) => zone.id)
  @Nested(() => Zone, { each: true })
  @Doc('Tried in this order; the first that holds the anchor wins.')
  zones!: Zone[];
  @IsIn(['bottom_center', 'bbox_center']) @Doc('Point of the box that is tested: where a person stands, or the middle.') anchor:
    'bottom_center' | 'bbox_center' = 'bottom_center';
}

const PORTS = {
  in: {
    detections: port(DetectionsType, 'Detections to test.', { optional: true }),
    events: port(EventType, 'Events whose box is tested, from elsewhere.', { optional: true }),
  },
  out: {
    detections: port(DetectionsType, 'All of them, each with the zone that it is in.', { optional: true }),
    events: port(EventType, 'The events, with their zone.', { optional: true }),
  },
};

@Node({
  type: 'vision/zones',
  kind: 'transform',
  summary: 'Says in which zone every detection is.',
  doc: 'A polygon holds a point by the odd-even rule; its boundary counts as inside. Nothing is dropped: what is outside has `zone: { zone_id: "", inside: false }`.',
  config: ZonesConfig,
  ...PORTS,
  examples: [
    {
      title: 'The lower half of a picture',
      config: {
        zones: [
          {
            id: 'near',
            polygon: [
              [0, 192],
              [512, 192],
              [512, 384],
              [0, 384],
            ],
          },
        ],
      },
    },
  ],
})
export class ZonesNode {
  private readonly zones: readonly ZoneShape[];

  constructor(private readonly config: ZonesConfig) {
    this.zones = config.zones.filter((zone) => zone.enabled).map(({ id, polygon }) => ({ id, polygon }));
  }

  process(packet: In<typeof PORTS.in>) {
    if (packet.port === 'events') return to('events', packet.with({ ...packet.payload, zone: this.hit(packet.payload.bbox) }));
    const { payload } = packet;
    return to(
      'detections',
      packet.with({ ...payload, detections: payload.detections.map((one) => ({ ...one, zone: this.hit(one.bbox) })), zones: this.zones }),
    );
  }

  private hit({ x1, y1, x2, y2 }: Box): ZoneHit {
    const anchor: Point = [(x1 + x2) / 2, this.config.anchor === 'bottom_center' ? y2 : (y1 + y2) / 2];
    const zone = this.zones.find(({ polygon }) => contains(polygon, anchor));
    return { zone_id: zone?.id ?? '', inside: zone !== undefined };
  }
}
