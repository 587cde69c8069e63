import { IsBoolean, IsIn, IsOptional } from 'class-validator';
import { Doc, IsDuration, ms, type SluiceError, type Context } from '@sluice/sdk';

/** What every source that reads a file of records can be asked. */
export class ReplayConfig {
  @IsOptional()
  @IsDuration()
  @Doc('Pause before each record but the first; without it they come as fast as they are taken.', { examples: ['20ms'] })
  interval?: string;
  @IsBoolean() @Doc('Starts again at the end, for ever.') loop = false;
  @IsIn(['fail', 'skip']) @Doc('A record that cannot be read ends the source, or is left out and counted as `skipped`.') on_bad:
    'fail' | 'skip' = 'fail';
}

/** A record, or why there is none. */
export type Read<R> = { readonly record: R } | { readonly bad: SluiceError };

/**
 * Runs through the records as configured.
 * @param open a fresh run through the file; `round` counts from 0
 */
export async function* replay<R>(
  open: (round: number) => AsyncIterable<Read<R>>,
  config: ReplayConfig,
  ctx: Context,
): AsyncGenerator<R, void> {
  const pause = config.interval === undefined ? 0 : ms(config.interval);
  let first = true;
  for (let round = 0; round === 0 || config.loop; round++) {
    let sent = 0;
    for await (const read of open(round)) {
      if ('bad' in read) {
        if (config.on_bad === 'fail') throw read.bad;
        ctx.count('skipped');
        ctx.log.warn(read.bad.message, { code: read.bad.code });
        continue;
      }
      if (!first && pause > 0) await ctx.sleep(pause);
      first = false;
      sent++;
      yield read.record;
    }
    // A file without a record would be read again for ever.
    if (sent === 0) return;
  }
}
