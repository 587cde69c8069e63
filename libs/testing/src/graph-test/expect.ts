import type { RunEvent, RunFigures, RunReport } from '@sluice/runtime';
import { msOf, type Time } from './doubles';
import type { Seen } from './seen';
import { differences, plain, shortly, type Difference } from './subset';

type Path = readonly (string | number)[];
type Range = number | { readonly min?: number; readonly max?: number };

/** What is expected of one port. */
export interface PortExpectation {
  readonly count?: Range;
  readonly packets?: readonly object[];
  readonly payloads?: readonly unknown[];
  readonly contains?: readonly object[];
  readonly absent?: boolean | readonly object[];
  readonly order?: 'exact' | 'any';
  readonly within?: Time;
  readonly after?: Time;
  readonly codes?: readonly string[];
  readonly golden?: string;
}

/** What is expected of the whole run. */
export interface RunExpectation {
  readonly status?: 'ok' | 'degraded' | 'error';
  readonly reasons?: readonly string[];
  readonly within?: Time;
  readonly delivery?: Readonly<Record<'acked' | 'nacked' | 'cancelled', Range | undefined>>;
  readonly nodes?: Readonly<Record<string, object>>;
  readonly edges?: Readonly<Record<string, object>>;
  readonly events?: readonly string[];
}

/** Something that is not as expected, at a path below the test. */
export interface Miss {
  readonly path: Path;
  readonly message: string;
  readonly diff?: readonly string[];
  readonly hint?: string;
}

/** How often, in words. */
const times = (n: number): string => `${n} ${n === 1 ? 'packet' : 'packets'}`;

function outside(range: Range, n: number): string | undefined {
  const { min = typeof range === 'number' ? range : 0, max = typeof range === 'number' ? range : Infinity } =
    typeof range === 'number' ? {} : range;
  if (n >= min && n <= max) return undefined;
  return min === max ? `${min}` : max === Infinity ? `at least ${min}` : `${min} to ${max}`;
}

/** What of a port's expectation does not hold. `codes` and `golden` are looked at elsewhere. */
export function portMisses(port: string, wanted: PortExpectation, came: readonly Seen[]): Miss[] {
  const { count, absent, order = 'exact', within, after } = wanted;
  const misses: Miss[] = [];
  const miss = (path: Path, message: string, more: Partial<Miss> = {}): void => void misses.push({ path, message, ...more });
  const expected = count === undefined ? undefined : outside(count, came.length);
  if (expected !== undefined) miss(['count'], `${port}: expected ${expected} packets, ${came.length} came.`, { diff: listing(came) });
  for (const key of ['packets', 'payloads'] as const) {
    const list = wanted[key];
    if (list === undefined) continue;
    const items = key === 'payloads' ? list.map((payload) => ({ payload })) : (list as readonly object[]).map(withMs);
    misses.push(...(order === 'any' ? anyOrder(port, key, items, came) : inOrder(port, key, items, came)));
  }
  if (wanted.contains !== undefined) misses.push(...among(port, wanted.contains.map(withMs), came, order));
  if (absent === true && came.length > 0)
    miss(['absent'], `${port}: expected nothing, ${times(came.length)} came.`, { diff: listing(came) });
  if (Array.isArray(absent)) {
    (absent as readonly object[]).map(withMs).forEach((one, i) => {
      const found = came.find((packet) => differences(one, packet).length === 0);
      if (found !== undefined) miss(['absent', i], `${port}: a packet came that was to be absent.`, { diff: [`+ ${told(found, one)}`] });
    });
  }
  const [first, last] = [came[0], came.at(-1)];
  if (within !== undefined && last !== undefined && last.at > msOf(within))
    miss(['within'], `${port}: the last packet came at ${clock(last.at)}, later than ${clock(msOf(within))}.`);
  if (after !== undefined && first !== undefined && first.at < msOf(after))
    miss(['after'], `${port}: the first packet came at ${clock(first.at)}, earlier than ${clock(msOf(after))}.`);
  return misses;
}

/** Times of expectations as numbers. */
function withMs(item: object): object {
  const { at } = item as { at?: unknown };
  return typeof at === 'string' ? { ...item, at: msOf(at) } : item;
}

