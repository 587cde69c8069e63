import { resolve } from 'node:path';
import { MemoryState, Origin, Packet, type Context, type Outcome, type To } from '@sluice/sdk';
import { VirtualTimeScheduler } from 'rxjs';

export interface FakeContext extends Context {
  readonly counters: Record<string, number>;
  readonly logged: string[];
  /** Virtual milliseconds; sleeping moves it. */
  time: number;
  abort(reason?: unknown): void;
}

/** A context in virtual time: `sleep` returns at once and moves the clock. */
export function fakeContext(folder = '.'): FakeContext {
  const stop = new AbortController();
  const logged: string[] = [];
  const counters: Record<string, number> = {};
  const say = (message: string) => void logged.push(message);
  const ctx: FakeContext = {
    run: 'r1',
    node: 'n1',
    signal: stop.signal,
    counters,
    logged,
    time: Date.UTC(2026, 0, 1),
    now: () => ctx.time,
    trouble: (error) => {
      if (error !== undefined) say(error.message);
    },
    sleep: (ms) => {
      ctx.time += ms;
      return Promise.resolve();
    },
    random: () => 0.5,
    scheduler: new VirtualTimeScheduler(),
    log: { debug: say, info: say, warn: say, error: say },
    state: new MemoryState(),
    latest: () => undefined,
    unit: unused,
    session: unused,
    cancel: unused,
    count: (name, by = 1) => void (counters[name] = (counters[name] ?? 0) + by),
    path: (relative) => resolve(folder, relative),
    outPath: (relative) => resolve(folder, relative),
    abort: (reason) => stop.abort(reason ?? new Error('cancelled')),
  };
  return ctx;
}

function unused(): never {
  throw new Error('The nodes of this plugin use no scopes.');
}

/** What the runtime makes of a source's output. */
export function packetOf<V, K extends string = string>(output: To<string, V>, port: K = 'frames' as K): Packet<V> & { readonly port: K } {
  const { emission } = output;
  const origin = new Origin('r1', 'n1', emission.sourceId ?? 'n1', emission.time ?? 0, emission.key ?? '', null, 0, null);
  return withPort(Packet.source(output.payload, 'test', emission.meta ?? {}, origin), port);
}

export function withPort<V, K extends string>(packet: Packet<V>, port: K): Packet<V> & { readonly port: K } {
  return Object.assign(Object.create(Packet.prototype) as object, packet, { port }) as Packet<V> & { readonly port: K };
}

/** A packet of a made-up source. */
export function packet<V, K extends string>(
  payload: V,
  port: K,
  { time = 0, meta = {}, sourceId = 'cam' }: { time?: number; meta?: object; sourceId?: string } = {},
) {
  const origin = new Origin('r1', 'n0', sourceId, time, '', null, 0, null);
  return withPort(Packet.source(payload, 'test', { ...meta }, origin), port);
}

/** Ends a source packet, as the runtime does once all that came from it is done. */
export function done(output: To, outcome: Outcome = 'acked'): void {
  output.emission.done?.(outcome);
}
