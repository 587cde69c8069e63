import { execFile } from 'node:child_process';
import { SluiceError } from '@sluice/sdk';
import type { Ffmpeg } from './ffmpeg';
import type { VideoInput } from './raw-video';

export interface Device {
  readonly camera_index: number;
  /** Name or path; `lavfi:` and a source of ffmpeg stands for a camera where there is none. */
  readonly device?: string | undefined;
  /** `1280x720`. */
  readonly video_size?: string | undefined;
  readonly framerate?: number | undefined;
  /** Such as `mjpeg`. */
  readonly input_format?: string | undefined;
}

const DRAWN = 'lavfi:';

export function shownDevice({ device, camera_index }: Device): string {
  return device ?? `camera ${camera_index}`;
}

/**
 * The command line for a camera of this machine, by ffmpeg's own devices: v4l2, avfoundation or dshow.
 * @param names gives the names of the cameras; only dshow, which has no numbers, needs them
 * @throws SluiceError CAMERA_UNREACHABLE where there is no such camera, or no such devices on this system
 */
export async function deviceInput(device: Device, platform: NodeJS.Platform, names: () => Promise<readonly string[]>): Promise<VideoInput> {
  return { args: await argsOf(device, platform, names), live: true, shown: shownDevice(device) };
}

async function argsOf(device: Device, platform: NodeJS.Platform, names: () => Promise<readonly string[]>): Promise<string[]> {
  const { device: named, camera_index, video_size, framerate, input_format } = device;
  if (named?.startsWith(DRAWN) === true) return ['-re', '-f', 'lavfi', '-i', named.slice(DRAWN.length)];
  const size = video_size === undefined ? [] : ['-video_size', video_size];
  const rate = framerate === undefined ? [] : ['-framerate', String(framerate)];
  const format = (option: string) => (input_format === undefined ? [] : [option, input_format]);
  switch (platform) {
    case 'linux':
      return ['-f', 'v4l2', ...format('-input_format'), ...size, ...rate, '-i', named ?? `/dev/video${camera_index}`];
    case 'darwin':
      // Its own standard is 29.97, which most cameras refuse.
      return [
        '-f',
        'avfoundation',
        ...format('-pixel_format'),
        ...size,
        '-framerate',
        String(framerate ?? 30),
        '-i',
        `${named ?? camera_index}:none`,
      ];
    case 'win32':
      return ['-f', 'dshow', ...format('-vcodec'), ...size, ...rate, '-i', `video=${named ?? (await nth(camera_index, names))}`];
    default:
      throw new SluiceError('CAMERA_UNREACHABLE', `There is no way to a camera on ${platform}.`, {
        hint: 'Use vision/rtsp, or a device that starts with lavfi:.',
      });
  }
}

async function nth(index: number, names: () => Promise<readonly string[]>): Promise<string> {
  const all = await names();
  const name = all[index];
  if (name !== undefined) return name;
  throw new SluiceError('CAMERA_UNREACHABLE', `There is no camera ${index}.`, {
    retryable: true,
    hint: all.length === 0 ? 'No camera is connected.' : `There are ${all.map((one, i) => `${i}: ${one}`).join(', ')}.`,
  });
}

/** The cameras that dshow knows, in its order. */
export function dshowNames(ffmpeg: Ffmpeg): Promise<readonly string[]> {
  const args = ['-hide_banner', '-list_devices', 'true', '-f', 'dshow', '-i', 'dummy'];
  // It ends with a fault in any case: there is no camera `dummy`.
  return new Promise((resolve) =>
    execFile(ffmpeg.path, args, { windowsHide: true, timeout: 10_000 }, (_, __, said) => resolve(dshowCameras(said))),
  );
}

/** Reads the list: newer builds say the kind behind each name, older ones have a headline for each kind. */
export function dshowCameras(said: string): readonly string[] {
  const found: string[] = [];
  let video = false;
  for (const line of said.split(/\r?\n/)) {
    if (/DirectShow (video|audio) devices/.test(line)) video = line.includes('DirectShow video');
    const [, name, kind] = /^\[[^\]]*\]\s+"([^"]+)"(?: \((\w+)[^)]*\))?\s*$/.exec(line) ?? [];
    if (name === undefined || name.startsWith('@device') || line.includes('Alternative name')) continue;
    if (kind === undefined ? video : kind === 'video') found.push(name);
  }
  return found;
}
