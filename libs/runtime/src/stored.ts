import { Packet, To } from '@sluice/sdk';

/** Results that are kept for calls with the same idempotency key, and the most that are kept of one call. */
const STORED = 1024;

/** What a call gave: of one that gave several, all of them. */
export interface Kept {
  readonly several: boolean;
  readonly values: readonly unknown[];
}

/** Results by key, the oldest forgotten first. */
export class Stored {
  private readonly results = new Map<unknown, Promise<Kept | undefined>>();

  constructor(private readonly keyOf: (packet: never) => unknown) {}

  /** What a call with its key gives or gave; undefined in the promise where that was too much to keep. */
  get(packet: Packet): Promise<Kept | undefined> | undefined {
    const key = this.keyOf(packet as never);
    return key === undefined ? undefined : this.results.get(key);
  }

  /** Keeps what a call gives, from now on: a second one with its key waits for the first. A failure is not kept. */
  keep(packet: Packet, done: Promise<unknown>): Promise<unknown> {
    const key = this.keyOf(packet as never);
    if (key === undefined) return done;
    let kept!: (kept: Kept | undefined) => void;
    let failed!: (error: unknown) => void;
    const result = new Promise<Kept | undefined>((resolve, reject) => ([kept, failed] = [resolve, reject]));
    const forget = (): void => {
      if (this.results.get(key) === result) this.results.delete(key);
    };
    result.then((value) => value ?? forget(), forget);
    this.results.set(key, result);
    if (this.results.size > STORED) {
      const [oldest] = this.results.keys();
      this.results.delete(oldest);
    }
    return done.then(
      (value) => {
        if (isItems(value)) return recorded(value, kept, failed);
        kept({ several: false, values: [value] });
        return value;
      },
      (error: unknown) => {
        failed(error);
        throw error;
      },
    );
  }
}

function isItems(value: unknown): value is AsyncGenerator<unknown, void> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Passes the results of a call on, and keeps them once all have gone. */
async function* recorded(
  items: AsyncGenerator<unknown, void>,
  kept: (kept: Kept | undefined) => void,
  failed: (error: unknown) => void,
): AsyncGenerator<unknown, void> {
  let values: unknown[] | undefined = [];
  let all = false;
  try {
    for await (const value of items) {
      if (values !== undefined && values.length < STORED) values.push(value);
      else values = undefined;
      yield value;
    }
    all = true;
  } catch (error) {
    failed(error);
    throw error;
  } finally {
    // One that was left half way, or gave too much, is none to repeat.
    kept(all && values !== undefined ? { several: true, values } : undefined);
  }
}

/** Stored results, for another packet: they belong to that one's delivery. */
export function storedAgain(packet: Packet, { several, values }: Kept): unknown {
  return several ? repeated(packet, values) : again(packet, values[0]);
}

function* repeated(packet: Packet, values: readonly unknown[]): Generator<unknown, void> {
  for (const value of values) yield again(packet, value);
}

function again(packet: Packet, value: unknown): unknown {
  if (value instanceof To) return new To(value.to, again(packet, value.payload), value.emission);
  return value instanceof Packet ? packet.with(value.payload, value.meta, value.kind) : value;
}
