import type { PlanNode } from '@sluice/graph';
import {
  Any,
  definePlugin,
  Node,
  nodeSpec,
  parseDuration,
  port,
  portType,
  SluiceError,
  to,
  type Context,
  type Emission,
  type NodeClass,
  type NodeSpec,
  type Packet,
  type Plugin,
  type Ports,
  type To,
} from '@sluice/sdk';
import { ANY_TYPE } from '@sluice/sdk/catalogue';
import { Observable, tap } from 'rxjs';
import { differences } from './subset';
import type { Seen } from './seen';

export type Time = string | number;
export interface GivenPacket {
  readonly payload: unknown;
  readonly kind?: string;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly source_id?: string;
  readonly key?: string;
  readonly at?: Time;
  readonly time?: string | number;
  readonly port?: string;
}
/** What comes in by an input or from a source. */
export interface Stream {
  readonly packets: readonly GivenPacket[];
  readonly every?: Time;
  readonly ends: boolean;
}
export interface Reply {
  readonly payload?: unknown;
  readonly payloads?: readonly unknown[];
  readonly port?: string;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly error?: string;
  readonly message?: string;
  readonly retryable?: boolean;
  readonly after?: Time;
  readonly none?: true;
}
export interface Mock {
  readonly returns?: unknown;
  readonly replies?: readonly Reply[];
  readonly when?: readonly (Reply & { readonly match: object })[];
  readonly pass?: true;
  readonly after?: Time;
  readonly port?: string;
}
export interface Fault {
  readonly fail?: number | string;
  readonly slow?: Time;
  readonly crash?: number | string;
  readonly code?: string;
  readonly retryable?: boolean;
}

/** What stands in a node's place in a test, or around it. */
export interface Double {
  readonly given?: Stream;
  readonly mock?: Mock;
  readonly fault?: Fault;
  /** Told what the node has taken; sinks: what they have written. */
  readonly taken?: (packet: Seen) => void;
}

type Methods = Readonly<Record<string, ((...args: never[]) => unknown) | undefined>>;

/** Milliseconds of a virtual time. */
export function msOf(time: Time | undefined): number {
  return typeof time === 'string' ? (parseDuration(time) ?? 0) : (time ?? 0);
}

/** A plugin with one class for each node of the plan that is not simply its own, and these nodes as the plan is to have them. */
export function doubles(
  nodes: readonly { readonly node: PlanNode; readonly double: Double; readonly real: NodeClass | undefined }[],
  see: (packet: Packet) => Seen,
  exhausted: (node: string, calls: number) => void,
): { readonly plugin: Plugin; readonly nodes: ReadonlyMap<string, PlanNode> } {
  const made = nodes.map(({ node, double, real }) => {
    const type = `testing/${node.id.replace(/[^A-Za-z0-9_-]/g, '_')}` as const;
    const mocked = double.given !== undefined || double.mock !== undefined || real === undefined;
    const base = mocked ? standIn(node, type, double, see, exhausted) : real;
    const cls = around(base, type, node, double, see);
    const kind = mocked && node.kind === 'operator' ? 'transform' : node.kind;
    const { delivery: _, ...rest } = node;
    const own = kind === node.kind ? node : { ...rest, kind };
    const policies = { ...node.policies, placement: 'inline' as const };
    return { cls, node: { ...own, type, policies, ...(mocked ? { config: {} } : {}) } satisfies PlanNode };
  });
  return {
    plugin: definePlugin({ name: 'testing', nodes: made.map(({ cls }) => cls) }),
    nodes: new Map(made.map(({ node }) => [node.id, node])),
  };
}

/** The declaration of what stands in for a node: its ports, and nothing of its config. */
function standIn(
  node: PlanNode,
  type: `${string}/${string}`,
  { given, mock = {} }: Double,
  see: (packet: Packet) => Seen,
  exhausted: (node: string, calls: number) => void,
): NodeClass {
  const ports = (entries: PlanNode['in']): Ports =>
    Object.fromEntries(
      Object.entries(entries).map(([name, { type: is, profile, doc, optional }]) => [
        name,
        port(is === ANY_TYPE ? Any : portType(is as 'a/b@1', { profile }), doc, optional === undefined ? {} : { optional }),
      ]),
    );
  const kind = node.kind === 'operator' ? 'transform' : node.kind;
  const mode = node.mode === undefined ? {} : { mode: node.mode };
  const spec = { type, kind, ...mode, summary: 'Stands in for a node.', in: ports(node.in), out: ports(node.out) };
  const cls = class {} as unknown as { new (): object; prototype: Record<string, unknown> };
  const outs = Object.keys(node.out);
  if (kind === 'source') {
    // What is given goes on after a break where it stopped.
    cls.prototype['read'] = source(given ?? { packets: [], ends: true }, outs, node.mode === 'push');
  } else {
    const plain = mock.after === undefined && !late(mock);
    cls.prototype[kind === 'sink' ? 'write' : 'process'] = asKind(answering(mock, node.id, outs, see, exhausted), plain ? PLAIN : ASYNC);
  }
  return declare(cls, spec as NodeSpec);
}

