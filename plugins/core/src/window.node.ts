import { ArrayMinSize, IsArray, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { Any, Doc, field, IsDuration, IsField, ms, Node, port, portType, SluiceError, type Context, type Packet, OneOf } from '@sluice/sdk';
import { interval, Observable } from 'rxjs';
import type { Figures } from './aggregate';
import { keyOf, shownKey } from './key';
import { TIMES, type Time } from './moment';
import { Windows, type Closed } from './windows';

const MAX_OVERLAP = 1_000;

export class WindowConfig {
  @OneOf('count', 'span') @IsInt() @Min(1) @Max(1_000_000) @Doc('Packets in a window.', { examples: [60] }) count?: number;
  @IsOptional()
  @IsInt()
  @Min(1)
  @Doc('With count: a window begins every so many packets; as many as count if unsaid.', { examples: [10] })
  step?: number;
  @OneOf('count', 'span') @IsDuration() @Doc('Length of a window in time.', { examples: ['1m'] }) span?: string;
  @IsOptional()
  @IsDuration()
  @Doc('With span: a window begins every so often; as long as span if unsaid.', { examples: ['10s'] })
  every?: string;
  @IsOptional()
  @IsField()
  @Doc('The number that is aggregated; without it packets are only counted.', { examples: ['payload.temperature'] })
  field?: string;
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @IsField({ each: true })
  @Doc('Fields of a key: each key has windows of its own.', { examples: [['source_id']] })
  key?: string[];
  @IsIn(TIMES)
  @Doc(
    'With span: `event` goes by the time of the packets and closes a window when a later packet of its key comes; `clock` goes by the clock.',
  )
  time: Time = 'event';
  @IsInt() @Min(1) @Doc('Keys that have windows; the one unheard of for longest is closed for a new one.') max_keys = 1_000;
}

export interface WindowFigures extends Figures {
  /** Value of the key field, a list where there are several, null without a key. */
  readonly key: unknown;
  /** ISO-8601 UTC: bounds of a window of time, first and last packet of a window of a count. */
  readonly start: string;
  readonly end: string;
  /** Packets in the window; `count` is how many of them had a number. */
  readonly packets: number;
  /** False where the stream ended before the window was full. */
  readonly complete: boolean;
}
export const WindowFigures = portType<WindowFigures>('core/window@1', { profile: 'json_portable' });

@Node({
  type: 'core/window',
  kind: 'operator',
  stateful: true,
  summary: 'Gathers packets into windows of a count or a time and gives the figures of a field: mean, min, max, std, count, sum, last.',
  doc: 'Windows of time begin at multiples of `every` since 1970. A packet that comes when its windows are closed is dropped and counted as `late`. What is open when the stream ends is sent with `complete: false`. It keeps figures, not packets, so memory is bounded by keys and overlap. With `durability: state` open windows go on after a restart, and a run that is stopped leaves them open.',
  config: WindowConfig,
  in: { in: port(Any, 'Readings, or anything to count.') },
  out: { out: port(WindowFigures, 'One packet per window, when it is over.') },
  examples: [
    { title: 'Average of ten readings of each sensor', config: { count: 10, field: 'payload.temperature', key: ['source_id'] } },
    { title: 'The last minute, every ten seconds', config: { span: '1m', every: '10s', field: 'payload.latency_ms' } },
  ],
})
export class WindowNode {
  private readonly size: number;
  private readonly step: number;
  private readonly keyOf: (packet: Packet) => string | undefined;
  private readonly valueOf: (packet: Packet) => unknown;

  constructor(private readonly config: WindowConfig) {
    this.size = config.count ?? ms(config.span!);
    this.step = config.count === undefined ? (config.every === undefined ? this.size : ms(config.every)) : (config.step ?? this.size);
    if (this.size <= 0 || this.step <= 0 || this.size / this.step > MAX_OVERLAP) {
      throw new SluiceError('CONFIG_INVALID', `At most ${MAX_OVERLAP} windows may overlap, and none may be empty.`, {
        hint: 'Take a longer step, or a shorter window.',
      });
    }
    this.keyOf = config.key === undefined ? () => undefined : keyOf(config.key);
    this.valueOf = config.field === undefined ? () => undefined : field(config.field);
  }

  apply(input: Observable<Packet>, ctx: Context): Observable<Packet<WindowFigures>> {
    const { count, time, max_keys } = this.config;
    return new Observable((out) => {
      const windows = new Windows({ size: this.size, step: this.step, from: count === undefined ? -Infinity : 0 }, max_keys, ctx);
      const send = (closed: readonly Closed[]): void => {
        for (const window of closed) out.next(window.last.with(this.figures(window)));
      };
      if (count === undefined && time === 'clock')
        out.add(interval(this.step, ctx.scheduler).subscribe(() => send(windows.closeAll(ctx.now()))));
      out.add(
        input.subscribe({
          next: (packet) => {
            const key = this.keyOf(packet) ?? '';
            const position = count !== undefined ? windows.seen(key) : time === 'event' ? packet.origin.time : ctx.now();
            const { closed, late } = windows.add(key, position, this.valueOf(packet), packet);
            if (late) ctx.count('late');
            send(closed);
            // The last packet of a count fills its window; nobody waits for the next one.
            if (count !== undefined) send(windows.closeTo(key, position + 1));
          },
          error: (error: unknown) => out.error(error),
          complete: () => {
            send(windows.closeAll(Infinity));
            out.complete();
          },
        }),
      );
    });
  }

  private figures({ key, start, aggregate, complete }: Closed): WindowFigures {
    const counted = this.config.count !== undefined;
    return {
      key: key === '' ? null : shownKey(key),
      start: new Date(counted ? aggregate.first : start).toISOString(),
      end: new Date(counted ? aggregate.lastTime : start + this.size).toISOString(),
      packets: aggregate.packets,
      complete,
      ...aggregate.figures(),
    };
  }
}
