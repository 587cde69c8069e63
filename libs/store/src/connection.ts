/** What a statement can be given; booleans become 0 and 1. */
export type Value = string | number | bigint | boolean | null | undefined | Uint8Array;

/** The databases that a store may be in. */
export type Dialect = 'sqlite' | 'postgres';

/**
 * Runs statements inside a unit of work. Parameters are written `?1`, `?2`, ... in both dialects (or `?`, in order); statements are
 * prepared once and kept, so their text should not hold values.
 */
export interface Transaction {
  readonly dialect: Dialect;
  /** Runs a statement that returns no rows. @returns how many rows it changed */
  run(sql: string, params?: readonly Value[]): Promise<number>;
  /** Runs a query, or a statement with RETURNING, to its last row. */
  all<R extends object>(sql: string, params?: readonly Value[]): Promise<R[]>;
  /** The first row, or undefined. */
  get<R extends object>(sql: string, params?: readonly Value[]): Promise<R | undefined>;
}

/** A connection that one committer owns. */
export interface Connection extends Transaction {
  /** Takes the store's write lock: nobody else writes until the end of the transaction. */
  begin(): Promise<void>;
  commit(): Promise<void>;
  /** Never rejects: what could not be rolled back is gone with the connection. */
  rollback(): Promise<void>;
  close(): Promise<void>;
}

/** Prepared statements by their text, the last used ones. */
export class Statements<S> {
  private readonly kept = new Map<string, S>();

  constructor(
    private readonly max: number,
    private readonly drop: (statement: S) => void,
  ) {}

  get(sql: string, prepare: () => S): S {
    let statement = this.kept.get(sql);
    if (statement === undefined) {
      statement = prepare();
      const [oldest] = this.kept;
      if (this.kept.size >= this.max && oldest !== undefined) {
        this.kept.delete(oldest[0]);
        this.drop(oldest[1]);
      }
    } else {
      this.kept.delete(sql);
    }
    this.kept.set(sql, statement);
    return statement;
  }

  delete(sql: string): void {
    this.kept.delete(sql);
  }

  clear(): S[] {
    const all = [...this.kept.values()];
    this.kept.clear();
    return all;
  }
}
