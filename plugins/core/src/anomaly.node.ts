import { ArrayMinSize, IsArray, IsInt, IsNumber, IsOptional, IsPositive, IsString, Max, Min, MinLength, ValidateBy } from 'class-validator';
import { Any, Doc, field, IsField, Node, port, portType, SluiceError, to, type Context, type Packet, type To } from '@sluice/sdk';
import { Baseline } from './baseline';
import { keyOf, shownKey } from './key';
import { Keyed } from './keyed';

/** Hysteresis needs the threshold to leave below the one to enter. */
function NotAbove(other: string): PropertyDecorator {
  return ValidateBy({
    name: 'notAbove',
    validator: {
      validate: (value, args) => Number(value) <= Number((args?.object as Record<string, unknown>)[other]),
      defaultMessage: () => `$property must not be above ${other}`,
    },
  });
}

export class AnomalyConfig {
  @IsArray()
  @ArrayMinSize(1)
  @IsField({ each: true })
  @Doc('Numbers that are watched; the one that is furthest off decides.', { examples: [['payload.humidity']] })
  fields: string[] = ['payload.value'];
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @IsField({ each: true })
  @Doc('Fields of a key: each key is judged by its own past.', { examples: [['source_id']] })
  key?: string[];
  @IsInt() @Min(3) @Max(10_000) @Doc('Normal readings that the past consists of.') window = 60;
  @IsInt() @Min(3) @NotAbove('window') @Doc('Readings of a key before it is judged at all.') warmup = 30;
  @IsNumber()
  @IsPositive()
  @Doc('An anomaly begins at this distance from the median of the past, in its standard deviations (robust).')
  enter = 8;
  @IsNumber() @IsPositive() @NotAbove('enter') @Doc('It ends below this distance.') exit = 4;
  @IsInt() @Min(1) @Doc('Readings in a row below `exit` that end it.') settle = 1;
  @IsNumber()
  @IsPositive()
  @Doc('The least standard deviation, in units of the field: what differs by less than this is noise, however quiet the past was.')
  min_scale = 0.1;
  @IsInt()
  @Min(1)
  @Doc('An anomaly that lasts for so many readings is the new normal: the past is forgotten and learned again.')
  relearn_after = 500;
  @IsString() @MinLength(1) @Doc('Field of the payload that the decision is written to.') into = 'anomaly';
  @IsInt() @Min(1) @Doc('Keys that are judged; the one unheard of for longest is forgotten first.') max_keys = 1_000;
}

/** What is written into each payload. */
export interface Decision {
  readonly active: boolean;
  /** Distance from the median in robust standard deviations; 0 while learning. */
  readonly score: number;
  /** The field that is furthest off; null while learning. */
  readonly field: string | null;
}

/** Begin or end of an anomaly. */
export interface AnomalyEvent {
  readonly event: 'start' | 'end';
  readonly key: unknown;
  readonly field: string | null;
  readonly value: number | null;
  /** Median of the past. */
  readonly expected: number | null;
  readonly score: number;
  /** Readings that it lasted for; 0 at the start. */
  readonly readings: number;
  /** Why it ended: back to normal, or so long that it is the new normal. */
  readonly reason: 'distance' | 'settled' | 'relearned';
}
export const AnomalyEvent = portType<AnomalyEvent>('core/anomaly@1', { profile: 'json_portable' });

interface Watch {
  readonly baselines: readonly Baseline[];
  active: boolean;
  calm: number;
  readings: number;
}

interface Furthest {
  readonly score: number;
  readonly index: number;
  readonly value: number;
  readonly expected: number;
}