const late = ({ replies = [], when = [] }: Mock): boolean => [...replies, ...when].some(({ after }) => after !== undefined);

/** Gives the stream's packets at their times. */
function source(stream: Stream, outs: readonly string[], push: boolean): (ctx: Context) => AsyncIterable<To> | Observable<To> {
  let next = 0;
  let began: number | undefined;
  return (ctx) => {
    began ??= ctx.now();
    const start = began;
    const step = msOf(stream.every);
    async function* pulled(): AsyncGenerator<To, void> {
      for (; next < stream.packets.length;) {
        const one = stream.packets[next]!;
        const due = start + (one.at === undefined ? (step > 0 ? next * step : ctx.now() - start) : msOf(one.at));
        if (due > ctx.now()) await ctx.sleep(due - ctx.now());
        next++;
        yield to(one.port ?? outs[0] ?? 'out', one.payload, emission(one));
      }
      if (!stream.ends) await ctx.sleep(FOREVER_MS);
    }
    if (!push) return pulled();
    return new Observable((out) => {
      const iterator = pulled();
      const step = (): void =>
        void iterator.next().then(
          ({ done, value }) => {
            if (done === true) return out.complete();
            out.next(value);
            step();
          },
          (error: unknown) => out.error(error),
        );
      step();
      return () => void iterator.return();
    });
  };
}
/** A century: longer than any test. */
const FOREVER_MS = 36_525 * 86_400_000;

/** What a packet of a test says of itself. */
export function emission({ kind, meta, source_id, key, time }: GivenPacket): Emission {
  const ms = typeof time === 'string' ? Date.parse(time) : time;
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(meta === undefined ? {} : { meta }),
    ...(source_id === undefined ? {} : { sourceId: source_id }),
    ...(key === undefined ? {} : { key }),
    ...(ms === undefined || Number.isNaN(ms) ? {} : { time: ms }),
  };
}

function answering(
  mock: Mock,
  id: string,
  outs: readonly string[],
  see: (packet: Packet) => Seen,
  exhausted: (node: string, calls: number) => void,
) {
  let calls = 0;
  const give = (packet: Packet, reply: Reply): unknown => {
    if (reply.error !== undefined)
      throw new SluiceError(reply.error, reply.message ?? `The mock of ${id} fails.`, { retryable: reply.retryable ?? false });
    if (reply.none === true || outs.length === 0) return undefined;
    const where = reply.port ?? mock.port ?? outs[0]!;
    const meta = { ...packet.meta, ...reply.meta };
    if (reply.payloads !== undefined) {
      const { payloads } = reply;
      return (function* () {
        for (const payload of payloads) yield to(where, packet.with(payload, meta));
      })();
    }
    return 'payload' in reply ? to(where, packet.with(reply.payload, meta)) : undefined;
  };
  const choose = (packet: Packet): Reply | undefined => {
    const { replies, when } = mock;
    const call = calls++;
    if (when !== undefined) {
      const seen = see(packet);
      const found = when.find(({ match }) => differences(match, seen).length === 0);
      if (found !== undefined) return found;
    }
    if (replies !== undefined) {
      if (call >= replies.length) exhausted(id, calls);
      return replies[call] ?? { none: true };
    }
    if ('returns' in mock) return { payload: mock.returns };
    return mock.pass === true ? undefined : { none: true };
  };
  return (packet: Packet, ctx: Context): unknown => {
    const reply = choose(packet);
    const answer = (): unknown => (reply === undefined ? passed(packet, mock.port ?? outs[0], outs) : give(packet, reply));
    const wait = msOf(reply?.after ?? mock.after);
    return wait === 0 ? answer() : ctx.sleep(wait).then(answer);
  };
}

function passed(packet: Packet, where: string | undefined, outs: readonly string[]): unknown {
  return where === undefined ? undefined : outs.length === 1 ? packet : to(where, packet);
}

