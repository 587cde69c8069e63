import { Doc, Node, port, type Context } from '@sluice/sdk';
import { IsInt, IsNotEmpty, IsNumber, IsOptional, IsPositive, IsString, Matches, Max, Min } from 'class-validator';
import { FrameType } from './ports';
import { deviceInput, dshowNames, shownDevice } from './video/device-input';
import { FFMPEG, type FfmpegLocator } from './video/ffmpeg';
import { LiveConfig } from './video/live-config';
import { LiveVideo } from './video/live-video';

export class WebcamConfig extends LiveConfig {
  @IsInt() @Min(0) @Max(63) @Doc('Number of the camera, from 0.') camera_index = 0;
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @Doc(
    'Path (Linux) or name of the camera, in place of its number; `lavfi:` and a source of ffmpeg draws a picture where there is no camera.',
    {
      examples: ['/dev/video2', 'FaceTime HD Camera', 'lavfi:testsrc2=size=640x480:rate=15'],
    },
  )
  device?: string;
  @IsOptional() @Matches(/^\d{2,5}x\d{2,5}$/) @Doc('Size that is asked of the camera.', { examples: ['1280x720'] }) video_size?: string;
  @IsOptional() @IsNumber() @IsPositive() @Max(240) @Doc('Rate that is asked of the camera, frames a second.') framerate?: number;
  @IsOptional()
  @Matches(/^\w+$/)
  @Doc('Format that is asked of the camera; many give large pictures only so.', { examples: ['mjpeg'] })
  input_format?: string;
  override reconnect_backoff = '500ms';
  override reconnect_max_backoff = '5s';
}

@Node({
  type: 'vision/webcam',
  kind: 'source',
  mode: 'push',
  summary: 'Frames of a camera of this machine, connected again whenever it is lost.',
  doc:
    'Uses the devices of ffmpeg: v4l2 on Linux, avfoundation on macOS, dshow on Windows. All that holds of vision/rtsp holds of it: it cannot wait, ' +
    'it is lost when no frame comes for `timeout`, and each connection is a new epoch. `meta` has `frame_idx`, `epoch` and `camera_index`.',
  config: WebcamConfig,
  inject: [FFMPEG],
  out: { frames: port(FrameType, 'Every frame, as it comes.') },
  examples: [
    { title: 'The first camera', config: {} },
    { title: 'A large picture of the second one', config: { camera_index: 1, video_size: '1280x720', input_format: 'mjpeg' } },
    { title: 'A test picture', config: { device: 'lavfi:testsrc2=size=640x480:rate=15' } },
  ],
})
export class WebcamNode {
  private readonly live: LiveVideo;

  constructor(
    config: WebcamConfig,
    private readonly ffmpeg: FfmpegLocator,
  ) {
    const connect = async () => {
      const found = await ffmpeg.find();
      return { ffmpeg: found, input: await deviceInput(config, process.platform, () => dshowNames(found)) };
    };
    this.live = new LiveVideo({ shown: shownDevice(config), connect, meta: { camera_index: config.camera_index } }, config);
  }

  async open(): Promise<void> {
    await this.ffmpeg.find();
  }

  read(ctx: Context): ReturnType<LiveVideo['read']> {
    return this.live.read(ctx);
  }

  close(): Promise<void> {
    return this.live.close();
  }
}