function inOrder(port: string, key: string, items: readonly object[], came: readonly Seen[]): Miss[] {
  const misses: Miss[] = [];
  items.forEach((item, i) => {
    const packet = came[i];
    if (packet === undefined) return;
    const found = differences(item, packet);
    if (found.length === 0) return;
    const path: Path = key === 'payloads' ? [key, i, ...found[0]!.path.slice(1)] : [key, i, ...found[0]!.path];
    misses.push({ path, message: `${port}: packet ${i + 1} is not as expected.`, diff: diffOf(found) });
  });
  if (came.length === items.length) return misses;
  const few = came.length < items.length;
  const what = few ? items.slice(came.length).map((item) => `- ${shortly(item)}`) : listing(came.slice(items.length));
  return [
    ...misses,
    {
      path: few ? [key, came.length] : [key],
      message: `${port}: expected ${times(items.length)}, ${came.length} came.`,
      diff: what.slice(0, SHOWN),
    },
  ];
}

function anyOrder(port: string, key: string, items: readonly object[], came: readonly Seen[]): Miss[] {
  const left = [...came];
  const missing = items.flatMap((item, i) => {
    const at = left.findIndex((packet) => differences(item, packet).length === 0);
    if (at < 0) return [[i, item] as const];
    left.splice(at, 1);
    return [];
  });
  if (missing.length === 0 && left.length === 0) return [];
  return [
    {
      path: missing[0] === undefined ? [key] : [key, missing[0][0]],
      message: `${port}: ${missing.length} of ${items.length} expected packets did not come, ${left.length} others did.`,
      diff: [...missing.map(([, item]) => `- ${shortly(item)}`), ...listing(left)].slice(0, SHOWN),
    },
  ];
}

function among(port: string, items: readonly object[], came: readonly Seen[], order: 'exact' | 'any'): Miss[] {
  let from = 0;
  for (const [i, item] of items.entries()) {
    const at = came.findIndex((packet, n) => n >= (order === 'exact' ? from : 0) && differences(item, packet).length === 0);
    if (at >= 0) {
      from = at + 1;
      continue;
    }
    // The packet that is nearest to it shows best what is wrong.
    const near = came
      .slice(order === 'exact' ? from : 0)
      .map((packet) => differences(item, packet))
      .sort((a, b) => a.length - b.length)
      .at(0);
    const diff = near === undefined ? [`- ${shortly(item)}`] : diffOf(near);
    const rest = order === 'exact' && from > 0 ? ' behind those before it' : '';
    return [
      {
        path: ['contains', i],
        message: `${port}: none of ${times(came.length)}${rest} is like this${near === undefined ? '' : '; nearest'}.`,
        diff,
      },
    ];
  }
  return [];
}

/** Lines of a diff at most. */
const SHOWN = 8;

function diffOf(found: readonly Difference[]): string[] {
  const lines = found.flatMap(({ path, wanted, found: value }) => {
    const where = path.join('.');
    return [`- ${where}: ${shortly(wanted)}`, `+ ${where}: ${shortly(value)}`];
  });
  return lines.length <= SHOWN * 2 ? lines : [...lines.slice(0, SHOWN * 2), `  … and ${found.length - SHOWN} more`];
}

function listing(came: readonly Seen[]): string[] {
  const lines = came.slice(0, SHOWN).map((packet) => `+ at ${clock(packet.at)}: ${shortly(packet.payload)}`);
  return came.length > SHOWN ? [...lines, `  … and ${came.length - SHOWN} more`] : lines;
}

/** Of a packet, what an expectation names. */
function told(packet: Seen, wanted: object): string {
  return shortly(Object.fromEntries(Object.keys(wanted).map((key) => [key, packet[key as keyof Seen]])));
}

function clock(ms: number): string {
  return ms >= 1_000 ? `${+(ms / 1_000).toFixed(3)}s` : `${+ms.toFixed(3)}ms`;
}

