import { IsArray, IsInt, IsOptional, IsString, Min } from 'class-validator';
import { Any, Doc, IsAny, IsDuration, ms, Node, port, SluiceError, to, type Context, type Emission, type To } from '@sluice/sdk';

export class ValuesConfig {
  @IsArray()
  @IsAny()
  @Doc('Payloads, or packets `{ payload, kind, source_id, ts, meta, key }` of which only payload is needed.', {
    examples: [[1, { payload: 2, ts: '2026-01-01T00:00:00Z' }]],
  })
  items: unknown[] = [];
  @IsInt() @Min(0) @Doc('How many times the list is sent; 0 is without end.') repeat = 1;
  @IsOptional()
  @IsDuration()
  @Doc('Pause before each packet but the first; without it they come as fast as they are taken.')
  interval?: string;
  @IsString() @Doc('Kind of those that name none.') kind = 'value';
}

interface Item {
  readonly payload: unknown;
  readonly emission: Emission;
}

@Node({
  type: 'core/values',
  kind: 'source',
  summary: 'Sends packets that are written in the graph.',
  config: ValuesConfig,
  out: { out: port(Any, 'One packet per item.') },
  examples: [
    { title: 'Three numbers', config: { items: [1, 2, 3] } },
    {
      title: 'Packets with a time and a source',
      config: { items: [{ payload: { speed: 3 }, kind: 'reading', source_id: 'axle', ts: '2026-01-01T00:00:00Z' }] },
    },
    { title: 'One a second, for ever', config: { items: ['ping'], repeat: 0, interval: '1s' } },
  ],
})
export class ValuesNode {
  private readonly items: readonly Item[];

  constructor(private readonly config: ValuesConfig) {
    this.items = config.items.map((item, at) => asItem(item, at, config.kind));
  }

  read(ctx: Context): Iterable<To<'out', unknown>> | AsyncIterable<To<'out', unknown>> {
    return this.config.interval === undefined ? this.all() : this.paced(ms(this.config.interval), ctx);
  }

  private *all(): Generator<To<'out', unknown>, void> {
    const { repeat } = this.config;
    if (this.items.length === 0) return;
    for (let round = 0; repeat === 0 || round < repeat; round++)
      for (const { payload, emission } of this.items) yield to('out', payload, emission);
  }

  private async *paced(interval: number, ctx: Context): AsyncGenerator<To<'out', unknown>, void> {
    let first = true;
    for (const item of this.all()) {
      if (!first) await ctx.sleep(interval);
      first = false;
      yield item;
    }
  }
}

const KEYS: readonly string[] = ['payload', 'kind', 'source_id', 'ts', 'meta', 'key'];

function asItem(item: unknown, at: number, kind: string): Item {
  if (
    typeof item !== 'object' ||
    item === null ||
    !Object.hasOwn(item, 'payload') ||
    !Object.keys(item).every((key) => KEYS.includes(key))
  ) {
    return { payload: item, emission: { kind } };
  }
  const packet = item as { payload: unknown; kind?: string; source_id?: string; ts?: string; meta?: Record<string, unknown>; key?: string };
  const time = packet.ts === undefined ? undefined : Date.parse(packet.ts);
  if (Number.isNaN(time)) {
    throw new SluiceError('CONFIG_INVALID', `items.${at}.ts is no time: ${packet.ts}.`, { hint: 'Write it as 2026-01-01T00:00:00Z.' });
  }
  return {
    payload: packet.payload,
    emission: {
      kind: packet.kind ?? kind,
      ...(packet.source_id === undefined ? {} : { sourceId: packet.source_id }),
      ...(packet.meta === undefined ? {} : { meta: packet.meta }),
      ...(packet.key === undefined ? {} : { key: packet.key }),
      ...(time === undefined ? {} : { time }),
    },
  };
}
