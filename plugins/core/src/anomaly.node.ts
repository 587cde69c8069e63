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

/** What is known of a key. Each reading makes a new one, so that one that comes again is not learned twice. */
interface Watch {
  readonly baselines: readonly Baseline[];
  readonly active: boolean;
  readonly calm: number;
  readonly readings: number;
}

/** As it was stored: a baseline is the list of its values. */
interface StoredWatch extends Omit<Watch, 'baselines'> {
  readonly baselines: readonly (Baseline | readonly number[])[];
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
  stateful: true,
  summary: 'Says of each reading whether it is normal for its key, and tells when an anomaly begins and ends.',
  doc: 'Distance is measured from the rolling median in robust standard deviations (1.4826 x MAD). Readings of an anomaly are not learned, so that a long one does not become normal by itself. With `durability: state` the past is there after a restart. Counters `anomalies`, `readings` and `skipped` (readings without any number, passed on without a decision).',
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

  constructor(private readonly config: AnomalyConfig) {
    this.readers = config.fields.map(field);
    this.keyOf = config.key === undefined ? () => undefined : keyOf(config.key);
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
    const watches = new Keyed<Watch | StoredWatch>(this.config.max_keys, ctx.state);
    const before = this.watchOf(watches.get(key));
    const far = furthest(before.baselines, values, this.config);
    const { watch, turn } = this.turn(before, far?.score ?? 0, values);
    watches.set(key, watch);
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

  private watchOf(stored: Watch | StoredWatch | undefined): Watch {
    const { fields, window } = this.config;
    // Of other fields it says nothing.
    if (stored?.baselines.length !== fields.length)
      return { baselines: fields.map(() => new Baseline(window)), active: false, calm: 0, readings: 0 };
    const baselines = stored.baselines.map((past) => (past instanceof Baseline ? past : Baseline.of(past, window)));
    return { ...stored, baselines };
  }

  /** What is known after a reading, and why that went over to active or back where it did. */
  private turn(watch: Watch, score: number, values: readonly unknown[]): { watch: Watch; turn?: AnomalyEvent['reason'] } {
    const { enter, exit, settle, relearn_after, window } = this.config;
    const learned = (past: readonly Baseline[]): readonly Baseline[] =>
      past.map((baseline, i) => (isNumber(values[i]) ? baseline.with(values[i]) : baseline));
    if (!watch.active) {
      if (score >= enter) return { watch: { ...watch, active: true, calm: 0, readings: 0 }, turn: 'distance' };
      return { watch: { ...watch, baselines: learned(watch.baselines) } };
    }
    const readings = watch.readings + 1;
    const calm = score < exit ? watch.calm + 1 : 0;
    if (calm >= settle) return { watch: { baselines: learned(watch.baselines), active: false, calm, readings }, turn: 'settled' };
    if (readings < relearn_after) return { watch: { ...watch, calm, readings } };
    const fresh = watch.baselines.map(() => new Baseline(window));
    return { watch: { baselines: learned(fresh), active: false, calm, readings }, turn: 'relearned' };
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