/** The class with faults before its calls, and a look at what it takes. */
function around(
  base: NodeClass,
  type: `${string}/${string}`,
  node: PlanNode,
  { fault, taken }: Double,
  see: (packet: Packet) => Seen,
): NodeClass {
  if (fault === undefined && taken === undefined) return base;
  const spec = nodeSpec(base);
  const cls = class extends (base as new (...args: unknown[]) => object) {};
  // The container reads from it how many services the constructor takes.
  Object.defineProperty(cls, 'length', { value: base.length });
  const proto = cls.prototype as Record<string, unknown>;
  const own = base.prototype as Methods;
  const trouble = fault === undefined ? undefined : faults(fault, node.id);
  const note = (packet: Packet): void => taken?.(see(packet));
  for (const name of ['process', 'write'] as const) {
    const method = own[name] as ((packet: Packet, ctx: Context) => unknown) | undefined;
    if (method === undefined) continue;
    const call = function (this: object, packet: Packet, ctx: Context): unknown {
      const result = method.call(this, packet, ctx);
      if (result instanceof Promise)
        return result.then((value: unknown) => {
          note(packet);
          return value;
        });
      note(packet);
      return result;
    };
    proto[name] =
      trouble === undefined
        ? asKind(call, method.constructor)
        : asKind(async function (this: object, packet: Packet, ctx: Context): Promise<unknown> {
            await trouble(ctx);
            return call.call(this, packet, ctx);
          }, ASYNC);
  }
  const batch = own['writeBatch'] as ((packets: readonly Packet[], ctx: Context) => unknown) | undefined;
  if (batch !== undefined)
    proto['writeBatch'] = async function (this: object, packets: readonly Packet[], ctx: Context): Promise<void> {
      await trouble?.(ctx);
      await batch.call(this, packets, ctx);
      packets.forEach(note);
    };
  const apply = own['apply'] as ((input: Observable<Packet>, ctx: Context) => Observable<unknown>) | undefined;
  if (apply !== undefined)
    proto['apply'] = function (this: object, input: Observable<Packet>, ctx: Context): Observable<unknown> {
      return apply.call(this, input.pipe(tap(note)), ctx);
    };
  const read = own['read'] as ((ctx: Context) => Iterable<unknown> | AsyncIterable<unknown> | Observable<unknown>) | undefined;
  if (read !== undefined && fault?.crash !== undefined) {
    const after = Number(String(fault.crash).replace('after ', ''));
    let broke = false;
    proto['read'] = function (this: object, ctx: Context): unknown {
      const from = read.call(this, ctx);
      if (broke || from instanceof Observable) return from;
      return breaking(from, after, () => {
        broke = true;
        const { code = 'TEST_FAULT', retryable = true } = fault;
        return new SluiceError(code, `${node.id} breaks off after ${after} packets, as the test says.`, { retryable });
      });
    };
  }
  return declare(cls as unknown as { new (): object; prototype: Record<string, unknown> }, { ...spec, type });
}

async function* breaking(
  from: Iterable<unknown> | AsyncIterable<unknown>,
  after: number,
  error: () => Error,
): AsyncGenerator<unknown, void> {
  let n = 0;
  if (after === 0) throw error();
  for await (const one of from) {
    yield one;
    if (++n >= after) throw error();
  }
}

/** What happens before a call. */
function faults({ fail, slow, crash, code = 'TEST_FAULT', retryable = true }: Fault, id: string): (ctx: Context) => Promise<void> {
  let left = fail === undefined ? 0 : Number.parseInt(String(fail), 10);
  let alive = crash === undefined ? Infinity : Number(String(crash).replace('after ', ''));
  return async (ctx) => {
    if (slow !== undefined) await ctx.sleep(msOf(slow));
    if (left > 0) {
      left--;
      throw new SluiceError(code, `${id} fails, as the test says.`, { retryable });
    }
    if (--alive < 0) throw new SluiceError(code, `${id} has crashed, as the test says.`, { retryable: false });
  };
}

const PLAIN = Function;
const ASYNC = (async () => undefined).constructor;

/** The function as one of a kind: only plain ones are fused with what stands before them. */
function asKind<F extends (...args: never[]) => unknown>(fn: F, kind: unknown): F {
  return Object.defineProperty(fn, 'constructor', { value: kind });
}

function declare(cls: { new (): object; prototype: Record<string, unknown> }, spec: NodeSpec): NodeClass {
  (Node(spec) as (one: unknown) => void)(cls);
  return cls as unknown as NodeClass;
}