/** What of the run as a whole is not as expected. */
export function runMisses(
  wanted: RunExpectation,
  { report, figures, took, events }: { report: RunReport; figures: RunFigures; took: number; events: readonly RunEvent[] },
): Miss[] {
  const misses: Miss[] = [];
  const { status = 'ok', reasons = [], within, delivery, nodes = {}, edges = {}, events: named } = wanted;
  if (report.status !== status) {
    misses.push({
      path: ['status'],
      message: `The run is ${report.status}, not ${status}.`,
      diff: report.reasons.map((reason) => `+ ${reason}`),
      ...(wanted.status === undefined ? { hint: `Where this is meant, say \`run: { status: ${report.status} }\`.` } : {}),
    });
  }
  reasons.forEach((text, i) => {
    if (!report.reasons.some((reason) => reason.includes(text)))
      misses.push({
        path: ['reasons', i],
        message: `No reason says "${text}".`,
        diff: report.reasons.map((reason) => `+ ${reason}`),
      });
  });
  if (within !== undefined && took > msOf(within))
    misses.push({ path: ['within'], message: `The run took ${clock(took)} of virtual time, more than ${clock(msOf(within))}.` });
  for (const [name, range] of Object.entries(delivery ?? {})) {
    const found = figures.delivery[name as 'acked'];
    const expected = range === undefined ? undefined : outside(range, found);
    if (expected !== undefined)
      misses.push({ path: ['delivery', name], message: `Expected ${expected} deliveries ${name}, there are ${found}.` });
  }
  for (const [id, figure] of Object.entries(nodes)) {
    const found = differences(
      figure,
      figures.nodes.find((node) => node.id === id),
    );
    if (found.length > 0)
      misses.push({ path: ['nodes', id, ...found[0]!.path], message: `Node ${id} is not as expected.`, diff: diffOf(found) });
  }
  for (const [id, figure] of Object.entries(edges)) {
    const edge = figures.edges.find((one) => one.id === id);
    const found = differences(figure, edge);
    if (found.length > 0)
      misses.push({ path: ['edges', id, ...found[0]!.path], message: `Edge ${id} is not as expected.`, diff: diffOf(found) });
  }
  let from = 0;
  named?.forEach((name, i) => {
    const at = events.findIndex(({ event }, n) => n >= from && event === name);
    if (at >= 0) from = at + 1;
    else if (!misses.some(({ path }) => path[0] === 'events'))
      misses.push({
        path: ['events', i],
        message: `The event ${name} did not happen${i > 0 ? ' behind those before it' : ''}.`,
        diff: events.slice(0, SHOWN).map(({ event, node }) => `+ ${event}${node === undefined ? '' : ` (${node})`}`),
      });
  });
  return misses;
}

/** Codes of the failures of a node against those expected. */
export function codeMisses(node: string, wanted: readonly string[], events: readonly RunEvent[]): Miss[] {
  const codes = events.flatMap(({ event, node: at, code }) => (event === 'node:failed' && at === node ? [code ?? ''] : []));
  if (codes.length === wanted.length && codes.every((code, i) => code === wanted[i])) return [];
  return [
    {
      path: ['codes'],
      message: `${node}: expected the failures ${wanted.join(', ') || 'none'}.`,
      diff: [`- ${wanted.join(', ') || 'none'}`, `+ ${codes.join(', ') || 'none'}`],
    },
  ];
}

/** Packets as the lines of a golden file. */
export function goldenOf(came: readonly Seen[]): string {
  return came.map(({ at, kind, payload }) => `${JSON.stringify({ at, kind, payload }, plain)}\n`).join('');
}

/** The lines that differ. */
export function goldenMisses(port: string, golden: string, came: readonly Seen[]): Miss[] {
  const now = goldenOf(came);
  if (golden === now) return [];
  const [before, after] = [golden.split('\n').filter(Boolean), now.split('\n').filter(Boolean)];
  const first = Array.from({ length: Math.max(before.length, after.length) }, (_, i) => i).find((i) => before[i] !== after[i]) ?? 0;
  const parsed = (line: string | undefined): unknown => {
    try {
      return line === undefined ? undefined : (JSON.parse(line) as unknown);
    } catch {
      return line;
    }
  };
  const found = differences(parsed(before[first]), parsed(after[first]));
  const diff =
    before[first] === undefined || after[first] === undefined || found.length === 0
      ? [
          ...(before[first] === undefined ? [] : [`- ${shortly(parsed(before[first]))}`]),
          ...(after[first] === undefined ? [] : [`+ ${shortly(parsed(after[first]))}`]),
        ]
      : diffOf(found);
  return [
    {
      path: ['golden'],
      message: `${port}: packet ${first + 1} is not that of the golden (${before.length} packets there, ${after.length} came).`,
      diff,
      hint: 'Where the change is meant, run it with --update.',
    },
  ];
}
