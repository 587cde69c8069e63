import { NOWHERE, Packet } from '@sluice/sdk/packet';
import { addressed } from './addressed';
import { settle } from './delivery';
import type { Edge } from './edge';
import type { Stage } from './stage';

/** What the generated code asks of its segment. */
export interface StraightHost {
  /** Calls under way: the code stops taking when one did not return at once. */
  readonly busy: number;
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

/** Equal texts would share one function and its type feedback: each gets a number, which profilers show as its file. */
let made = 0;

/**
 * The stages of a segment written out one after the other, as functions of its own: their call sites see one node class
 * each, so V8 inlines them, which no loop over many segments can have. Says the same as the loop in segment.ts, less the
 * timing of samples; whatever is not one packet goes back to the loop. Undefined where code may not be made from text
 * (a content security policy, `--disallow-code-generation-from-strings`): then the loop does it all.
 */
export function straight(stages: readonly Stage[], host: StraightHost): Straight | undefined {
  const names = stages.map(
    (_, i) => `const s${i} = stages[${i}], n${i} = s${i}.callee, c${i} = s${i}.ctx, o${i} = s${i}.only, k${i} = o${i} && o${i}.kind;`,
  );
  const body = `
    let at = 0;
    run: try {
      const scope = p.origin.scope;
      if (scope !== runScope && scope !== null) { host.onward(p, 0); break run; }
      ${stages.map((stage, i) => stageCode(stage, i, stages.length)).join('')}
    } catch (error) {
      host.failed(stages[at], p, error);
    }`;
  const text = `
    const { stages, host, Packet, NOWHERE, addressed, settle } = env;
    const runScope = stages[0].runScope;
    ${names.join('\n    ')}
    return {
      one(p) {${body}
      },
      many(edge, n) {
        let taken = 0;
        while (taken < n) {
          let p = edge.take();
          if (p === undefined) break;
          taken++;
          ${body}
          if (host.busy !== 0) break;
        }
        return taken;
      },
    };
    //# sourceURL=sluice/${made++}/${stages.map(({ node }) => node.id.replace(/[^\w.-]/g, '_')).join('+')}`;
  try {
    const make = new Function('env', text) as (env: object) => Straight;
    return make({ stages, host, Packet, NOWHERE, addressed, settle });
  } catch {
    return undefined;
  }
}

function stageCode(stage: Stage, i: number, count: number): string {
  const call = `
      ${i > 0 ? `at = ${i};` : ''}
      s${i}.consumed++;
      let r${i} = n${i}.${stage.writes ? 'write' : 'process'}(p, c${i});
      if (r${i} === undefined) { if (p.origin.delivery !== null) settle(p, 'acked'); break run; }`;
  if (stage.only === undefined) return `${call}\n      host.onward(p, ${i}, r${i}); break run;`;
  // Fresh, and no kind was named: it has the number 0.
  const kind = stage.only.kind === undefined ? '' : `if (r${i}.seq === 0) r${i}.kind = k${i}; `;
  return `${call}
      if (r${i} instanceof Packet) {
        if (r${i}.from === NOWHERE) { ${kind}r${i}.from = o${i}; r${i}.seq = s${i}.seq++; }
      } else if (typeof r${i} === 'number' || typeof r${i} === 'string' || (r${i} !== null && typeof r${i} === 'object' && r${i}.constructor === s${i}.plain)) {
        r${i} = new Packet(r${i}, k${i} === undefined ? p.kind : k${i}, p.meta, p.origin, '', o${i}, s${i}.seq++, p.from, p.seq, p.path);
      } else { host.onward(p, ${i}, r${i}); break run; }
      if (runScope.fenced) { settle(p, 'cancelled'); break run; }
      s${i}.produced++;
      if (o${i}.taps !== undefined) o${i}.tapped(r${i});
      ${
        i + 1 === count
          ? `if (o${i}.sole !== undefined) o${i}.sole.next(r${i}); else o${i}.next(r${i});`
          : `p = r${i}.port === o${i}.fused.port ? r${i} : addressed(r${i}, o${i}.fused.port);`
      }`;
}
