import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { SluiceError } from '@sluice/sdk';
import type { Ffmpeg } from './ffmpeg';
import type { VideoInput } from './raw-video';

export interface RtspTarget {
  readonly url: string;
  readonly transport: 'tcp' | 'udp';
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

/** The address without user, password and what stands in its query. */
export function shownUrl(text: string): string {
  const { protocol, host, pathname, search } = new URL(text);
  return `${protocol}//${host}${pathname}${search === '' ? '' : '?...'}`;
}

/**
 * The command line for a camera. Builds of ffmpeg that cannot look up names (they crash) get its address.
 * @throws SluiceError CAMERA_UNREACHABLE where the name is not known
 */
export async function rtspInput(
  { url: text, transport, user, password }: RtspTarget,
  ffmpeg: Pick<Ffmpeg, 'shared'>,
  resolve: (name: string) => Promise<{ readonly address: string; readonly family: number }> = lookup,
): Promise<VideoInput> {
  const url = new URL(text);
  if (user !== undefined) url.username = encodeURIComponent(user);
  if (password !== undefined) url.password = encodeURIComponent(password);
  const shown = shownUrl(text);
  if (!ffmpeg.shared && isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0) {
    const { address, family } = await resolve(url.hostname).catch((error: NodeJS.ErrnoException) => {
      throw new SluiceError('CAMERA_UNREACHABLE', `${shown} cannot be opened: the name ${url.hostname} is not known (${error.code}).`, {
        retryable: true,
        hint: 'Check the name, and the network.',
      });
    });
    url.hostname = family === 6 ? `[${address}]` : address;
  }
  return {
    args: [
      // The picture is of now: no waiting for what may come out of order, nor to learn a rate that nobody asks for.
      ...['-fflags', 'nobuffer', '-flags', 'low_delay', '-fpsprobesize', '0'],
      ...['-rtsp_transport', transport, '-allowed_media_types', 'video', '-i', url.href],
    ],
    live: true,
    shown,
    clean: cleaner(url),
  };
}

/** Takes out of a line of ffmpeg what must not be seen. */
function cleaner({ username, password, search }: URL): (line: string) => string {
  const hidden = [...new Set([password, decodeURIComponent(password), username, decodeURIComponent(username), search.slice(1)])];
  return (line) =>
    hidden
      // Shorter ones would tear words apart; in an address they go with the user part.
      .filter((text) => text.length > 3)
      .reduce((cleaned, text) => cleaned.replaceAll(text, '***'), line.replace(/(\w+:\/\/)[^\s/]*@/g, '$1'));
}
