import { Doc, IsDuration } from '@sluice/sdk';
import { IsBoolean, IsInt, Max, Min } from 'class-validator';
import { FramesConfig } from './frames-config';

/** What every camera can be told. */
export class LiveConfig extends FramesConfig {
  @IsInt()
  @Min(2)
  @Max(4096)
  @Doc('Frames that may be in use in the graph at one time; beyond, what comes is dropped and counted.')
  max_in_flight = 16;
  @IsDuration() @Doc('Without a frame for so long the camera counts as lost.') timeout = '10s';
  @IsDuration() @Doc('The same for the first frame of a connection: a camera needs a while.') connect_timeout = '15s';
  @IsBoolean() @Doc('Connects again when the camera is lost or cannot be reached; false: the source then fails.') reconnect = true;
  @IsDuration() @Doc('Pause before it is tried again; doubles with each try, with jitter.') reconnect_backoff = '1s';
  @IsDuration() @Doc('The longest pause.') reconnect_max_backoff = '30s';
  @IsInt() @Min(0) @Doc('Gives up after so many tries in a row; 0: never.') reconnect_max_attempts = 0;
}
