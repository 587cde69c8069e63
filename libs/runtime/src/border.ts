import type { Packet, PayloadOf, PortType } from '@sluice/sdk';
import { isObservable, Observable, type Subscribable, type Subscriber } from 'rxjs';
import type { Contract, Input, Loss, Output, Pushed, Types } from './api';
import type { Clock } from './clock';
import { settle } from './delivery';
import { Edge } from './edge';
import { Pump, type Scheduler } from './scheduler';

/** What a program expects of a graph's inputs and outputs; `engine.load` compares it with the file. */
export function contract<const I extends Types, const O extends Types>(border: { in: I; out: O }): Contract<I, O> {
  return border;
}

const PUSHED = Symbol.for('sluice.pushed');

interface PushedSource {
  readonly [PUSHED]: { readonly source: Observable<unknown>; readonly loss: Loss };
}

/** Feeds an input from an Observable. It cannot be asked to wait, so what happens when the input is full must be said. */
export function pushed<V>(source: Subscribable<V>, loss: Loss): Pushed<V> {
  const source$ = isObservable(source) ? source : new Observable<V>((out) => source.subscribe(out));
  return { [PUSHED]: { source: source$, loss } } as unknown as Pushed<V>;
}

export function asPushed(input: Input<unknown>): { source: Observable<unknown>; loss: Loss } | undefined {
  return (input as Partial<PushedSource>)[PUSHED];
}

/** An input that a program feeds by hand. */
export interface Feed<in out V> extends AsyncIterable<V> {
  /** Resolves when the graph has taken it. @throws SluiceError never; after `end` it is ignored */
  push(value: V): Promise<void>;
  /** No more will come. */
  end(): void;
}

/** Makes an input to push into: lossless, because `push` returns a promise for room. */
export function feed<V>(_type?: PortType<V>): Feed<V> {
  const waiting: { value: V; taken: () => void }[] = [];
  let reader: ((step: IteratorResult<V, undefined>) => void) | undefined;
  let over = false;
  const finish = (): void => {
    over = true;
    for (const { taken } of waiting.splice(0)) taken();
    reader?.({ done: true, value: undefined });
    reader = undefined;
  };
  return {
    push(value) {
      if (over) return Promise.resolve();
      if (reader !== undefined) {
        const take = reader;
        reader = undefined;
        take({ done: false, value });
        return Promise.resolve();
      }
      return new Promise((taken) => waiting.push({ value, taken }));
    },
    end() {
      over = true;
      if (waiting.length === 0) finish();
    },
    [Symbol.asyncIterator]() {
      return {
        next() {
          const first = waiting.shift();
          if (first !== undefined) {
            first.taken();
            return Promise.resolve({ done: false as const, value: first.value });
          }
          if (over) return Promise.resolve({ done: true as const, value: undefined });
          return new Promise((resolve) => (reader = resolve));
        },
        return() {
          finish();
          return Promise.resolve({ done: true as const, value: undefined });
        },
      };
    },
  };
}

/** Connects an edge of one's own to an output port; returns what takes it away. */
export type Attach = (edge: Edge) => () => void;

/** One named output of a run. Each reader has an edge of its own. */
export class BorderOutput<V> implements Output<V> {
  private readers = 0;

  constructor(
    private readonly name: string,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
    private readonly attach: Attach,
  ) {}

  observe(loss: Loss): Observable<V> {
    return new Observable<V>((out) => {
      const edge = this.edge(loss.when_full, loss.capacity);
      const pump = new ObserverPump(this.scheduler, edge, out as Subscriber<unknown>);
      edge.reader = pump;
      return this.attach(edge);
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<V, void> {
    const edge = this.edge('block', undefined);
    const pump = new ReaderPump(this.scheduler);
    edge.reader = pump;
    const detach = this.attach(edge);
    let held: Packet | undefined;
    try {
      for (;;) {
        held = edge.take();
        if (held !== undefined) {
          yield held.payload as V;
          // The loop's body ran to its end: that is the ack.
          settle(held, 'acked');
        } else if (edge.ended) return;
        else await pump.woken();
      }
    } finally {
      // The body was left, by a throw or a break: whoever sent it hears that it was not done.
      if (held !== undefined) settle(held, 'nacked');
      detach();
    }
  }

  private edge(when_full: Loss['when_full'] | 'block', capacity: number | undefined): Edge {
    const id = `$outputs.${this.name}#${this.readers++}`;
    return new Edge({ id, to: { node: '$outputs', port: this.name }, when_full, capacity: capacity ?? 64, lane: 'data' }, this.clock);
  }
}

/** Hands over to a subscriber as fast as it returns. */
class ObserverPump extends Pump {
  constructor(
    scheduler: Scheduler,
    private readonly edge: Edge,
    private readonly out: Subscriber<unknown>,
  ) {
    super(scheduler, 1);
  }
  override pump(): void {
    for (let n = 1; ; n++) {
      const packet = this.edge.take();
      if (packet === undefined) break;
      this.out.next(packet.payload);
      settle(packet, 'acked');
      if ((n & 15) === 0 && this.scheduler.over()) return this.wake();
    }
    if (this.edge.ended) this.out.complete();
  }
}

/** Wakes a loop that waits for the next packet. */
class ReaderPump extends Pump {
  private resolve: (() => void) | undefined;
  private pending = false;

  constructor(scheduler: Scheduler) {
    super(scheduler, 1);
  }
  override pump(): void {
    if (this.resolve === undefined) this.pending = true;
    else {
      const wake = this.resolve;
      this.resolve = undefined;
      wake();
    }
  }
  woken(): Promise<void> {
    if (this.pending) {
      this.pending = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => (this.resolve = resolve));
  }
}

export type PayloadsOf<I extends Types> = { readonly [K in keyof I]: Input<PayloadOf<I[K]>> };
