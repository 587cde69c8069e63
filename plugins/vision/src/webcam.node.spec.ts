import { configIssues, makeConfig, type To } from '@sluice/sdk';
import { asyncScheduler, lastValueFrom, tap, toArray } from 'rxjs';
import type { Frame } from './ports';
import { done, fakeContext } from './testing/context';
import { deviceInput, dshowCameras } from './video/device-input';
import { FfmpegLocator } from './video/ffmpeg';
import { WebcamConfig, WebcamNode } from './webcam.node';

const realTime = () => Object.assign(fakeContext(), { scheduler: asyncScheduler, now: () => Date.now() });
const make = (config: object) =>
  new WebcamNode(makeConfig(WebcamConfig, { reconnect_backoff: '10ms', reconnect_max_backoff: '20ms', ...config }), new FfmpegLocator());
jest.setTimeout(30_000);

describe('vision/webcam', () => {
  it('gives frames of a device at its own pace, and nothing stays behind', async () => {
    const node = make({ device: 'lavfi:testsrc2=size=320x240:rate=20', max_frames: 12, source_id: 'desk', camera_index: 2 });
    await node.open();
    const start = Date.now();
    const outputs = await lastValueFrom(node.read(realTime()).pipe(tap(done as (output: To) => void), toArray()));
    await node.close();
    // Twelve frames at twenty a second are eleven pauses; a machine that is busy takes longer.
    expect(Date.now() - start).toBeGreaterThanOrEqual(400);
    expect(outputs.map(({ payload }) => payload.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const [first] = outputs as [To<'frames', Frame>];
    expect(first.payload).toMatchObject({ width: 320, height: 240, format: 'rgb24', time_ms: 0 });
    expect(first.emission).toMatchObject({
      key: 'frame:desk:0:0',
      sourceId: 'desk',
      meta: { frame_idx: 0, epoch: 0, camera_index: 2 },
    });
  });

  it('that ends is connected again, as the next epoch', async () => {
    const ctx = realTime();
    const node = make({ device: 'lavfi:testsrc2=size=64x48:rate=50:duration=0.1', max_frames: 12 });
    const outputs = await lastValueFrom(node.read(ctx).pipe(tap(done as (output: To) => void), toArray()));
    await node.close();
    expect([...new Set(outputs.map(({ emission }) => emission.epoch))]).toEqual([0, 1, 2]);
    expect(ctx.logged).toContainEqual(expect.stringMatching(/^lavfi:.* gives no more frames: ffmpeg ended with exit code 0\.$/));
  });

  it('that is not there says so', async () => {
    const node = make({ device: process.platform === 'linux' ? '/dev/video-none' : 'lavfi:no-such-source', reconnect: false });
    await expect(lastValueFrom(node.read(realTime()))).rejects.toMatchObject({ code: 'CAMERA_UNREACHABLE', retryable: true });
    await node.close();
  });

  it.each([{ camera_index: -1 }, { device: '' }, { video_size: 'large' }, { input_format: '-i' }])('refuses %j', (config) =>
    expect(configIssues(WebcamConfig, config)).not.toEqual([]),
  );
});

describe('the command line of a device', () => {
  const names = () => Promise.resolve(['Integrated Camera', 'USB Camera']);
  const asked = { camera_index: 1, video_size: '1280x720', framerate: 15, input_format: 'mjpeg' };

  it.each([
    ['linux', { camera_index: 0 }, '-f v4l2 -i /dev/video0'],
    ['linux', { camera_index: 0, device: '/dev/v4l/by-id/cam' }, '-f v4l2 -i /dev/v4l/by-id/cam'],
    ['linux', asked, '-f v4l2 -input_format mjpeg -video_size 1280x720 -framerate 15 -i /dev/video1'],
    ['darwin', { camera_index: 0 }, '-f avfoundation -framerate 30 -i 0:none'],
    ['darwin', { camera_index: 0, device: 'FaceTime HD Camera' }, '-f avfoundation -framerate 30 -i FaceTime HD Camera:none'],
    ['darwin', asked, '-f avfoundation -pixel_format mjpeg -video_size 1280x720 -framerate 15 -i 1:none'],
    ['win32', { camera_index: 0 }, '-f dshow -i video=Integrated Camera'],
    ['win32', { camera_index: 0, device: 'Any' }, '-f dshow -i video=Any'],
    ['win32', asked, '-f dshow -vcodec mjpeg -video_size 1280x720 -framerate 15 -i video=USB Camera'],
    ['linux', { camera_index: 0, device: 'lavfi:testsrc2' }, '-re -f lavfi -i testsrc2'],
  ] as const)('on %s for %j', async (platform, device, expected) => {
    expect((await deviceInput(device, platform, names)).args.join(' ')).toBe(expected);
  });

  it('says which cameras there are where the number is too high, and where there is no way to any', async () => {
    await expect(deviceInput({ camera_index: 2 }, 'win32', names)).rejects.toMatchObject({
      code: 'CAMERA_UNREACHABLE',
      hint: 'There are 0: Integrated Camera, 1: USB Camera.',
    });
    await expect(deviceInput({ camera_index: 0 }, 'aix', names)).rejects.toMatchObject({ code: 'CAMERA_UNREACHABLE' });
  });

  it('reads the cameras of Windows out of what ffmpeg says, of new builds and old', () => {
    const now = `[dshow @ 000001] "Integrated Camera" (video)
[dshow @ 000001]   Alternative name "@device_pnp_\\\\?\\usb#vid_04f2"
[dshow @ 000001] "OBS Virtual Camera" (video, audio)
[dshow @ 000001] "Microphone (Realtek Audio)" (audio)
dummy: Immediate exit requested`;
    const before = `[dshow @ 000001] DirectShow video devices (some may be both video and audio devices)
[dshow @ 000001]  "Integrated Camera"
[dshow @ 000001]     Alternative name "@device_pnp_\\\\?\\usb#vid_04f2"
[dshow @ 000001]  "USB (2)"
[dshow @ 000001] DirectShow audio devices
[dshow @ 000001]  "Microphone"`;
    expect(dshowCameras(now)).toEqual(['Integrated Camera', 'OBS Virtual Camera']);
    expect(dshowCameras(before.replaceAll('\n', '\r\n'))).toEqual(['Integrated Camera', 'USB (2)']);
  });
});
