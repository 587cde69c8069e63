import { SluiceError } from './catalogue';

/** What travels with a packet and may be logged: no secrets. */
export type Meta = Readonly<Record<string, unknown>>;

/** How a delivery ended. Only `nacked` asks the source to send again. */
export type Outcome = 'acked' | 'nacked' | 'cancelled';

/** The ack token of a source packet: done when all that came from it is done. */
export interface Delivery {
  /** `n` more packets now depend on it. */
  hold(n: number): void;
  /** One packet is done. */
  settle(outcome: Outcome, error?: unknown): void;
  /** Told once, when all is done. */
  whenDone?(tell: (outcome: Outcome) => void): void;
  /** Those that it is made of, where it is made of several. */
  readonly parts?: readonly Delivery[];
}

/** What can be cancelled as one. Readers need only the fence. */
export interface Fence {
  readonly id: string;
  /** True from the moment of cancel: nothing of this scope is taken, emitted or written any more. */
  readonly fenced: boolean;
  readonly epoch: number;
  readonly signal: AbortSignal;
}

/** What never changes on the way: lives once per source packet, shared by all that is derived from it. */
export class Origin {
  constructor(
    readonly run: string,
    /** Node that emitted the source packet. */
    readonly node: string,
    /** Origin stream: camera, sensor, topic. */
    readonly sourceId: string,
    /** Event time, ms since the epoch. */
    readonly time: number,
    /** Stable key of the source packet: the same at every redelivery; '' where the source has none. */
    readonly key: string,
    readonly scope: Fence | null,
    readonly epoch: number,
    readonly delivery: Delivery | null,
  ) {}
}

/** Output port of a node in a run; its packets are numbered per node. */
export interface Emitter {
  readonly run: string;
  readonly node: string;
  readonly port: string;
}

/** The meta of packets that have none. */
export const NO_META: Meta = Object.freeze({});

/**
 * What the first copy of this package in the process has: a plugin may bring a copy of its own, and the runtime must
 * know what that sends. The number changes when the shape does.
 */
export function shared<C>(name: `${string}@${number}`, own: C): C {
  const all = globalThis as unknown as Record<symbol, C | undefined>;
  return (all[Symbol.for(`sluice.${name}`)] ??= own);
}

/** Emitter of a packet that was not emitted yet. */
export const NOWHERE: Emitter = shared('nowhere@1', Object.freeze({ run: '', node: '', port: '' }));

/** In the place of the number of a fresh packet whose kind was named; without it the output says the kind. */
const NAMED = -1;

/**
 * Immutable message. All fields are always assigned, so that V8 keeps one hidden class.
 * `from`, `seq` and `port` are set by the runtime when the packet is emitted.
 */
class Packet<out V = unknown> {
  constructor(
    readonly payload: V,
    /** What the payload means: frame, event, order ... */
    readonly kind: string,
    /** Small, loggable, no secrets. */
    readonly meta: Meta,
    readonly origin: Origin,
    /** Input port that it goes in by. */
    readonly port: string,
    readonly from: Emitter,
    readonly seq: number,
    /** Emitter and number of the packet that it was made from: an id, never a reference. */
    readonly causeFrom: Emitter,
    readonly causeSeq: number,
    /** Ordinals of the outputs on the way that were not the first of their input. */
    readonly path: string,
  ) {}

  /**
   * A packet of the same origin with another payload, caused by this one. Where no kind is named it is of this kind until
   * it is emitted, then of the kind that its output's type has.
   */
  with<W>(payload: W, meta: Meta = this.meta, kind?: string): Packet<W> {
    // Derived twice before it is emitted, it is still caused by what it was first made from, and of the kind that was named.
    if (this.from === NOWHERE) {
      const seq = kind === undefined ? this.seq : NAMED;
      return new Packet(payload, kind ?? this.kind, meta, this.origin, '', NOWHERE, seq, this.causeFrom, this.causeSeq, this.path);
    }
    const seq = kind === undefined ? 0 : NAMED;
    return new Packet(payload, kind ?? this.kind, meta, this.origin, '', NOWHERE, seq, this.from, this.seq, this.path);
  }

  /** `run:node:seq`, formatted when read. */
  get id(): string {
    return idOf(this.from, this.seq);
  }

