import 'reflect-metadata';
import { inject, injectable } from 'inversify';
import type { Observable } from 'rxjs';
import type { NodeEntry, NodeExample, NodeKind, SourceMode } from './catalogue';
import { SluiceError } from './catalogue';
import { configSchema } from './config';
import type { Context } from './context';
import type { Probed } from './journal';
import type { Packet, To } from './packet';
import type { PayloadOf, Port, Ports } from './port';
import { CONFIG, type Token } from './token';

/** What process() and write() get: the packet, and in `port` the name of the input that it came in by. */
export type In<P extends Ports> = { [K in keyof P & string]: Packet<PayloadOf<P[K]>> & { readonly port: K } }[keyof P & string];

type Tos<P extends Ports> = { [K in keyof P & string]: To<K, PayloadOf<P[K]> | Packet<PayloadOf<P[K]>>> }[keyof P & string];
type IsUnion<A, B = A> = [A] extends [never] ? false : A extends unknown ? ([B] extends [A] ? false : true) : never;

/**
 * One output: a payload or packet (only where there is one output port), or `to('port', payload)`.
 * A packet keeps its meta; `packet.with(payload)` derives. An array is a payload, never "several".
 */
export type Out<P extends Ports> = IsUnion<keyof P> extends true ? Tos<P> : Tos<P> | PayloadOf<P[keyof P]> | Packet<PayloadOf<P[keyof P]>>;

type Maybe<V> = V | undefined | void;
/** One, none, or several (generators and Observables only). */
export type Result<P extends Ports> =
  Maybe<Out<P>> | Promise<Maybe<Out<P>>> | Generator<Out<P>, void> | AsyncGenerator<Out<P>, void> | Observable<Out<P>>;

/** The declaration of a node type, as `@Node` takes it. */
export interface NodeSpec {
  /** `pack/name`: sources and sinks are nouns of their protocol, transforms are verbs. */
  readonly type: `${string}/${string}`;
  readonly kind: NodeKind;
  /** Sources only; default `pull`. */
  readonly mode?: SourceMode;
  /** Operators only: `boundary` (default) acks what it takes, `explicit` holds and releases. */
  readonly delivery?: 'boundary' | 'explicit';
  /** Sources only: packets come from a store, which lets go of them when they are acked. Lint looks at what lies below. */
  readonly durable?: boolean;
  /** All that it remembers is in `ctx.state`, so that `durability: state` keeps it over a restart. Lint trusts no operator that does not say so. */
  readonly stateful?: boolean;
  /** Whether a call changes something outside; default true for sinks. With `durability: full` a call that was cut off is then uncertain. */
  readonly effect?: boolean;
  readonly summary: string;
  readonly doc?: string;
  readonly config?: new () => object;
  readonly inject?: readonly Token<unknown>[];
  readonly in?: Ports;
  readonly out?: Ports;
  readonly examples?: readonly NodeExample[];
}

type I<S extends NodeSpec> = S['in'] extends Ports ? S['in'] : Record<never, Port<never>>;
type O<S extends NodeSpec> = S['out'] extends Ports ? S['out'] : Record<never, Port<never>>;

interface Life {
  /** Before the first packet. A throw stops the run from starting. */
  open?: (ctx: Context) => void | Promise<void>;
  /** Always called once, also after a crash of another node and on SIGTERM. */
  close?: () => void | Promise<void>;
  /** With `durability: full`: asks outside whether the effect of a packet happened that was under way when the process ended. */
  probe?: (packet: Packet, ctx: Context) => Promise<Probed>;
}

/** A node that gives packets. */
export interface Source<P extends Ports = Ports> extends Life {
  read(ctx: Context): Iterable<Out<P>> | AsyncIterable<Out<P>> | Observable<Out<P>>;
}
/** A node that turns one packet into one, none or several. */
export interface Transform<PI extends Ports = Ports, PO extends Ports = Ports> extends Life {
  process(packet: In<PI>, ctx: Context): Result<PO>;
  /**
   * Which of several edges of a lane is taken from: `arrival` (default) one that has a packet, `round_robin` one after the
   * other, and those that have more wait. Read once, when the node is made.
   */
  readonly order?: 'arrival' | 'round_robin';
}
/** A node that works on the stream as a whole, with the operators of RxJS. */
export interface Operator<PI extends Ports = Ports, PO extends Ports = Ports> extends Life {
  apply(input: Observable<In<PI>>, ctx: Context): Observable<Out<PO>>;
}
/** A node that takes packets; the packet is done when `write` resolves. */
export interface Sink<PI extends Ports = Ports> extends Life {
  write(packet: In<PI>, ctx: Context): void | Promise<void>;
}
/** A sink that writes several packets at once. */
export interface BatchSink<PI extends Ports = Ports> extends Life {
  writeBatch(packets: readonly In<PI>[], ctx: Context): void | Promise<void>;
}

