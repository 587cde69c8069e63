import type { MigrationInterface, QueryRunner } from 'typeorm';
import { GENESIS } from '../journal-chain';

/** Machines, their journal, what stands in the outbox, state of nodes, and who owns a run. */
export class Journal1795267860000 implements MigrationInterface {
  readonly name = 'Journal1795267860000';

  async up(runner: QueryRunner): Promise<void> {
    // SQLite counts a row by its number only where the type is exactly INTEGER.
    const whole = runner.connection.options.type === 'postgres' ? 'bigint' : 'INTEGER';
    for (const statement of [
      `CREATE TABLE journal (seq ${whole} NOT NULL PRIMARY KEY, at ${whole} NOT NULL, machine text NOT NULL, entity text NOT NULL, from_state text,
        to_state text NOT NULL, version ${whole} NOT NULL, due_at ${whole}, run text, reason text, actor text NOT NULL, correlation text,
        data text NOT NULL, prev text NOT NULL, hash text NOT NULL)`,
      'CREATE INDEX journal_entity ON journal (machine, entity, version)',
      `CREATE TABLE journal_head (id integer NOT NULL PRIMARY KEY, seq ${whole} NOT NULL, hash text NOT NULL)`,
      `INSERT INTO journal_head (id, seq, hash) VALUES (1, 0, '${GENESIS}')`,
      `CREATE TABLE entities (machine text NOT NULL, id text NOT NULL, state text NOT NULL, version ${whole} NOT NULL, at ${whole} NOT NULL,
        due_at ${whole}, run text, data text NOT NULL, PRIMARY KEY (machine, id))`,
      'CREATE INDEX entities_due ON entities (due_at) WHERE due_at IS NOT NULL',
      'CREATE INDEX entities_run ON entities (run, machine) WHERE run IS NOT NULL',
      `CREATE TABLE outbox (id text NOT NULL PRIMARY KEY, graph text NOT NULL, node text NOT NULL, run text NOT NULL, at ${whole} NOT NULL)`,
      'CREATE INDEX outbox_node ON outbox (graph, node)',
      `CREATE TABLE node_state (graph text NOT NULL, node text NOT NULL, scope text NOT NULL, key text NOT NULL, value text NOT NULL,
        at ${whole} NOT NULL, PRIMARY KEY (graph, node, scope, key))`,
      `CREATE TABLE run_owners (run text NOT NULL PRIMARY KEY, owner text NOT NULL, seen_at ${whole} NOT NULL)`,
    ]) {
      await runner.query(statement);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['run_owners', 'node_state', 'outbox', 'entities', 'journal_head', 'journal'])
      await runner.query(`DROP TABLE ${table}`);
  }
}