  /** Id of the packet that it was made from; undefined for a source's. */
  get cause(): string | undefined {
    return this.causeFrom === NOWHERE ? undefined : idOf(this.causeFrom, this.causeSeq);
  }

  /** Event time, ISO-8601 UTC. */
  get ts(): string {
    return new Date(this.origin.time).toISOString();
  }

  get sourceId(): string {
    return this.origin.sourceId;
  }

  /** The key that a sink deduplicates by; the same at every redelivery where the source has a stable key. */
  get key(): string {
    const own = this.meta['idempotency_key'];
    if (typeof own === 'string') return own;
    if (this.origin.key === '') return this.id;
    // Each round of a cycle passes the same ports.
    const hops = hopsOf(this);
    return `${this.origin.key}${this.path}/${this.from.node}.${this.from.port}${hops === 0 ? '' : `~${hops}`}`;
  }

  /** Whether it was emitted already; a packet fresh from `with()` was not. */
  get emitted(): boolean {
    return this.from !== NOWHERE;
  }

  static source<V>(payload: V, kind: string, meta: Meta, origin: Origin): Packet<V> {
    return new Packet(payload, kind, meta, origin, '', NOWHERE, 0, NOWHERE, 0, '');
  }

  /** `packet@1`, as it is written to a file or sent. The payload is passed on as it is. */
  toJSON(): PacketJson<V> {
    const { origin } = this;
    const cause = this.cause;
    return {
      v: 1,
      packet_id: this.id,
      ts: this.ts,
      kind: this.kind,
      source_id: origin.sourceId,
      payload: this.payload,
      meta: this.meta,
      seq: this.seq,
      ...(origin.scope === null ? {} : { scope: origin.scope.id }),
      ...(origin.epoch === 0 ? {} : { epoch: origin.epoch }),
      ...(cause === undefined ? {} : { cause }),
    };
  }
}

function idOf(from: Emitter, seq: number): string {
  return `${from.run}:${from.node}:${seq}`;
}

type SharedPacket<V = unknown> = Packet<V>;
const SharedPacket = shared('packet@1', Packet);

/** Wire form of a packet, `packet@1`. */
export interface PacketJson<V = unknown> {
  readonly v: 1;
  readonly packet_id: string;
  readonly ts: string;
  readonly kind: string;
  readonly source_id: string;
  readonly payload: V;
  readonly meta: Meta;
  readonly seq?: number;
  readonly scope?: string;
  readonly epoch?: number;
  readonly cause?: string;
}

/** What an output says beside its payload; the last four are a source's to say. */
export interface Emission {
  /** Added to the input's meta. `idempotency_key` is the stable key for at-least-once delivery. */
  readonly meta?: Meta;
  readonly kind?: string;
  /** Event time, ms since the epoch; default now. */
  readonly time?: number;
  readonly sourceId?: string;
  /** Stable key of a source packet, the same at every redelivery. */
  readonly key?: string;
  /** Called once, when all that came from this source packet is done. */
  readonly done?: (outcome: Outcome, error?: unknown) => void;
  readonly scope?: Fence;
  readonly epoch?: number;
}

const NO_EMISSION: Emission = Object.freeze({});

/** One output, addressed. */
class To<out K extends string = string, out V = unknown> {
  constructor(
    readonly to: K,
    readonly payload: V,
    readonly emission: Emission,
  ) {}
}

type SharedTo<K extends string = string, V = unknown> = To<K, V>;
const SharedTo = shared('to@1', To);

export { SharedPacket as Packet, SharedTo as To };

/** Sends `payload` to an output port. */
export function to<const K extends string, V>(port: K, payload: V, emission: Emission = NO_EMISSION): To<K, V> {
  return new SharedTo(port, payload, emission);
}

/** The kind that a packet has when it leaves by an output whose type says `kind`: of a fresh one, that, unless another was named. */
export function kindAt(packet: Packet, kind: string | undefined): string {
  return kind === undefined || packet.seq === NAMED || packet.emitted ? packet.kind : kind;
}

type Emitted = { from: Emitter; seq: number; kind: string; path: string };

/**
 * The runtime marks a fresh packet when it is emitted; one that is passed on stays what it is.
 * @param kind of the output's type, undefined where that has none
 */
export function emitted(packet: Packet, from: Emitter, seq: number, kind: string | undefined, path: string): void {
  const made = packet as Emitted;
  made.kind = kindAt(packet, kind);
  made.from = from;
  made.seq = seq;
  made.path = path;
}

