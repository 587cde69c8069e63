import { createHash } from 'node:crypto';
import { SluiceError, type Artifact, type ArtifactFilter, type ArtifactSource, type ArtifactStore, type KeptArtifact } from '@sluice/sdk';
import type { Value } from './connection';
import type { ArtifactRow } from './entities/artifacts';
import type { Store } from './store';

/** Digits of an id that are enough to name an artifact. */
const SHORT = 4;
const COLUMNS = 'id, schema_name, sha256, size_bytes, content_type, graph, node, run, sources, seq, at, until';
const NOW_OR_LATER = '(until IS NULL OR until > ?1)';

/**
 * Results that are kept: rows that name bytes of the blob store, with what they are and whence they come. The same bytes of one node under
 * one schema are one artifact, however often they are made. Rows whose time is over are not given any more, and collected with their bytes.
 */
export class StoredArtifacts implements ArtifactStore {
  constructor(private readonly store: Store) {}

  async keep(bytes: Uint8Array, kept: KeptArtifact): Promise<Artifact> {
    const { schema, graph, node, run, sources, contentType, ttl, maxCount } = kept;
    const at = this.store.clock.now();
    const until = ttl === undefined ? null : at + ttl;
    let id = '';
    const ref = await this.store.blobs.keepFor(bytes, contentType, async (tx, { sha256, size_bytes }) => {
      id = idOf(graph, node, schema, sha256);
      const last = await tx.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM artifacts');
      await tx.run(
        `INSERT INTO artifacts (${COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (id) DO UPDATE SET
         content_type = excluded.content_type, run = excluded.run, sources = excluded.sources, seq = excluded.seq, at = excluded.at,
         until = excluded.until`,
        [id, schema, sha256, size_bytes, contentType, graph, node, run, JSON.stringify(sources), Number(last?.seq ?? 0) + 1, at, until],
      );
      if (maxCount === undefined) return;
      await tx.run(
        `DELETE FROM artifacts WHERE graph = ?1 AND node = ?2 AND schema_name = ?3 AND seq <= (
           SELECT seq FROM artifacts WHERE graph = ?1 AND node = ?2 AND schema_name = ?3 ORDER BY seq DESC LIMIT 1 OFFSET ?4)`,
        [graph, node, schema, maxCount],
      );
    });
    return { id, schema, ref, graph, node, run, sources, at, until };
  }

  /** @param id may be its beginning, where only one begins so */
  async get(id: string): Promise<Artifact> {
    const rows =
      /^[0-9a-f]+$/.test(id) && id.length >= SHORT
        ? await this.rows(`${NOW_OR_LATER} AND substr(id, 1, ?2) = ?3 ORDER BY seq DESC LIMIT 2`, [id.length, id])
        : [];
    const [row] = rows;
    if (row !== undefined && rows.length === 1) return artifactOf(row);
    throw new SluiceError('ARTIFACT_UNKNOWN', rows.length > 1 ? `Several artifacts begin with ${id}.` : `There is no artifact ${id}.`, {
      hint: rows.length > 1 ? 'Give more of its digits.' : 'Its time may be over; `sluice artifacts list` shows those that are kept.',
    });
  }

  async read(id: string): Promise<Uint8Array> {
    const { ref } = await this.get(id);
    return this.store.blobs.read(ref);
  }

  async find({ schema, graph, node, run, limit = 20 }: ArtifactFilter = {}): Promise<readonly Artifact[]> {
    const terms = [NOW_OR_LATER];
    const params: Value[] = [];
    const term = (sql: (param: string) => string, value: string | undefined): void => {
      if (value !== undefined) terms.push(sql(`?${params.push(value) + 1}`));
    };
    if (schema?.includes('@') === true) term((value) => `schema_name = ${value}`, schema);
    else if (schema !== undefined) term((value) => `substr(schema_name, 1, ${schema.length + 1}) = ${value}`, `${schema}@`);
    term((value) => `graph = ${value}`, graph);
    term((value) => `node = ${value}`, node);
    term((value) => `run = ${value}`, run);
    params.push(limit);
    const rows = await this.rows(`${terms.join(' AND ')} ORDER BY seq DESC LIMIT ?${params.length + 1}`, params);
    return rows.map(artifactOf);
  }

  /** Forgets those whose time is over, and deletes bytes that nobody needs. @returns how many artifacts, files and bytes */
  async gc(): Promise<{ artifacts: number; files: number; bytes: number }> {
    const artifacts = await this.store.write((tx) => tx.run('DELETE FROM artifacts WHERE until <= ?1', [this.store.clock.now()]));
    return { artifacts, ...(await this.store.blobs.gc()) };
  }

  private rows(where: string, params: readonly Value[]): Promise<ArtifactRow[]> {
    return this.store.read<ArtifactRow>(`SELECT ${COLUMNS} FROM artifacts WHERE ${where}`, [this.store.clock.now(), ...params]);
  }
}

function idOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

function artifactOf({ id, schema_name, sha256, size_bytes, content_type, graph, node, run, sources, at, until }: ArtifactRow): Artifact {
  const ref = { scheme: 'store', key: sha256, content_type, size_bytes: Number(size_bytes), sha256 } as const;
  const made = JSON.parse(sources) as readonly ArtifactSource[];
  return { id, schema: schema_name, ref, graph, node, run, sources: made, at: Number(at), until: until === null ? null : Number(until) };
}
