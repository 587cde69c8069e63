import { EntitySchema } from 'typeorm';
import type { JournalRow } from '../journal-chain';

export const JournalEntity = new EntitySchema<JournalRow>({
  name: 'Journal',
  tableName: 'journal',
  columns: {
    seq: { type: 'bigint', primary: true },
    at: { type: 'bigint' },
    machine: { type: 'text' },
    entity: { type: 'text' },
    from_state: { type: 'text', nullable: true },
    to_state: { type: 'text' },
    version: { type: 'bigint' },
    due_at: { type: 'bigint', nullable: true },
    run: { type: 'text', nullable: true },
    reason: { type: 'text', nullable: true },
    actor: { type: 'text' },
    correlation: { type: 'text', nullable: true },
    data: { type: 'text' },
    prev: { type: 'text' },
    hash: { type: 'text' },
  },
});

export const JournalHeadEntity = new EntitySchema<{ id: number; seq: number; hash: string }>({
  name: 'JournalHead',
  tableName: 'journal_head',
  columns: { id: { type: 'integer', primary: true }, seq: { type: 'bigint' }, hash: { type: 'text' } },
});

export const EntityEntity = new EntitySchema<{
  machine: string;
  id: string;
  state: string;
  version: number;
  at: number;
  due_at: number | null;
  run: string | null;
  data: string;
}>({
  name: 'Entity',
  tableName: 'entities',
  columns: {
    machine: { type: 'text', primary: true },
    id: { type: 'text', primary: true },
    state: { type: 'text' },
    version: { type: 'bigint' },
    at: { type: 'bigint' },
    due_at: { type: 'bigint', nullable: true },
    run: { type: 'text', nullable: true },
    data: { type: 'text' },
  },
});

export const OutboxEntity = new EntitySchema<{ id: string; graph: string; node: string; run: string; at: number }>({
  name: 'Outbox',
  tableName: 'outbox',
  columns: {
    id: { type: 'text', primary: true },
    graph: { type: 'text' },
    node: { type: 'text' },
    run: { type: 'text' },
    at: { type: 'bigint' },
  },
});

export const NodeStateEntity = new EntitySchema<{ graph: string; node: string; scope: string; key: string; value: string; at: number }>({
  name: 'NodeState',
  tableName: 'node_state',
  columns: {
    graph: { type: 'text', primary: true },
    node: { type: 'text', primary: true },
    scope: { type: 'text', primary: true },
    key: { type: 'text', primary: true },
    value: { type: 'text' },
    at: { type: 'bigint' },
  },
});

export const RunOwnerEntity = new EntitySchema<{ run: string; owner: string; seen_at: number }>({
  name: 'RunOwner',
  tableName: 'run_owners',
  columns: { run: { type: 'text', primary: true }, owner: { type: 'text' }, seen_at: { type: 'bigint' } },
});
