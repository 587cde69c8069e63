import { IsArray } from 'class-validator';
import { Any, Doc, Nested, Node, port, to, type Context, type Packet, type To } from '@sluice/sdk';
import { compile, Condition } from './condition';

export class FilterConfig {
  @IsArray() @Nested(() => Condition, { each: true }) @Doc('All of these must hold.') all: Condition[] = [];
  @IsArray() @Nested(() => Condition, { each: true }) @Doc('At least one of these must hold, where there is one.') any: Condition[] = [];
}

@Node({
  type: 'core/filter',
  kind: 'transform',
  summary: 'Sends packets that meet conditions one way and the others another.',
  doc: 'Counters `kept` and `rest`.',
  config: FilterConfig,
  in: { in: port(Any, 'Anything.') },
  out: { out: port(Any, 'Packets that meet the conditions.'), rest: port(Any, 'The others.', { optional: true }) },
  examples: [
    { title: 'Fast ones', config: { all: [{ path: 'payload.speed', op: 'gt', value: 50 }] } },
    {
      title: 'Serious or unknown',
      config: {
        any: [
          { path: 'payload.severity', op: 'in', value: ['HIGH', 'CRITICAL'] },
          { path: 'payload.severity', op: 'missing' },
        ],
      },
    },
  ],
})
export class FilterNode {
  private readonly all: readonly ((packet: Packet) => boolean)[];
  private readonly any: readonly ((packet: Packet) => boolean)[];

  constructor(config: FilterConfig) {
    this.all = config.all.map(compile);
    this.any = config.any.map(compile);
  }

  process(packet: Packet, ctx: Context): To<'out' | 'rest', Packet> {
    const holds = this.all.every((test) => test(packet)) && (this.any.length === 0 || this.any.some((test) => test(packet)));
    ctx.count(holds ? 'kept' : 'rest');
    return to(holds ? 'out' : 'rest', packet);
  }
}