/** What a class must be to carry `@Node(spec)`. */
export type NodeOf<S extends NodeSpec> = S['kind'] extends 'source'
  ? Source<O<S>>
  : S['kind'] extends 'transform'
    ? Transform<I<S>, O<S>>
    : S['kind'] extends 'operator'
      ? Operator<I<S>, O<S>>
      : Sink<I<S>> | BatchSink<I<S>>;

type ConfigOf<S extends NodeSpec> = S['config'] extends new () => infer C ? C : unknown;
type Values<L extends readonly Token<unknown>[]> = L extends readonly [Token<infer A>, ...infer R extends readonly Token<unknown>[]]
  ? [A, ...Values<R>]
  : [];
type Services<S extends NodeSpec> = S['inject'] extends readonly Token<unknown>[] ? Values<S['inject']> : [];

/** A class that carries `@Node`. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- constructors of every shape; @Node has checked the shape
export type NodeClass = new (...args: any[]) => object;

const SPEC = Symbol.for('sluice.node');

class NoConfig {}

/**
 * Declares a node type. Checks at compile time that the methods fit the declared ports, that the constructor's first
 * parameter is the config, and that the rest are the injected services. Makes the class injectable: its config is the
 * service CONFIG. In plain JavaScript: `Node(spec)(Class)`.
 */
export function Node<const S extends NodeSpec>(
  spec: S,
): <C extends new (config: ConfigOf<S>, ...services: Services<S>) => NodeOf<S>>(cls: C) => void {
  return (cls) => {
    injectable()(cls);
    const tokens = [CONFIG, ...(spec.inject ?? [])];
    // Only parameters that exist are bound: a class without a constructor takes none.
    for (let i = 0; i < tokens.length && i < cls.length; i++) inject(tokens[i]!)(cls, undefined, i);
    Object.defineProperty(cls, SPEC, { value: Object.freeze({ ...spec }) });
  };
}

/** The declaration of a node class. @throws SluiceError NODE_NOT_DECLARED where `@Node` is missing */
export function nodeSpec(cls: NodeClass): NodeSpec {
  const spec = (cls as { [SPEC]?: NodeSpec })[SPEC];
  if (spec === undefined || !Object.hasOwn(cls, SPEC)) {
    throw new SluiceError('NODE_NOT_DECLARED', `${cls.name || 'This class'} has no declaration.`, {
      hint: 'Put @Node({ ... }) above the class.',
    });
  }
  return spec;
}

/** The class of a node's config; an empty one where it has none. */
export function configClass(spec: NodeSpec): new () => object {
  return spec.config ?? NoConfig;
}

/** The declaration as data. */
export function nodeEntry(cls: NodeClass): NodeEntry {
  const spec = nodeSpec(cls);
  const ports = (list: Ports = {}) =>
    Object.fromEntries(
      Object.entries(list).map(([name, { type, doc, optional }]) => [
        name,
        { type: type.name, profile: type.profile, doc, ...(optional === undefined ? {} : { optional }) },
      ]),
    );
  return {
    type: spec.type,
    kind: spec.kind,
    ...(spec.kind === 'source' ? { mode: spec.mode ?? 'pull' } : {}),
    ...(spec.kind === 'operator' ? { delivery: spec.delivery ?? 'boundary' } : {}),
    ...(spec.durable === undefined ? {} : { durable: spec.durable }),
    ...(spec.stateful === undefined ? {} : { stateful: spec.stateful }),
    summary: spec.summary,
    ...(spec.doc === undefined ? {} : { doc: spec.doc }),
    in: ports(spec.in),
    out: ports(spec.out),
    config: configSchema(configClass(spec)),
    examples: spec.examples ?? [],
  };
}
