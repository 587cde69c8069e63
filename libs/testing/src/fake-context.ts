import { MemoryState, NO_META, Origin, Packet, type Context, type Meta } from '@sluice/sdk';
import { VirtualTimeScheduler } from 'rxjs';

/** A context whose clock stands still but for `sleep` and `advance`, and that keeps what nodes count and log. */
export class FakeContext implements Context {
  readonly run = 'run';
  readonly node = 'node';
  readonly signal: AbortSignal = new AbortController().signal;
  readonly scheduler = new VirtualTimeScheduler();
  readonly counters: Record<string, number> = {};
  readonly logged: string[] = [];
  readonly log = {
    debug: () => undefined,
    info: (message: string) => void this.logged.push(message),
    warn: (message: string) => void this.logged.push(message),
    error: (message: string) => void this.logged.push(message),
  };
  readonly state = new MemoryState();
  readonly artifacts = { keep: absent('artifacts'), read: absent('artifacts'), find: absent('artifacts') };
  readonly timers = { set: absent('timers'), ensure: absent('timers'), cancel: absent('timers'), fired: absent('timers') };
  private time = 0;

  now(): number {
    return Math.max(this.time, this.scheduler.frame);
  }
  advance(ms: number): void {
    this.time += ms;
    this.scheduler.maxFrames = this.time;
    this.scheduler.flush();
  }
  async sleep(ms: number): Promise<void> {
    this.time += ms;
    return Promise.resolve();
  }
  random(): number {
    return 0.5;
  }
  count(name: string, by = 1): void {
    this.counters[name] = (this.counters[name] ?? 0) + by;
  }
  latest(): undefined {
    return undefined;
  }
  unit(): never {
    throw new Error('A fake context has no units.');
  }
  session(): never {
    throw new Error('A fake context has no sessions.');
  }
  cancel(): Promise<void> {
    return Promise.resolve();
  }
  trouble(): void {
    // What it says is the run's to tell.
  }
  path(relative: string): string {
    return relative;
  }
  outPath(relative: string): string {
    return relative;
  }
}

function absent(what: string): () => never {
  return () => {
    throw new Error(`A fake context has no ${what}: run a graph.`);
  };
}

/** A source packet as it comes in by the port `in`. */
export function packet<V>(
  payload: V,
  {
    kind = 'value',
    time = 0,
    sourceId = 's',
    meta = NO_META,
    port = 'in',
  }: { kind?: string; time?: number; sourceId?: string; meta?: Meta; port?: string } = {},
): Packet<V> & { readonly port: 'in' } {
  const made = Packet.source(payload, kind, meta, new Origin('run', 'src', sourceId, time, '', null, 0, null));
  return Object.assign(Object.create(Object.getPrototypeOf(made) as object) as Packet<V>, made, { port }) as unknown as Packet<V> & {
    readonly port: 'in';
  };
}
