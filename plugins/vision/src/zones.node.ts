import { Doc, IsDuration, ms, Nested, Node, port, RequiredWhen, SluiceError, to, type Context, type In } from '@sluice/sdk';
import {
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  IsUrl,
  Min,
  ValidateBy,
} from 'class-validator';
import { contains, type Point } from './polygon';
import { DetectionsType, EventType, type Box, type ZoneHit, type ZoneShape } from './ports';
import { ZoneCache } from './zones/zone-cache';
import { zoneFile, zoneService } from './zones/zone-origin';

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

export class ZonesApi {
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] })
  @Doc('Address of the list; `{site_id}` and `{camera_id}` in it are filled in. User, password and query are never printed.', {
    examples: ['http://127.0.0.1:8080/api/sites/{site_id}/cameras/{camera_id}/zones'],
  })
  url!: string;
  @IsObject() @Doc('Further headers, such as authorization.', { secret: true }) headers: Record<string, string> = {};
  @IsDuration() @Doc('For one request, answer included.') timeout = '3s';
  @IsInt() @Min(1) @Doc('After so many failures in a row nobody is asked for a while.') max_failures = 3;
  @IsDuration() @Doc('How long that is.') error_backoff = '5s';
}

const ANCHORS = ['bottom_center', 'bbox_center'] as const;
type Anchor = (typeof ANCHORS)[number];
const SOURCES = ['inline', 'file', 'api'] as const;

function IsRuleMap(): PropertyDecorator {
  const validate = (value: unknown) => Object.values(value ?? {}).every((one) => ANCHORS.includes(one as Anchor));
  const message = () => `$property must map types of events to ${ANCHORS.join(' or ')}`;
  return ValidateBy({ name: 'isRuleMap', validator: { validate, defaultMessage: message } });
}

export class ZonesConfig {
  @IsIn(SOURCES) @Doc('Where the zones are: here in `zones`, in a file at `path`, or at a service.') source: (typeof SOURCES)[number] =
    'inline';
  @RequiredWhen('source', 'inline')
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique((zone: Zone) => zone.id)
  @Nested(() => Zone, { each: true })
  @Doc('Tried in this order; the first that holds the anchor wins.')
  zones?: Zone[];
  @RequiredWhen('source', 'file')
  @IsString()
  @IsNotEmpty()
  @Doc('JSON file with a list of zones `{ zone_id, polygon, enabled }`; relative to the folder of the graph.', {
    examples: ['zones.json'],
  })
  path?: string;
  @RequiredWhen('source', 'api') @IsObject() @Nested(() => ZonesApi) @Doc('The service that knows the zones.') api?: ZonesApi;
  @IsOptional() @IsString() @IsNotEmpty() @Doc('Site whose zones are wanted, of a file or a service.') site_id?: string;
  @IsOptional() @IsString() @IsNotEmpty() @Doc('Camera whose zones are wanted, of a file or a service.') camera_id?: string;
  @IsDuration() @Doc('Zones of a file or a service are looked at again when they are older.') cache_ttl = '30s';
  @IsIn(ANCHORS) @Doc('Point of the box that is tested: where a person stands, or the middle.') anchor: Anchor = 'bottom_center';
  @IsObject()
  @IsRuleMap()
  @Doc('The point for some types of events, by type.', { examples: [{ ZONE_INTRUSION: 'bbox_center' }] })
  rule_map: Record<string, Anchor> = {};
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
  doc:
    'A polygon holds a point by the odd-even rule; its boundary counts as inside. Nothing is dropped: what is outside has `zone: { zone_id: "", inside: false }`. ' +
    'Zones of a file or a service are kept for `cache_ttl` and then looked at again beside the stream, which never waits for them: a file is read when it ' +
    'was written since, a service is asked with the ETag of its last answer. While that fails, the last good zones hold. A file must be there at the start; ' +
    'a service need not: until it answers there are no zones. Counters `inside`, `zones_loaded`, `zones_unchanged`, `zones_failed`, `zones_invalid`.',
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
    {
      title: 'Zones of a service, asked once a minute',
      config: {
        source: 'api',
        api: { url: 'http://127.0.0.1:8080/zones/{site_id}/{camera_id}' },
        site_id: 'S001',
        camera_id: 'cam01',
        cache_ttl: '1m',
      },
    },
  ],
})
export class ZonesNode {
  private readonly inline: readonly ZoneShape[];
  private cache: ZoneCache | undefined;

  constructor(private readonly config: ZonesConfig) {
    this.inline = (config.zones ?? []).filter((zone) => zone.enabled).map(({ id, polygon }) => ({ id, polygon }));
  }

  async open(ctx: Context): Promise<void> {
    const { source, path, api, cache_ttl } = this.config;
    if (source === 'inline') return;
    const origin =
      source === 'file'
        ? zoneFile(ctx.path(path!), this.config)
        : zoneService(new URL(this.filled(api!.url)), api!.headers, ms(api!.timeout), this.config);
    const { max_failures = 1, error_backoff = cache_ttl } = api ?? {};
    this.cache = new ZoneCache(origin, { ttl: ms(cache_ttl), maxFailures: max_failures, backoff: ms(error_backoff) }, ctx);
    await this.cache.first(source === 'file');
  }

  process(packet: In<typeof PORTS.in>, ctx: Context) {
    const zones = this.cache?.current() ?? this.inline;
    const { anchor, rule_map } = this.config;
    const hit = (box: Box, point: Anchor) => {
      const found = hitOf(box, point, zones);
      if (found.inside) ctx.count('inside');
      return found;
    };
    if (packet.port === 'events') {
      const { bbox, event_type } = packet.payload;
      const point = Object.hasOwn(rule_map, event_type) ? rule_map[event_type]! : anchor;
      return to('events', packet.with({ ...packet.payload, zone: hit(bbox, point) }));
    }
    const { payload } = packet;
    const detections = payload.detections.map((one) => ({ ...one, zone: hit(one.bbox, anchor) }));
    return to('detections', packet.with({ ...payload, detections, zones }));
  }

  async close(): Promise<void> {
    await this.cache?.close();
  }

  /** The address with site and camera. @throws SluiceError CONFIG_INVALID where one that it names is not set */
  private filled(url: string): string {
    return url.replace(/\{(site_id|camera_id)\}/g, (_, name: 'site_id' | 'camera_id') => {
      const value = this.config[name];
      if (value !== undefined) return encodeURIComponent(value);
      throw new SluiceError('CONFIG_INVALID', `api.url names {${name}}, and ${name} is not set.`, { hint: `Set ${name}.` });
    });
  }
}

function hitOf({ x1, y1, x2, y2 }: Box, point: Anchor, zones: readonly ZoneShape[]): ZoneHit {
  const anchor: Point = [(x1 + x2) / 2, point === 'bottom_center' ? y2 : (y1 + y2) / 2];
  const zone = zones.find(({ polygon }) => contains(polygon, anchor));
  return { zone_id: zone?.id ?? '', inside: zone !== undefined };
}
