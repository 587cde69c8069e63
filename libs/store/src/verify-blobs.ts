import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ORPHAN_MS } from './blobs';
import type { Reader } from './rows';

const PAGE = 500;

/** `missing`: a row or an artifact names bytes whose file is gone. `damaged`: the file is not what was written. */
export interface BlobFault {
  readonly class: 'missing' | 'damaged';
  readonly sha256: string;
  readonly message: string;
}

/** What came of comparing the bytes of a store with what was written of them. */
export interface BlobVerifyReport {
  readonly ok: boolean;
  /** Files that are whole. */
  readonly files: number;
  readonly faults: readonly BlobFault[];
  /** Files that a crash left and no row names: harmless, and deleted by the next collection. */
  readonly orphans: number;
}

/** Reads all bytes that something needs at `now`, and looks for files that nothing names. Tables that are not there yet have none. */
export async function verifyBlobs(reader: Reader, folder: string, now: number): Promise<BlobVerifyReport> {
  const faults: BlobFault[] = [];
  const known = new Set<string>();
  let files = 0;
  const tables = { blobs: await there(reader, 'blobs'), artifacts: await there(reader, 'artifacts') };
  for (let after = ''; tables.blobs;) {
    const rows = await reader.all<{ sha256: string; refs: number; until: number }>(
      `SELECT sha256, refs, until FROM blobs WHERE sha256 > ?1 ORDER BY sha256 LIMIT ${PAGE}`,
      [after],
    );
    const named = tables.artifacts
      ? await artifactsOf(reader, rows.at(0)?.sha256 ?? '', rows.at(-1)?.sha256 ?? '')
      : new Map<string, string>();
    for (const { sha256, refs, until } of rows) {
      known.add(sha256);
      const artifact = named.get(sha256);
      if (artifact === undefined && (Number(refs) <= 0 || Number(until) <= now)) continue;
      const is = await hashOf(join(folder, sha256.slice(0, 2), sha256));
      const whose = artifact === undefined ? 'Packets refer to it' : `Artifact ${artifact} is made of it`;
      if (is === sha256) files++;
      else if (is === undefined) faults.push({ class: 'missing', sha256, message: `Its file is gone. ${whose}.` });
      else faults.push({ class: 'damaged', sha256, message: `Its file is not what was written. ${whose}.` });
    }
    if (rows.length < PAGE) break;
    after = rows.at(-1)!.sha256;
  }
  for (const { id, sha256 } of tables.artifacts
    ? await reader.all<{ id: string; sha256: string }>(
        'SELECT id, sha256 FROM artifacts a WHERE NOT EXISTS (SELECT 1 FROM blobs b WHERE b.sha256 = a.sha256)',
      )
    : [])
    faults.push({ class: 'missing', sha256, message: `No row tells of it. Artifact ${id} is made of it.` });
  return { ok: faults.length === 0, files, faults, orphans: await orphans(folder, known) };
}

async function artifactsOf(reader: Reader, first: string, last: string): Promise<Map<string, string>> {
  const rows = await reader.all<{ id: string; sha256: string }>('SELECT id, sha256 FROM artifacts WHERE sha256 >= ?1 AND sha256 <= ?2', [
    first,
    last,
  ]);
  return new Map(rows.map(({ id, sha256 }) => [sha256, id]));
}

async function there(reader: Reader, table: string): Promise<boolean> {
  try {
    await reader.all(`SELECT 1 AS there FROM ${table} LIMIT 1`);
    return true;
  } catch {
    // What is wrong with it is said by the check of the queues.
    return false;
  }
}

/** undefined where there is no file, or it cannot be read */
async function hashOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}

async function orphans(folder: string, known: ReadonlySet<string>): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let found = 0;
  for (const entry of entries) {
    if (!entry.isFile() || known.has(basename(entry.name))) continue;
    const written = (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.mtimeMs;
    // A younger one may be under way to its row.
    if (written !== undefined && Date.now() - written > ORPHAN_MS) found++;
  }
  return found;
}
