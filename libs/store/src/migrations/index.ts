import type { MigrationInterface } from 'typeorm';
import { Artifacts1795280400000 } from './artifacts';
import { Journal1795267860000 } from './journal';
import { Queues1795200000000 } from './queues';

/** In order, oldest first. A name ends in its time stamp (ms); one that was published never changes. */
export const migrations: readonly (new () => MigrationInterface)[] = [Queues1795200000000, Journal1795267860000, Artifacts1795280400000];
