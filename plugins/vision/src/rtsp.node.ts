import { Doc, Node, port, type Context } from '@sluice/sdk';
import { IsIn, IsNotEmpty, IsOptional, IsString, IsUrl } from 'class-validator';
import { FrameType } from './ports';
import { FFMPEG, type FfmpegLocator } from './video/ffmpeg';
import { LiveConfig } from './video/live-config';
import { LiveVideo } from './video/live-video';
import { rtspInput, shownUrl } from './video/rtsp-input';

export class RtspConfig extends LiveConfig {
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['rtsp', 'rtsps'] })
  @Doc('Address of the stream. User, password and query are never printed.', { examples: ['rtsp://192.168.1.20:554/stream1'] })
  url!: string;
  @IsOptional() @IsString() @IsNotEmpty() @Doc('User, where the address has none.') user?: string;
  @IsOptional() @IsString() @Doc('Password, where the address has none.', { secret: true }) password?: string;
  @IsIn(['tcp', 'udp']) @Doc('`tcp` loses nothing on the way; `udp` is what some cameras and multicast need.') transport: 'tcp' | 'udp' =
    'tcp';
}

@Node({
  type: 'vision/rtsp',
  kind: 'source',
  mode: 'push',
  summary: 'Frames of a network camera (RTSP), connected again whenever it is lost.',
  doc:
    'Decodes with ffmpeg in a process of its own. A camera cannot wait, so its edges must say what they lose; `when_full: latest` keeps the newest frame. ' +
    'It counts as lost when no frame came for `timeout`, or when ffmpeg ends, whatever its exit code; then it is connected again with growing pauses, ' +
    'for ever unless `reconnect_max_attempts` says otherwise. Each connection is a new epoch: `meta.epoch`, also part of the key ' +
    '`frame:<source>:<epoch>:<index>`. A wrong password is not tried again, so that no account is locked. Counters `connected`, `reconnects`, `dropped`. ' +
    'User and password are in no log, error or figure; but ffmpeg gets them on its command line, which users of the same machine may see in a list of processes.',
  config: RtspConfig,
  inject: [FFMPEG],
  out: { frames: port(FrameType, 'Every frame, as it comes.') },
  examples: [
    { title: 'A camera at the door', config: { url: 'rtsp://192.168.1.20/stream1', user: 'viewer', password: 'secret' } },
    { title: 'Over UDP, five small pictures a second', config: { url: 'rtsp://cam.example/live', transport: 'udp', fps: 5, width: 640 } },
  ],
})
export class RtspNode {
  private readonly live: LiveVideo;

  constructor(
    config: RtspConfig,
    private readonly ffmpeg: FfmpegLocator,
  ) {
    const connect = async () => {
      const found = await ffmpeg.find();
      return { ffmpeg: found, input: await rtspInput(config, found) };
    };
    this.live = new LiveVideo({ shown: shownUrl(config.url), connect }, config);
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

  /** Frames that are in use in the graph, and buffers that exist. */
  get buffers(): { used: number; allocated: number } {
    return this.live.buffers;
  }
}
