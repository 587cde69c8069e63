import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Artifacts: what names bytes for longer than a packet does. */
export class Artifacts1795280400000 implements MigrationInterface {
  readonly name = 'Artifacts1795280400000';

  async up(runner: QueryRunner): Promise<void> {
    const whole = runner.connection.options.type === 'postgres' ? 'bigint' : 'INTEGER';
    for (const statement of [
      `CREATE TABLE artifacts (id text NOT NULL PRIMARY KEY, schema_name text NOT NULL, sha256 text NOT NULL, size_bytes ${whole} NOT NULL,
        content_type text NOT NULL, graph text NOT NULL, node text NOT NULL, run text NOT NULL, sources text NOT NULL, seq ${whole} NOT NULL,
        at ${whole} NOT NULL, until ${whole})`,
      'CREATE INDEX artifacts_newest ON artifacts (graph, node, schema_name, seq)',
      'CREATE INDEX artifacts_seq ON artifacts (seq)',
      'CREATE INDEX artifacts_sha256 ON artifacts (sha256)',
    ])
      await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE artifacts');
  }
}
