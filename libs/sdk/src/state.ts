/**
 * What a node remembers from call to call, by key, in the order in which the keys were set. With `durability: state` or `full` it is there
 * again after a restart: a change is written when all that came of the packet that caused it is done, right before its source hears of that.
 */
export interface State {
  readonly size: number;
  get<V = unknown>(key: string): V | undefined;
  has(key: string): boolean;
  /**
   * Set a new value rather than change the one that is there: only what is set is written.
   * @param value JSON where it is to outlive the process; an own `toJSON` is honoured, and after a restart `get` gives what that gave
   * @throws SluiceError PACKET_NOT_PORTABLE
   */
  set(key: string, value: unknown): void;
  delete(key: string): void;
  entries<V = unknown>(): IterableIterator<[string, V]>;
  /** State of its own beside this one, for a session or whatever else is told apart by a name. */
  scope(name: string): State;
}

/** State that ends with the process. */
export class MemoryState implements State {
  private readonly values = new Map<string, unknown>();
  private scopes: Map<string, State> | undefined;

  get size(): number {
    return this.values.size;
  }

  get<V>(key: string): V | undefined {
    return this.values.get(key) as V | undefined;
  }

  has(key: string): boolean {
    return this.values.has(key);
  }

  set(key: string, value: unknown): void {
    this.values.set(key, value);
  }

  delete(key: string): void {
    this.values.delete(key);
  }

  entries<V>(): IterableIterator<[string, V]> {
    return this.values.entries() as IterableIterator<[string, V]>;
  }

  scope(name: string): State {
    const known = this.scopes?.get(name);
    if (known !== undefined) return known;
    const made = new MemoryState();
    (this.scopes ??= new Map()).set(name, made);
    return made;
  }
}
