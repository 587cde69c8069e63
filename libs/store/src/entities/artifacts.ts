import { EntitySchema } from 'typeorm';

/** An artifact as it is stored; `sources` is a JSON list. */
export interface ArtifactRow {
  readonly id: string;
  readonly schema_name: string;
  readonly sha256: string;
  readonly size_bytes: number;
  readonly content_type: string;
  readonly graph: string;
  readonly node: string;
  readonly run: string;
  readonly sources: string;
  /** Order in which they were kept. */
  readonly seq: number;
  readonly at: number;
  readonly until: number | null;
}

export const ArtifactEntity = new EntitySchema<ArtifactRow>({
  name: 'Artifact',
  tableName: 'artifacts',
  columns: {
    id: { type: 'text', primary: true },
    schema_name: { type: 'text' },
    sha256: { type: 'text' },
    size_bytes: { type: 'bigint' },
    content_type: { type: 'text' },
    graph: { type: 'text' },
    node: { type: 'text' },
    run: { type: 'text' },
    sources: { type: 'text' },
    seq: { type: 'bigint' },
    at: { type: 'bigint' },
    until: { type: 'bigint', nullable: true },
  },
});
