import { IsBoolean, IsObject, IsOptional, IsString, MinLength, ValidateBy } from 'class-validator';
import { Any, Doc, field, Node, port, SluiceError, to, type Packet, type To } from '@sluice/sdk';

/** A mapping from names to paths into a packet. */
function IsFieldMap(): PropertyDecorator {
  return ValidateBy({
    name: 'isFieldMap',
    validator: {
      validate: (value) => typeof value === 'object' && value !== null && Object.values(value).every(isField),
      defaultMessage: () => 'every value of $property must be a path into a packet, such as payload.speed',
    },
  });
}

function isField(path: unknown): boolean {
  try {
    return typeof path === 'string' && field(path) !== undefined;
  } catch {
    return false;
  }
}

export class MapConfig {
  @IsObject()
  @IsFieldMap()
  @Doc('Fields of the new payload: its name, and the path that the value is read from. What is not there is left out.', {
    examples: [{ speed: 'payload.v', at: 'ts' }],
  })
  fields: Record<string, string> = {};
  @IsObject() @Doc('Fields with a fixed value.', { examples: [{ site: 'north' }] }) values: Record<string, unknown> = {};
  @IsBoolean() @Doc('Starts from the old payload, which must be an object then, instead of an empty one.') keep = false;
  @IsOptional() @IsString() @MinLength(1) @Doc('The new kind.', { examples: ['reading'] }) kind?: string;
}

@Node({
  type: 'core/map',
  kind: 'transform',
  summary: 'Makes a new payload from fields of the packet and fixed values.',
  config: MapConfig,
  in: { in: port(Any, 'Anything.') },
  out: { out: port(Any, 'The packet with its new payload.') },
  examples: [
    { title: 'Pick and rename', config: { fields: { speed: 'payload.v', sensor: 'source_id' } } },
    { title: 'Add a field', config: { keep: true, values: { site: 'north' } } },
  ],
})
export class MapNode {
  private readonly readers: readonly (readonly [string, (packet: Packet) => unknown])[];

  constructor(private readonly config: MapConfig) {
    this.readers = Object.entries(config.fields).map(([name, path]) => [name, field(path)] as const);
  }

  process(packet: Packet): To<'out', unknown> {
    const { keep, kind, values } = this.config;
    if (keep && (typeof packet.payload !== 'object' || packet.payload === null || Array.isArray(packet.payload))) {
      throw new SluiceError('PACKET_UNFIT', 'core/map keeps the fields of an object, and this payload is none.', {
        hint: 'Set keep to false, or filter such packets out before.',
      });
    }
    const payload: Record<string, unknown> = { ...(keep ? (packet.payload as object) : undefined), ...values };
    for (const [name, read] of this.readers) {
      const value = read(packet);
      if (value !== undefined) payload[name] = value;
    }
    return to('out', payload, kind === undefined ? {} : { kind });
  }
}
