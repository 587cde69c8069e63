import { outsideWork } from '@sluice/sdk';
import { Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs';

/** All time that a run sees. The wall clock runs by itself; the virtual one is driven by a test or a replay. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since some moment, for slices and latencies. */
  elapsed(): number;
  /** Calls `fn` after `ms`; returns what cancels it. */
  after(ms: number, fn: () => void): () => void;
  /** Calls `fn` in a new turn of the event loop. */
  turn(fn: () => void): void;
}

/** The clock of this machine. */
export const wallClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
  turn: (fn) => void setImmediate(fn),
};

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
}

/**
 * Time that moves only when nothing is left to do at the present moment. Timers of one moment fire in the order in
 * which they were set, so one plan with one seed always gives the same run.
 */
export class VirtualClock implements Clock {
  private time: number;
  private order = 0;
  private readings = 0;
  private timers: Timer[] = [];
  /** Turns that were asked for and have not come: there is work left at the present moment. */
  private turns = 0;
  private readonly start: number;

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.time = this.start = start;
  }

  now(): number {
    return this.time;
  }

  elapsed(): number {
    // A microsecond for each reading: an endless synchronous source still ends its slice, the same way every time.
    return this.time - this.start + this.readings++ / 1_000;
  }

  after(ms: number, fn: () => void): () => void {
    const timer: Timer = { at: this.time + Math.max(0, ms), order: this.order++, fn };
    // Binary insertion keeps the list sorted by (at, order).
    let low = 0;
    let high = this.timers.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (this.timers[mid]!.at <= timer.at) low = mid + 1;
      else high = mid;
    }
    this.timers.splice(low, 0, timer);
    return () => {
      const at = this.timers.indexOf(timer);
      if (at >= 0) this.timers.splice(at, 1);
    };
  }

  turn(fn: () => void): void {
    this.turns++;
    setImmediate(() => {
      this.turns--;
      fn();
    });
  }

  /**
   * Lets everything happen that is due until `ms` from now have passed, or `until` resolved. Who waits for something does not make time
   * pass where nothing is due at all: what is under way then is real, such as a file that is closed.
   */
  async advance(ms: number, until?: Promise<unknown>): Promise<void> {
    const end = this.time + ms;
    let over = false;
    void until?.then(
      () => (over = true),
      () => (over = true),
    );
    for (;;) {
      await this.settle();
      if (over) return;
      const next = this.timers[0];
      if (next === undefined && until !== undefined) return;
      if (next === undefined || next.at > end) break;
      this.timers.shift();
      this.time = next.at;
      next.fn();
    }
    if (Number.isFinite(end)) this.time = end;
  }

  /** Runs until `until` resolves, however much virtual time that takes. Real input and output is waited for. */
  async run<V>(until: Promise<V>): Promise<V> {
    let over = false;
    void until.then(
      () => (over = true),
      () => (over = true),
    );
    while (!over) await this.advance(Infinity, until);
    return until;
  }

  /**
   * Turns of the event loop until nobody asks for the time any more: promises settle, and the scheduler does what it has
   * to do. A file that is read or written lives in real time, and so does what a node calls `outside`: it is waited for, so that a timer
   * never overtakes it.
   */
  private async settle(): Promise<void> {
    const since = performance.now();
    let turns = 0;
    for (let before = -1; before !== this.asked || outsideWork() > 0;) {
      before = this.asked;
      for (let i = 0; i < 2 || (this.turns > 0 && turns < MAX_TURNS); i++, turns++) await nextTurn();
      while (requested() && performance.now() - since < PATIENCE_MS) await nextTurn();
      // What it gives is then worked on at this moment, like anything else.
      for (; outsideWork() > 0; before = -1) {
        if (performance.now() - since > OUTSIDE_MS) return;
        await new Promise<void>((resolve) => setTimeout(resolve, 1));
      }
      if (turns >= MAX_TURNS) return;
    }
  }

  private get asked(): number {
    return this.readings + this.order;
  }
}

function nextTurn(): Promise<void> {
  return new Promise<void>((resolve) => setImmediate(resolve));
}

/** Whether the process waits for an answer that it asked for: from a file, a socket, a name server. */
function requested(): boolean {
  for (const resource of process.getActiveResourcesInfo()) if (REQUEST.test(resource)) return true;
  return false;
}

const REQUEST = /Req|^(Write|Shutdown|TCPConnect|PipeConnect)Wrap$/;
/** Real time after which virtual time goes on although something was asked for. */
const PATIENCE_MS = 1_000;
/** The same for work that a node has named as such (`outside`), such as a model that is loaded. */
const OUTSIDE_MS = 20_000;

/** Turns after which time moves although there is work left: a source without end must not stop it. */
const MAX_TURNS = 500;

class ClockAction<T> extends Subscription implements SchedulerAction<T> {
  private cancel: (() => void) | undefined;
  private pending = false;

  constructor(
    private readonly clock: Clock,
    private readonly work: (this: SchedulerAction<T>, state?: T) => void,
  ) {
    super();
    this.add(() => this.cancel?.());
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this;
    this.cancel?.();
    this.pending = true;
    this.cancel = this.clock.after(delay, () => {
      this.pending = false;
      this.work.call(this, state);
      if (!this.pending) this.unsubscribe();
    });
    return this;
  }
}

/** The clock as RxJS wants it, for debounceTime, bufferTime and their like inside operator nodes. */
export function schedulerOf(clock: Clock): SchedulerLike {
  return {
    now: () => clock.now(),
    schedule: <T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T) =>
      new ClockAction<T>(clock, work).schedule(state, delay),
  };
}

/** Deterministic numbers in [0, 1) from a seed (xorshift32, Marsaglia 2003). */
export function seeded(seed: number): () => number {
  let state = seed | 0 || 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** A clock that knows how many timers are set: with none, and nothing else under way, nothing more will happen by itself. */
export class CountingClock implements Clock {
  pending = 0;

  /** @param none called when the last timer is gone */
  constructor(
    private readonly clock: Clock,
    private readonly none: () => void = () => undefined,
  ) {}

  now(): number {
    return this.clock.now();
  }

  elapsed(): number {
    return this.clock.elapsed();
  }

  after(ms: number, fn: () => void): () => void {
    this.pending++;
    let set = true;
    const over = (): void => {
      if (!set) return;
      set = false;
      if (--this.pending === 0) this.none();
    };
    const cancel = this.clock.after(ms, () => {
      over();
      fn();
    });
    return () => {
      over();
      cancel();
    };
  }

  turn(fn: () => void): void {
    this.clock.turn(fn);
  }
}
