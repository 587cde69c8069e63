import type { EntitySchema } from 'typeorm';
import * as artifacts from './artifacts';
import * as journal from './journal';

/** What the store can be read as; a test compares them with what the migrations make. */
export const entities: readonly (EntitySchema | (abstract new () => object))[] = [...Object.values(journal), ...Object.values(artifacts)];
