import { NOWHERE, Packet } from '@sluice/sdk/packet';
import { settle } from './delivery';
import { addressed } from './addressed';
import type { Stage } from './stage';

/** What the generated code asks of its segment. */
export interface StraightHost {
  /** The loop that this code is the straight form of; it takes over from stage `at` for whatever is not the common case. */
  onward(packet: Packet, at: number, result: unknown): void | Promise<void>;
  failed(stage: Stage, packet: Packet, error: unknown): void;
}

/** Equal texts would share one function and its type feedback: each gets a number, which profilers show as its file. */
let made = 0;

export type Straight = (packet: Packet) => void | Promise<void>;

/**
 * The stages of a segment written out one after the other, as one function of its own: its call sites see one node
 * class each, so V8 inlines them, which no loop over many segments can have. Says the same as the loop in segment.ts,
 * less the timing of samples; whatever is not one packet goes back to the loop. Undefined where code may not be made
 * from text (a content security policy, `--disallow-code-generation-from-strings`): then the loop does it all.
 */
export function straight(stages: readonly Stage[], host: StraightHost): Straight | undefined {
  const names = stages.map((_, i) => `const s${i} = stages[${i}], n${i} = s${i}.callee, c${i} = s${i}.ctx, o${i} = s${i}.only, k${i} = o${i} && o${i}.kind;`);
  const code = stages.map((stage, i) => stageCode(stage, i, stages.length));
  const text = `
    const { stages, host, Packet, NOWHERE, addressed, settle } = env;
    const runScope = stages[0].runScope;
    ${names.join('\n    ')}
    return function straight(p) {
      let at = 0;
      try {
        const origin = p.origin;
        if (origin.scope !== runScope && origin.scope !== null) return host.onward(p, 0);
        ${code.join('\n')}
      } catch (error) {
        host.failed(stages[at], p, error);
      }
    };
    //# sourceURL=sluice/${made++}/${stages.map(({ node }) => node.id).join('+').replace(/[^\w+.-]/g, '_')}`;
  try {
    const make = new Function('env', text) as (env: object) => Straight;
    return make({ stages, host, Packet, NOWHERE, addressed, settle });
  } catch {
    return undefined;
  }
}

function stageCode(stage: Stage, i: number, count: number): string {
  const method = stage.writes ? 'write' : 'process';
  const done = 'if (p.origin.delivery !== null) settle(p, "acked"); return;';
  const call = `
        ${i > 0 ? `at = ${i};` : ''}
        s${i}.consumed++;
        let r${i} = n${i}.${method}(p, c${i});
        if (r${i} === undefined) { ${done} }`;
  if (stage.only === undefined) return `${call}\n        return host.onward(p, ${i}, r${i});`;
  return `${call}
        if (r${i} instanceof Packet) {
          if (r${i}.from === NOWHERE) { r${i}.from = o${i}; r${i}.seq = s${i}.seq++; }
        } else if (typeof r${i} === 'number' || typeof r${i} === 'string' || (r${i} !== null && typeof r${i} === 'object' && r${i}.constructor === s${i}.plain)) {
          r${i} = new Packet(r${i}, k${i} === undefined ? p.kind : k${i}, p.meta, p.origin, '', o${i}, s${i}.seq++, p.from, p.seq, p.path);
        } else return host.onward(p, ${i}, r${i});
        if (runScope.fenced) { settle(p, 'cancelled'); return; }
        s${i}.produced++;
        if (o${i}.taps !== undefined) o${i}.tapped(r${i});
        ${
          i + 1 === count
            ? `if (o${i}.sole !== undefined) o${i}.sole.next(r${i}); else o${i}.next(r${i});`
            : `p = r${i}.port === o${i}.fused.port ? r${i} : addressed(r${i}, o${i}.fused.port);`
        }`;
}
