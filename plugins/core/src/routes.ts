import type { Packet } from '@sluice/sdk';
import { compile, type Condition } from './condition';

export interface Rule<P extends string> {
  /** All must hold. */
  readonly when: readonly Condition[];
  readonly to: P;
}

/** What became of a packet. */
export interface Route<P extends string> {
  /** Numbers of the rules that fitted, from 1; with `first_match` the one that decided. */
  readonly rules: readonly number[];
  /** Outputs that it goes to, each once; none where nothing fits and nothing takes the rest. */
  readonly to: readonly P[];
}

/** Rules as a function of the packet and nothing else; it gives a route for every packet. */
export function routes<P extends string>(
  rules: readonly Rule<P>[],
  match: 'first_match' | 'all_matches',
  rest: P | undefined,
): (packet: Packet) => Route<P> {
  const tests = rules.map(({ when }) => when.map(compile));
  // One object for each outcome of first_match: nothing is made per packet.
  const decided = rules.map(({ to }, at): Route<P> => ({ rules: [at + 1], to: [to] }));
  const none: Route<P> = { rules: [], to: rest === undefined ? [] : [rest] };
  const fits = (packet: Packet) => (test: readonly ((packet: Packet) => boolean)[]) => test.every((holds) => holds(packet));
  if (match === 'first_match') return (packet) => decided[tests.findIndex(fits(packet))] ?? none;
  return (packet) => {
    const fitting = tests.flatMap((test, at) => (fits(packet)(test) ? [at] : []));
    return fitting.length === 0 ? none : { rules: fitting.map((at) => at + 1), to: [...new Set(fitting.map((at) => rules[at]!.to))] };
  };
}
