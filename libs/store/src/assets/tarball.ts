import { createReadStream } from 'node:fs';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import { extract } from 'tar-stream';

/**
 * Streams the named files of an npm tarball, in the order they are found; the first folder (`package/`, as a rule) is not part of a name.
 * @returns the names that were found
 */
export async function readTarball(
  tarball: string,
  names: ReadonlySet<string>,
  onFile: (name: string, content: Readable) => Promise<void>,
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const tar = extract();
  let open: { readonly content: Readable; readonly taken: Promise<void> } | undefined;
  let fault: unknown;
  tar.on('entry', (headers, content, next) => {
    const name = headers.name.replace(/^[^/]+\//, '');
    if (headers.type !== 'file' || !names.has(name) || found.has(name)) {
      content.on('end', () => next());
      content.resume();
      return;
    }
    found.add(name);
    // A stream of Node's own: the end of a loop over one of tar-stream 2 waits for ever.
    const own = new PassThrough();
    content.pipe(own);
    const taken = onFile(name, own).then(
      () => next(),
      (error: unknown) => {
        fault ??= error;
        tar.destroy(error as Error);
      },
    );
    open = { content: own, taken };
  });
  try {
    await pipeline(createReadStream(tarball), createGunzip(), tar, signal ? { signal } : {});
  } catch (error) {
    // tar-stream leaves the file of a broken archive open for ever; who reads it must hear of the end and let go.
    fault ??= error;
    open?.content.destroy(error as Error);
    await open?.taken;
    throw fault;
  }
  return found;
}
