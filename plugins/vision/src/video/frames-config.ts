import { Doc } from '@sluice/sdk';
import { IsInt, IsNotEmpty, IsNumber, IsOptional, IsPositive, IsString, Max, Min } from 'class-validator';

/** What every source of frames can be told. */
export class FramesConfig {
  @IsOptional()
  @IsNumber()
  @IsPositive()
  @Max(240)
  @Doc('Frames a second, sampled from what comes; default: all of them.')
  fps?: number;
  @IsInt() @Min(0) @Doc('Ends after so many frames; 0: no limit.') max_frames = 0;
  @IsOptional()
  @IsInt()
  @Min(16)
  @Max(8192)
  @Doc('Scales to this width; with only one of width and height the ratio is kept.')
  width?: number;
  @IsOptional() @IsInt() @Min(16) @Max(8192) @Doc('Scales to this height.') height?: number;
  @IsOptional() @IsString() @IsNotEmpty() @Doc('Name of the stream in packets and keys; default: the id of the node.') source_id?: string;
}
