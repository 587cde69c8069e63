import type { Edge, Node, Run } from './live';
import type { Tone } from '../ui/page';

/** What an edge has to say of itself, worst first. */
export type EdgeMood = 'dropping' | 'blocked' | 'full' | 'flowing' | 'idle';

/** Above this share of its capacity an edge is about to be full. */
const FULL = 0.8;
/** An edge that kept its sender waiting for this share of the time is blocked. */
const BLOCKED = 0.1;

/** Share of the capacity that is taken, 0 to 1. */
export function fillOf({ in_flight, capacity }: Edge): number {
  return capacity === 0 ? 0 : Math.min(1, in_flight / capacity);
}

export function moodOf(edge: Edge, blockedShare: number): EdgeMood {
  if (edge.dropped_per_s > 0) return 'dropping';
  if (blockedShare >= BLOCKED) return 'blocked';
  // An edge that holds one packet is full whenever it has something.
  if (edge.capacity > 1 && fillOf(edge) > FULL) return 'full';
  return edge.out_per_s > 0 || edge.in_per_s > 0 ? 'flowing' : 'idle';
}

export const lost = (edge: Edge): number => Object.values(edge.dropped).reduce((sum, count) => sum + count, 0);

/** Packets a second that a node is worth: what it gives, or takes where it gives nothing. */
export function rateOf(node: Node): number {
  return node.kind === 'sink' ? node.consumed_per_s : node.produced_per_s;
}

const NODE_TONES: Readonly<Record<Node['state'], Tone>> = {
  starting: 'busy',
  ok: 'ok',
  failing: 'bad',
  ended: 'quiet',
  closed: 'quiet',
  stuck: 'bad',
};
export const toneOfNode = (node: Pick<Node, 'state' | 'circuit'>): Tone =>
  node.circuit !== undefined && node.circuit !== 'closed' ? 'warn' : NODE_TONES[node.state];

export function toneOfRun({ state, status }: Pick<Run, 'state' | 'status'>): Tone {
  if (status === 'error') return 'bad';
  if (status === 'degraded') return 'warn';
  return state === 'running' ? 'ok' : state === 'done' ? 'quiet' : 'busy';
}

/* ---- figures as text ---- */

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const EXACT = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

export function count(value: number): string {
  return value >= 100_000 ? COMPACT.format(value) : Number.isInteger(value) ? WHOLE.format(value) : EXACT.format(value);
}

export function rate(value: number): string {
  return `${value === 0 ? '0' : value < 10 ? value.toFixed(1) : count(Math.round(value))}/s`;
}

export function millis(value: number): string {
  if (value === 0) return '0 ms';
  if (value < 0.095) return '<0.1 ms';
  if (value < 10) return `${value.toFixed(1)} ms`;
  return value < 10_000 ? `${WHOLE.format(value)} ms` : `${EXACT.format(value / 1000)} s`;
}

export function span(ms: number): string {
  const s = Math.floor(ms / 1000);
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m ${s % 60}s`;
  return s < 86_400 ? `${Math.floor(s / 3600)}h ${Math.floor(s / 60) % 60}m` : `${Math.floor(s / 86_400)}d ${Math.floor(s / 3600) % 24}h`;
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  const step = Math.min(3, Math.floor(Math.log10(value) / 3));
  return `${EXACT.format(value / 1000 ** step)} ${['B', 'kB', 'MB', 'GB'][step]}`;
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;
