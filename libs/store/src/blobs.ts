import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SluiceError, type BlobStore, type StoredRef } from '@sluice/sdk';
import type { Transaction } from './connection';
import type { Store } from './store';

const SHA256 = /^[0-9a-f]{64}$/;
/** A file that is this old and that no row knows of was left by a crash, ms. */
export const ORPHAN_MS = 3_600_000;
const NEVER = Number.MAX_SAFE_INTEGER;
/** How often a process that keeps bytes collects those that nobody needs, ms. */
const COLLECT_MS = 600_000;
/** Files that one unit of work deletes: other writers wait for no more. */
const AT_ONCE = 100;
/** Nobody who kept it, and no artifact, needs it at the time ?1. */
const UNNEEDED =
  '(refs <= 0 OR until <= ?1) AND NOT EXISTS (SELECT 1 FROM artifacts a WHERE a.sha256 = blobs.sha256 AND (a.until IS NULL OR a.until > ?1))';

/**
 * Bytes by their sha256, a file each, counted in the store. The row is there before the file is needed and after it is gone, so a crash
 * leaves a file too many, never one too few; `gc` takes those.
 */
export class Blobs implements BlobStore {
  private collected: number;

  constructor(
    private readonly store: Pick<Store, 'write' | 'clock'>,
    private readonly folder: string | undefined,
  ) {
    this.collected = store.clock.now();
  }

  async keep(bytes: Uint8Array, options: { contentType?: string; ttl?: number } = {}): Promise<StoredRef> {
    const now = this.store.clock.now();
    const until = options.ttl === undefined ? NEVER : now + options.ttl;
    return this.keepWith(bytes, options.contentType, (tx, { sha256, size_bytes }) =>
      tx.run(
        `INSERT INTO blobs (sha256, size_bytes, refs, until, at) VALUES (?1, ?2, 1, ?3, ?4) ON CONFLICT (sha256) DO UPDATE SET
         refs = blobs.refs + 1, until = CASE WHEN blobs.until > excluded.until THEN blobs.until ELSE excluded.until END`,
        [sha256, size_bytes, until, now],
      ),
    );
  }

  /** Keeps bytes for something of the store that names them by itself. @param rows writes what does */
  keepFor(bytes: Uint8Array, contentType: string, rows: (tx: Transaction, ref: StoredRef) => Promise<unknown>): Promise<StoredRef> {
    return this.keepWith(bytes, contentType, async (tx, ref) => {
      // A collection looks at the row first: it waits for this unit, or this one for it.
      await tx.run(
        `INSERT INTO blobs (sha256, size_bytes, refs, until, at) VALUES (?1, ?2, 0, 0, ?3) ON CONFLICT (sha256) DO UPDATE SET at = excluded.at`,
        [ref.sha256, ref.size_bytes, this.store.clock.now()],
      );
      await rows(tx, ref);
    });
  }

  private async keepWith(
    bytes: Uint8Array,
    content_type = 'application/octet-stream',
    rows: (tx: Transaction, ref: StoredRef) => Promise<unknown>,
  ): Promise<StoredRef> {
    const sha256 = hashOf(bytes);
    const path = this.path(sha256);
    const ref: StoredRef = { scheme: 'store', key: sha256, content_type, size_bytes: bytes.byteLength, sha256 };
    // A file of that name is trusted only where it is whole: who keeps bytes may throw away his own.
    const there = await readFile(path).catch(() => undefined);
    if (there === undefined || hashOf(there) !== sha256) await place(path, bytes);
    await this.store.write((tx) => rows(tx, ref));
    // A collection may have taken it between the two.
    if ((await stat(path).catch(() => undefined)) === undefined) await place(path, bytes);
    const now = this.store.clock.now();
    if (now - this.collected > COLLECT_MS) {
      this.collected = now;
      // What fails now is collected the next time.
      void this.gc().catch(() => undefined);
    }
    return ref;
  }

