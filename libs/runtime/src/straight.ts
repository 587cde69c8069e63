import { NO_META, NOWHERE, Origin, Packet, To } from '@sluice/sdk/packet';
import { addressed } from './addressed';
import { settle } from './delivery';
import { Edge } from './edge';
import type { Gate } from './gate';
import { InPump } from './in-pump';
import type { Outlet, Stage } from './stage';

/** When code is made, and which calls are timed. Mutable for tests only: the code must say the same from the first packet on. */
export const tuning = {
  /** Packets after which straight code is worth making. */
  hot: 256,
  /** The first calls are all timed, later ones are sampled: a clock read costs as much as a short node. */
  sampleAfter: 64,
};
export const SAMPLE_MASK = 255;

/** Stages that one function may hold: what V8 no longer inlines gains nothing by being in it. */
const MAX_STAGES = 16;

/** What the generated code asks of a segment. */
export interface StraightHost {
  readonly stages: readonly Stage[];
  /** Calls under way: the code stops taking when one did not return at once. */
  readonly busy: number;
  readonly wanting: number;
  /** Packets that went in. */
  count: number;
  readonly gate: Gate;
  /** Whether packets may go through without the pump. */
  readonly passable: boolean;
  next(packet: Packet): void;
  /** A call that takes time. */
  pend(stage: Stage, at: number, packet: Packet, kind: 'promise', result: unknown): void | Promise<void>;
  /** The loop that this code is the straight form of; it takes over from stage `at` for whatever is not the common case. */
  onward(packet: Packet, at: number, result: unknown): void | Promise<void>;
  failed(stage: Stage, packet: Packet, error: unknown): void;
}

export interface Straight {
  /** Runs one packet. */
  one(packet: Packet): void;
  /** Takes up to `n` packets from an edge, until a call does not return at once. @returns how many it took */
  many(edge: Edge, n: number): number;
}

/** What the generated code asks of a source. */
export interface StraightSource {
  readonly stage: Stage;
  /** The segment behind it, where nothing waits between the two. */
  readonly behind: StraightHost | undefined;
  /** No more is to be pulled now: it has ended, was paused or waits. */
  readonly halted: boolean;
  /** What is not a plain payload, from the only port: an end, a promise, a packet with an address. */
  take(step: IteratorResult<unknown> | Promise<IteratorResult<unknown>>): void;
}

/** Pulls up to `n` payloads, until the source is halted. @returns how many it pulled @throws what `next()` throws, EDGE_FULL, NODE_OVERRUN */
export type Pull = (iterator: Iterator<unknown> | AsyncIterator<unknown>, n: number) => number;

/** Equal texts would share one function and its type feedback: each gets a number, which profilers show as its file. */
let made = 0;

/**
 * The stages of a segment written out one after the other, as functions of its own: their call sites see one node class
 * each, so V8 inlines them, which no loop over many segments can have. Where the edge behind it is empty and what is
 * downstream is free, the packet goes on in the same function. Says the same as the loop in segment.ts, less the timing of
 * samples; whatever is not one packet goes back to the loop. Undefined where code may not be made from text (a content
 * security policy, `--disallow-code-generation-from-strings`): then the loop does it all.
 */
export function straight(segment: StraightHost): Straight | undefined {
  const text = new Text();
  const host = text.name(segment);
  const scope = text.name(segment.stages[0]!.runScope);
  const body = `
      const g = p.origin;
      if (g.scope !== ${scope} && g.scope !== null) ${host}.onward(p, 0); else {${text.chain('p', (chain) => text.segment(chain, segment))}}`;
  return text.make<Straight>(
    segment.stages,
    `return {
    one(p) {${body}
    },
    many(edge, n) {
      let taken = 0;
      while (taken < n) {
        const p = edge.take();
        if (p === undefined) break;
        taken++;
        ${body}
        if (${host}.busy !== 0) break;
      }
      return taken;
    },
  };`,
  );
}

/** What a source reads, as packets, through all that is free behind it; as `straight`. */
export function pulling(source: StraightSource, runId: string): Pull | undefined {
  const { stage, behind } = source;
  const outlet = stage.only!;
  const text = new Text();
  const [own, s, o] = [text.name(source), text.name(stage), text.name(outlet)];
  const [id, run, kind] = [stage.node.id, runId, outlet.kind ?? 'any'].map((value) => JSON.stringify(value));
  const port = JSON.stringify(outlet.fused === undefined ? '' : outlet.fused.port);
  const onward = text.chain('p', (chain) =>
    behind === undefined ? text.send(chain, outlet) : text.enter(chain, behind, outlet.fused!.port, text.name(behind)),
  );
  return text.make<Pull>(
    [stage],
    `return function pull(iterator, n) {
    let pulled = 0;
    while (pulled < n) {
      const step = iterator.next();
      pulled++;
      if (step.done === true || step instanceof Promise || step.value instanceof To) ${own}.take(step);
      else {
        const g = new Origin(${run}, ${id}, ${id}, ${own}.time, '', ${text.name(stage.runScope)}, ${own}.epoch, null);
        const p = new Packet(step.value, ${kind}, NO_META, g, ${port}, ${o}, ${s}.seq++, NOWHERE, 0, '');
        ${s}.produced++;
        if (${o}.taps !== undefined) ${o}.tapped(p);
        ${onward}
      }
      if (${own}.halted) break;
    }
    return pulled;
  };`,
  );
}

