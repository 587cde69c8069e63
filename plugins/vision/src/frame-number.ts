import { SluiceError } from '@sluice/sdk';

/**
 * The number of a frame: its own `index`, or `frame_idx` of one that was written in a graph or came as JSON.
 * @throws SluiceError PACKET_UNFIT where it has neither
 */
export function frameNumber(frame: unknown): number {
  const { index, frame_idx } = (typeof frame === 'object' && frame !== null ? frame : {}) as { index?: unknown; frame_idx?: unknown };
  const number = index ?? frame_idx;
  if (Number.isSafeInteger(number)) return number as number;
  throw new SluiceError('PACKET_UNFIT', 'The payload is no frame: it has no whole number `index` or `frame_idx`.', {
    hint: 'Connect a source of frames, or write frame_idx into the payload.',
  });
}
