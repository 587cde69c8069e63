import type { PlanNode } from '@sluice/graph';
import { SluiceError, type Context } from '@sluice/sdk';
// From its own file: an index with many names is a slow object to look into, once per packet.
import { emitted, type Emitter, type Fence, kindAt, Origin, Packet, To } from '@sluice/sdk/packet';
import { Observable, Subscriber } from 'rxjs';
import { CALL_SCOPE } from './context';
import { settle } from './delivery';
import { Latency } from './figures';
import { variable } from './variable';

/**
 * An output port of a node in a run: where a graph forks. A subscriber of its segment, and an Observable of what leaves
 * by this port; each edge that starts here subscribes to it.
 */
export class Outlet extends Subscriber<Packet> implements Emitter {
  /** The stage that follows in the same segment; then nothing waits between the two. */
  fused: Stage | undefined;
  readers: readonly Subscriber<Packet>[] = [];
  /** The only reader, where there is one. */
  sole: Subscriber<Packet> | undefined;
  /** Those who look on; the end of the stream is shown as undefined. */
  taps: ((packet: Packet | undefined) => void)[] | undefined;
  /** Sent where nobody reads. */
  unread = 0;
  over = false;
  /** Told when readers came or went. */
  changed: () => void = () => undefined;

  constructor(
    readonly run: string,
    readonly node: string,
    readonly port: string,
    /** Kind of its packets; undefined keeps that of the input. */
    readonly kind: string | undefined,
  ) {
    super();
    variable(this, 'taps', 'sole', 'readers');
  }

  readonly packets$ = new Observable<Packet>((reader) => {
    if (this.over) return reader.complete();
    this.read([...this.readers, reader]);
    return () => this.read(this.readers.filter((other) => other !== reader));
  });

  private read(readers: readonly Subscriber<Packet>[]): void {
    this.readers = readers;
    this.sole = readers.length === 1 ? readers[0] : undefined;
    this.changed();
  }

  /** Shows a packet to those who look on. */
  tapped(packet: Packet): void {
    for (const tap of this.taps!) tap(packet);
  }

  /** @throws SluiceError EDGE_FULL, NODE_OVERRUN from an edge that takes no more; that branch's share of the delivery is then the sender's to settle */
  override next(packet: Packet): void {
    if (this.sole !== undefined) this.sole.next(packet);
    else this.fanOut(packet);
  }

  /** By reason, what was refused where nothing waits; an edge refuses it when it is taken. */
  refused: Record<string, number> | undefined;

  /** Whether a packet's scope is fenced, or has a newer owner: then it is done. */
  refuses(packet: Packet): boolean {
    const { scope, epoch } = packet.origin;
    if (scope === null || (!scope.fenced && epoch >= scope.epoch)) return false;
    const reason = scope.fenced ? 'cancelled' : 'epoch';
    this.refused ??= {};
    this.refused[reason] = (this.refused[reason] ?? 0) + 1;
    settle(packet, scope.fenced ? 'cancelled' : 'acked');
    return true;
  }

  override complete(): void {
    this.over = true;
    for (const reader of this.readers) reader.complete();
    if (this.taps !== undefined) for (const tap of this.taps) tap(undefined);
  }

  private fanOut(packet: Packet): void {
    const { readers } = this;
    const { delivery } = packet.origin;
    if (readers.length === 0) {
      this.unread++;
      if (delivery !== null) delivery.settle('acked');
      return;
    }
    if (delivery !== null) delivery.hold(readers.length - 1);
    let failed: unknown;
    for (const reader of readers) {
      try {
        reader.next(packet);
      } catch (error) {
        if (failed === undefined) failed = error;
        else if (delivery !== null) delivery.settle('nacked', error);
      }
    }
    if (failed !== undefined) throw failed;
  }
}

export type Call = (packet: Packet, ctx: Context) => unknown;

export type ResultKind = 'none' | 'one' | 'promise' | 'iterable' | 'async-iterable' | 'observable';

/** What a stage calls: a node's own method, or policies around it. */
export interface Callee {
  process?: Call;
  write?: Call;
  writeBatch?: (packets: readonly Packet[], ctx: Context) => unknown;
}

const NO_CALLEE: Callee = {};

/** One node at work in a run: what it is called with, what it gave, and its figures. */
export class Stage {
  consumed = 0;
  produced = 0;
  errors = 0;
  /** A call of it has given a promise. */
  awaited = false;
  /** Calls under way that have not returned yet. */
  busy = 0;
  lastError: { code: string; message: string; at: string } | undefined;
  readonly latency = new Latency();
  readonly outlets: Readonly<Record<string, Outlet>>;
  /** The only declared output, where there is one. */
  readonly only: Outlet | undefined;
  /** Where failures go, where it is connected. */
  readonly error: Outlet | undefined;
  /** Set when the node is made. */
  callee: Callee = NO_CALLEE;
  readonly writes: boolean;
  seq = 0;
  private readonly scopes = new WeakMap<Fence, Context>();
  /** Class of payloads that this node is known to return; saves asking each what it is. */
  plain: unknown;

