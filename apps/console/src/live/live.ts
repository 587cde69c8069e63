import { messages, type Api } from '@sluice/control/client';
import { store } from '../store';

export type Run = Api['LiveRun'];
export type Node = Api['LiveNode'];
export type Edge = Api['LiveEdge'];
export type Event = Api['Event'];

/** A run as of the last sample, its parts found by id. */
export interface Shown {
  readonly run: Run;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly edges: ReadonlyMap<string, Edge>;
  /** Share of the last half second for which an edge kept its sender waiting, by id; those that did not are left out. */
  readonly blocked: ReadonlyMap<string, number>;
}

export type Connection = 'connecting' | 'live' | 'lost' | 'asleep';

export interface Live {
  readonly connection: Connection;
  /** Whether the first figures have come. */
  readonly known: boolean;
  /** In the order in which they were started. */
  readonly runs: ReadonlyMap<string, Shown>;
}

/** The figures of all runs, twice a second. */
export const live = store<Live>({ connection: 'connecting', known: false, runs: new Map() });

/** What happened, oldest first. */
export const events = store<readonly Event[]>([]);
const KEPT_EVENTS = 1000;

/** Runs that take nothing from their sources for now: what the events say, as figures do not. */
export const paused = store<ReadonlySet<string>>(new Set());

/** One sample after another. */
export function advance(before: ReadonlyMap<string, Shown>, runs: readonly Run[]): ReadonlyMap<string, Shown> {
  return new Map(
    runs.map((run) => {
      const last = before.get(run.id);
      const elapsed = run.duration_ms - (last?.run.duration_ms ?? run.duration_ms);
      const blocked = new Map<string, number>();
      for (const edge of run.edges) {
        const grown = edge.blocked_ms - (last?.edges.get(edge.id)?.blocked_ms ?? edge.blocked_ms);
        if (elapsed > 0 && grown > 0) blocked.set(edge.id, Math.min(1, grown / elapsed));
      }
      return [run.id, { run, nodes: byId(run.nodes), edges: byId(run.edges), blocked }];
    }),
  );
}

function byId<T extends { readonly id: string }>(list: readonly T[]): ReadonlyMap<string, T> {
  return new Map(list.map((item) => [item.id, item]));
}

const HIDDEN_MS = 15_000;
const BACKOFF_MS = [300, 600, 1_200, 2_500, 5_000];
/** Nothing for this long, with figures due twice a second, is a connection that is gone. */
const SILENCE_MS = 6_000;

/**
 * Keeps one stream open: figures and events. After a loss it goes on behind the last event that was read. A page that is hidden for a while
 * lets go of it, so that many tabs do not use up the connections that a browser has for one server.
 * @returns ends it
 */
export function connect(): () => void {
  const over = new AbortController();
  let attempt: AbortController | undefined;
  let wake: (() => void) | undefined;
  let sleep: ReturnType<typeof setTimeout> | undefined;
  const seen = (): void => {
    clearTimeout(sleep);
    if (!document.hidden) wake?.();
    else
      sleep = setTimeout(() => {
        status('asleep');
        attempt?.abort();
      }, HIDDEN_MS);
  };
  document.addEventListener('visibilitychange', seen);
  void follow();
  return () => {
    document.removeEventListener('visibilitychange', seen);
    clearTimeout(sleep);
    over.abort();
    attempt?.abort();
    wake?.();
  };

  async function follow(): Promise<void> {
    let cursor: string | undefined;
    for (let failures = 0; !over.signal.aborted;) {
      attempt = new AbortController();
      let silence: ReturnType<typeof setTimeout> | undefined;
      try {
        for await (const message of messages('/api/v1/events', { signal: attempt.signal, ...(cursor === undefined ? {} : { cursor }) })) {
          failures = 0;
          clearTimeout(silence);
          silence = setTimeout(() => attempt?.abort(), SILENCE_MS);
          if (message.event === 'figures') {
            const { runs } = message.data as { runs: Run[] };
            live.set((before) => ({ connection: 'live', known: true, runs: advance(before.runs, runs) }));
          } else if (message.event === 'event') {
            cursor = message.id ?? cursor;
            take(message.data as Event);
          }
        }
      } catch {
        // It is lost, whatever the reason: the loop goes on.
      } finally {
        clearTimeout(silence);
      }
      if (over.signal.aborted) return;
      if (live.get().connection === 'asleep') {
        await new Promise<void>((done) => (wake = done));
        wake = undefined;
        status('connecting');
        continue;
      }
      status('lost');
      await new Promise((done) => setTimeout(done, BACKOFF_MS[Math.min(failures++, BACKOFF_MS.length - 1)]));
    }
  }
}

function status(connection: Connection): void {
  live.set((before) => ({ ...before, connection }));
}

/** Events come in bursts: they are shown together, in the next turn. */
let fresh: Event[] = [];
function take(event: Event): void {
  if (fresh.push(event) > 1) return;
  setTimeout(() => {
    const batch = fresh;
    fresh = [];
    events.set((before) => joined(before, batch));
    paused.set((before) => stillPaused(before, batch));
  });
}

/** One after the other, bounded. A server that was started again numbers anew: what was before it is another story. */
export function joined(before: readonly Event[], batch: readonly Event[]): readonly Event[] {
  const last = before.at(-1);
  const boot = (event: Event): string => event.cursor.split('-')[0]!;
  const same = last !== undefined && batch[0] !== undefined && boot(last) === boot(batch[0]);
  const kept = last === undefined || same ? before : [];
  const known = kept.at(-1)?.seq ?? 0;
  return [...kept, ...batch.filter(({ seq }) => seq > known)].slice(-KEPT_EVENTS);
}

export function stillPaused(before: ReadonlySet<string>, batch: readonly Event[]): ReadonlySet<string> {
  let now: Set<string> | undefined;
  for (const { event, entity } of batch) {
    if (event === 'runtime:run:paused') (now ??= new Set(before)).add(entity.id);
    else if (event.startsWith('runtime:run:') && before.has(entity.id)) (now ??= new Set(before)).delete(entity.id);
    else if (event.startsWith('runtime:run:')) now?.delete(entity.id);
  }
  return now ?? before;
}
