import { Doc, IsCron, IsDuration, IsTimeZone, ms, Node, port, portType, to, type Context, type Outcome, type To } from '@sluice/sdk';

export class ScheduleConfig {
  @IsCron()
  @Doc('Minute, hour, day, month and weekday, or six fields with seconds first.', { examples: ['0 6 * * 1-5'] })
  cron!: string;
  @IsTimeZone() @Doc('IANA name of the zone whose clock it speaks of.', { examples: ['Europe/Paris'] }) timezone = 'UTC';
  @IsDuration() @Doc('Wait before a moment that failed is told again; it doubles with each further one.') backoff = '1s';
  @IsDuration() @Doc('Longest of these waits.') max_backoff = '5m';
}

export interface Moment {
  /** When it was due, ISO 8601. */
  readonly due: string;
  /** How much later it was told, ms. */
  readonly late_ms: number;
}
export const MomentType = portType<Moment>('core/moment@1', { profile: 'json_portable' });

@Node({
  type: 'core/schedule',
  kind: 'source',
  durable: true,
  summary: 'Tells the moments of a cron schedule, also those that a restart would have missed.',
  doc: 'The next moment is a row of the store. What was missed while nothing ran is told once, at the start; a moment is told again until all that comes of it is done, under the same key. One is under way at a time: those that pass meanwhile are left out. Of several processes with the same graph one tells it.',
  config: ScheduleConfig,
  out: { out: port(MomentType, 'One packet per moment, of the time when it was due.') },
  examples: [
    { title: 'Working days at six in Paris', config: { cron: '0 6 * * 1-5', timezone: 'Europe/Paris' } },
    { title: 'Every ten seconds', config: { cron: '*/10 * * * * *' } },
  ],
})
export class ScheduleNode {
  constructor(private readonly config: ScheduleConfig) {}

  async *read(ctx: Context): AsyncGenerator<To<'out', Moment>, void> {
    const { cron, timezone, backoff, max_backoff } = this.config;
    await ctx.timers.ensure('schedule', { cron, timezone });
    for await (const timer of ctx.timers.fired()) {
      for (let wait = ms(backoff); ; wait = Math.min(wait * 2, ms(max_backoff))) {
        let done: (outcome: Outcome) => void = () => undefined;
        const outcome = new Promise<Outcome>((resolve) => (done = resolve));
        const moment = { due: new Date(timer.due).toISOString(), late_ms: Math.max(0, ctx.now() - timer.due) };
        yield to('out', moment, { time: timer.due, key: timer.key, done });
        if ((await outcome) === 'acked') break;
        await ctx.sleep(wait);
      }
      await timer.done();
    }
  }
}