/**
 * One counter, +N-1 for N outputs, done at 0. One failed branch makes the whole nacked; a cancelled one makes it
 * cancelled unless a branch failed.
 */
export abstract class CountedDelivery implements Delivery {
  /** Packets that are not done. */
  pending = 1;
  private outcome: Outcome = 'acked';
  private error: unknown;
  private tellers: ((outcome: Outcome) => void)[] | undefined;

  whenDone(tell: (outcome: Outcome) => void): void {
    (this.tellers ??= []).push(tell);
  }

  hold(n: number): void {
    this.pending += n;
  }

  settle(outcome: Outcome, error?: unknown): void {
    if (outcome === 'nacked' || (outcome === 'cancelled' && this.outcome === 'acked')) {
      this.outcome = outcome;
      this.error ??= error;
    }
    // Below 0 somebody has released a packet twice: who waits was told already.
    if (--this.pending !== 0) return;
    this.done(this.outcome, this.error);
    if (this.tellers !== undefined) for (const tell of this.tellers) tell(this.outcome);
  }

  protected abstract done(outcome: Outcome, error: unknown): void;
}

/** The deliveries of all inputs that one output was made of: done together. */
class CombinedDelivery extends CountedDelivery {
  constructor(readonly parts: readonly Delivery[]) {
    super();
  }

  protected override done(outcome: Outcome, error: unknown): void {
    for (const part of this.parts) part.settle(outcome, error);
  }
}

/**
 * One packet made of several, for operators with `delivery: explicit`: it carries the deliveries of all of them, the
 * latest event time and the scope of the first.
 */
export function combine<V>(packets: readonly [Packet, ...Packet[]], payload: V, kind?: string, meta: Meta = NO_META): Packet<V> {
  const [first] = packets;
  for (const packet of packets) if (packet.origin.delivery !== null) gone.add(packet);
  const { run, node, sourceId, scope } = first.origin;
  const parts: Delivery[] = [];
  for (const { origin } of packets) {
    if (origin.delivery === null) continue;
    // Of several packets of one source packet one goes on in their place; the others are done.
    if (parts.includes(origin.delivery)) origin.delivery.settle('acked');
    else parts.push(origin.delivery);
  }
  const hops = Math.max(...packets.map(hopsOf));
  const keys = packets.every(({ origin }) => origin.key !== '') ? packets.map((packet) => packet.key).join('+') : '';
  const time = Math.max(...packets.map(({ origin }) => origin.time));
  const epoch = Math.min(...packets.map(({ origin }) => origin.epoch));
  const delivery = parts.length === 0 ? null : parts.length === 1 ? parts[0]! : new CombinedDelivery(parts);
  const origin = new Origin(run, node, sourceId, time, keys, scope, epoch, delivery);
  const all = hops === 0 ? meta : { ...meta, hops };
  const seq = kind === undefined ? 0 : NAMED;
  return new SharedPacket(payload, kind ?? first.kind, all, origin, '', NOWHERE, seq, first.from, first.seq, '');
}

function hopsOf({ meta }: Packet): number {
  return typeof meta['hops'] === 'number' ? meta['hops'] : 0;
}

/**
 * The packet, once more round a cycle: how often is counted in `meta.hops`.
 * @throws SluiceError HOP_LIMIT beyond `max`
 */
export function hop<V>(packet: Packet<V>, max: number): Packet<V> {
  const hops = hopsOf(packet) + 1;
  if (hops > max) {
    throw new SluiceError('HOP_LIMIT', `It has been round more than ${max} times.`, {
      hint: 'Let something on the cycle end it, or raise max_hops.',
    });
  }
  return packet.with(packet.payload, { ...packet.meta, hops });
}

/** For operators with `delivery: explicit`: this packet is done, nothing was made of it. */
export function release(packet: Packet, outcome: Outcome = 'acked', error?: unknown): void {
  const { delivery } = packet.origin;
  if (delivery === null) return;
  gone.add(packet);
  delivery.settle(outcome, error);
}

/** Packets that an operator is done with: released, or part of what it combined. */
const gone = shared('gone@1', new WeakSet<object>());

/** Whether an operator that was given this packet still holds it, as far as `release` and `combine` say. */
export function isHeld(packet: Packet): boolean {
  return !gone.has(packet);
}
