import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Queues, their rows, who reads them, and what is known of blobs. */
export class Queues1795200000000 implements MigrationInterface {
  readonly name = 'Queues1795200000000';

  async up(runner: QueryRunner): Promise<void> {
    // In SQLite this is the row's own number: rows lie in the order in which they are read.
    const seq = runner.connection.options.type === 'postgres' ? 'bigint PRIMARY KEY' : 'integer PRIMARY KEY';
    const statements = [
      `CREATE TABLE queues (
        id integer PRIMARY KEY, name text NOT NULL UNIQUE,
        next bigint NOT NULL, live bigint NOT NULL, live_bytes bigint NOT NULL,
        epoch bigint NOT NULL, revision bigint NOT NULL)`,
      `CREATE TABLE queue_rows (
        seq ${seq}, queue integer NOT NULL, slot integer NOT NULL, key text NOT NULL, priority integer NOT NULL,
        state integer NOT NULL, attempts integer NOT NULL, at bigint NOT NULL, due bigint NOT NULL, keep bigint NOT NULL,
        bytes integer NOT NULL, crc bigint NOT NULL, id text, error text, packet text NOT NULL)`,
      `CREATE UNIQUE INDEX queue_rows_id ON queue_rows (queue, id) WHERE id IS NOT NULL`,
      `CREATE INDEX queue_rows_priority ON queue_rows (queue, priority, seq) WHERE priority > 0 AND state = 0`,
      `CREATE INDEX queue_rows_dead ON queue_rows (queue, seq) WHERE state = 1`,
      `CREATE TABLE queue_leases (
        queue integer NOT NULL, slot integer NOT NULL, epoch bigint NOT NULL, PRIMARY KEY (queue, slot))`,
      `CREATE TABLE queue_readers (
        queue integer NOT NULL, epoch bigint NOT NULL, owner text NOT NULL, until bigint NOT NULL, mark bigint NOT NULL,
        PRIMARY KEY (queue, epoch))`,
      `CREATE TABLE queue_parked (queue integer NOT NULL, key text NOT NULL, since bigint NOT NULL, PRIMARY KEY (queue, key))`,
      `CREATE TABLE blobs (
        sha256 text PRIMARY KEY, size_bytes bigint NOT NULL, refs integer NOT NULL, until bigint NOT NULL, at bigint NOT NULL)`,
    ];
    for (const statement of statements) await runner.query(statement);
  }

  async down(): Promise<void> {
    // A store is never migrated backwards: an older version refuses it.
  }
}