/** Stages that a packet runs through in one piece of code, each with its segment and its place in it. */
interface Chain {
  /** Number that its variables and labels carry. */
  readonly n: number;
  readonly stages: Stage[];
  readonly hosts: StraightHost[];
  readonly places: number[];
}

/** What follows on a result of stage `at` that was waited for; as `straight`, for packets whose scope is null or the run's. */
export function straightAfter(segment: StraightHost, at: number): ((packet: Packet, result: unknown) => void) | undefined {
  const text = new Text();
  return text.make(
    segment.stages,
    `return function after(p, r) {
    const g = p.origin;${text.chain('p', (chain) => text.after(chain, segment, at))}
  };`,
  );
}

/** The text of a function, and the objects that it names. Packets in it are of origin `g`, whose scope is null or the run's. */
class Text {
  private readonly names = new Map<unknown, string>();
  private count = 0;
  private chains = 0;

  /** What an object is called in the text. */
  name(thing: unknown): string {
    let name = this.names.get(thing);
    if (name === undefined) this.names.set(thing, (name = `x${this.names.size}`));
    return name;
  }

  /**
   * Stages for the packet in variable `from`. The code is kept small, because each chain is compiled for itself: what is
   * not the common case leaves the block, and is called from one place behind it. `p` is what went into the stage at work,
   * `r` what came out, `to` where that waits; `refused` handles what is thrown before the first stage.
   */
  chain(from: string, body: (chain: Chain) => string, refused = 'throw error;'): string {
    const chain: Chain = { n: this.chains++, stages: [], hosts: [], places: [] };
    const { n } = chain;
    const code = body(chain);
    const [hosts, stages, places] = [chain.hosts, chain.stages, chain.places].map((list) => this.name(list));
    return `
        let p${n} = ${from}, r${n} = ${from}, at${n} = -1, to${n};
        run${n}: try {
          queue${n}: {
            odd${n}: {${code}
            }
            ${hosts}[at${n}].onward(p${n}, ${places}[at${n}], r${n});
            break run${n};
          }
          to${n}.next(r${n});
        } catch (error) {
          if (at${n} < 0) ${refused}
          else ${hosts}[at${n}].failed(${stages}[at${n}], p${n}, error);
        }`;
  }

  /** All stages of a segment, and what follows. */
  segment(chain: Chain, host: StraightHost): string {
    this.count += host.stages.length;
    return host.stages.map((_, place) => this.stage(chain, host, place)).join('');
  }

  /** What follows on the result `r` of a stage. */
  after(chain: Chain, host: StraightHost, at: number): string {
    this.count += host.stages.length - at;
    const stages = host.stages.slice(at).map((_, i) => this.stage(chain, host, at + i, i === 0));
    return `\n              r${chain.n} = r;${stages.join('')}`;
  }

  private stage(chain: Chain, host: StraightHost, place: number, called = false): string {
    const stage = host.stages[place]!;
    const [s, p, r, { n }] = [this.name(stage), `p${chain.n}`, `r${chain.n}`, chain];
    const at = chain.stages.push(stage) - 1;
    chain.hosts.push(host);
    chain.places.push(place);
    const invoke = `
              ${s}.consumed++;
              ${r} = ${this.name(stage.callee)}.${stage.writes ? 'write' : 'process'}(${p}, ${this.name(stage.ctx)});`;
    // Only what has been seen to take time is asked whether it does.
    const pend = `if (${r} instanceof Promise) { ${this.name(host)}.pend(${s}, ${place}, ${p}, 'promise', ${r}); break run${n}; }`;
    const call = `
              at${n} = ${at};${called ? '' : invoke}
              ${stage.awaited && !called ? pend : ''}
              if (${r} === undefined) { if (g.delivery !== null) settle(${p}, 'acked'); break run${n}; }`;
    const { only } = stage;
    if (only === undefined) return `${call}\n              break odd${n};`;
    const [o, kind] = [this.name(only), only.kind === undefined ? undefined : JSON.stringify(only.kind)];
    // Fresh, and no kind was named: it has the number 0.
    const named = kind === undefined ? '' : `if (${r}.seq === 0) ${r}.kind = ${kind}; `;
    const onward = place + 1 < host.stages.length ? this.marked(p, r, only.fused!.port) : this.send(chain, only);
    return `${call}
              if (${r} instanceof Packet) {
                if (${r}.from === NOWHERE) { ${named}${r}.from = ${o}; ${r}.seq = ${s}.seq++; }
              } else if (typeof ${r} === 'number' || typeof ${r} === 'string' || (${r} !== null && typeof ${r} === 'object' && ${r}.constructor === ${s}.plain)) {
                ${r} = new Packet(${r}, ${kind ?? `${p}.kind`}, ${p}.meta, g, '', ${o}, ${s}.seq++, ${p}.from, ${p}.seq, ${p}.path);
              } else break odd${n};
              if (${this.name(stage.runScope)}.fenced) { settle(${p}, 'cancelled'); break run${n}; }
              ${s}.produced++;
              if (${o}.taps !== undefined) ${o}.tapped(${r});
              ${onward}`;
  }

