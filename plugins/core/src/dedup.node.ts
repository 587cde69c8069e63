import { ArrayMinSize, IsArray, IsIn, IsInt, Min } from 'class-validator';
import { Any, Doc, field, IsDuration, IsField, ms, Node, port, type Context, type Packet } from '@sluice/sdk';
import { keyOf } from './key';
import { Keyed } from './keyed';
import { moment, TIMES, type Time } from './moment';

export class DedupConfig {
  @IsArray()
  @ArrayMinSize(1)
  @IsField({ each: true })
  @Doc('Fields that make two packets the same. A packet with none of them passes.', { examples: [['source_id'], ['payload.order_id']] })
  key: string[] = ['payload.camera_id', 'payload.event_type', 'payload.track_id'];
  @IsDuration() @Doc('After a packet passed, packets with its key are dropped for so long.') cooldown = '10s';
  @IsField() @Doc('A packet whose value here differs from the last one that passed goes through at once.') change = 'payload.severity';
  @IsIn(TIMES) @Doc('Cooldown by the time of the packets, or by the clock.') time: Time = 'event';
  @IsInt() @Min(1) @Doc('Keys that are remembered; the one that passed longest ago is forgotten first.') max_keys = 10_000;
}

interface Passed {
  readonly at: number;
  readonly change: unknown;
}

@Node({
  type: 'core/dedup',
  kind: 'transform',
  stateful: true,
  summary: 'Lets one packet per key pass and drops its repetitions for a while.',
  doc: 'With `durability: state` it remembers over a restart what has passed. Counters `accepted` and `dropped`. With the time of the packets a recording gives the same result at any pace; time that jumps back (a clip that starts again) starts a new cooldown.',
  config: DedupConfig,
  in: { in: port(Any, 'Events, or anything with a key.') },
  out: { out: port(Any, 'The packets that are not repetitions, as they are.') },
  examples: [
    { title: 'One event per camera, kind and track in ten seconds', config: {} },
    { title: 'One reading per sensor a minute', config: { key: ['source_id'], cooldown: '1m' } },
  ],
})
export class DedupNode {
  private readonly cooldown: number;
  private readonly keyOf: (packet: Packet) => string | undefined;
  private readonly changeOf: (packet: Packet) => unknown;

  constructor(private readonly config: DedupConfig) {
    this.cooldown = ms(config.cooldown);
    this.keyOf = keyOf(config.key);
    this.changeOf = field(config.change);
  }

  process(packet: Packet, ctx: Context): Packet | undefined {
    const key = this.keyOf(packet);
    if (key === undefined) return packet;
    const at = moment(this.config.time, packet, ctx);
    const change = this.changeOf(packet);
    const passed = new Keyed<Passed>(this.config.max_keys, ctx.state);
    const last = passed.get(key);
    if (last !== undefined && Math.abs(at - last.at) < this.cooldown && Object.is(last.change, change)) {
      ctx.count('dropped');
      return undefined;
    }
    this.prune(passed, at);
    passed.set(key, { at, change });
    ctx.count('accepted');
    return packet;
  }

  /** The oldest stand first, so this looks at one key more than it removes. */
  private prune(passed: Keyed<Passed>, at: number): void {
    for (let oldest = passed.oldest(); oldest !== undefined && at - oldest[1].at >= this.cooldown; oldest = passed.oldest()) {
      passed.delete(oldest[0]);
    }
  }
}
