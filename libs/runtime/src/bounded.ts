import type { WhenFull } from '@sluice/graph';
import { NO_META, Origin, Packet } from '@sluice/sdk/packet';
import { from, map, Observable, type ObservableInput, type OperatorFunction, type Subscription } from 'rxjs';
import { wallClock, type Clock } from './clock';
import { Edge } from './edge';
import { Pump, Scheduler } from './scheduler';

/** How much a bounded operator holds, and what happens when it is full. */
export interface BoundedOptions {
  /** Items that may wait; 1 for `latest` without a key. */
  readonly capacity: number;
  /** Who goes when it is full. An Observable cannot be asked to wait, so `block` is none of them. */
  readonly when_full: Exclude<WhenFull, 'block'>;
  /** For `latest` and `fair`: a path into the value, `payload.tenant`. */
  readonly key?: string;
  readonly clock?: Clock;
}

let shared: Scheduler | undefined;
const NOBODY = new Origin('', '', '', 0, '', null, 0, null);

/**
 * The edge as an operator for any pipe: between a source that pushes and work that takes time stands a queue that cannot
 * grow beyond `capacity`. `work` is given one value at a time, the next when what it returned has completed; without it,
 * values are handed on one by one as fast as the subscriber returns, a slice per turn of the event loop.
 *
 * Errors with EDGE_FULL where `when_full` is `error` and the queue is full.
 */
export function bounded<T>(options: BoundedOptions): OperatorFunction<T, T>;
export function bounded<T, R>(options: BoundedOptions, work: (value: T) => ObservableInput<R>): OperatorFunction<T, R>;
export function bounded<T, R>(options: BoundedOptions, work?: (value: T) => ObservableInput<R>): OperatorFunction<T, T | R> {
  return (source) =>
    new Observable<T | R>((out) => {
      const clock = options.clock ?? wallClock;
      const scheduler = options.clock === undefined ? (shared ??= new Scheduler(wallClock)) : new Scheduler(clock);
      const plan = {
        id: 'bounded',
        to: { node: '', port: 'in' },
        when_full: options.when_full,
        capacity: options.capacity,
        lane: 'data',
      } as const;
      const edge = new Edge(options.key === undefined ? plan : { ...plan, key: options.key }, clock);
      const hand = (value: T, done: () => void): Subscription | undefined => {
        if (work === undefined) {
          out.next(value);
          done();
          return undefined;
        }
        return from(work(value)).subscribe({ next: (result) => out.next(result), error: (error) => out.error(error), complete: done });
      };
      const pump = new HandPump<T>(scheduler, edge, hand, () => out.complete());
      edge.reader = pump;
      const pushing = source.pipe(map((value) => Packet.source(value, 'any', NO_META, NOBODY))).subscribe({
        next: (packet) => {
          try {
            edge.next(packet);
          } catch (full) {
            out.error(full);
          }
        },
        error: (error) => out.error(error),
        complete: () => edge.complete(),
      });
      return () => {
        pushing.unsubscribe();
        pump.stop();
      };
    });
}

class HandPump<T> extends Pump {
  private busy = false;
  private stopped = false;
  private working: Subscription | undefined;

  constructor(
    scheduler: Scheduler,
    private readonly edge: Edge,
    private readonly hand: (value: T, done: () => void) => Subscription | undefined,
    private readonly over: () => void,
  ) {
    super(scheduler, 1);
  }

  override pump(): void {
    while (!this.busy && !this.stopped) {
      const packet = this.edge.take();
      if (packet === undefined) {
        if (this.edge.ended) this.over();
        return;
      }
      this.busy = true;
      this.working = this.hand(packet.payload as T, () => {
        this.busy = false;
        this.wake();
      });
      if (this.scheduler.over()) return this.wake();
    }
  }

  stop(): void {
    this.stopped = true;
    this.working?.unsubscribe();
    this.edge.purge('cancelled');
  }
}