@Node({
  type: 'core/anomaly',
  kind: 'transform',
  summary: 'Says of each reading whether it is normal for its key, and tells when an anomaly begins and ends.',
  doc: 'Distance is measured from the rolling median in robust standard deviations (1.4826 x MAD). Readings of an anomaly are not learned, so that a long one does not become normal by itself. Counters `anomalies`, `readings` and `skipped` (readings without any number, passed on without a decision).',
  config: AnomalyConfig,
  in: { in: port(Any, 'Readings: objects with numbers.') },
  out: {
    out: port(Any, 'Every reading, with the decision in its payload.'),
    events: port(AnomalyEvent, 'One packet when an anomaly begins and one when it ends.', { optional: true }),
  },
  examples: [
    { title: 'One value for each source', config: { fields: ['payload.value'], key: ['source_id'] } },
    {
      title: 'Two fields, changes below half a unit are noise',
      config: { fields: ['payload.humidity', 'payload.temperature'], key: ['payload.mote_id'], min_scale: 0.5 },
    },
  ],
})
export class AnomalyNode {
  private readonly readers: readonly ((packet: Packet) => unknown)[];
  private readonly keyOf: (packet: Packet) => string | undefined;
  private readonly watches: Keyed<Watch>;

  constructor(private readonly config: AnomalyConfig) {
    this.readers = config.fields.map(field);
    this.keyOf = config.key === undefined ? () => undefined : keyOf(config.key);
    this.watches = new Keyed(config.max_keys);
  }

  *process(packet: Packet, ctx: Context): Generator<To<'out', Packet> | To<'events', AnomalyEvent>, void> {
    const values = this.readers.map((read) => read(packet));
    if (!values.some(isNumber)) {
      ctx.count('skipped');
      yield to('out', packet);
      return;
    }
    ctx.count('readings');
    const key = this.keyOf(packet) ?? '';
    const watch = this.watches.get(key) ?? {
      baselines: values.map(() => new Baseline(this.config.window)),
      active: false,
      calm: 0,
      readings: 0,
    };
    this.watches.set(key, watch);
    const far = furthest(watch.baselines, values, this.config);
    const turn = this.turn(watch, far?.score ?? 0);
    if (!watch.active) watch.baselines.forEach((baseline, i) => isNumber(values[i]) && baseline.add(values[i]));
    yield to(
      'out',
      this.decided(packet, {
        active: watch.active,
        score: far?.score ?? 0,
        field: far === undefined ? null : this.config.fields[far.index]!,
      }),
    );
    if (turn === undefined) return;
    if (turn === 'distance') ctx.count('anomalies');
    const event: AnomalyEvent = {
      event: turn === 'distance' ? 'start' : 'end',
      key: key === '' ? null : shownKey(key),
      field: far === undefined ? null : this.config.fields[far.index]!,
      value: far?.value ?? null,
      expected: far?.expected ?? null,
      score: far?.score ?? 0,
      readings: watch.readings,
      reason: turn,
    };
    yield to('events', event);
  }

  /** Goes over to active or back where the score says so. @returns why it did */
  private turn(watch: Watch, score: number): AnomalyEvent['reason'] | undefined {
    const { enter, exit, settle, relearn_after } = this.config;
    if (!watch.active) {
      if (score < enter) return undefined;
      Object.assign(watch, { active: true, calm: 0, readings: 0 });
      return 'distance';
    }
    watch.readings++;
    watch.calm = score < exit ? watch.calm + 1 : 0;
    if (watch.calm >= settle) {
      watch.active = false;
      return 'settled';
    }
    if (watch.readings < relearn_after) return undefined;
    watch.active = false;
    for (const baseline of watch.baselines) baseline.clear();
    return 'relearned';
  }

  private decided(packet: Packet, decision: Decision): Packet {
    const { payload } = packet;
    if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
      throw new SluiceError('PACKET_UNFIT', 'core/anomaly writes its decision into an object, and this payload is none.', {
        hint: 'Put core/map { fields: { value: payload } } before it.',
      });
    }
    return packet.with({ ...payload, [this.config.into]: decision });
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** The value that is furthest from its past; undefined while every field still learns. */
function furthest(baselines: readonly Baseline[], values: readonly unknown[], { warmup, min_scale }: AnomalyConfig): Furthest | undefined {
  let found: Furthest | undefined;
  baselines.forEach((baseline, index) => {
    const value = values[index];
    if (!isNumber(value) || baseline.size < warmup) return;
    const expected = baseline.median();
    const score = Math.abs(value - expected) / Math.max(baseline.scatter(), min_scale);
    if (found === undefined || score > found.score) found = { score, index, value, expected };
  });
  return found;
}
