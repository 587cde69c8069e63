import { randomBytes } from 'node:crypto';

/** `event@1`: something that happened, with its place in the order of this server. */
export interface ServerEvent {
  readonly v: 1;
  readonly seq: number;
  /** Where to go on after this one: opaque, for `Last-Event-ID` and `?cursor=`. */
  readonly cursor: string;
  /** `domain:entity:action`, such as `runtime:node:failed`. */
  readonly event: string;
  readonly entity: { readonly kind: string; readonly id: string };
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly correlation_id: string | null;
  readonly request_id: string | null;
  readonly payload: unknown;
}

/** An event with its text, which is made once for all who read it. */
export interface Written {
  readonly event: ServerEvent;
  readonly text: string;
}

interface Kept extends Written {
  /** The same without the stack of a fault. */
  readonly bare: Written;
}

/** What asked for something: both ids go into all that comes of it. */
export interface Cause {
  readonly correlation_id: string | null;
  readonly request_id: string | null;
}

export const NO_CAUSE: Cause = { correlation_id: null, request_id: null };

/** Events that a client can come back for. */
const KEPT = 2048;

/** What happened in this process, numbered. A bounded number is kept; a cursor of another process is known as such. */
export class EventLog {
  readonly #kept: Kept[] = [];
  readonly #watchers = new Set<() => void>();
  /** Tells this process from the one before it: its numbers began again. */
  readonly #boot: string;
  /** Takes secrets out of what is written; set by who knows them. */
  redact: (text: string) => string = (text) => text;
  #seq = 0;

  constructor(boot = randomBytes(4).toString('hex')) {
    this.#boot = boot;
  }

  emit(event: string, entity: ServerEvent['entity'], payload: unknown, cause: Cause = NO_CAUSE, at = new Date().toISOString()): void {
    const seq = ++this.#seq;
    const { correlation_id, request_id } = cause;
    const made = { v: 1 as const, seq, cursor: this.cursor(seq), event, entity, at, correlation_id, request_id, payload };
    const text = this.redact(JSON.stringify(made));
    const written = { event: JSON.parse(text) as ServerEvent, text };
    this.#kept.push({ ...written, bare: bareOf(written) });
    if (this.#kept.length > KEPT) this.#kept.shift();
    for (const watcher of this.#watchers) watcher();
  }

  cursor(seq: number): string {
    return `${this.#boot}-${seq}`;
  }

  /** Number of the last event. */
  get seq(): number {
    return this.#seq;
  }

  /** The number behind a cursor; 0, from the beginning, for one of another process or none at all. */
  place(cursor: string | undefined): number {
    const [boot, seq] = (cursor ?? '').split('-');
    const place = boot === this.#boot ? Number(seq) : 0;
    return Number.isSafeInteger(place) && place >= 0 && place <= this.#seq ? place : 0;
  }

  /**
   * Kept events after a number, oldest first.
   * @param stacks whether who reads them may see stacks, which tell of files and code
   */
  after(seq: number, stacks = true): readonly Written[] {
    const [first] = this.#kept;
    const kept = first === undefined ? [] : this.#kept.slice(Math.max(0, seq - first.event.seq + 1));
    return stacks ? kept : kept.map(({ bare }) => bare);
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

function bareOf(written: Written): Written {
  const payload = written.event.payload as { readonly details?: { readonly stack?: unknown } } | null | undefined;
  if (payload?.details?.stack === undefined) return written;
  const { stack: _, ...details } = payload.details;
  const event = { ...written.event, payload: { ...payload, details } };
  return { event, text: JSON.stringify(event) };
}