  /** `p` is `r` as the port sees it. */
  private marked(p: string, r: string, port: string): string {
    const text = JSON.stringify(port);
    return `if (${r}.port === '') ${r}.port = ${text}; else if (${r}.port !== ${text}) ${r} = addressed(${r}, ${text});
              ${p} = ${r};`;
  }

  /** What leaves by a port: on through the edge behind it where that can be, else into it. */
  send(chain: Chain, outlet: Outlet): string {
    const o = this.name(outlet);
    const { readers } = outlet;
    const [first] = readers;
    const leave = `{ to${chain.n} = ${o}; break queue${chain.n}; }`;
    if (readers.length === 1 && first instanceof Edge) return this.pass(chain, first, o, `${o}.sole === ${this.name(first)}`);
    if (readers.length < 2 || !readers.every((reader) => reader instanceof Edge)) return leave;
    // As the outlet itself forks: a branch that refuses does not keep the packet from the others.
    const failed = `f${chain.n}`;
    const branches = readers.map(
      (edge) =>
        `{${this.chain(`r${chain.n}`, (branch) => this.pass(branch, edge, this.name(edge)), `${failed} = error;`)}\n              }`,
    );
    return `if (${o}.readers !== ${this.name(readers)} || g.delivery !== null) ${leave}
              let ${failed};
              ${branches.join('\n              ')}
              if (${failed} !== undefined) throw ${failed};
              break run${chain.n};`;
  }

  /** Through an edge, where nothing waits in it and what is downstream is free. */
  private pass(chain: Chain, edge: Edge, otherwise: string, ...guards: string[]): string {
    const pump = edge.passage;
    if (!(pump instanceof InPump) || !pump.passable) return `to${chain.n} = ${otherwise}; break queue${chain.n};`;
    const { segment } = pump;
    const [e, s] = [this.name(edge), this.name(segment)];
    guards.push(
      `${this.name(edge.queue)}.size === 0`,
      `!${e}.ended`,
      `!${this.name(pump)}.queued`,
      `${this.name(pump.scheduler)}.slack > 0`,
    );
    // What a node kept and sends later may be of another scope: the edge looks.
    guards.push(`r${chain.n}.origin === g`, `${s}.busy === 0`, `${s}.wanting === 0`, ...this.open(segment.gate));
    return this.enter(chain, segment, edge.port, otherwise, guards, `${e}.in++; ${e}.out++;`);
  }

  /** What `gate.open` says. */
  private open(gate: Gate): string[] {
    const room = (edge: Edge): string => {
      const e = this.name(edge);
      return edge.weighed ? `${e}.takes` : `${this.name(edge.queue)}.size + ${e}.reserved < ${edge.capacity}`;
    };
    return [`${this.name(gate)}.edges === ${this.name(gate.edges)}`, ...gate.edges.map(room)];
  }

  /** On into a segment; in its turn one call is timed, which its loop does. */
  enter(chain: Chain, host: StraightHost, port: string, otherwise: string, guards: readonly string[] = [], count = ''): string {
    const { n } = chain;
    const leave = `{ to${n} = ${otherwise}; break queue${n}; }`;
    if (!host.passable || this.count + host.stages.length > MAX_STAGES) return leave;
    const [h, i] = [this.name(host), `i${n}_${chain.stages.length}`];
    return `const ${i} = ${h}.count + 1;
              if (!(${[...guards, `${i} > ${Math.max(tuning.sampleAfter, host.count + 2)}`, `(${i} & ${SAMPLE_MASK}) !== 0`].join(' && ')})) ${leave}
              ${h}.count = ${i};
              ${count}
              ${this.marked(`p${n}`, `r${n}`, port)}
              ${this.segment(chain, host)}`;
  }

  make<T>(stages: readonly Stage[], code: string): T | undefined {
    const env = { NO_META, NOWHERE, Origin, Packet, To, addressed, settle };
    const names = [...this.names.values()].map((name, i) => `${name} = things[${i}]`).join(', ');
    const text = `
  const { ${Object.keys(env).join(', ')} } = env;
  const ${names};
  ${code}
  //# sourceURL=sluice/${made++}/${stages.map(({ node }) => node.id.replace(/[^\w.-]/g, '_')).join('+')}`;
    try {
      return (new Function('env', 'things', text) as (env: object, things: unknown[]) => T)(env, [...this.names.keys()]);
    } catch {
      return undefined;
    }
  }
}