  constructor(
    readonly node: PlanNode,
    /** Name of its only input that has an edge; packets are addressed to it inside a segment. */
    readonly port: string,
    readonly ctx: Context,
    readonly runScope: Fence,
    outlets: readonly Outlet[],
    /** The node's own counters, from `ctx.count`. */
    readonly counters: Readonly<Record<string, number>>,
  ) {
    this.outlets = Object.fromEntries(outlets.map((outlet) => [outlet.port, outlet]));
    this.error = this.outlets['error'];
    const declared = outlets.filter((outlet) => outlet.port in node.out);
    this.writes = node.kind === 'sink';
    this.only = declared.length === 1 ? declared[0] : undefined;
  }

  /** Calls the node. Every call comes through here, so its class needs one place to be known at. */
  call(packet: Packet): unknown {
    const { callee } = this;
    const { scope } = packet.origin;
    const ctx = scope === null || scope === this.runScope ? this.ctx : this.scoped(scope);
    return this.writes ? callee.write!(packet, ctx) : callee.process!(packet, ctx);
  }

  /** The context of calls within a unit: the same, with the unit's signal. */
  private scoped(scope: Fence): Context {
    const known = this.scopes.get(scope);
    if (known !== undefined) return known;
    const own: Context = Object.create(this.ctx, {
      signal: { get: () => scope.signal, enumerable: true },
      [CALL_SCOPE]: { value: scope },
    });
    this.scopes.set(scope, own);
    return own;
  }

  /** What kind of result a call gave; a payload, packet or To is `one`. */
  resultKind(result: unknown): ResultKind {
    if (result === undefined) return 'none';
    if (typeof result !== 'object' || result === null) return 'one';
    if (result instanceof Packet) return 'one';
    if (result instanceof Promise) return 'promise';
    const made: unknown = (result as { constructor?: unknown }).constructor;
    if (made === this.plain || result instanceof To) return 'one';
    if (made !== Object && made !== undefined && !Array.isArray(result) && !ArrayBuffer.isView(result)) {
      const maybe = result as { then?: unknown; next?: unknown; subscribe?: unknown };
      if (typeof maybe.then === 'function') return 'promise';
      if (typeof maybe.next === 'function') {
        if (Symbol.iterator in result) return 'iterable';
        if (Symbol.asyncIterator in result) return 'async-iterable';
      }
      if (typeof maybe.subscribe === 'function') return 'observable';
    }
    this.plain = made;
    return 'one';
  }

  /** The outlet that a result is for. @throws SluiceError NODE_OUTPUT where it names none, or an unknown one */
  outletOf(result: unknown): Outlet {
    const name = result instanceof To ? result.to : undefined;
    const outlet = name === undefined ? this.only : Object.hasOwn(this.outlets, name) ? this.outlets[name] : undefined;
    if (outlet !== undefined) return outlet;
    const ports = Object.keys(this.outlets).join(', ') || 'none';
    throw new SluiceError('NODE_OUTPUT', name === undefined ? 'It gave a payload without a port.' : `It has no output ${name}.`, {
      node: this.node.id,
      hint: `Use to(port, payload); its outputs: ${ports}.`,
    });
  }

  /**
   * The packet that goes out: derived from `input` where the node gave a payload, marked with its number. Its kind is the
   * one that the node named, else that of the output's type, else that of what it was made from.
   */
  packetOf(result: unknown, outlet: Outlet, input: Packet): Packet {
    if (result instanceof To) return this.sentTo(result, outlet, input);
    if (!(result instanceof Packet)) {
      const { meta, origin, from, seq, path } = input;
      return new Packet(result, outlet.kind ?? input.kind, meta, origin, '', outlet, this.seq++, from, seq, path);
    }
    // One that is passed on stays what it is.
    if (result.emitted) return result;
    // From the second result of a call on, the path of `input` tells them apart.
    const same = result.causeSeq === input.seq && result.causeFrom === input.from;
    emitted(result, outlet, this.seq++, outlet.kind, same ? input.path : result.path);
    return result;
  }

  private sentTo({ payload, emission }: To, outlet: Outlet, input: Packet): Packet {
    const { meta, kind, scope } = emission;
    if (meta === undefined && kind === undefined && scope === undefined) return this.packetOf(payload, outlet, input);
    const given = payload instanceof Packet ? payload : input.with(payload);
    // From here on it belongs to that scope; its delivery stays that of the source packet.
    const origin = scope === undefined || scope === given.origin.scope ? given.origin : within(given.origin, scope);
    const all = meta === undefined ? given.meta : { ...given.meta, ...meta };
    const [from, seq] = given.emitted ? [given.from, given.seq] : [given.causeFrom, given.causeSeq];
    const path = seq === input.seq && from === input.from ? input.path : given.path;
    return new Packet(given.payload, kind ?? kindAt(given, outlet.kind), all, origin, '', outlet, this.seq++, from, seq, path);
  }
}

function within(origin: Origin, scope: Fence): Origin {
  const { run, node, sourceId, time, key, delivery } = origin;
  return new Origin(run, node, sourceId, time, key, scope, scope.epoch, delivery);
}
