import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { SluiceError } from '@sluice/sdk';

import type { Asset } from './lock';

/** Name of the file that an asset becomes. */
export function fileName(asset: Asset): string {
  const { origin } = asset;
  return basename('url' in origin ? new URL(origin.url).pathname : origin.path) || asset.name;
}

/** Where a staged asset lives: a new version has a new checksum, so a new place, and the old file stays for who uses it. */
export function placeOf(root: string, asset: Asset): string {
  return join(root, asset.sha256.slice(0, 16), fileName(asset));
}

/** The sha256 of a file. */
export async function sha256Of(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, signal ? { signal } : {});
  return hash.digest('hex');
}

/**
 * Writes a stream to `path`, counting and hashing on the way, and leaves it there, on the disk, only if it is the asset.
 * @throws SluiceError ASSET_CHECKSUM
 */
export async function receive(
  asset: Asset,
  source: AsyncIterable<Uint8Array>,
  path: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const hash = createHash('sha256');
  const file = await open(path, 'w');
  try {
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.length;
      // Never more than was promised: a wrong or hostile origin must not fill the disk.
      if (bytes > asset.size) throw wrong(asset, `more than ${asset.size} bytes`);
      hash.update(chunk);
      await file.writeFile(chunk);
      onBytes(bytes);
    }
    if (bytes < asset.size) throw wrong(asset, `${bytes} bytes`);
    const found = hash.digest('hex');
    if (found !== asset.sha256) throw wrong(asset, `sha256 ${found}`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Puts a received file in its place in one step: at any moment the old or the new one is there, never half of one. */
export async function put(received: string, place: string): Promise<void> {
  const folder = dirname(place);
  await mkdir(folder, { recursive: true });
  await rename(received, place);
  // Windows cannot open a folder; there the rename is as durable as the file system makes it.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function wrong(asset: Asset, found: string): SluiceError {
  return new SluiceError(
    'ASSET_CHECKSUM',
    `The asset ${asset.name} is not what the lock file names: ${found} instead of ${asset.size} bytes with sha256 ${asset.sha256}.`,
    {
      hint: 'It was refused, and what was there stays. Its origin has changed or was tampered with: check it before you change the lock file.',
      details: { asset: asset.name, expected: asset.sha256, found },
    },
  );
}