  async read(ref: StoredRef): Promise<Uint8Array> {
    const key = keyOf(ref);
    let bytes: Buffer;
    try {
      bytes = await readFile(this.path(key));
    } catch (cause) {
      if (SluiceError.is(cause)) throw cause;
      throw new SluiceError('BLOB_MISSING', `The bytes ${key.slice(0, 12)} are not in the store.`, {
        cause,
        hint: 'They were released, or their ttl is over: keep them as long as packets name them.',
      });
    }
    if (hashOf(bytes) !== key) {
      throw new SluiceError('BLOB_DAMAGED', `The bytes ${key.slice(0, 12)} are not those that were stored.`, {
        hint: 'The file was changed on the disk; what names it cannot be read any more.',
      });
    }
    return bytes;
  }

  async release(ref: StoredRef): Promise<void> {
    const key = keyOf(ref);
    await this.store.write((tx) => tx.run('UPDATE blobs SET refs = refs - 1 WHERE sha256 = ?1 AND refs > 0', [key]));
  }

  /**
   * Deletes bytes that nobody needs or whose time is over, and files that a crash left. Done by itself now and then by who keeps bytes.
   * @returns how many files, how many bytes
   */
  async gc(): Promise<{ files: number; bytes: number }> {
    const { folder } = this;
    const collected = { files: 0, bytes: 0 };
    if (folder === undefined) return collected;
    const take = async (path: string): Promise<void> => {
      const size = (await stat(path).catch(() => undefined))?.size;
      if (size === undefined) return;
      await rm(path, { force: true });
      collected.files++;
      collected.bytes += size;
    };
    // Files go inside the unit: nobody else counts one of them meanwhile, and who does so later puts it there again.
    for (let n = AT_ONCE; n === AT_ONCE;) {
      n = await this.store.write(async (tx) => {
        const now = this.store.clock.now();
        const gone = await tx.all<{ sha256: string }>(`SELECT sha256 FROM blobs WHERE ${UNNEEDED} LIMIT ?2`, [now, AT_ONCE]);
        for (const { sha256 } of gone) {
          // Locked, then looked at again: another process may have come to need it.
          await tx.run('UPDATE blobs SET at = at WHERE sha256 = ?1', [sha256]);
          if ((await tx.get(`SELECT 1 AS gone FROM blobs WHERE ${UNNEEDED} AND sha256 = ?2`, [now, sha256])) === undefined) continue;
          await take(this.path(sha256));
          await tx.run('DELETE FROM blobs WHERE sha256 = ?1', [sha256]);
        }
        return gone.length;
      });
    }
    for (const path of await filesThatAreOld(folder)) {
      await this.store.write(async (tx) => {
        const known = await tx.get('SELECT 1 AS there FROM blobs WHERE sha256 = ?1', [basename(path)]);
        if (known === undefined) await take(path);
      });
    }
    return collected;
  }

  /** @throws SluiceError BLOB_FOLDER */
  private path(key: string): string {
    if (this.folder === undefined) {
      throw new SluiceError('BLOB_FOLDER', 'The store has no folder for bytes.', { hint: 'Name one: openStore({ url, blobs }).' });
    }
    return join(this.folder, key.slice(0, 2), key);
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** @throws SluiceError BLOB_REF where the key is anything but a sha256: it would be a path of somebody's choice */
function keyOf(ref: StoredRef | null | undefined): string {
  const { scheme, key, sha256 } = ref ?? ({} as Partial<StoredRef>);
  if (scheme === 'store' && typeof key === 'string' && SHA256.test(key) && sha256 === key) return key;
  throw new SluiceError('BLOB_REF', 'The reference names no bytes of a store.', { hint: 'Pass on what queue/store gave.' });
}

async function filesThatAreOld(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const old: string[] = [];
  for (const path of entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))) {
    const written = (await stat(path).catch(() => undefined))?.mtimeMs;
    if (written !== undefined && Date.now() - written > ORPHAN_MS) old.push(path);
  }
  return old;
}

/** Writes a file atomically; it is on the disk when this returns. */
async function place(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.${randomUUID()}.part`;
  const file = await open(part, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
  const folder = await open(dirname(path));
  await folder.sync().finally(() => folder.close());
}
